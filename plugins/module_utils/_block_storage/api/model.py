# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cinder has that zones are made of: volumes, services, pools. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..._types.model import Kind

VOLUME, BACKUP, SCHEDULER = "cinder-volume", "cinder-backup", "cinder-scheduler"
VOLUME_TYPE = Kind("volume type", "cinder", VOLUME, "RESKEY:availability_zones", "volume_backend_name")


@dataclass(frozen=True)
class Volume:
    """A volume, as far as it is named to the operator."""

    id: str
    name: str
    project_id: str
    status: str

    def as_item(self) -> dict[str, Any]:
        return {
            "kind": "volume",
            "id": self.id,
            "name": self.name,
            "project_id": self.project_id,
            "status": self.status,
        }


@dataclass(frozen=True)
class ImageVolume:
    """A volume that was made from an image, or from what was: a server can boot from it.

    :ivar image: the id of the image.
    """

    id: str
    image: str
    zone: str


@dataclass(frozen=True)
class Service:
    """A service of cinder.

    :ivar host: "host@backend" for cinder-volume.
    :ivar replicated: its back end replicates, so that freeze and thaw belong to a failover.
    :ivar reported: when it last reported, or was changed.
    :ivar cluster: of cinder-volumes that serve the same volumes, empty where it has none or the microversion does not tell.
    """

    binary: str
    host: str
    zone: str
    enabled: bool = True
    up: bool = True
    reason: str | None = None
    frozen: bool = False
    replicated: bool = False
    cluster: str = ""
    reported: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.binary, self.host

    @property
    def text(self) -> str:
        return f"{self.binary} {self.host}"

    @property
    def backend(self) -> str:
        """The section of the back end; empty for other services."""
        return self.host.partition("@")[2]

    @property
    def works(self) -> bool:
        return self.up and self.enabled

    @property
    def state(self) -> str:
        """For people: what is wrong with it."""
        states = [] if self.up else ["down"]
        if not self.enabled:
            states.append("frozen" if self.frozen else f"disabled ({self.reason or 'no reason given'})")
        return " and ".join(states) or "up"


@dataclass(frozen=True)
class Pool:
    """A pool that the scheduler knows of: its service is up and enabled.

    :ivar host: "host@backend" of its service.
    :ivar free: gigabytes; None where the driver cannot tell.
    :ivar storage: what is the same of pools on the same storage, see `storage_of`.
    """

    name: str
    backend_name: str
    free: float | None = None
    up: bool = True
    storage: str = ""

    @property
    def host(self) -> str:
        return self.name.partition("#")[0]
