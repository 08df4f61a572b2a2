# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a killed run: whole lines, the last thing it was at, and all that the way back needs."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from .journal import Journal
from .scenarios import SCENARIOS, TICKET, Scenario
from .sweep import Bench

CHOSEN = [scenario for scenario in SCENARIOS if scenario.name in ("swap", "rename_and_purge", "absent", "without_az")]


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda scenario: scenario.name)
def test_region_is_brought_back_by_hand_from_the_journal_of_a_killed_run(
    bench: Bench, scenario: Scenario, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    noted = replace(scenario, asked={**scenario.asked, "journal": str(path)})
    bench.start(noted)
    number = bench.lab.add_fault("hang-after", writes=True, skip=4, count=1)
    mark = bench.lab.mark()
    running = bench.modules.start(noted.module, noted.arguments)
    bench.until_hit(number, mark, running.ended)
    running.kill()
    bench.lab.until_answered()
    bench.lab.clear_faults()
    assert bench.region.state() != scenario.start
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    journal = Journal.read(path)
    assert journal.last[0] == "write", "announced before it was sent, and not done"
    assert [entry["text"] for entry in journal.entries if entry["event"] == "write done"]
    journal.go_back(bench.region, disabled=TICKET)
    assert bench.region.state() == scenario.start


def test_every_write_is_noted_with_what_the_services_logged(bench: Bench, tmp_path: Path) -> None:
    (scenario,) = (scenario for scenario in SCENARIOS if scenario.name == "swap")
    path = tmp_path / "journal"
    noted = replace(scenario, asked={**scenario.asked, "journal": str(path)})
    bench.start(noted)
    mark = bench.lab.mark()
    assert not bench.run(noted).failed
    writes = [request.request_id for request in bench.lab.requests(mark) if request.writes]
    events = Journal.read(path).entries
    found = [request["request_id"] for entry in events for request in entry.get("requests", ())]
    # All but taking the lock and giving it back.
    assert found == writes[1:-1]
