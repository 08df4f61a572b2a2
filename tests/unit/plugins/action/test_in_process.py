# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in the controller's process and as a process of its own: real runs, with the same results, requests and messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.integration.harness.interpreter import other_python
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import Played, play
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    PASSWORD,
    StandIn,
    standing_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill


@dataclass(frozen=True)
class Way:
    """One way to run the tasks, what came of it, and what the cloud was asked."""

    played: Played
    requests: tuple[tuple[str, str], ...]


def tasks(cloud: StandIn) -> list[dict[str, Any]]:
    """One task per kind of end. Each is run once, and goes on."""
    given = cloud.params()
    once = {"run_once": True, "ignore_errors": True}
    region = "zoneops.openstack.region_info"
    return [
        {"name": "result", region: {**given, "gather": ["hosts", "aggregates"]}, **once, "no_log": False},
        {"name": "no such option", region: {**given, "gathered": []}, **once},
        {"name": "no such choice", region: {**given, "interface": PASSWORD}, **once},
        {"name": "not a number", region: {**given, "timeout": "soon"}, **once},
        {"name": "wrong password", region: {**given, "auth": {**given["auth"], "password": "wr0ng-password"}}, **once},
        {"name": "error of the cloud", region: {**given, "gather": ["image_stores"]}, **once},
        {
            "name": "environment",
            region: {"gather": ["aggregates"]},
            "environment": {
                **{f"OS_{name.upper()}": value for name, value in given["auth"].items()},
                "OS_REGION_NAME": "RegionOne",
            },
            **once,
        },
        {
            "name": "defaults of the group",
            region: {"gather": ["aggregates"]},
            "module_defaults": {"group/zoneops.openstack.openstack": {**given, "api_timeout": 7}},
            **once,
        },
        {
            "name": "check mode and diff",
            "zoneops.openstack.availability_zones": {
                **given,
                "zones": {"az1": {"compute": {"hosts": ["compute-2"]}}},
                "region": {"zones": ["az1"]},
            },
            "check_mode": True,
            "diff": True,
            **once,
        },
    ]


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Way, Way]]:
    """In the controller's process, and as a process."""
    with standing_in() as cloud:
        fill(cloud)
        found = []
        for kind in ("here", "process"):
            folder = tmp_path_factory.mktemp(kind)
            interpreter = sys.executable if kind == "here" else other_python(folder)
            before = len(cloud.seen)
            played = play(folder, tasks(cloud), "-vvv", ansible_python_interpreter=interpreter)
            found.append(Way(played, tuple(cloud.seen[before:])))
        yield found[0], found[1]


def lines(result: Any) -> list[str]:
    """The result to be compared, without tracebacks."""
    shown = json.loads(json.dumps(result), object_hook=lambda one: {k: v for k, v in one.items() if k != "exception"})
    return json.dumps(shown, indent=1, sort_keys=True).splitlines()


def test_results_are_the_same(ways: tuple[Way, Way]) -> None:
    here, process = ways
    assert here.played.outcomes == process.played.outcomes
    assert here.played.results.keys() == {task["name"] for task in tasks(StandIn({}))}
    for name in here.played.results:
        one, other = (lines(found[name]) for found in (here.played.results, process.played.results))
        assert one == other, (name, sorted(set(one) ^ set(other)))


def test_requests_are_the_same(ways: tuple[Way, Way]) -> None:
    here, process = ways
    assert here.requests
    assert here.requests == process.requests


def test_only_one_of_them_is_a_process(ways: tuple[Way, Way]) -> None:
    here, process = (way.played.output for way in ways)
    assert "EXEC" not in here
    assert process.count("Using module file") == len(tasks(StandIn({})))


def test_what_each_end_says(ways: tuple[Way, Way]) -> None:
    results = {name: next(iter(of_host.values())) for name, of_host in ways[0].played.results.items()}
    assert results["no such option"]["msg"].startswith("Unsupported parameters for (zoneops.openstack.region_info)")
    # "admin" is the project's name, too, which is in an option that is never shown.
    assert "must be one of: public, internal, " in results["no such choice"]["msg"]
    assert results["wrong password"]["msg"].startswith("keystone refused the credentials")
    assert results["environment"]["region"]["aggregates"] == results["result"]["region"]["aggregates"]
    assert results["defaults of the group"]["invocation"]["module_args"]["api_timeout"] == 7.0
    assert results["check mode and diff"]["zones"]["az1"]["state"]


def test_no_secret_is_shown(ways: tuple[Way, Way]) -> None:
    """-vvv prints what the module says it was given, and Ansible itself the command of a process, with the `environment` of its task."""
    for way in ways:
        output = [line for line in way.played.output.splitlines() if " EXEC " not in line]
        shown = "\n".join(output) + json.dumps(way.played.results)
        assert "wr0ng-password" not in shown
        assert PASSWORD not in shown


def test_a_relative_path_in_the_environment_begins_where_the_person_stands(tmp_path: Path) -> None:
    """A process starts in the folder of the playbook."""
    (tmp_path / "clouds.yaml").write_text("clouds: {mine: {auth: {auth_url: 'http://127.0.0.1'}}}")
    task: dict[str, Any] = {
        "name": "look",
        "zoneops.openstack.region_info": {"cloud": "yours"},
        "run_once": True,
        "ignore_errors": True,
    }
    interpreter = other_python(tmp_path)
    environ = {"OS_CLIENT_CONFIG_FILE": "clouds.yaml"}
    inside = {**task, "name": "of the task", "environment": environ}
    for tasks_, outside in (([task], environ), ([inside], {})):
        played = play(tmp_path, tasks_, environ=outside, book="books/book.yml", ansible_python_interpreter=interpreter)
        (result,) = played.results[tasks_[0]["name"]].values()
        assert f"{tmp_path}/clouds.yaml has mine" in result["msg"]
