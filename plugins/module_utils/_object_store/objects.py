# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to the object store that a kept file needs, and nothing else: the API of swift, which Ceph's gateway has as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from .._openstack.errors import ApiError
from .._openstack.service import Service

NO_SUCH = 404
#: Until a piece is taken, and until the answer comes.
LIMITS = (60.0, 120.0)


@dataclass(frozen=True)
class Place:
    """Where an object is kept, in the account of the project that the user is signed in to."""

    container: str
    name: str

    @property
    def label(self) -> str:
        return f"object {self.container}/{self.name}"

    @property
    def path(self) -> str:
        return f"{container_path(self.container)}/{quote(self.name)}"


@dataclass(frozen=True)
class Kept:
    """An object as the store has it.

    :ivar md5: of its content, in hexadecimal digits.
    """

    md5: str
    size: int
    content_type: str


class Objects:
    """The objects of one project."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def present(self) -> bool:
        """Whether the catalog has an object store."""
        return self._service.present()

    def has_container(self, name: str) -> bool:
        """HEAD /CONTAINER."""
        return self._head(container_path(name)) is not None

    def find(self, place: Place) -> Kept | None:
        """HEAD /CONTAINER/OBJECT; None where there is no such object."""
        found = self._head(place.path)
        if found is None:
            return None
        size = str(found.get("Content-Length", ""))
        return Kept(
            str(found.get("Etag", "")).strip('"').lower(),
            int(size) if size.isdigit() else 0,
            str(found.get("Content-Type", "")),
        )

    def create_container(self, name: str) -> None:
        """PUT /CONTAINER. One that is there stays as it is."""
        self._service.put(container_path(name), None)

    def store(self, place: Place, content: bytes, md5: str, content_type: str, seconds: int | None) -> None:
        """PUT /CONTAINER/OBJECT, which replaces one that is there as a whole or not at all.

        :param md5: with which the store compares what arrives.
        :param seconds: after which the store deletes it; None for never.
        """
        headers = {"Content-Type": content_type, "ETag": md5}
        if seconds is not None:
            headers["X-Delete-After"] = str(seconds)
        self._service.upload(place.path, content, LIMITS, headers)

    def content(self, place: Place) -> bytes:
        """GET /CONTAINER/OBJECT."""
        return self._service.content(place.path)

    def _head(self, path: str) -> Mapping[str, str] | None:
        try:
            return self._service.head(path)
        except ApiError as error:
            if error.status != NO_SUCH:
                raise
            return None


def container_path(name: str) -> str:
    return f"/{quote(name, safe='')}"
