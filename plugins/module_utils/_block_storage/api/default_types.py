# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to cinder about the volume types that projects get where they name none."""

from __future__ import annotations

from urllib.parse import quote

from ..._openstack.errors import ApiError
from ..._openstack.reader import Reader
from ..._openstack.service import Service as Connection

#: Default types of projects (Victoria).
VERSION = (3, 62)
PATH = "/default-types"
#: What cinder says of a project that keystone does not know; of one without a default type, it is another text.
NO_PROJECT = "Project with id"


class DefaultTypes(Reader):
    """cinder of one region."""

    def __init__(self, service: Connection) -> None:
        self._service = service
        self._version: str | None = None

    @property
    def version(self) -> str:
        if self._version is None:
            self._version = self._service.negotiate(VERSION, VERSION)
        return self._version

    def all(self) -> dict[str, str]:
        """GET /default-types: the id of the type by that of the project. Projects without one get what cinder is configured with."""
        listed = self._service.get(PATH, microversion=self.version)["default_types"]
        return {str(entry["project_id"]): str(entry["volume_type_id"]) for entry in listed}

    def exists(self, project: str) -> bool:
        """GET /default-types/{project}: whether keystone knows the project."""
        try:
            self._service.get(f"{PATH}/{quote(project)}", microversion=self.version)
        except ApiError as error:
            if error.status != 404:
                raise
            return NO_PROJECT not in error.message
        return True

    def put(self, project: str, type_id: str) -> None:
        """PUT /default-types/{project}. Safe to repeat."""
        body = {"default_type": {"volume_type": type_id}}
        self._service.put(f"{PATH}/{quote(project)}", body, microversion=self.version)
