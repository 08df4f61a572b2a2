# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers use an image, and in which zones that counts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..._block_storage.api.model import ImageVolume
from ..._compute.model import Server
from ..model import Image, Observed


@dataclass(frozen=True)
class User:
    """A server that uses an image.

    :ivar root: the volume made from the image that it boots from; None where it was made from the image itself.
    """

    server: Server
    root: ImageVolume | None = None

    def may_be_in(self, places: set[str]) -> bool:
        """Whether it is in one of the availability zones, or could come back there: one that is shelved and pinned to none goes anywhere."""
        server = self.server
        if server.pinned in places or server.zone in places:
            return True
        if self.root is not None:
            # Where its volume is, the volume may be a clone of the image's data in that zone.
            return self.root.zone in places
        return server.host is None and server.pinned is None and not server.zone

    @property
    def text(self) -> str:
        booted = f", boots from volume {self.root.id}" if self.root else ""
        return f"{self.server.name} ({self.server.id}, {self.server.status}{booted})"

    def as_item(self) -> dict[str, Any]:
        return {**self.server.as_item(), **({"volume": self.root.id} if self.root else {})}


def users_of(image: Image, observed: Observed) -> Iterator[User]:
    """Servers that were made from an image, or boot from a volume that was; or, where it is the snapshot of a shelved server, that server."""
    snapshot_of = image.properties.get("instance_uuid") if image.properties.get("image_type") == "snapshot" else None
    roots = {volume.id: volume for volume in observed.volumes if volume.image == image.id}
    for server in observed.servers or ():
        # Nova does not tell which of its volumes it boots from: any of them that was made from the image.
        root = next((roots[number] for number in server.volumes if number in roots), None)
        if server.image == image.id or (server.id == snapshot_of and server.status.startswith("SHELVED")):
            yield User(server)
        elif server.image is None and root is not None:
            yield User(server, root)


def boots_from_volumes(observed: Observed) -> bool:
    """Whether a server boots from a volume: only then the volumes have to be known."""
    return any(server.image is None and server.volumes for server in observed.servers or ())
