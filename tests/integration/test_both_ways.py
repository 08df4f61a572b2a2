# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook with its modules in the controller's process, and with each module as a process: the same results, requests and end."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.play import PYTHON, Player, Run
from .test_four_ways import CONVERGED, PLAYBOOKS, WANTED_METADATA, drifted

SITE, VERIFY = "zoneops.openstack.site", "zoneops.openstack.verify"
# What differs from run to run: ids, times, and what a module was given for `-vvv`.
UNIQUE = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][\d:.]+Z?")
OF_ONE_RUN = {"id", "updated_at", "created_at", "invocation", "start", "end", "delta"}
# Where a process fails, cores 2.19 and 2.20 add that there is no traceback.
OF_PROCESSES = {"failed_when_suppressed_exception"}
NOT_COMPARED = OF_ONE_RUN | OF_PROCESSES


@pytest.fixture(autouse=True)
def _nothing_is_counted_late(cloud: Cloud) -> None:
    """A server of the tests before would be in the table of one run and not in that of the other."""
    cloud.until_none_is_counted()


@pytest.mark.parametrize("playbook", [*PLAYBOOKS, SITE], ids=lambda book: Path(book).stem.rpartition(".")[2])
def test_converges_both_ways(play: Player, cloud: Cloud, make_inventory: MakeInventory, playbook: str | Path) -> None:
    inventory = make_inventory(**WANTED_METADATA)
    runs = []
    for python in (sys.executable, PYTHON):
        cloud.empty()
        drifted(cloud)
        runs.append(play(playbook, inventory, "--diff", "-vvv", "-e", f"ansible_python_interpreter={python}"))
        assert cloud.aggregates() == CONVERGED
    assert_same(*runs)


@pytest.mark.parametrize("playbook", [SITE, VERIFY])
@pytest.mark.parametrize("cloud_name", ["lab", "wrong-password"])
def test_reads_both_ways(
    play: Player, cloud: Cloud, make_inventory: MakeInventory, playbook: str, cloud_name: str
) -> None:
    """Also where all of it fails."""
    drifted(cloud)
    inventory = make_inventory(region={"cloud": cloud_name}, **WANTED_METADATA)
    here, process = (
        play(playbook, inventory, "--check", "--diff", "-vvv", "-e", f"ansible_python_interpreter={python}")
        for python in (sys.executable, PYTHON)
    )
    assert_same(here, process)


def assert_same(here: Run, process: Run) -> None:
    """A process is one where it should be, and nothing else differs."""
    assert "Using module file" not in here.output
    assert "Using module file" in process.output
    assert here.rc == process.rc
    assert here.recap == process.recap
    assert plain(here.stats) == plain(process.stats)
    assert results(here) == results(process)
    assert requests(here) == requests(process)


def results(run: Run) -> dict[tuple[str, str], list[Any]]:
    """By task and host: zones that work in parallel come in any order."""
    found: dict[tuple[str, str], list[Any]] = {}
    for one in run.results:
        found.setdefault((one.task, one.host), []).append((one.outcome, plain(one.result)))
    return found


def requests(run: Run) -> Counter[str]:
    return Counter(
        f"{one.service} {one.method} {re.sub(r'/[0-9]+(?=/|$)', '/#', UNIQUE.sub('#', one.path))}"
        for one in run.requests
    )


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in NOT_COMPARED}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return UNIQUE.sub("#", value) if isinstance(value, str) else value
