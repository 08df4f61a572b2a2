# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every target of the Makefile is a command of the runner that exists, and chooses suites that exist."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from runner.__main__ import parser
from runner.catalogue import SUITES

ROOT = Path(__file__).resolve().parents[3]
TARGETS = {
    "make lint",
    "make unit",
    "make sanity",
    "make packaging",
    "make docs",
    "make integration",
    "make kubernetes",
    "make faults",
    "make events",
    "make molecule",
    "make pages",
    "make lab-test",
    "make faults-full",
    "make fleet-full",
    "make molecule-full",
    "make sanity-full",
    "make report-look",
}
COMMANDS = {
    "make test",
    "make benchmark",
    "make demo",
    "make demo-down",
    "make drill",
    "make build",
    "make generate",
    "make report-picture",
    "make list",
    "make locks",
    "make clean",
}


def words(command: str) -> list[str]:
    shown = subprocess.run([*command.split(), "-n", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    variable, *rest = shlex.split(shown)
    assert [variable, *rest[:3]] == ["PYTHONPATH=tests", "python3", "-m", "runner"]
    return rest[3:]


@pytest.mark.parametrize("command", sorted(TARGETS))
def test_target_runs_suites(command: str) -> None:
    chosen = parser().parse_args(words(command)).suites
    assert chosen
    assert [suite.name for suite in SUITES if suite.chosen_by(chosen)]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_target_is_a_command(command: str) -> None:
    given = words(command)
    assert callable(parser().parse_args(given[: given.index("--")] if "--" in given else given).function)


def test_no_other_targets() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = text.partition(".PHONY: ")[2].partition("$(SUITES)")[0].split()
    suites = text.partition("SUITES := ")[2].partition("\n")[0].split()
    assert {f"make {name}" for name in [*phony, *suites]} == TARGETS | COMMANDS
