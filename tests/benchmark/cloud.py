# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud of one size: a lab that ends with the benchmark."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from zonelab.client import LabClient

from benchmark import floor
from benchmark.measure import Failed
from benchmark.size import Size, Zone

# What would name another cloud, or keep Python from reading compiled modules, as it does wherever pip has installed them.
DROPPED = ("OS_", "PYTHONDONTWRITEBYTECODE")

# A lab starts anew in less time than more hosts take to leave their zones.
FEW = 100


class Cloud:
    """The lab in a folder, and the surroundings of the programs that talk to it."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        self.lab = LabClient(folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        self.environ: Mapping[str, str] = {**kept, "OS_CLIENT_CONFIG_FILE": str(self.lab.clouds_file)}

    def empty(self) -> None:
        """No aggregate."""
        aggregates = self._observe()[0] if self.lab.state.is_running() else {}
        if self.lab.state.is_running() and sum(len(found["hosts"]) for found in aggregates.values()) <= FEW:
            floor.remove(floor.compute(self.lab.clouds_file), aggregates)
        else:
            self._start()

    def _start(self) -> None:
        self.stop()
        shape = ["--zones", str(self.size.zones), "--hosts", "1", "--record-hosts", str(self.size.hosts - 1)]
        self._zonelab("up", "--fresh", "--with-parent", str(os.getpid()), *shape, "--backends", "1")
        self._observe()  # the first answers of a service take longer

    def has(self, wanted: Sequence[Zone]) -> bool:
        """Whether nothing is left to write."""
        return self.lab.state.is_running() and not list(floor.writes(_told(wanted), *self._observe()))

    def stop(self) -> None:
        self._zonelab("down")

    def _observe(self) -> floor.Observed:
        return floor.observe(floor.compute(self.lab.clouds_file))

    def _zonelab(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "zonelab", "--state", str(self.lab.state.path), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"zonelab {arguments[0]}: {done.stdout}{done.stderr}")


def _told(wanted: Sequence[Zone]) -> list[floor.Wanted]:
    return [zone.as_dict() for zone in wanted]
