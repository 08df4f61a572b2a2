# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook killed in the middle of a move: what is left, what the journal says, and the next run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.tests.integration.harness import inventory
from ansible_collections.zoneops.openstack.tests.integration.harness.play import Player

from .harm import unharmed
from .journal import Journal
from .region import aggregate
from .scenarios import A0, A1, B0, C0, Scenario, state, zone
from .sweep import Bench

SITE = "zoneops.openstack.site"
SCENARIO = Scenario(
    "site",
    state(az1=aggregate("az1", A0, A1), az2=aggregate("az2", B0)),
    {"az1": zone(A0), "az2": zone(B0, A1), "az3": zone(C0, tier="gold")},
    state(az1=aggregate("az1", A0), az2=aggregate("az2", B0, A1), az3=aggregate("az3", C0, tier="gold")),
)
# The lock, az3, its metadata, its host, then the move: disable, remove.
REMOVE = 5


def family(pid: int) -> Iterator[int]:
    """A process and all below it, parents first: ansible-core puts its workers into sessions of their own."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


@pytest.fixture
def site(bench: Bench, tmp_path: Path) -> list[str]:
    """The arguments of ansible-playbook."""
    bench.start(SCENARIO)
    folder = inventory.write(tmp_path / "inventory", SCENARIO.zones)
    values = {"zoneops_allow": ["host_moves"], "zoneops_journal": str(tmp_path / "journal")}
    return ["-i", str(folder), SITE, "-e", json.dumps(values)]


def test_killed_in_a_move_then_run_again(bench: Bench, site: list[str], tmp_path: Path) -> None:
    number = bench.lab.add_fault("hang-after", service="nova", writes=True, skip=REMOVE, count=1)
    mark = bench.lab.mark()
    environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(bench.lab.clouds_file)}
    said = tmp_path / "output"
    with said.open("w") as output:
        playbook = subprocess.Popen(
            ["ansible-playbook", *site], cwd=tmp_path, env=environ, stdout=output, stderr=output
        )
        bench.until_hit(number, mark, lambda: None if playbook.poll() is None else said.read_text())
        for pid in list(family(playbook.pid)):
            os.kill(pid, signal.SIGKILL)
        playbook.wait()
    bench.lab.until_answered()
    bench.lab.clear_faults()
    left = bench.region.state()
    unharmed(SCENARIO, left)
    assert left.zones_of(A1) == set()
    assert left.disabled[A1] == "zoneops:az1->az2"

    journal = Journal.read(tmp_path / "journal")
    assert journal.last == ("write", f"move host {A1} from aggregate az1 to aggregate az2")
    assert journal.before["az1"]["hosts"] == [A0, A1]

    play = Player(bench.lab, bench.lab.clouds_file)
    again = play(SITE, site[1], *site[3:])
    assert again.rc == 0
    assert "was taken over: process" in again.output
    assert "was interrupted (zoneops:az1->az2): finished now" in again.output
    assert bench.region.state() == SCENARIO.end
    assert bench.region.locks() == []
    third = play(SITE, site[1], *site[3:])
    assert third.rc == 0
    assert third.written == []
