# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be asked of a running OpenStack lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zonelab import snapshot
from zonelab.control import FrontCommands
from zonelab.declared import Declared
from zonelab.errors import LabError
from zonelab.failing import KINDS, Failing
from zonelab.hosts import read_hosts
from zonelab.memory import pss_mb
from zonelab.proxy.age import AGES
from zonelab.state import NEUTRON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zonelab.hosts import ComputeHost
    from zonelab.proxy.front import Switchboard
    from zonelab.supervisor import Supervisor

ZONE_SERVICES = ("nova", "cinder", "manila", NEUTRON)


class Commands(FrontCommands):
    """What can be asked of a running lab; each public method is a command."""

    def __init__(self, supervisor: Supervisor, switchboard: Switchboard) -> None:
        """All commands work on these two."""
        super().__init__(switchboard)
        self._supervisor = supervisor
        self._failing = Failing(supervisor.state.failing)

    def info(self) -> dict[str, Any]:
        """State, size and health."""
        processes = {
            name: {"pid": pid, "up": self._is_up(name), "megabytes": pss_mb(pid), "log": str(self._log(name))}
            for name, pid in self._supervisor.record.processes.items()
        }
        return {
            "state": str(self._supervisor.state.path),
            "options": self._supervisor.options.as_dict(),
            "public": self._supervisor.record.public,
            "internal": self._supervisor.record.internal,
            "age": self._board.age,
            "requests": self._board.log.mark(),
            "faults": self._board.faults.list(),
            "failing": self._failing.list(),
            "web": self._supervisor.record.web,
            "processes": processes,
        }

    def _is_up(self, name: str) -> bool:
        child = self._supervisor.children.get(name)
        return child is None or not child.line.closed.is_set()

    def _log(self, name: str) -> str:
        return str(self._supervisor.state.log_of(name))

    def fail(self, kind: str, name: str | None = None, how: str = "error") -> None:
        """Have a store, a back end or a hypervisor fail while its service lives."""
        part = self._part(kind, name)
        self._failing.fail(kind, part, how)
        self._tell(kind, part)

    def heal(self, kind: str | None = None, name: str | None = None) -> None:
        """One of them works again, or all."""
        parts = [(kind, self._part(kind, name))] if kind else [(x["kind"], x["name"]) for x in self._failing.list()]
        for what, part in parts:
            self._failing.heal(what, part)
            self._tell(what, part)

    def failing(self) -> list[dict[str, str]]:
        """All that fail now."""
        return self._failing.list()

    def _part(self, kind: str, name: str | None) -> str:
        options = self._supervisor.options
        known = {
            "store": options.zones,
            "backend": tuple(options.volume_backend_zones),
            "share-backend": options.backend_zones,
            "backup-target": options.backup_targets,
            "hypervisor": tuple(host.name for host in self._hosts() if not host.record),
        }
        if kind not in known:
            raise LabError(f"kind {kind!r}: what can fail is one of {', '.join(KINDS)}")
        if name is None and len(known[kind]) == 1:
            return known[kind][0]
        if name not in known[kind]:
            raise LabError(f"{kind} {name!r}: the lab has {list(known[kind])}")
        return str(name)

    def _hosts(self) -> list[ComputeHost]:
        """Those of now, of which some may have been added."""
        return read_hosts(self._supervisor.state.hosts_file, self._supervisor.options)

    def _tell(self, kind: str, name: str) -> None:
        """cinder's scheduler need not wait for the next report."""
        if kind == "backend":
            self._call("cinder", "refresh_backend", name=name)

    def set_age(self, age: str) -> None:
        """Pose as another release."""
        if age not in AGES:
            raise LabError(f"cloud age {age!r}: give one of {', '.join(AGES)}")
        self._board.age = age

    def serve(self, **declared: Sequence[str]) -> list[str]:
        """Storage and computes as another half of the lab declares them; what of it this lab cannot serve."""
        options = self._supervisor.options
        if not options.declared:
            raise LabError("this lab serves all that it has; start it with --declared")
        wanted = Declared(**{kind: tuple(names) for kind, names in declared.items()})
        known = wanted.known_to(options)
        self._call("glance", "serve", stores=known.stores)
        self._call("cinder", "serve", backends=known.backends, backups=known.backups)
        self._call("manila", "serve", zones=known.share_backends)
        self._call("nova", "serve", names=known.hosts)
        return wanted.unknown_to(options)

    def stop_host(self, name: str, now: bool = False) -> None:
        """Kill the services of a compute host."""
        for service in self._of_host():
            self._call(service, "stop_host", name=name, now=now)

    def start_host(self, name: str) -> None:
        """Start them again."""
        for service in self._of_host():
            self._call(service, "start_host", name=name)

    def stop_zone(self, zone: str, now: bool = False, services: Sequence[str] | None = None) -> None:
        """Kill all services of a zone, or those of some projects."""
        for service in self._of_zone(zone, services):
            self._call(service, "stop_zone", zone=zone, now=now)

    def start_zone(self, zone: str, services: Sequence[str] | None = None) -> None:
        """Start them again."""
        for service in self._of_zone(zone, services):
            self._call(service, "start_zone", zone=zone)

    def _of_zone(self, zone: str, services: Sequence[str] | None) -> Sequence[str]:
        options = self._supervisor.options
        if zone not in options.zones:
            raise LabError(f"zone {zone!r}: the lab has the zones {list(options.zones)}")
        unknown = [service for service in services or () if service not in ZONE_SERVICES]
        if unknown:
            raise LabError(f"services {unknown}: those with a part in each zone are {list(ZONE_SERVICES)}")
        if services and NEUTRON in services and not options.neutron:
            raise LabError("services ['neutron']: this lab has an empty one; start it with --neutron")
        storage = ("cinder", "manila") if zone in options.backend_zones else ()
        return services or (*self._of_host(), *storage)

    def _of_host(self) -> tuple[str, ...]:
        """The services with a part on each compute host."""
        return ("nova", NEUTRON) if self._supervisor.options.neutron else ("nova",)

    def add_host(self, name: str, zone: str | None = None, running: bool = True) -> None:
        """One compute host more."""
        self._call("nova", "add_host", name=name, zone=zone, running=running)
        if running and self._supervisor.options.neutron:
            self._call(NEUTRON, "add_host", name=name, zone=zone)

    def snapshot(self, name: str) -> str:
        """Copy the running lab."""
        target = snapshot.named(name)
        self._supervisor.save_snapshot(target)
        return str(target)

    def _call(self, service: str, command: str, **arguments: Any) -> None:
        self._supervisor.children[service].line.call(command, **arguments)
