# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a backup and of a volume carried over: killed, dropped, answered wrongly; the next run ends where a clean one does, without orphans."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.volumes import Volumes
from .module_process import Ended, Modules
from .strike import Fault
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, Bench

RELOCATE: dict[str, Any] = {"volumes": ["data"], "availability_zone": "az2", "backup_zone": "az2"}
# A full backup each, so that the old one goes.
BACK_UP: dict[str, Any] = {"availability_zones": ["az1"], "keep": 1}
# The backup, the copy, that it is bootable as its source is, what makes it whole, the end of the backup; a backup, and the end of the older one.
CASES = {"volume_relocate": (RELOCATE, 5), "volume_backups": (BACK_UP, 2)}
OFTEN = (KILLED_AFTER,)


@pytest.fixture(scope="module")
def volumes(lab: LabClient) -> Iterator[Volumes]:
    found = Volumes(Cloud(lab.clouds_file), lab)
    yield found
    found.empty()


def sweeps() -> Iterator[Any]:
    for module, (_asked, writes) in CASES.items():
        for fault in (*KILLS, *DROPS, *ANSWERS):
            marks = () if fault in OFTEN else (pytest.mark.full,)
            for index in range(writes):
                yield pytest.param(
                    module, fault, index, id=f"{module}-{fault.name.replace(' ', '-')}-{index}", marks=marks
                )


def carried(volumes: Volumes, source: str) -> str:
    """What is not as a whole way leaves it."""
    found = volumes.all()
    source_now = found.pop(source, {})
    whole = [one for one in found.values() if one["metadata"].get("zoneops_relocated_as") == one["id"]]
    if source_now.get("status") != "available" or source_now["name"] != "data":
        return f"the source is {source_now}"
    made = ("data", "az2", "true")
    if len(found) != 1 or [(one["name"], one["availability_zone"], one["bootable"]) for one in whole] != [made]:
        return f"the volumes are {found}"
    return f"backups are left: {volumes.backups()}" if volumes.backups() else ""


def kept(volumes: Volumes, source: str) -> str:
    """The same for backups: one good one of the source."""
    backups = volumes.backups()
    good = [one for one in backups if one["volume_id"] == source and one["status"] == "available"]
    return "" if len(backups) == len(good) == 1 else f"the backups are {backups}"


ENDS: dict[str, Callable[[Volumes, str], str]] = {"volume_relocate": carried, "volume_backups": kept}


def begun(volumes: Volumes, modules: Modules, module: str) -> tuple[str, dict[str, Any]]:
    """The source that a run starts from, bootable, and what is asked of the run."""
    asked = {"cloud": "lab", "timeout": 60, "api_timeout": 20, **CASES[module][0]}
    volumes.empty()
    source = volumes.make("data", "az1")
    volumes.act(source, "os-set_bootable", bootable=True)
    if module == "volume_backups":
        assert not modules.run(module, asked).failed
        # Older than what is asked for now; what the fault leaves is younger.
        asked["max_age"] = 3 / 3600
        time.sleep(3.5)
    return source, asked


@pytest.mark.parametrize("module", CASES)
def test_every_write_is_swept(bench: Bench, volumes: Volumes, modules: Modules, module: str) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    source, asked = begun(volumes, modules, module)
    mark = bench.lab.mark()
    assert modules.run(module, asked).answer["changed"]
    writes = [f"{one.method} {one.path}" for one in bench.lab.requests(mark) if one.service == "cinder" and one.writes]
    assert len(writes) == CASES[module][1], writes
    assert ENDS[module](volumes, source) == ""


@pytest.mark.parametrize(("module", "fault", "index"), sweeps())
def test_volumes(bench: Bench, volumes: Volumes, modules: Modules, module: str, fault: Fault, index: int) -> None:
    source, asked = begun(volumes, modules, module)
    number = bench.lab.add_fault(**fault.lab, writes=True, service="cinder", skip=index, count=1)
    mark = bench.lab.mark()
    running = modules.start(module, asked)
    if fault.kill:
        bench.until_hit(number, mark, running.ended)
        running.kill()
        bench.lab.until_answered()
    else:
        ended = running.wait()
        honest(ended, ENDS[module](volumes, source))
    assert bench.hits(number), "the run did not come that far"
    bench.lab.clear_faults()
    asked["max_age" if module == "volume_backups" else "timeout"] = 60
    again = modules.run(module, asked)
    assert not again.failed, again.answer["msg"]
    assert ENDS[module](volumes, source) == ""
    last = modules.run(module, asked)
    assert (last.failed, last.answer["changed"]) == (False, False)


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
