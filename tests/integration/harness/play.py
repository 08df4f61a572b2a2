# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of ansible-playbook as data: every task result, the recap, and the requests that the lab saw meanwhile."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import as_entries
from zonelab.front_client import FrontClient
from zonelab.proxy.log import Request

from .interpreter import other_python
from .preloaded import Preloaded

COLLECTION = Path(__file__).resolve().parents[3]
CALLBACKS = COLLECTION / "tests" / "integration" / "callback_plugins"
# What a failed zone says instead of a reason that all zones have.
SAME = "same reason as the other zones, see below the table"
# Longer than any run takes on a busy machine, its own time limits included: what is not back by then hangs.
PATIENCE = 400
PRELOADED = Preloaded()
# Where a play names no interpreter, a module is a process, as where Ansible looks for one: what it finds may be one that cannot be started.
PYTHON_FOLDER = tempfile.TemporaryDirectory(prefix="zoneops-python-")
PYTHON = other_python(Path(PYTHON_FOLDER.name))


@dataclass(frozen=True)
class TaskResult:
    """What one task did on one host."""

    host: str
    task: str
    action: str
    outcome: str
    result: dict[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))


@dataclass(frozen=True)
class Run:
    """What a run did.

    :ivar recap: ok, changed, failures … per host, as ansible-playbook counts them.
    :ivar stats: what set_stats hands to workflows.
    """

    rc: int
    results: tuple[TaskResult, ...]
    recap: Mapping[str, Mapping[str, int]]
    stats: Mapping[str, Any]
    output: str
    requests: tuple[Request, ...]
    seconds: float

    def of(self, task: str) -> dict[str, TaskResult]:
        """The results of a task by host, skipped ones left out."""
        return {one.host: one for one in self.results if one.task == task and one.outcome != "skipped"}

    def one(self, task: str) -> TaskResult:
        """The result of a task that runs once."""
        (found,) = self.of(task).values()
        return found

    @property
    def failures(self) -> dict[str, str]:
        """The message of the first failed task by host: the cause. What all zones fail for is read below the table, where the message points to."""
        return {host: self._whole(host, message) for host, message in self.shown_failures.items()}

    @property
    def shown_failures(self) -> dict[str, str]:
        """The message of the first failed task by host, as it is."""
        return {one.host: one.msg for one in reversed(self.results) if one.outcome == "failed"}

    def _whole(self, host: str, message: str) -> str:
        own = message.splitlines()
        if own[-1:] != [SAME]:
            return message
        said = [line.partition(": wrong: ") for line in self.output.splitlines() if ": wrong: " in line]
        reasons = [
            reason for about, _separator, reason in said if about.startswith("all ") or host in about.split(", ")
        ]
        return "\n".join(dict.fromkeys([*own[:-1], *reasons]))

    @property
    def changed_hosts(self) -> set[str]:
        return {host for host, counts in self.recap.items() if counts["changed"]}

    @property
    def plans(self) -> dict[str, list[str]]:
        """The texts of all changes that bulk modules planned, by zone."""
        return {zone: [change["text"] for change in changes] for zone, changes in self._planned.items()}

    @property
    def entries(self) -> dict[str, list[dict[str, Any]]]:
        """All changes that bulk modules planned as a saved plan has them, by zone."""
        return {zone: as_entries(changes) for zone, changes in self._planned.items()}

    @property
    def _planned(self) -> dict[str, list[dict[str, Any]]]:
        plans: dict[str, list[dict[str, Any]]] = {}
        for one in self.results:
            if one.result.get("settled") is False and "region" not in one.result:
                continue  # site_info, whose plan the modules that follow make again
            for zone, verdict in one.result.get("zones", {}).items():
                if "plan" in verdict:
                    plans.setdefault(zone, []).extend(verdict["plan"])
        return plans

    @property
    def table(self) -> dict[str, list[str]]:
        """The cells of the printed table by zone, read from what the user sees."""
        lines = self.output.splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith("ZONE "))
        rows = [re.split(r" {2,}", line) for line in lines[start + 1 : lines.index("", start)]]
        return {row[0]: row[1:] for row in rows if len(row) == len(re.split(r" {2,}", lines[start]))}

    @property
    def written(self) -> list[str]:
        """The requests that may have changed something in the cloud."""
        return [f"{request.service} {request.method} {request.path}" for request in self.requests if request.writes]

    def calls(self, service: str) -> list[str]:
        """The requests to one service, in order."""
        return [f"{request.method} {request.path}" for request in self.requests if request.service == service]


class Player:
    """Runs playbooks with the Ansible of this leg, on one lab."""

    def __init__(self, lab: FrontClient, clouds: Path) -> None:
        self.lab = lab
        self.clouds = clouds

    def __call__(
        self,
        playbook: str | Path,
        inventory: str | Path,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> Run:
        """Run it from an empty folder, where no ansible.cfg and no clouds.yaml is found by chance."""
        with tempfile.TemporaryDirectory(prefix="zoneops-run-") as folder:
            record = Path(folder, "record")
            record.touch()
            mark, start = self.lab.mark(), time.monotonic()
            # Into a file: a pipe would wait for what a run that hangs has left behind.
            output = Path(folder, "output")
            rc = PRELOADED.run(
                ["-i", str(inventory), str(playbook), *arguments],
                cwd=Path(folder),
                environ={
                    **surroundings(),
                    "OS_CLIENT_CONFIG_FILE": str(self.clouds),
                    "ANSIBLE_PYTHON_INTERPRETER": PYTHON,
                    **_record(record),
                    **(environ or {}),
                },
                output=output,
                patience=patience,
            )
            said = output.read_text()
            seconds = time.monotonic() - start
            lines = [json.loads(line) for line in record.read_text().splitlines()]
        end = lines.pop() if lines and "recap" in lines[-1] else {"recap": {}, "stats": {}}
        run = Run(
            rc=rc,
            results=tuple(TaskResult(**line) for line in lines),
            recap=end["recap"],
            stats=end["stats"],
            output=said,
            requests=tuple(self.lab.requests(mark)),
            seconds=seconds,
        )
        print(run.output)  # pytest shows it for a test that fails
        assert "Traceback (most recent call last)" not in run.output
        assert "Traceback" not in json.dumps([one.result for one in run.results])
        return run


def surroundings() -> dict[str, str]:
    """The variables of the tests without any that name a cloud or a cluster."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "K8S_AUTH_", "KUBE"))}


def _record(path: Path) -> dict[str, str]:
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "zoneops_record",
        "ZONEOPS_RECORD": str(path),
        # An inventory that cannot be read is a warning with exit code 0 otherwise.
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
    }
