# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud in memory whose servers can be migrated: nova and placement as far as a maintenance asks them, nothing else.

How a migration goes on is as on a real nova (day 2): a step at each look at the list of migrations.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import Cloud
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import Answer, ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline

USER = "user-of-the-run"
ZONES = ("az1", "az2")
CAPACITY = {"VCPU": 8, "MEMORY_MB": 8192}
LIVE_STEPS = ("accepted", "queued", "preparing", "running", "completed")
COLD_STEPS = ("pre-migrating", "post-migrating", "finished")
EVACUATION_STEPS = ("accepted", "pre-migrating", "done")
# From here on a server arrives stopped.
ARRIVES_STOPPED = (2, 95)
DISABLED = "COMPUTE_STATUS_DISABLED"
# As nova checks it: in no other status are tags written or removed.
TAGGABLE = ("ACTIVE", "PAUSED", "SUSPENDED", "SHUTOFF")
ENDS = ("completed", "done", "failed", "error", "confirmed", "cancelled", "reverted")


@dataclass
class FakeCloud:
    """Zones az1 and az2 of so many hosts.

    :ivar failing: servers whose migration fails on the hypervisor; `no_host`, whose finds no host; `hanging`, whose never ends.
    :ivar unmoved: servers that stay as they are when they are to be stopped or started; `looks_off`, how many looks the others take.
    :ivar lacking: megabytes that hosts lost.
    :ivar at_look: runs at every look at the list of migrations, with the number of looks before it.
    :ivar at_tag: runs after a server got a tag.
    :ivar slow: servers that nova has not finished with when the record of their migration ends; `late`, what such a server is at the look after that.
    :ivar hidden: in how many lists of one status the records of migrations are missing, as before nova has written them.
    :ivar unconfirmed: how many confirmations are refused.
    :ivar newest: the microversion that nova offers.
    :ivar off: shelved servers: what nova does with them, and how many looks that takes.
    :ivar unplaced: zones in which an unshelve finds no host, although one is enabled there.
    :ivar metadata: of the aggregate of each zone.
    :ivar lost: numbers of writes whose answer gets lost after they took effect; `dropped`, that never arrive.
    """

    hosts_per_zone: int = 3
    newest: tuple[int, int] = (2, 104)
    deadline: Deadline = field(default_factory=lambda: Deadline(60))
    writes: list[dict[str, Any]] = field(default_factory=list)
    servers: dict[str, dict[str, Any]] = field(default_factory=dict)
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=lambda: {zone: {} for zone in ZONES})
    migrations: list[dict[str, Any]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    no_host: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    unmoved: set[str] = field(default_factory=set)
    looks_off: int = 1
    lacking: dict[str, int] = field(default_factory=dict)
    switching: dict[str, int] = field(default_factory=dict)
    off: dict[str, tuple[str, str | None, int]] = field(default_factory=dict)
    unplaced: set[str] = field(default_factory=set)
    at_look: Callable[[int], None] = lambda _number: None
    at_tag: Callable[[str], None] = lambda _server: None
    lost: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    killed: int | None = None
    unconfirmed: int = 0
    slow: set[str] = field(default_factory=set)
    late: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: int = 0
    looks: int = 0
    calls: list[tuple[str, str]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    most: int = 0
    actions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        for zone in ZONES:
            for number in range(self.hosts_per_zone):
                name = f"{zone}-{number}"
                self.services[name] = {
                    "id": name,
                    "binary": "nova-compute",
                    "host": name,
                    "zone": zone,
                    "state": "up",
                    "status": "enabled",
                    "disabled_reason": None,
                    "forced_down": False,
                    "updated_at": "2026-01-01T00:00:00.000000",
                }

    def add(
        self, name: str, host: str = "az1-0", status: str = "ACTIVE", pinned: str | None = None, ram: int = 512
    ) -> str:
        flavor = {"original_name": "m1", "vcpus": 1, "ram": ram, "disk": 0, "ephemeral": 0, "swap": 0}
        self.servers[name] = {
            "id": name,
            "name": name,
            "tenant_id": "p",
            "status": status,
            "flavor": {**flavor, "extra_specs": {}},
            "image": "",
            "OS-EXT-SRV-ATTR:host": host,
            "OS-EXT-STS:task_state": None,
            "pinned_availability_zone": pinned,
            "addresses": {},
            "os-extended-volumes:volumes_attached": [],
            "tags": [],
        }
        return name

    def hosts(self) -> dict[str, str]:
        return {name: server["OS-EXT-SRV-ATTR:host"] for name, server in self.servers.items()}

    def reason(self, host: str) -> str | None:
        found: str | None = self.services[host]["disabled_reason"]
        return found

    def as_cloud(self) -> Cloud:
        """For what takes a real one."""
        return cast(Cloud, self)

    def one_look(self) -> AbstractContextManager[None]:
        return nullcontext()

    def look_again(self) -> None:
        """Nothing is kept."""

    def nova(self) -> Nova:
        return Nova(self.as_cloud().service("compute"))

    def user_id(self) -> str:
        return USER

    def service(self, service_type: str, version: str | None = None) -> FakeService:
        del version
        return FakeService(self, service_type)

    def migrate(self, server: str, kind: str, target: str | None, user: str = USER) -> dict[str, Any]:
        """What a person begins, or the run."""
        record = {
            "uuid": f"m{next(self._number)}",
            "instance_uuid": server,
            "migration_type": kind,
            "status": LIVE_STEPS[0] if kind == "live-migration" else COLD_STEPS[0],
            "source_compute": self.servers[server]["OS-EXT-SRV-ATTR:host"],
            "dest_compute": (target if self._permits(server, target) else None) if target else self._choose(server),
            "user_id": user,
        }
        self.servers[server]["OS-EXT-STS:task_state"] = "migrating" if kind == "live-migration" else "resize_prep"
        self.migrations.append(record)
        return record

    def begin_evacuation(self, server: str, target: str | None, user: str = USER) -> dict[str, Any]:
        """What a person begins, or the run."""
        record = self.migrate(server, "evacuation", target, user)
        if target and self.services[target]["status"] == "disabled":
            record["dest_compute"] = None
        record["status"] = EVACUATION_STEPS[0]
        self.servers[server]["OS-EXT-STS:task_state"] = "rebuilding"
        return record

    def kill(self, *hosts: str) -> None:
        for host in hosts:
            self.services[host]["state"] = "down"

    def _evacuated(self, record: dict[str, Any], server: dict[str, Any]) -> None:
        record["status"] = EVACUATION_STEPS[EVACUATION_STEPS.index(record["status"]) + 1]
        if record["status"] != "done":
            return
        boots = server["status"] == "ERROR" or (server["status"] == "ACTIVE" and self.newest < ARRIVES_STOPPED)
        server |= {"OS-EXT-SRV-ATTR:host": record["dest_compute"], "status": "ACTIVE" if boots else "SHUTOFF"}

    def _permits(self, server: str, target: str) -> bool:
        """Whether the scheduler, which is asked for a named host as well, finds it in the zone of the pin."""
        pin = self.servers[server]["pinned_availability_zone"]
        return pin is None or target.startswith(pin)

    def _choose(self, server: str) -> str | None:
        pin, here = self.servers[server]["pinned_availability_zone"], self.servers[server]["OS-EXT-SRV-ATTR:host"]
        enabled = [name for name, one in self.services.items() if one["status"] == "enabled" and name != here]
        return next((name for name in enabled if pin is None or name.startswith(pin)), None)

    def acted(self, server: str, action: str, user: str) -> None:
        """What nova keeps of an action."""
        done = self.actions.setdefault(server, [])
        done.append({"action": action, "user_id": user, "start_time": f"2026-01-01T00:00:{len(done):02}.000000"})

    def tagged(self) -> set[str]:
        return {name for name, server in self.servers.items() if server["tags"]}

    def running(self) -> set[str]:
        return {name for name, server in self.servers.items() if server["status"] == "ACTIVE"}

    def switch(self) -> None:
        """A look at the servers of a zone: those that are stopped or started are so after a while."""
        self.looks += 1
        self.at_look(self.looks - 1)
        self._switched()

    def _switched(self) -> None:
        for name in list(self.switching):
            self.switching[name] -= 1
            if self.switching[name] < 0 and name in self.servers:
                del self.switching[name]
                server = self.servers[name]
                if name not in self.unmoved:
                    server["status"] = "SHUTOFF" if server["OS-EXT-STS:task_state"] == "powering-off" else "ACTIVE"
                server["OS-EXT-STS:task_state"] = None

    def shelve(self, server: dict[str, Any]) -> None:
        server["OS-EXT-STS:task_state"] = "shelving_offloading"
        self.off[server["id"]] = ("shelve", None, self.looks_off)

    def unshelve(self, server: dict[str, Any], zone: str, host: str | None) -> None:
        """As on a real nova: no enabled host there is refused, one without room leaves the server as it is, and pinned to the zone that was asked."""
        enabled = [name for name, one in self.services.items() if one["status"] == "enabled" and name.startswith(zone)]
        if not enabled:
            raise ApiError(f"The requested availability zone {zone} is not available", status=400)
        if host is not None and not host.startswith(zone):
            raise ApiError(f'Host "{host}" is not in the availability zone "{zone}".', status=409)
        server |= {"pinned_availability_zone": zone, "OS-EXT-STS:task_state": "unshelving"}
        fits = zone not in self.unplaced and host in (None, *enabled)
        self.off[server["id"]] = ("unshelve", (host or enabled[0]) if fits else None, self.looks_off)

    def _shelf(self) -> None:
        for name, (what, host, looks) in list(self.off.items()):
            self.off[name] = (what, host, looks - 1)
            if looks > 0:
                continue
            del self.off[name]
            if name not in self.servers:
                continue
            server = self.servers[name]
            server["OS-EXT-STS:task_state"] = None
            if name in self.failing:
                continue
            if what == "shelve":
                server |= {"OS-EXT-SRV-ATTR:host": None, "status": "SHELVED_OFFLOADED"}
            elif host is not None:
                server |= {"OS-EXT-SRV-ATTR:host": host, "status": "ACTIVE"}

    def look(self) -> None:
        for name, found in self.late.items():
            self.servers[name] |= found
        self.late.clear()
        self._shelf()
        self._switched()
        under_way = [record for record in self.migrations if record["status"] not in (*ENDS, "finished")]
        self.most = max(self.most, len(under_way))
        for record in under_way:
            self._step(record)
        self.at_look(self.looks)
        self.looks += 1

    def _step(self, record: dict[str, Any]) -> None:
        server = self.servers[record["instance_uuid"]]
        if server["id"] in self.hanging:
            return
        if record["status"] == "confirming":
            record["status"] = "confirmed"
            self._finish(record, {"status": "SHUTOFF"})
            return
        evacuated = record["migration_type"] == "evacuation"
        if server["id"] in self.no_host or record["dest_compute"] is None:
            record |= {"status": "error", "dest_compute": None}
        elif server["id"] in self.failing:
            record["status"] = "failed"
        elif evacuated:
            self._evacuated(record, server)
        else:
            live = record["migration_type"] == "live-migration"
            steps = LIVE_STEPS if live else COLD_STEPS
            record["status"] = steps[steps.index(record["status"]) + 1]
            if record["status"] == "completed":
                server["OS-EXT-SRV-ATTR:host"] = record["dest_compute"]
            if record["status"] == "finished":
                server |= {"OS-EXT-SRV-ATTR:host": record["dest_compute"], "status": "VERIFY_RESIZE"}
        if record["status"] in (*ENDS, "finished"):
            self._finish(record, {"OS-EXT-STS:task_state": None})
            server["status"] = "ERROR" if evacuated and record["status"] in ("error", "failed") else server["status"]

    def _finish(self, record: dict[str, Any], found: dict[str, Any]) -> None:
        """Nova writes the record first."""
        server = self.servers[record["instance_uuid"]]
        if server["id"] in self.slow and record["status"] in ENDS:
            self.late[server["id"]] = found
        else:
            server |= found

    def delete(self, server: str) -> None:
        del self.servers[server]
        self.migrations = [record for record in self.migrations if record["instance_uuid"] != server]


class Killed(BaseException):
    """The process ends."""


@dataclass
class FakeService:
    """One service of it."""

    cloud: FakeCloud
    service_type: str
    last: str = ""

    def present(self) -> bool:
        return self.service_type in ("compute", "placement")

    def maximum(self) -> tuple[int, int]:
        return self.cloud.newest

    def negotiate(self, best: tuple[int, int], least: tuple[int, int]) -> str:
        assert least <= self.cloud.newest
        major, minor = min(best, self.cloud.newest)
        return f"{major}.{minor}"

    def get(
        self,
        path: str,
        *,
        microversion: str | None = None,
        params: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> Answer:
        del microversion, once
        self.cloud.calls.append(("GET", path))
        return Answer(f"GET {path}", self._get(path, dict(params or {})))

    def pages(self, path: str, key: str, **more: Any) -> Iterator[dict[str, Any]]:
        more.pop("links", None)
        yield from self.get(path, **more).objects(key)

    def post(self, path: str, body: Mapping[str, Any], *, microversion: str | None = None) -> dict[str, Any]:
        del microversion
        return self._write("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any] | None, *, microversion: str | None = None) -> dict[str, Any]:
        del microversion
        return self._write("PUT", path, body or {})

    def delete(self, path: str, *, microversion: str | None = None) -> None:
        del microversion
        self._write("DELETE", path, {})

    def _write(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        number = len(self.cloud.writes)
        self.cloud.calls.append((method, path))
        self.cloud.writes.append({"method": method, "path": path, "request_id": f"req-{number}"})
        if number in self.cloud.dropped:
            raise ApiError(f"{method} {path}: no answer", uncertain=True)
        found = self._written(method, path, body)
        if number == self.cloud.killed:
            raise Killed
        if number in self.cloud.lost:
            raise ApiError(f"{method} {path}: no answer", uncertain=True)
        return found

    def _written(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        _root, kind, name, *rest = [*path.split("/"), ""]
        if kind == "os-services":
            service = self.cloud.services[name]
            service |= {"disabled_reason": None, **body}
            if body.get("forced_down"):
                service["state"] = "down"
            return {}
        if kind == "os-aggregates":
            metadata = self.cloud.metadata[ZONES[int(name)]]
            merged = {**metadata, **body["set_metadata"]["metadata"]}
            metadata.clear()
            metadata |= {key: value for key, value in merged.items() if value is not None}
            return {}
        if method == "POST" and not name:
            server = body["server"]
            self.cloud.add(server["name"], server["host"], "ERROR" if "broken" in self.cloud.failing else "ACTIVE")
            return {"server": {"id": server["name"]}}
        server = self._server(name)
        if rest[:1] == ["tags"]:
            self._tag(method, server, unquote(rest[1]))
            return {}
        if method == "DELETE":
            self.cloud.delete(name)
            return {}
        if method == "PUT":
            _pin(server, body["server"]["pinned_availability_zone"])
            return {}
        ((action, arguments),) = body.items()
        if action in ("os-stop", "os-start"):
            self._switch(server, action)
        else:
            self._act(server, action, arguments or {})
        return {}

    def _tag(self, method: str, server: dict[str, Any], tag: str) -> None:
        if server["status"] not in TAGGABLE:
            raise ApiError(f"Cannot '{method} tag' instance while it is in vm_state {server['status']}", status=409)
        if method == "DELETE" and tag not in server["tags"]:
            raise ApiError(f"Server {server['id']} has no tag '{tag}'", status=404)
        server["tags"] = [one for one in server["tags"] if one != tag] + ([tag] if method == "PUT" else [])
        if method == "PUT":
            self.cloud.at_tag(server["id"])

    def _switch(self, server: dict[str, Any], action: str) -> None:
        name, needed = server["id"], "ACTIVE" if action == "os-stop" else "SHUTOFF"
        if server["OS-EXT-STS:task_state"] or server["status"] != needed:
            raise ApiError(f"Cannot '{action}' instance {name} while it is in vm_state {server['status']}", status=409)
        self.cloud.started.append(name)
        self.cloud.acted(name, action.removeprefix("os-"), USER)
        server["OS-EXT-STS:task_state"] = "powering-off" if action == "os-stop" else "powering-on"
        self.cloud.switching[name] = self.cloud.looks_off
        self.cloud.most = max(self.cloud.most, len(self.cloud.switching))

    def _act(self, server: dict[str, Any], action: str, arguments: Mapping[str, Any]) -> None:
        name, status, task = server["id"], server["status"], server["OS-EXT-STS:task_state"]
        allowed: dict[str, tuple[str, ...]] = {
            "os-migrateLive": ("ACTIVE", "PAUSED"),
            "migrate": ("ACTIVE", "SHUTOFF"),
            "shelve": ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED"),
        }
        if action == "unshelve" and status == "SHELVED_OFFLOADED" and not task:
            self.cloud.started.append(name)
            self.cloud.unshelve(server, arguments["availability_zone"], arguments.get("host"))
            return
        if action == "evacuate":
            self._evacuate(server, arguments)
            return
        if task:
            raise ApiError(f"Cannot '{action}' instance {name} while it is in task_state {task}", status=409)
        if action == "confirmResize":
            self.cloud.unconfirmed -= 1
            if status != "VERIFY_RESIZE" or self.cloud.unconfirmed >= 0:
                raise ApiError(f"Cannot 'confirmResize' instance {name}", status=409)
            record = next(one for one in self.cloud.migrations[::-1] if one["instance_uuid"] == name)
            record["status"] = "confirming"
            return
        if status not in allowed.get(action, ()):
            raise ApiError(f"Cannot '{action}' instance {name} while it is in vm_state {status}", status=409)
        self.cloud.started.append(name)
        if action == "shelve":
            self.cloud.shelve(server)
            return
        kind = "live-migration" if action == "os-migrateLive" else "migration"
        self.cloud.migrate(name, kind, arguments.get("host"))

    def _evacuate(self, server: dict[str, Any], arguments: Mapping[str, Any]) -> None:
        """In whatever task it is: nova takes a second one, too."""
        name, host = server["id"], server["OS-EXT-SRV-ATTR:host"]
        if self.cloud.services[host]["state"] == "up":
            raise ApiError(f"Compute service of {host} is still in use.", status=400)
        if server["status"] not in ("ACTIVE", "SHUTOFF", "ERROR"):
            raise ApiError(f"Cannot 'evacuate' instance {name} while it is in vm_state {server['status']}", status=409)
        self.cloud.started.append(name)
        self.cloud.begin_evacuation(name, arguments.get("host"))

    def _server(self, name: str) -> dict[str, Any]:
        if name not in self.cloud.servers:
            raise ApiError(f"Instance {name} could not be found.", status=404)
        return self.cloud.servers[name]

    def _get(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.service_type == "placement":
            return self._placement(path, params)
        if path.endswith("/detail") or path == "/os-migrations":
            return self._list(path, params)
        simple: dict[str, Callable[[], dict[str, Any]]] = {
            "/os-aggregates": self._aggregates,
            "/os-services": lambda: {
                "services": [
                    dict(one) for one in self.cloud.services.values() if params.get("host") in (None, one["host"])
                ]
            },
            "/os-server-groups": lambda: {"server_groups": []},
            "/flavors": lambda: {"flavors": [{"id": "f1", "name": "tiny"}]},
        }
        if path in simple:
            return simple[path]()
        name, *actions = path.removeprefix("/servers/").split("/")
        if actions == ["os-instance-actions"]:
            return {"instanceActions": self.cloud.actions.get(name, [])[::-1]}
        if actions:
            event = {"result": "Error", "details": "No valid host was found. "}
            nowhere = name in self.cloud.no_host or self._server(name)["status"] == "SHELVED_OFFLOADED"
            return {"instanceAction": {"events": [event] if nowhere else []}}
        return {"server": dict(self._server(name))}

    def _list(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        if path == "/os-migrations":
            if "changes-since" in params:
                self.cloud.look()
            wanted = params.get("status")
            if wanted and self.cloud.hidden:
                self.cloud.hidden -= 1
                return {"migrations": []}
            listed = [
                dict(record)
                for record in self.cloud.migrations
                if wanted in (None, record["status"])
                and params.get("instance_uuid") in (None, record["instance_uuid"])
                and params.get("migration_type") in (None, record["migration_type"])
            ]
            return {"migrations": listed[::-1]}
        host, name, tag = params.get("host"), params.get("name", ""), params.get("tags")
        any_of = set(params.get("tags-any", "").split(",")) - {""}
        zone = params.get("availability_zone", "")
        if zone:
            self.cloud.switch()
        found = [
            dict(server)
            for server in self.cloud.servers.values()
            if host in (None, server["OS-EXT-SRV-ATTR:host"])
            and name in server["name"]
            and (tag is None or tag in server["tags"])
            and (not any_of or any_of & set(server["tags"]))
            and str(server["OS-EXT-SRV-ATTR:host"]).startswith(zone)
        ]
        return {"servers": found}

    def _aggregates(self) -> dict[str, Any]:
        return {
            "aggregates": [
                {
                    "id": number,
                    "uuid": zone,
                    "name": zone,
                    "availability_zone": zone,
                    "metadata": {"availability_zone": zone, **self.cloud.metadata[zone]},
                    "hosts": [name for name in self.cloud.services if name.startswith(zone)],
                }
                for number, zone in enumerate(ZONES)
            ]
        }

    def _placement(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        names = list(self.cloud.services)
        off = [name for name in names if self.cloud.services[name]["status"] == "disabled"]
        if path == "/allocation_candidates":
            return self._candidates(names, off)
        if path == "/resource_providers":
            listed = off if params.get("required") == DISABLED else names
            return {"resource_providers": [{"uuid": name, "name": name} for name in listed]}
        _root, _kind, name, what = path.split("/")
        if what == "traits":
            return {"traits": [DISABLED] if name in off else []}
        if what in ("inventories", "usages"):
            return self._amounts(name, what)
        held: dict[str, Any] = {
            record["uuid"]: {}
            for record in self.cloud.migrations
            if record["source_compute"] == name and record["status"] not in ENDS
        }
        on: dict[str, Any] = {
            one["id"]: {} for one in self.cloud.servers.values() if one["OS-EXT-SRV-ATTR:host"] == name
        }
        return {"allocations": {**held, **on}}

    def _amounts(self, name: str, what: str) -> dict[str, Any]:
        if what == "inventories":
            totals = {**CAPACITY, "MEMORY_MB": CAPACITY["MEMORY_MB"] - self.cloud.lacking.get(name, 0)}
            some = {"reserved": 0, "allocation_ratio": 1.0}
            return {"inventories": {key: {"total": total, **some} for key, total in totals.items()}}
        on = [one["flavor"] for one in self.cloud.servers.values() if one["OS-EXT-SRV-ATTR:host"] == name]
        return {"usages": {"VCPU": sum(one["vcpus"] for one in on), "MEMORY_MB": sum(one["ram"] for one in on)}}

    def _candidates(self, names: list[str], off: list[str]) -> dict[str, Any]:
        summaries: dict[str, Any] = {}
        for name in names:
            used = {"VCPU": 0, "MEMORY_MB": 0}
            for server in self.cloud.servers.values():
                if server["OS-EXT-SRV-ATTR:host"] == name:
                    used["VCPU"] += server["flavor"]["vcpus"]
                    used["MEMORY_MB"] += server["flavor"]["ram"]
            amounts = {key: {"capacity": CAPACITY[key], "used": used[key]} for key in CAPACITY}
            traits = [DISABLED] if name in off else []
            summaries[name] = {"resources": amounts, "traits": traits, "root_provider_uuid": name}
        requests = [{"allocations": {name: {"resources": dict.fromkeys(CAPACITY, 1)}}} for name in names]
        return {"allocation_requests": requests, "provider_summaries": summaries}


def _pin(server: dict[str, Any], zone: str | None) -> None:
    """As nova checks it (2.104)."""
    pin, here = server["pinned_availability_zone"], server["OS-EXT-SRV-ATTR:host"].partition("-")[0]
    if zone is not None and pin not in (None, zone):
        raise ApiError("Cannot change pinned availability zone directly. Unpin first.", status=409)
    if zone is not None and pin is None and zone != here:
        raise ApiError("Server can only be pinned to its current availability zone", status=409)
    server["pinned_availability_zone"] = zone
