# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as a process that can be killed: started, waited for, its result read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NURSERY = "ansible_collections.zoneops.openstack.tests.faults.nursery"
# Longer than any run of these tests takes, its own time limits included, on a busy machine.
PATIENCE = 240.0


@dataclass(frozen=True)
class Ended:
    """How a run of a module ended.

    :ivar result: what it printed; None where it was killed before.
    """

    status: int
    result: dict[str, Any] | None
    errors: str
    seconds: float

    @property
    def answer(self) -> dict[str, Any]:
        assert self.result is not None, f"no result, exit status {self.status}: {self.errors}"
        return self.result

    @property
    def failed(self) -> bool:
        return bool(self.answer.get("failed"))

    @property
    def warnings(self) -> list[str]:
        return [w["event"]["msg"] if isinstance(w, dict) else str(w) for w in self.answer.get("warnings", [])]


class Running:
    """A module process."""

    def __init__(self, modules: Modules, pid: int, folder: Path) -> None:
        self.pid = pid
        self._modules = modules
        self._folder = folder
        self._began = time.monotonic()

    def ended(self) -> Ended | None:
        """How it has ended by itself, None while it works."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return self.wait() if stat.rpartition(")")[2].split()[0] == "Z" else None

    def kill(self) -> Ended:
        """As the kernel kills it when memory runs out: nothing of it runs on."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self) -> Ended:
        status = self._modules.order(wait=self.pid)
        seconds = time.monotonic() - self._began
        output = (self._folder / "output").read_text()
        errors = (self._folder / "errors").read_text()
        return Ended(status, json.loads(output) if output.strip() else None, errors, seconds)


class Modules:
    """Runs modules on one cloud.

    :param clouds: clouds.yaml with the cloud that the arguments name.
    :param longest_sleep: seconds; for what a module waits for a lab may need less time than it grants.
    :param nothing_lives: without an OpenStack, what lives in zones that go is said to be nothing.
    """

    def __init__(
        self, clouds: Path, folder: Path, longest_sleep: float | None = None, *, nothing_lives: bool = False
    ) -> None:
        self._folder = folder
        self._nothing_lives = nothing_lives
        self._longest_sleep = longest_sleep
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", NURSERY],
            env={**os.environ, "OS_CLIENT_CONFIG_FILE": str(clouds)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, **order: Any) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        return int(json.loads(self._nursery.stdout.readline()))

    def start(self, module: str, arguments: Mapping[str, Any], *, check: bool = False) -> Running:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        whole = {"_ansible_check_mode": check, "_ansible_diff": False, **arguments}
        (folder / "input").write_text(json.dumps({"ANSIBLE_MODULE_ARGS": whole}))
        files = {name: str(folder / name) for name in ("input", "output", "errors")}
        order = {"module": module, "longest_sleep": self._longest_sleep, "nothing_lives": self._nothing_lives, **files}
        return Running(self, self.order(start=order), folder)

    def run(self, module: str, arguments: Mapping[str, Any], *, check: bool = False) -> Ended:
        return self.start(module, arguments, check=check).wait()

    def close(self) -> None:
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        self._nursery.wait(PATIENCE)
