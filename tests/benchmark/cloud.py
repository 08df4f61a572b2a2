# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud of one size: a lab that ends with the benchmark."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from zonelab.client import LabClient

from benchmark import floor
from benchmark.measure import Failed
from benchmark.size import Size, Zone

# What would name another cloud, or keep Python from reading compiled modules, as it does wherever pip has installed them.
DROPPED = ("OS_", "PYTHONDONTWRITEBYTECODE")

# A lab starts anew in less time than more hosts take to leave their zones.
FEW = 100
# More hosts take nova minutes to bring into their zones: 10 000 half an hour.
MANY = 1000


class Cloud:
    """The lab in a folder, and the surroundings of the programs that talk to it."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        self.lab = LabClient(folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        self.environ: Mapping[str, str] = {**kept, "OS_CLIENT_CONFIG_FILE": str(self.lab.clouds_file)}

    def empty(self) -> None:
        """No aggregate, and no types of zones."""
        if self.lab.state.is_running():
            observed = self._observe()
            if sum(len(found["hosts"]) for found in observed.aggregates.values()) <= FEW:
                floor.remove(floor.Cloud.named_in(self.lab.clouds_file), observed)
                return
        self._start()

    def _start(self) -> None:
        self.stop()
        shape = ["--zones", str(self.size.zones), "--hosts", "1", "--record-hosts", str(self.size.hosts - 1)]
        self._zonelab("up", "--fresh", "--with-parent", str(os.getpid()), *shape)
        self._observe()  # the first answers of a service take longer

    def has(self, wanted: Sequence[Zone], *, types: bool) -> bool:
        """Whether nothing is left to write."""
        told = [zone.as_dict(types=types) for zone in wanted]
        return self.lab.state.is_running() and not list(floor.writes(told, self._observe()))

    def fill(self, wanted: Sequence[Zone]) -> None:
        """Many hosts into new aggregates: those that are only records anyway as records of their aggregate."""
        if sum(len(zone.hosts) for zone in wanted) <= MANY:
            return
        cloud = floor.Cloud.named_in(self.lab.clouds_file)
        there = floor.observe(cloud, types=False).aggregates
        if any(found["hosts"] for found in there.values()):
            return
        numbers = {name: found["id"] for name, found in there.items()}
        for zone in wanted:
            if zone.name not in numbers:
                made = cloud.nova.post("/os-aggregates", json={"aggregate": {"name": zone.name, floor.AZ: zone.name}})
                numbers[zone.name] = made.json()["aggregate"]["id"]
        rows = [(numbers[zone.name], host) for zone in wanted for host in zone.hosts[1:]]
        with closing(sqlite3.connect(self.lab.state.database("nova_api"), timeout=60)) as database:
            database.executemany(
                "INSERT INTO aggregate_hosts (created_at, aggregate_id, host) VALUES (datetime('now'), ?, ?)", rows
            )
            database.commit()

    def stop(self) -> None:
        self._zonelab("down")

    def _observe(self) -> floor.Observed:
        return floor.observe(floor.Cloud.named_in(self.lab.clouds_file), types=True)

    def _zonelab(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "zonelab", "--state", str(self.lab.state.path), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"zonelab {arguments[0]}: {done.stdout}{done.stderr}")
