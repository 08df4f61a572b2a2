# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of all kinds, made by hand, and what becomes of them when they are evacuated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .cloud import Cloud
from .waiting import Waiting

# How a flavor, a group and a server come to be is as old as the posed release; a host is named from 2.74 on.
ENDED = {"done", "error", "failed", "completed"}


class Servers:
    """Calls of an administrator. What it makes in addition to servers goes with `clear`."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.compute = cloud.compute
        self._flavors: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    def flavor(self, name: str, ram: int, specs: Mapping[str, str] | None = None) -> None:
        body = {"flavor": {"name": name, "ram": ram, "vcpus": 1, "disk": 0}}
        number = self.compute.post("/flavors", json=body).json()["flavor"]["id"]
        if specs:
            self.compute.post(f"/flavors/{number}/os-extra_specs", json={"extra_specs": dict(specs)})
        self._flavors[name] = number

    def group(self, name: str, policy: str) -> None:
        body = {"server_group": {"name": name, "policy": policy}}
        self._groups[name] = self.compute.post("/os-server-groups", json=body).json()["server_group"]["id"]

    def add(
        self,
        name: str,
        flavor: str,
        *,
        host: str | None = None,
        zone: str | None = None,
        group: str | None = None,
        volume: str | None = None,
    ) -> None:
        """A server that became active.

        :param host: it begins on, without a pin; with `zone` it is pinned as well.
        """
        wanted: dict[str, Any] = {
            "name": name,
            "flavorRef": self._flavors[flavor],
            "networks": "none",
            **self._cloud.root(volume),
            **({"host": host} if host else {}),
            **({"availability_zone": zone} if zone else {}),
        }
        hints = {"os:scheduler_hints": {"group": self._groups[group]}} if group else {}
        number = self.compute.post("/servers", json={"server": wanted, **hints}).json()["server"]["id"]
        self._ids[name] = number
        server = self._until(number, lambda found: found["status"] != "BUILD")
        assert server["status"] == "ACTIVE", server.get("fault")
        assert host in (None, server["OS-EXT-SRV-ATTR:host"])

    def add_many(self, names: Sequence[str], flavor: str, *, host: str | None = None, zone: str | None = None) -> None:
        """Many alike, asked for at once and waited for by one list."""
        wanted: dict[str, Any] = {"flavorRef": self._flavors[flavor], "networks": "none", **self._cloud.root(None)}
        wanted |= {**({"host": host} if host else {}), **({"availability_zone": zone} if zone else {})}
        for name in names:
            made = self.compute.post("/servers", json={"server": {"name": name, **wanted}})
            self._ids[name] = made.json()["server"]["id"]
        self.wait(dict.fromkeys(names, "ACTIVE"))

    def wait(self, wanted: Mapping[str, str]) -> None:
        """Until servers have their status and nova works on none of them."""
        waiting = Waiting()
        while True:
            seen = self._cloud.servers()
            left = [name for name, status in wanted.items() if _state(seen, name) != (status, None)]
            if not left:
                return
            waiting.pause({name: _state(seen, name) for name in left})

    def act(self, name: str, **action: Any) -> None:
        """An action that nova has to accept."""
        self.compute.post(f"/servers/{self._ids[name]}/action", json=action)

    def pause(self, *names: str) -> None:
        for name in names:
            self.act(name, pause=None)
        self.wait(dict.fromkeys(names, "PAUSED"))

    def stop(self, *names: str) -> None:
        for name in names:
            self.act(name, **{"os-stop": None})
        self.wait(dict.fromkeys(names, "SHUTOFF"))

    def start(self, *names: str) -> None:
        for name in names:
            self.act(name, **{"os-start": None})
        self.wait(dict.fromkeys(names, "ACTIVE"))

    def tags(self) -> dict[str, list[str]]:
        """Of each server that has some."""
        return {name: server["tags"] for name, server in self._cloud.servers().items() if server["tags"]}

    def migrations(self) -> list[dict[str, Any]]:
        """Every record of now."""
        return list(self.compute.get("/os-migrations").json()["migrations"])

    def until_evacuations(self, status: str) -> None:
        """Until the status of every evacuation is this one."""
        waiting = Waiting()
        while True:
            found = [one for one in self.migrations() if one["migration_type"] == "evacuation"]
            if {one["status"] for one in found} == {status}:
                return
            waiting.pause(found)

    def know(self, name: str, number: str) -> None:
        """One that a test made by itself."""
        self._ids[name] = number

    def id_of(self, name: str) -> str:
        return self._ids[name]

    def flavor_id(self, name: str) -> str:
        return self._flavors[name]

    def host(self, name: str) -> str:
        return str(self.compute.get(f"/servers/{self._ids[name]}").json()["server"]["OS-EXT-SRV-ATTR:host"])

    def evacuate(self, name: str) -> str:
        """Evacuate it, no host named, until nova is done; the host that it is on then."""
        number = self._ids[name]
        answer = self.compute.post(f"/servers/{number}/action", json={"evacuate": {}}, raise_exc=False)
        if answer.status_code == 200:
            waiting = Waiting()
            while self._migration(number) not in ENDED:
                waiting.pause(f"the evacuation of {name} does not end")
            self._until(number, lambda found: not found["OS-EXT-STS:task_state"])
        else:
            assert answer.status_code == 409, answer.text
        return self.host(name)

    def _migration(self, server: str) -> str:
        path = f"/os-migrations?instance_uuid={server}&migration_type=evacuation"
        found = self.compute.get(path).json()["migrations"]
        return str(found[0]["status"]) if found else "none"

    def _until(self, number: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        waiting = Waiting()
        while True:
            server: dict[str, Any] = self.compute.get(f"/servers/{number}").json()["server"]
            if reached(server):
                return server
            waiting.pause(server)

    def clear(self) -> None:
        """What the next test does not expect: flavors, of which another test would take any, and groups."""
        for number in self._groups.values():
            self.compute.delete(f"/os-server-groups/{number}")
        for number in self._flavors.values():
            self.compute.delete(f"/flavors/{number}")


def _state(seen: Mapping[str, Mapping[str, Any]], name: str) -> tuple[str, str | None]:
    """Status, and what nova does with it now."""
    server = seen.get(name, {"status": "no server", "OS-EXT-STS:task_state": None})
    return server["status"], server["OS-EXT-STS:task_state"]
