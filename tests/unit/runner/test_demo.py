# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: both halves of the lab where Kubernetes can be had, OpenStack alone where not, and that is said."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from runner import demo, kubernetes
from runner.machine import ROOT

Commands = list[tuple[str, ...]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    """The lab's commands and the playbook's, which are not run."""
    found: Commands = []

    def zonelab(lab: str, *arguments: str) -> int:
        found.append((lab, *arguments))
        return 0

    def call(command: list[Any], _folder: Path, _environ: dict[str, str]) -> int:
        found.append(tuple(map(str, command[1:])))
        return 0

    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path))
    for name, double in (
        ("zonelab", zonelab),
        ("call", call),
        ("ensure", lambda _environment: tmp_path),
        ("sync", lambda _folder: None),
        ("surroundings", lambda *_places, **_more: {}),
        ("exclusive", lambda _name: nullcontext()),
    ):
        monkeypatch.setattr(demo, name, double)
    monkeypatch.setattr(kubernetes, "programs", lambda **_wanted: nullcontext())
    monkeypatch.setattr(kubernetes, "ready", lambda: True)
    return found


def test_both_halves(commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(kubernetes, "no_programs", str)
    assert demo.demo("site", ["--check"]) == 0
    assert [command[:3] for command in commands[:2]] == [
        ("lab-rhoso", "up", "--openstack"),
        ("lab-rhoso", "up", "--kubernetes"),
    ]
    assert commands[2] == ("-i", "examples/lab-rhoso", "--check", "zoneops.openstack.site")
    said = capsys.readouterr().out
    assert "edit examples/lab-rhoso/host_vars/az1.yml" in said
    assert "Kubernetes cannot run here" not in said


def test_while_the_programs_are_built_openstack_is_shown_first(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kubernetes, "no_programs", str)
    monkeypatch.setattr(kubernetes, "ready", lambda: False)
    assert demo.demo("site", []) == 0
    assert [command[:2] for command in commands] == [
        ("lab", "up"),
        ("-i", "examples/lab"),
        ("lab", "down"),
        ("lab-rhoso", "up"),
        ("lab-rhoso", "up"),
        ("-i", "examples/lab-rhoso"),
    ]
    assert "The Kubernetes programs are being built (once)" in capsys.readouterr().out
    commands.clear()
    assert demo.demo("verify", []) == 0
    assert ("lab", "up") not in commands


def test_without_kubernetes_it_says_why_and_shows_openstack(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kubernetes, "no_programs", lambda: "there is no Go")
    assert demo.demo("verify", []) == 0
    assert commands == [("lab", "up"), ("-i", "examples/lab", "zoneops.openstack.verify")]
    said = capsys.readouterr().out
    assert "Kubernetes cannot run here, so this is the OpenStack part of the demo only: there is no Go" in said
    assert "edit examples/lab/host_vars/az1.yml" in said


@pytest.mark.parametrize("show", [demo.OPENSTACK, demo.WHOLE])
def test_the_inventories_are_there(show: demo.Show) -> None:
    assert (ROOT / show.inventory / "host_vars" / "az1.yml").exists()


def test_down_stops_whichever_was_up(commands: Commands) -> None:
    assert demo.demo_down() == 0
    assert commands == [("lab", "down"), ("lab-rhoso", "down")]
