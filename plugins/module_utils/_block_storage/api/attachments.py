# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to cinder about attachments of volumes, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ..._openstack.errors import ApiError, gone
from ..._openstack.reader import Reader
from ..._openstack.service import Service as Connection

VERSION = (3, 27)


@dataclass(frozen=True)
class Attachment:
    """One attachment.

    :ivar server: the id; empty for one that is no server's.
    :ivar status: such as "reserved", before a host has the volume, and "attached".
    """

    id: str
    volume: str
    server: str
    status: str


class Attachments(Reader):
    """Those of one region."""

    def __init__(self, service: Connection) -> None:
        self._service = service
        self._version: str | None = None

    @property
    def version(self) -> str:
        if self._version is None:
            self._version = self._service.negotiate(VERSION, VERSION)
        return self._version

    def all(self) -> tuple[Attachment, ...]:
        """GET /attachments/detail: those of all projects, one list."""
        listed = self._service.pages(
            "/attachments/detail", "attachments", microversion=self.version, params={"all_tenants": "1"}
        )
        return tuple(
            Attachment(
                str(entry["id"]), str(entry["volume_id"]), str(entry.get("instance") or ""), str(entry["status"])
            )
            for entry in listed
        )

    def delete(self, number: str) -> None:
        """DELETE /attachments/{id}; one that is seen to be gone already is fine."""
        path = f"/attachments/{quote(number)}"

        def still_there() -> bool:
            try:
                self._service.get(path, microversion=self.version)
            except ApiError as error:
                if error.status != 404:
                    raise
                return False
            return True

        with gone(still_there):
            self._service.delete(path, microversion=self.version)
