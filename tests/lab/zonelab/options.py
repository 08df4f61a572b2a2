# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab is made of: its zones, hosts and back ends."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zonelab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = "lab"  # of all services that are not computes
BACKUP_REPLICAS = 3
TARGET = "target"  # the name of a backup target that serves all zones
BACKUPS = ("per_zone", "zone", "spread")
ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")


@dataclass(frozen=True)
class Options:
    """The size of a lab and its sense of time."""

    zones: tuple[str, ...] = ("az1", "az2", "az3")
    hosts: int = 2
    record_hosts: int = 0
    backends: int | None = None
    service_down_time: int = 60
    report_seconds: int = 10
    volume_backends: int = 1
    backups: str = "per_zone"
    neutron: bool = False
    masakari: bool = False
    swift: bool = False
    declared: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not boot, in words."""
        bad = [zone for zone in self.zones if not ZONE_NAME.match(zone)]
        if bad:
            raise LabError(
                f"zone names {bad}: use a letter, then letters, digits, - and _ (they name stores and files)"
            )
        if not self.zones or len(set(self.zones)) != len(self.zones):
            raise LabError(f"zones {list(self.zones)}: at least one is needed, each name once")
        self._check_hosts()
        if self.backends is not None and not 1 <= self.backends <= len(self.zones):
            raise LabError(f"--backends {self.backends}: give 1 to {len(self.zones)}, the number of zones")
        if self.volume_backends < 1:
            raise LabError(f"--volume-backends {self.volume_backends}: each zone with back ends has at least one")
        if len(self.volume_backend_zones) != len(self.backend_zones) * self.volume_backends:
            raise LabError(f"zones {list(self.zones)}: a zone has the name of another one's second back end")
        if self.backups not in BACKUPS:
            raise LabError(f"--backups {self.backups!r}: give one of {', '.join(BACKUPS)}")
        if self.service_down_time < 3:
            raise LabError(f"--service-down-time {self.service_down_time}: at least 3 seconds")
        if self.report_seconds < 1:
            raise LabError(f"--report-interval {self.report_seconds}: at least 1 second")

    def _check_hosts(self) -> None:
        if self.hosts < (0 if self.declared else 1):
            raise LabError(f"--hosts {self.hosts}: each zone needs at least one running compute host")
        if self.record_hosts and not self.hosts:
            raise LabError(f"--record-hosts {self.record_hosts}: they are copies of a running host, and there is none")
        if self.record_hosts < 0:
            raise LabError(f"--record-hosts {self.record_hosts}: must not be negative")

    @property
    def backend_zones(self) -> tuple[str, ...]:
        """The zones with a cinder and a manila back end and a backup service: the first ones."""
        return self.zones[: self.backends]

    @property
    def volume_backend_zones(self) -> dict[str, str]:
        """Each cinder back end and its zone: the first one is named after the zone, the others az1-2, az1-3, ..."""
        return {
            zone if number == 1 else f"{zone}-{number}": zone
            for zone in self.backend_zones
            for number in range(1, self.volume_backends + 1)
        }

    @property
    def backup_hosts(self) -> dict[str, str]:
        """The host of each cinder-backup and its zone, by what the zone map calls the backup's mode."""
        if self.backups == "zone":  # all of them where the target is
            return {f"{HOST}-{self.zones[0]}-{number}": self.zones[0] for number in range(BACKUP_REPLICAS)}
        return {f"{HOST}-{zone}": zone for zone in self.backend_zones}

    @property
    def backup_targets(self) -> tuple[str, ...]:
        """The places that backups are written to: each zone's own, or one for all."""
        return self.backend_zones if self.backups == "per_zone" else (TARGET,)

    @property
    def report_interval(self) -> int:
        """Seconds between two heartbeats: several fit into the time after which a service counts as down."""
        return max(1, min(self.report_seconds, self.service_down_time // 3))

    def shape(self) -> dict[str, Any]:
        """What decides about the databases' content; times do not."""
        return {
            "zones": list(self.zones),
            "hosts": self.hosts,
            "record_hosts": self.record_hosts,
            "backends": len(self.backend_zones),
            "volume_backends": self.volume_backends,
            "backups": self.backups,
            "neutron": self.neutron,
            "masakari": self.masakari,
            "swift": self.swift,
            "declared": self.declared,
        }

    def as_dict(self) -> dict[str, Any]:
        """For lab.json."""
        return {**asdict(self), "zones": list(self.zones)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Options:
        """From lab.json."""
        return cls(**{**values, "zones": tuple(values["zones"])})


def parse_zones(text: str) -> tuple[str, ...]:
    """`3` means az1, az2, az3; anything else is a list of names with commas between."""
    if text.isdigit():
        return tuple(f"az{number}" for number in range(1, int(text) + 1))
    return tuple(name.strip() for name in text.split(",") if name.strip())
