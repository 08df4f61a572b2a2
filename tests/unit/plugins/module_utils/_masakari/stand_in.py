# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masakari and the aggregates that remember, in memory."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.model import HaHost, Recovery
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError


class Killed(BaseException):
    """The process ends."""


class StandIn:
    """Masakari with one segment.

    :ivar kill_after: the number of writes after which the process ends.
    """

    def __init__(self, *names: str) -> None:
        self.found = {name: HaHost(name, f"u-{name}", "s1", "racks") for name in names}
        self.at_work: tuple[Recovery, ...] = ()
        self.answers = True
        self.writes: list[tuple[str, bool]] = []
        self.asked = 0
        self.kill_after: int | None = None

    def hosts(self) -> dict[str, HaHost]:
        self.asked += 1
        if not self.answers:
            raise ZoneopsError("instance-ha API: GET /segments: 503.")
        return dict(self.found)

    def recoveries(self) -> tuple[Recovery, ...]:
        self.asked += 1
        return self.at_work

    def is_on_maintenance(self, host: HaHost) -> bool:
        return self.found[host.name].on_maintenance

    def set_maintenance(self, host: HaHost, *, on: bool) -> None:
        self.by_hand(host.name, on=on)
        self.writes.append((host.name, on))
        if len(self.writes) == self.kill_after:
            raise Killed

    def by_hand(self, name: str, *, on: bool) -> None:
        self.found[name] = replace(self.found[name], on_maintenance=on)

    def on(self) -> set[str]:
        return {name for name, host in self.found.items() if host.on_maintenance}
