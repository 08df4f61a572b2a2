# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks of the collection, run as a person runs them; what they print goes into a file, and the screen gets what matters of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .show import Screen, typed, zones_of

CALLBACKS = Path(__file__).resolve().parents[1] / "integration" / "callback_plugins"


@dataclass(frozen=True)
class Played:
    """A run.

    :ivar results: of its tasks.
    """

    code: int
    output: str
    results: list[dict[str, Any]]

    def of(self, module: str) -> dict[str, Any]:
        """What the last call of a module returned; empty where none was made."""
        found = [one["result"] for one in self.results if one.get("action") == f"zoneops.openstack.{module}"]
        return dict(found[-1]) if found else {}

    @property
    def changed(self) -> int:
        """How many zones changed."""
        recap: dict[str, dict[str, int]] = next((one["recap"] for one in reversed(self.results) if "recap" in one), {})
        return sum(bool(counts["changed"]) for counts in recap.values())

    @property
    def failures(self) -> list[str]:
        """The messages of tasks that failed."""
        return [str(one["result"].get("msg")) for one in self.results if one.get("outcome") == "failed"]

    @property
    def wrong(self) -> list[str]:
        """What a zone, or several, cannot do, as it is said below the table."""
        return [line.replace("wrong: ", "", 1) for line in self.output.splitlines() if ": wrong: " in line]

    @property
    def zones(self) -> list[str]:
        return zones_of(self.output)


@dataclass(frozen=True)
class Player:
    """Runs playbooks on one inventory.

    :ivar folder: of files that are handed in, and of what runs printed.
    """

    inventory: Path
    folder: Path
    screen: Screen

    def __call__(self, playbook: str, *arguments: str, shown: bool = True) -> Played:
        """:param shown: whether the command is shown."""
        words = ["ansible-playbook", "-i", str(self.inventory), f"zoneops.openstack.{playbook}", *arguments]
        if shown:
            self.screen.lines(typed(words))
        number = len(list(self.folder.glob("*.log"))) + 1
        record, log = self.folder / "record", self.folder / f"{number:02}-{playbook}.log"
        record.write_text("")
        environ = {
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "zoneops_record",
            "ZONEOPS_RECORD": str(record),
        }
        program = Path(sys.executable).with_name(words[0])
        with log.open("w") as output:
            done = subprocess.run(
                [program, *words[1:]],
                cwd=self.folder,
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        lines = record.read_text().splitlines()
        return Played(done.returncode, log.read_text(), [json.loads(line) for line in lines])

    def hand_in(self, name: str, **values: Any) -> str:
        """A file of variables, which YAML reads too."""
        (self.folder / name).write_text(json.dumps(values, indent=2) + "\n")
        return f"@{name}"
