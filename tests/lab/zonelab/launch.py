# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop labs, from outside of the lab's virtual environment."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from zonelab import snapshot
from zonelab.environment import LOCK, Environment, say
from zonelab.errors import LabError
from zonelab.lives import run_supervisor, stop
from zonelab.options import Options

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from zonelab.state import StateFolder


def up(
    state: StateFolder,
    options: Options | None,
    *,
    origin: str | None = None,
    fresh: bool = False,
    parent: int | None = None,
    foreground: bool = False,
    use_first_boot: bool = True,
) -> subprocess.Popen[str] | None:
    """Start the lab unless it is up; the process when it runs in the foreground."""
    with state.command_lock():
        if state.is_running():
            say(f"the lab in {state.path} is already up")
            return None
        fresh = fresh or origin is not None or not state.complete_file.exists()
        last = None if fresh else state.read()
        source = snapshot.named(origin) if origin else None
        wanted = choose(state, options, last.options if last else None, source)
        environment = Environment()
        environment.ensure()
        if fresh:
            state.wipe()
        state.log.mkdir(parents=True, exist_ok=True)
        arguments = ["--options", json.dumps(wanted.as_dict())]
        arguments += ["--parent", str(parent)] if parent else []
        arguments += ["--foreground"] if foreground else []
        if source:
            arguments += ["--origin", str(source)]
        elif use_first_boot:
            arguments += ["--origin", str(snapshot.automatic(wanted, LOCK)), "--keep-first-boot"]
        process = start(state, environment, arguments)
        return process if foreground else None


def choose(state: StateFolder, options: Options | None, last: Options | None, source: Path | None) -> Options:
    """The options of the lab: those asked for, if its databases have that shape; else those it has."""
    has = snapshot.options_of(source) if source else last
    if has is None:
        return options or Options()
    if options is None:
        return has
    if options.shape() != has.shape():
        what = "the snapshot" if source else f"the lab in {state.path}"
        advice = "leave the options out" if source else "add --fresh to start anew, or use another --state"
        raise LabError(f"{what} has the shape {has.shape()}, not {options.shape()}: {advice}")
    return replace(has, service_down_time=options.service_down_time, report_seconds=options.report_seconds)


def start(state: StateFolder, environment: Environment, arguments: list[str]) -> subprocess.Popen[str]:
    """Run the supervisor and relay its progress until the lab serves."""
    command = [str(environment.python), "-P", "-m", "zonelab.supervisor", "--state", str(state.path), *arguments]
    variables = {**os.environ, "PYTHONPATH": str(LOCK.parent), "PYTHONWARNINGS": "ignore"}
    variables["MALLOC_ARENA_MAX"] = "2"  # glibc gives each of the many threads an arena of its own, and keeps it
    variables.pop("PYTHONHOME", None)
    process = run_supervisor(state, command, variables)
    say(f"the lab is up; its clouds are in {state.clouds_file}")
    return process


def down(state: StateFolder) -> bool:
    """Stop the lab; whether there was one to stop."""
    return stop(state, lambda: record.pid if (record := state.read()) else None)


def save(state: StateFolder, name: str) -> Path:
    """Snapshot a lab that is stopped; a running one is asked through its client."""
    with state.command_lock():
        record = state.read()
        if record is None or not state.complete_file.exists():
            raise LabError(f"{state.path}: there is no lab to take a snapshot of")
        target = snapshot.named(name)
        snapshot.save(state, record.options, target)
    return target
