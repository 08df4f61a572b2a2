# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs of ansible-playbook over three zones, and what came of every task on every host."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.zoneops.openstack.tests.integration.harness.preloaded import Preloaded

HERE = Path(__file__).resolve().parent
LAYOUT = HERE.parents[6]
ZONES = ("az1", "az2", "az3")
PRELOADED = Preloaded()
# Empty, and the same for all runs, so that they are of one kind.
HOME = tempfile.TemporaryDirectory(prefix="zoneops-home-")
PATIENCE = 300
OPTIONS = ("-i", "hosts.json", "-e", "@values.json")
INVENTORY = {"zones": {"hosts": {zone: {"ansible_connection": "local"} for zone in ZONES}}}


@dataclass(frozen=True)
class Played:
    """A finished run.

    :ivar outcomes: ok, failed or skipped, by task and host.
    :ivar results: what the task returned, by task and host.
    """

    code: int
    output: str
    outcomes: Mapping[str, Mapping[str, str]]
    results: Mapping[str, Mapping[str, Any]]


def play(
    folder: Path,
    tasks: Sequence[Mapping[str, Any]],
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    **values: Any,
) -> Played:
    """Run the tasks on all zones. Values are variables; `serial` is the play's, `bulk` what a bulk module returned, `book` where the playbook is."""
    serial = {"serial": values.pop("serial")} if "serial" in values else {}
    where = values.pop("book", "book.yml")
    (folder / where).parent.mkdir(exist_ok=True)
    book = [{"hosts": "zones", "gather_facts": False, **serial, "tasks": list(tasks)}]
    for name, content in {where: book, "hosts.json": INVENTORY, "values.json": values}.items():
        (folder / name).write_text(json.dumps(content))
    record = folder / "record"
    record.touch()
    code, output = run([*arguments, where], folder, {**surroundings(record), **(environ or {})})
    outcomes: dict[str, dict[str, str]] = {}
    results: dict[str, dict[str, Any]] = {}
    for entry in map(json.loads, record.read_text().splitlines()):
        outcomes.setdefault(entry["task"], {})[entry["host"]] = entry["outcome"]
        results.setdefault(entry["task"], {})[entry["host"]] = entry["result"]
    return Played(code, output, outcomes, results)


def run(arguments: Sequence[str], folder: Path, environ: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of a run in a folder that `play` or a test has filled, and what it prints."""
    output = folder / "output"
    options = [*OPTIONS, *arguments]
    code = PRELOADED.run(options, cwd=folder, environ=environ, output=output, patience=PATIENCE)
    return code, output.read_text()


def command(*arguments: str) -> list[str]:
    """ansible-playbook of this environment, for a test that starts it itself."""
    return [str(Path(sys.executable).with_name("ansible-playbook")), *OPTIONS, *arguments, "book.yml"]


def surroundings(record: Path) -> dict[str, str]:
    """The environment of a run, without what whoever runs the tests has set for Ansible and OpenStack."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "OS_"))},
        "ANSIBLE_COLLECTIONS_PATH": str(LAYOUT),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "ANSIBLE_NOCOLOR": "true",
        # Newer cores leave it out of results, unless they are asked for it.
        "ANSIBLE_INJECT_INVOCATION": "true",
        "ANSIBLE_HOME": str(Path(HOME.name) / "ansible"),
        "HOME": HOME.name,
        "ZONEOPS_RECORD": str(record),
    }


def verdict(msg: str = "nothing to change", **values: Any) -> dict[str, Any]:
    """One zone in the result of a bulk module."""
    whole: dict[str, Any] = {
        "plan": [],
        "done": [],
        "undone": [],
        "left": [],
        "refusals": [],
        "warnings": [],
        "state": {},
    }
    return {"changed": False, "failed": False, "msg": msg, **whole, "diff": {"before": {}, "after": {}}, **values}


def bulk(**zones: dict[str, Any]) -> dict[str, Any]:
    """The result of a bulk module."""
    return {"changed": False, "failed": False, "msg": "summary", "zones": zones}
