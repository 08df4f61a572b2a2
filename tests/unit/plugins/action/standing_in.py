# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks of a copy of the collection in which some modules only note how they were called: which calls are made, in which order."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .playing import LAYOUT, run, surroundings

COLLECTION = Path("ansible_collections", "zoneops", "openstack")
# What stands for a module: it notes how it was called, and returns what the test says. One that `writes` appends to its journal.
STAND_IN = """
import json, os
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        name = self._task.action.rpartition(".")[2]
        with open(os.environ["ZONEOPS_CALLS"], "a") as calls:
            print(json.dumps([name, bool(self._task.check_mode), self._task.args]), file=calls)
        answer = json.loads(os.environ["ZONEOPS_ANSWERS"])[name]
        if isinstance(answer, list):
            with open(os.environ["ZONEOPS_CALLS"]) as calls:
                made = sum(json.loads(call)[0] == name for call in calls)
            answer = answer[min(made, len(answer)) - 1]
        journal = self._task.args.get("journal")
        if answer.pop("writes", False) and journal and not self._task.check_mode:
            with open(os.path.expanduser(journal), "a") as file:
                file.write("begin\\n")
        return answer
"""


@dataclass(frozen=True)
class Played:
    code: int
    output: str
    calls: list[tuple[str, bool, dict[str, Any]]]

    @property
    def order(self) -> list[tuple[str, bool]]:
        """The modules, each with whether it was in check mode."""
        return [(name, check) for name, check, _options in self.calls]


class Playbook:
    """A playbook of a copy of the collection, in which some modules are stand-ins.

    :param answers: what these return: always the same, or one after the other, the last one from then on.
    """

    def __init__(self, name: str, folder: Path, collections: Path, answers: Mapping[str, Any]) -> None:
        self.name = name
        self.folder = folder
        self.collections = collections
        self.answers = answers
        (folder / "record").touch()
        zone = {"zone_state": "maintenance", "compute": {"hosts": ["c1"]}, "kubernetes": {}}
        hosts = {"az1": {"zoneops_zone": zone}, "az2": {"zoneops_zone": {"compute": {"hosts": ["c2"]}}}}
        region = {"zones": list(hosts)}
        inventory = {"zones": {"hosts": hosts, "vars": {"zoneops_region": region}}}
        for file, content in {"hosts.json": inventory, "values.json": {}}.items():
            (folder / file).write_text(json.dumps(content))

    def __call__(self, *arguments: str, answers: Mapping[str, Any] | None = None, **values: Any) -> Played:
        """On one zone of two; `steps`, plays of an own playbook in its place."""
        calls = self.folder / "calls"
        calls.write_text("")
        steps = values.pop("steps", None)
        own = self.folder / "own.yml"
        own.write_text(json.dumps(steps or []))
        environ = {
            **surroundings(self.folder / "record"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ZONEOPS_CALLS": str(calls),
            "ZONEOPS_ANSWERS": json.dumps({**self.answers, **(answers or {})}),
        }
        given = ["-l", "az1", "-e", json.dumps(values), *arguments, str(own) if steps else self.name]
        code, output = run(given, self.folder, environ)
        made = [json.loads(line) for line in calls.read_text().splitlines()]
        return Played(code, output, [tuple(one) for one in made])


def linked(source: Path, target: Path, *left_out: str) -> None:
    """A folder of links to what is in another."""
    target.mkdir(parents=True)
    for entry in os.scandir(source):
        if entry.name not in left_out and entry.name != "__pycache__":
            (target / entry.name).symlink_to(entry.path)


def copied(folder: Path, names: Iterable[str]) -> Path:
    """Where a copy of the collection is, in which these modules are stand-ins."""
    own = folder / COLLECTION
    linked(LAYOUT / COLLECTION, own, "plugins")
    linked(LAYOUT / COLLECTION / "plugins", own / "plugins", "action")
    linked(LAYOUT / COLLECTION / "plugins" / "action", own / "plugins" / "action", *(f"{one}.py" for one in names))
    for name in names:
        (own / "plugins" / "action" / f"{name}.py").write_text(STAND_IN)
    return folder
