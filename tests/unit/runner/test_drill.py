# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drill: what is shown of it fits into 80 columns, and where it is run."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from drill.crowding import crowded
from drill.show import WIDTH, Screen, servers, short, typed, zones_of
from runner import demo, drill, kubernetes

PRINTED = """
TASK [Print]
ZONE  RESULT   CHANGES  STATE   NODES  PODS   AVAILABLE  HOSTS UP  SERVERS  STORE  VOLUME    SHARE     BACKUP  TYPES  IMAGES
az1   changed  18+4     active  4/4    19/19  yes        2/2       0        az1    1/1 900G  1/1 1.2T  1/1     2+1    1/1
az2   FAILED   0        active  0/4    0/20   no         0/2       6        az2    0/1       0/1       0/1     2+1    1/1

az2: wrong: something
"""


def test_the_table_of_zones_has_the_columns_that_fit() -> None:
    assert zones_of(PRINTED) == [
        "ZONE  RESULT   NODES  PODS   AVAILABLE  HOSTS UP  SERVERS  VOLUME    BACKUP",
        "az1   changed  4/4    19/19  yes        2/2       0        1/1 900G  1/1",
        "az2   FAILED   0/4    0/20   no         0/2       6        0/1       0/1",
    ]
    assert zones_of("no table") == []


def test_the_last_table_counts() -> None:
    assert zones_of(PRINTED + PRINTED.replace("changed", "ok     "))[1].startswith("az1   ok ")


def test_a_long_command_is_typed_on_several_lines() -> None:
    words = [
        "ansible-playbook",
        "-i",
        "examples/lab-rhoso",
        "zoneops.openstack.zone_evacuate",
        "--limit",
        "az2",
        "-e",
        "@a.yml",
    ]
    lines = typed(words)
    assert all(len(line) <= WIDTH for line in lines)
    assert " ".join(line.strip(" $\\") for line in lines).split() == words
    assert [line.endswith("\\") for line in lines] == [True] * (len(lines) - 1) + [False]


def test_servers_at_each_moment() -> None:
    seen = {"BEFORE": {"web": "az2-0 ACTIVE"}, "AFTER": {}}
    assert servers({"web": "image"}, seen) == [
        "SERVER  BOOTS FROM  BEFORE        AFTER",
        "web     image       az2-0 ACTIVE  -",
    ]


def test_names_as_people_call_them() -> None:
    text = "volume x (18a85fab-0bc3-44b4-8978-0f7629c152b9) on compute-az2-1.ctlplane.example.com."
    assert short(text) == "volume x on az2-1."


def test_steps_have_their_time() -> None:
    lines: list[str] = []
    times = iter((10.0, 75.0, 200.0))
    screen = Screen(lines.append, lambda: next(times))
    screen.step("one", "word " * 30)
    screen.step("two", "end")
    assert lines[1].startswith(" 1:05  word word")
    assert all(len(line) <= WIDTH for line in lines)
    assert screen.between("one", "two") == "2:05"


@pytest.mark.parametrize("ready", [False, True])
def test_both_halves_where_kubernetes_is_there_already(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], ready: bool
) -> None:
    called: list[list[str]] = []
    up: list[demo.Show] = []
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path))
    monkeypatch.setattr(kubernetes, "no_programs", str)
    monkeypatch.setattr(kubernetes, "ready", lambda: ready)

    def bring_up(show: demo.Show) -> int:
        up.append(show)
        return 0

    monkeypatch.setattr(demo, "bring_up", bring_up)

    def call(command: list[Any], _folder: Path, _environ: dict[str, str]) -> int:
        called.append([str(word) for word in command[1:]])
        return 3

    for name, double in (
        ("call", call),
        ("ensure", lambda _environment: tmp_path),
        ("sync", lambda _folder: None),
        ("surroundings", lambda *_places, **_more: {}),
        ("exclusive", lambda _name: nullcontext()),
    ):
        monkeypatch.setattr(drill, name, double)
    assert drill.drill() == 3
    assert up == [demo.WHOLE if ready else demo.OPENSTACK]
    (words,) = called
    assert words[words.index("--inventory") + 1].endswith(str(up[0].inventory))
    assert ("--kubernetes" in words) is ready
    assert ("OpenStack part only" in capsys.readouterr().out) is not ready


def test_pods_that_share_a_node_are_scheduled_again_where_another_has_room() -> None:
    def pod(name: str, node: str, owner: str) -> dict[str, object]:
        return {"metadata": {"name": name, "ownerReferences": [{"uid": owner}]}, "spec": {"nodeName": node}}

    workers = {"worker-1": "az1", "worker-2": "az1", "worker-3": "az2"}
    pods = [pod("a-0", "worker-1", "a"), pod("a-1", "worker-1", "a"), pod("a-2", "worker-1", "a")]
    assert list(crowded(pods, workers)) == ["a-1"]
    # No other node of the zone is free.
    assert list(crowded([*pods, pod("a-3", "worker-2", "a")], workers)) == []
    assert list(crowded([pod("b-0", "worker-3", "b"), pod("b-1", "worker-3", "b")], workers)) == []
    # What others own says nothing, and a master is no place for it.
    assert (
        list(crowded([pod("a-0", "worker-1", "a"), pod("b-0", "worker-1", "b"), pod("m-0", "master-1", "m")], workers))
        == []
    )
