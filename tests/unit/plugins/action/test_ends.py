# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module can end that nobody planned for: a bug, a kill, a time limit, Ctrl-C. The reason is said, and the lock is given back."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.integration.harness.interpreter import other_python
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import (
    INVENTORY,
    ZONES,
    command,
    play,
    surroundings,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    HANG,
    Answer,
    StandIn,
    standing_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill

LOCK, MOVE = ("DELETE", "/compute/os-aggregates/9"), ("POST", "/compute/os-aggregates/1/action")
VALUES = {
    "zoneops_zone": {"image_store": {}},
    "zoneops_region": {"zones": list(ZONES), "images": [{"name": "all", "select": "name"}]},
}
BULK, OWN = (
    f"zoneops.openstack.images : {name}"
    for name in ("Create and copy the images, one call for all zones", "Report the images of the zone")
)
# Nobody answers there; the bug is met before.
CLOUD = {
    "OS_AUTH_URL": "http://127.0.0.1:9/v3",
    "OS_USERNAME": "u",
    "OS_PASSWORD": "p",
    "OS_PROJECT_NAME": "p",
    "OS_REGION_NAME": "r",
}
ROLE = {"ansible.builtin.import_role": {"name": "zoneops.openstack.images", "rolespec_validate": False}}
# A package that the module imports, and what becomes of it when it is used.
BUG = 'raise TypeError("made to crash, with s3cret-of-nobody in it")'
KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def broken_package(folder: Path, what: str) -> dict[str, str]:
    """An environment in which jmespath does this when it is asked for something."""
    package = folder / "packages" / "jmespath"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"def compile(text):\n    {what}\n")
    (package / "exceptions.py").write_text("class JMESPathError(Exception):\n    pass\n")
    return {"PYTHONPATH": str(package.parent), **CLOUD}


@pytest.mark.parametrize("way", ["here", "process"])
def test_a_bug_is_the_reason_that_every_zone_fails_with(tmp_path: Path, way: str) -> None:
    interpreter = sys.executable if way == "here" else other_python(tmp_path)
    environ = broken_package(tmp_path, BUG)
    played = play(tmp_path, [ROLE], "-vvv", environ=environ, **VALUES, ansible_python_interpreter=interpreter)
    assert played.outcomes[OWN] == dict.fromkeys(ZONES, "failed")
    for result in played.results[OWN].values():
        assert "unexpected TypeError: made to crash" in result["msg"]
        assert "(at module_utils/_image/policy/select.py:" in result["msg"]
    assert "A 'failed_when'" not in played.output
    assert played.outcomes[BULK] == {"az1": "ok"}
    # Of a process newer cores pass a traceback on only where DISPLAY_TRACEBACK asks for it.
    assert way == "process" or "jmespath/__init__.py" in played.output


def test_a_process_that_is_killed_is_said_to_be(tmp_path: Path) -> None:
    environ, interpreter = broken_package(tmp_path, KILL), other_python(tmp_path)
    played = play(tmp_path, [ROLE], environ=environ, **VALUES, ansible_python_interpreter=interpreter)
    assert played.outcomes[OWN] == dict.fromkeys(ZONES, "failed")
    for result in played.results[OWN].values():
        assert "zoneops.openstack.images ended without a result, killed by SIGKILL" in result["msg"]


@pytest.fixture
def hanging() -> Iterator[StandIn]:
    """A cloud that takes the lock, and then is silent about the move of a host."""
    with standing_in() as cloud:
        fill(cloud)
        cloud.on_get("/compute/os-hypervisors/detail", {"hypervisors": [{"id": "p", "service": {"host": "compute-1"}}]})
        cloud.on_get("/compute/servers/detail", {"servers": []})
        lock = {"id": 9, "uuid": "l", "name": "zoneops:lock", "availability_zone": "lock"}
        cloud.on("POST", "/compute/os-aggregates", Answer(body={"aggregate": lock}))
        cloud.on(*MOVE, HANG)
        cloud.on(*LOCK, Answer())
        yield cloud


def moving(cloud: StandIn, **task: Any) -> list[dict[str, Any]]:
    zones, region = {"az1": {"compute": {"hosts": ["compute-2", "compute-1"]}}}, {"zones": ["az1"]}
    given = cloud.params(zones=zones, region=region, api_timeout=60)
    return [{"name": "move", "zoneops.openstack.availability_zones": given, "run_once": True, **task}]


def test_a_time_limit_of_the_task_gives_the_lock_back(hanging: StandIn, tmp_path: Path) -> None:
    played = play(tmp_path, moving(hanging, timeout=10), ansible_python_interpreter=sys.executable)
    assert played.code == 2
    assert MOVE in hanging.seen
    assert hanging.count(*LOCK) == 1
    # Newer cores give the limit as a value, older ones within their message.
    assert re.search(r'"period": 10\b|time frame \(10\)', json.dumps(played.results["move"]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_gives_the_lock_back(hanging: StandIn, tmp_path: Path, number: int) -> None:
    values = {"ansible_python_interpreter": sys.executable}
    book = [{"hosts": "zones", "gather_facts": False, "tasks": moving(hanging)}]
    for name, content in {"book.yml": book, "hosts.json": INVENTORY, "values.json": values}.items():
        (tmp_path / name).write_text(json.dumps(content))
    with (tmp_path / "output").open("w") as output:
        running = subprocess.Popen(
            command(),
            cwd=tmp_path,
            env=surroundings(tmp_path / "record"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        patience = time.monotonic() + 120
        while MOVE not in hanging.seen and time.monotonic() < patience:
            time.sleep(0.1)
        # As a terminal does it: to the whole group.
        os.killpg(running.pid, number)
        assert running.wait(60) != 0
    assert MOVE in hanging.seen, (tmp_path / "output").read_text()
    patience = time.monotonic() + 30
    while not hanging.count(*LOCK) and time.monotonic() < patience:
        time.sleep(0.1)
    assert hanging.count(*LOCK) == 1


@pytest.fixture
def refusing(hanging: StandIn) -> StandIn:
    """The cloud refuses the move at once."""
    hanging.on(*MOVE, Answer(409, {"conflictingRequest": {"code": 409, "message": "not now"}}))
    return hanging


def test_progress_is_shown_live_but_not_of_a_task_that_hides(refusing: StandIn, tmp_path: Path) -> None:
    """With one fork; and where any error is fatal, no zone goes on after the failure of a call."""
    (hidden,), (shown,) = (
        moving(refusing, name=name, no_log=name == "hidden", ignore_errors=name == "hidden", any_errors_fatal=True)
        for name in ("hidden", "shown")
    )
    tasks = [hidden, shown, {"name": "next", "ansible.builtin.debug": {"msg": "went on"}}]
    played = play(tmp_path, tasks, "-f", "1", ansible_python_interpreter=sys.executable)
    assert played.code == 2
    assert refusing.count(*MOVE) == refusing.count(*LOCK) == 2
    assert "next" not in played.outcomes
    before, after = played.output.split("TASK [shown]")
    assert "availability_zones: az1: " not in before
    assert "availability_zones: az1: " in after


def test_progress_is_silent_where_a_program_reads(refusing: StandIn, tmp_path: Path) -> None:
    environ = {"ANSIBLE_STDOUT_CALLBACK": "house_json"}
    played = play(tmp_path, moving(refusing), environ=environ, ansible_python_interpreter=sys.executable)
    assert played.outcomes["move"] == {"az1": "failed"}
    assert refusing.count(*MOVE) == 1
    assert "availability_zones: " not in played.output
