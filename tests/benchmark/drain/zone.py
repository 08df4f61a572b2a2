# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone whose hosts are emptied: half of them hold the servers, the other half takes them, and the next contender moves them back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig
from zonelab.client import LabClient

from benchmark.cloud import DROPPED
from benchmark.measure import Failed

ZONE = "az1"
# Of so many servers one is off, and is migrated cold.
OFF_EVERY = 10
AT_ONCE = 50
PATIENCE = 3600.0


class Zone:
    """A lab that ends with the benchmark.

    :param seconds: what a migration takes on the hypervisor: a real one copies memory, the lab's would only measure nova.
    """

    def __init__(self, folder: Path, hosts: int, seconds: float) -> None:
        self.folder = folder
        self.hosts = [f"compute-{ZONE}-{number}" for number in range(2 * hosts)]
        self.lab = LabClient(folder / "lab")
        self._seconds = seconds
        kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        clients = {"PATH": f"{os.environ['PATH']}:{os.environ['ZONEOPS_CLIENTS']}"}
        self.environ: Mapping[str, str] = {**kept, **clients, "OS_CLIENT_CONFIG_FILE": str(self.lab.clouds_file)}

    def start(self, servers: int) -> None:
        size = ("--zones", ZONE, "--hosts", str(len(self.hosts)))
        self._zonelab("up", "--fresh", "--with-parent", str(os.getpid()), *size)
        self._make_zone()
        self._make_servers(servers)

    def stop(self) -> None:
        self._zonelab("down")

    @cached_property
    def nova(self) -> Adapter:
        return self._adapter("compute", "2.96")

    def where(self) -> dict[str, tuple[str, str]]:
        """Host and status of each server."""
        listed = self.nova.get("/servers/detail?all_tenants=1").json()["servers"]
        return {one["id"]: (one["OS-EXT-SRV-ATTR:host"], one["status"]) for one in listed}

    def full(self) -> list[str]:
        """The half of the hosts that holds the servers now, which is emptied next."""
        middle = len(self.hosts) // 2
        here = {host for host, _status in self.where().values()}
        return next(half for half in (self.hosts[:middle], self.hosts[middle:]) if here <= set(half))

    def spread(self) -> None:
        """
        Each host of the full half has as many running servers as the others. One live migration at a time leaves a host, so that the fullest one decides how
        long emptying them takes, and the scheduler fills them very unevenly: each contender would be measured by what the one before it left.
        """
        for host in self.hosts:
            self.lab.heal("hypervisor", host)
        running = {server: host for server, (host, status) in self.where().items() if status == "ACTIVE"}
        for server, host in evened(running, self.full()).items():
            action = {"os-migrateLive": {"host": host, "block_migration": "auto"}}
            self.nova.post(f"/servers/{server}/action", json=action)
        self._until(lambda: not self._busy())
        counts = Counter(host for host, status in self.where().values() if status == "ACTIVE")
        if max(counts.values()) - min(counts[host] for host in self.full()) > 1:
            raise Failed(f"the servers could not be spread: {dict(counts)}")
        for host in self.hosts:
            self.lab.fail("hypervisor", host, how=str(self._seconds))

    def lose(self, hosts: Sequence[str]) -> None:
        """What happens to the hosts before a contender empties them."""

    def rest(self) -> None:
        """Every host enabled, and nothing under way."""
        for one in self._services():
            if one["status"] != "enabled":
                self.nova.put(f"/os-services/{one['id']}", json={"status": "enabled"})
        self._until(lambda: not self._busy())

    def _busy(self) -> bool:
        listed = self.nova.get("/servers/detail?all_tenants=1").json()["servers"]
        return any(one["OS-EXT-STS:task_state"] or one["status"] not in ("ACTIVE", "SHUTOFF") for one in listed)

    def _services(self) -> list[dict[str, Any]]:
        return list(self.nova.get("/os-services?binary=nova-compute").json()["services"])

    def _make_zone(self) -> None:
        body = {"aggregate": {"name": ZONE, "availability_zone": ZONE}}
        number = self.nova.post("/os-aggregates", json=body).json()["aggregate"]["id"]
        for host in self.hosts:
            self.nova.post(f"/os-aggregates/{number}/action", json={"add_host": {"host": host}})

    def _make_servers(self, count: int) -> None:
        """On the first half of the hosts, because the others are disabled meanwhile."""
        for one in self._services():
            if one["host"] in self.hosts[len(self.hosts) // 2 :]:
                self.nova.put(f"/os-services/{one['id']}", json={"status": "disabled", "disabled_reason": "benchmark"})
        about = {"name": "tiny", "disk_format": "raw", "container_format": "bare", "visibility": "public"}
        glance = self._adapter("image", None)
        image = glance.post("/v2/images", json=about).json()["id"]
        stream = {"Content-Type": "application/octet-stream"}
        glance.put(f"/v2/images/{image}/file", data=b"0", headers=stream)
        flavor = {"flavor": {"name": "tiny", "ram": 64, "vcpus": 1, "disk": 0}}
        number = self.nova.post("/flavors", json=flavor).json()["flavor"]["id"]
        wanted = {"name": "server", "flavorRef": number, "imageRef": image, "networks": "none"}
        for begun in range(0, count, AT_ONCE):
            more = min(AT_ONCE, count - begun)
            self.nova.post("/servers", json={"server": {**wanted, "availability_zone": ZONE, "min_count": more}})
            self._until(lambda: not self._busy())
        made = self.where()
        if len(made) != count:
            raise Failed(f"{len(made)} of {count} servers were made")
        for server in sorted(made)[::OFF_EVERY]:
            self.nova.post(f"/servers/{server}/action", json={"os-stop": None})
        self.rest()

    def _until(self, done: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise Failed("the cloud did not come to rest")
            time.sleep(2)

    def _adapter(self, kind: str, version: str | None) -> Adapter:
        clouds = [str(self.lab.clouds_file)]
        session = OpenStackConfig(config_files=clouds, load_envvars=False).get_one("lab").get_session()
        return Adapter(session, service_type=kind, default_microversion=version)

    def _zonelab(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "zonelab", "--state", str(self.lab.state.path), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"zonelab {arguments[0]}: {done.stdout}{done.stderr}")


def evened(where: Mapping[str, str], hosts: Sequence[str]) -> dict[str, str]:
    """The servers that have to move, and where to, until hosts differ by one server at most.

    :param where: the host of each server.
    """
    counts = Counter(dict.fromkeys(hosts, 0))
    counts.update(where.values())
    least, more = divmod(len(where), len(hosts))
    # The fullest ones keep one more.
    goal = {host: least + (rank < more) for rank, (host, _count) in enumerate(counts.most_common())}
    free = [host for host in hosts for _place in range(goal[host] - counts[host])]
    moves: dict[str, str] = {}
    for server, host in where.items():
        if counts[host] > goal[host]:
            counts[host] -= 1
            moves[server] = free.pop()
    return moves
