# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many zones and hosts, and the zones that are wanted of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

METADATA = {"tier": "1"}


@dataclass(frozen=True)
class Zone:
    """One zone as every contender is told it: an aggregate and an availability zone of this name."""

    name: str
    hosts: tuple[str, ...]

    def as_dict(self, *, types: bool) -> dict[str, Any]:
        """As the programs are told.

        :param types: whether a volume type and a share type of its name are wanted as well.
        """
        return {"name": self.name, "hosts": list(self.hosts), "metadata": METADATA, "types": types}


@dataclass(frozen=True)
class Size:
    """Zones and hosts per zone, under the names that zonelab gives them."""

    zones: int
    hosts: int

    def __str__(self) -> str:
        return f"{self.zones}x{self.hosts}"

    @classmethod
    def parse(cls, text: str) -> Size:
        """From `30x30`."""
        zones, times, hosts = text.partition("x")
        if not (times and zones.isdigit() and hosts.isdigit() and int(zones) > 1 and int(hosts) > 1):
            raise ValueError(f"size '{text}': give zones x hosts per zone, 2x2 at least, for example 30x30")
        return cls(int(zones), int(hosts))

    def home(self) -> list[Zone]:
        """Every host in its own zone."""
        names = [f"az{number}" for number in range(1, self.zones + 1)]
        return [Zone(name, tuple(f"compute-{name}-{host}" for host in range(self.hosts))) for name in names]

    def moved(self) -> list[Zone]:
        """The last host of the first zone in the second one."""
        first, second, *others = self.home()
        return [
            Zone(first.name, first.hosts[:-1]),
            Zone(second.name, (*second.hosts, first.hosts[-1])),
            *others,
        ]
