# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a host that is forced down is watched: two report intervals, by the reports of others."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence import watching
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud

#: Seconds between two reports, and between two looks.
INTERVAL, LOOK = 10, 2
THEN, BACK = "2030-01-01T00:00:50", "2030-01-01T00:01:00"


class Region:
    """Nova's list of services while time passes: two conductors of two cells are called alike, on one host."""

    def __init__(self, reports_at: int | None) -> None:
        self.now = 0
        self.reports_at = reports_at

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds)

    def services(self) -> list[dict[str, Any]]:
        def at(offset: int) -> str:
            last = self.now - (self.now - offset) % INTERVAL
            return f"2030-01-01T00:{last // 60 + 1:02}:{last % 60:02}"

        back = self.reports_at is not None and self.now >= self.reports_at
        return [
            {"id": "1", "binary": "nova-conductor", "host": "c", "updated_at": at(1)},
            {"id": "2", "binary": "nova-conductor", "host": "c", "updated_at": at(5)},
            {"id": "3", "binary": "nova-compute", "host": "a1", "updated_at": BACK if back else THEN},
        ]


@pytest.mark.parametrize(("others", "doubt"), [((0, 5), False), ((0, 60), True), ((100,), False)])
def test_a_host_that_reports_seldom_is_not_silent(others: tuple[int, ...], doubt: bool) -> None:
    """Its record is 90 seconds old: that is silence only where others report more often. What is down tells nothing."""

    def entry(number: int, age: int, state: str) -> dict[str, Any]:
        at = f"2030-01-01T01:{59 - age // 60:02}:{59 - age % 60:02}"
        return {"id": str(number), "binary": "nova-compute", "host": f"h{number}", "state": state, "updated_at": at}

    known = [entry(number, age, "up" if age < 90 else "down") for number, age in enumerate(others)]
    listed = [*known, entry(7, 90, "down"), entry(8, 0, "up")]
    assert list(watching.doubtful(listed, ["h7"])) == (["h7"] if doubt else [])


@pytest.mark.parametrize(("reports_at", "wanted"), [(None, {}), (1, {"a1": BACK}), (18, {"a1": BACK})])
def test_two_intervals_pass(monkeypatch: pytest.MonkeyPatch, reports_at: int | None, wanted: dict[str, str]) -> None:
    region = Region(reports_at)
    monkeypatch.setattr(time, "sleep", region.sleep)
    assert watching.reporting(region.services, {"a1": THEN}, FakeCloud().as_cloud()) == wanted
    assert wanted or 2 * INTERVAL <= region.now <= 3 * INTERVAL
