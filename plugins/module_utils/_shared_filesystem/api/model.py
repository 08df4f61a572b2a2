# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What manila has, as data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from ..._types.model import Kind

SHARE, SCHEDULER = "manila-share", "manila-scheduler"
SHARE_TYPES = Kind(
    noun="share type",
    service="manila",
    binary=SHARE,
    az_spec="availability_zones",
    backend_spec="share_backend_name",
    silent=(
        "manila's scheduler notices a restarted back end only when the next share is created: create any share "
        "or restart manila-scheduler, then run it again."
    ),
)
DRIVER_HANDLES = "driver_handles_share_servers"
# Gigabytes, or "infinite" and "unknown" where a driver cannot tell. ansible-test's pylint does not know "|" between classes.
Capacity = Union[float, str, None]  # noqa: UP007


@dataclass(frozen=True)
class ShareService:
    """A service of manila. The host of a manila-share is `host@backend`.

    :ivar reported: when it last reported, or was changed.
    """

    host: str
    binary: str
    availability_zone: str
    enabled: bool = True
    up: bool = True
    disabled_reason: str | None = None
    reported: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.binary, self.host

    @property
    def text(self) -> str:
        return f"{self.binary} {self.host}"

    @property
    def backend(self) -> str:
        """Section of its back end; empty for other services."""
        return self.host.partition("@")[2]

    @property
    def working(self) -> bool:
        return self.enabled and self.up


@dataclass(frozen=True)
class Pool:
    """A pool as the scheduler knows it: `host@backend#pool`."""

    name: str
    backend_name: str | None
    driver_handles_share_servers: bool | None = None
    total: Capacity = None
    free: Capacity = None

    @property
    def host(self) -> str:
        return self.name.partition("#")[0]


@dataclass(frozen=True)
class Share:
    """A share of any project; the availability zone is that of its active copy."""

    id: str
    name: str | None
    project_id: str
    share_type: str | None
    protocol: str
    availability_zone: str | None
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def shown(self) -> str:
        return f"{self.name or 'without a name'} ({self.id}, project {self.project_id})"

    def as_item(self) -> dict[str, Any]:
        return {"kind": "share", "id": self.id, "name": self.name, "project_id": self.project_id}


@dataclass(frozen=True)
class Instance:
    """A copy of a share on one back end: the share itself, or a replica."""

    id: str
    share_id: str
    availability_zone: str | None
    host: str | None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """An export location of one copy."""

    path: str
    admin_only: bool = False


@dataclass(frozen=True)
class Rule:
    """An access rule of a share.

    :ivar going: manila is taking it away.
    """

    id: str
    share_id: str
    access_type: str
    access_to: str
    access_level: str
    going: bool = False

    @property
    def text(self) -> str:
        return f"{self.access_type} {self.access_to}, {self.access_level}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "access_type": self.access_type,
            "access_to": self.access_to,
            "access_level": self.access_level,
        }
