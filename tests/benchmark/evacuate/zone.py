# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone whose hosts die: half of them hold the servers, the other half takes them, and is what dies before the next contender."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.drain.zone import Zone


class DeadHosts(Zone):
    """As that whose hosts are emptied."""

    def lose(self, hosts: Sequence[str]) -> None:
        for host in hosts:
            self.lab.stop_host(host, now=True)

    def rest(self) -> None:
        """Every host started, so that it forgets what was evacuated from it, and back; every server as it was."""
        away = [one for one in self._services() if one["forced_down"] or one["state"] != "up"]
        self._until(lambda: not self._busy())
        for one in away:
            self.lab.start_host(one["host"])
        self._until(lambda: not self._records("done"))
        for one in away:
            self.nova.put(f"/os-services/{one['id']}", json={"forced_down": False})
        self._until(lambda: all(one["state"] == "up" for one in self._services()))
        super().rest()

    def _records(self, status: str) -> list[dict[str, Any]]:
        path = f"/os-migrations?migration_type=evacuation&status={status}"
        return list(self.nova.get(path).json()["migrations"])
