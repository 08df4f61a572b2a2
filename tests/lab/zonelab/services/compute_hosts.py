# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compute hosts of the nova process: they start, die, come back and are added while the lab runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from nova import context, exception, service
from nova.compute import rpcapi
from nova.objects import host_mapping

from zonelab.errors import LabError
from zonelab.hosts import ComputeHost, named, read_hosts, write_hosts, zone_of
from zonelab.services.lifecycle import LONG_AGO, age_heartbeat, kill
from zonelab.services.record_rows import HostRows
from zonelab.shims.record_hosts import RecordHosts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zonelab.lab import Lab

# Each round finds at least one host more than the scheduler's own rounds leave.
ROUNDS = 20


class ComputeHosts:
    """Running hosts have a nova-compute each; record hosts share one that answers for all."""

    def __init__(self, lab: Lab) -> None:
        """Nothing runs yet."""
        self._lab = lab
        self._hosts = read_hosts(lab.state.hosts_file, lab.options)
        self._running: dict[str, Any] = {}
        self._records = RecordHosts()
        self._rows = HostRows(lab.state)
        self._lock = threading.Lock()

    def start_all(self) -> None:
        """On boot: hosts that were stopped before come back, as after a power cut."""
        for host in self._hosts:
            if not host.record:
                self._running[host.name] = started_compute(host.name)
        self._discover()
        self._make_records([host.name for host in self._hosts if host.record])
        write_hosts(self._lab.state.hosts_file, self._hosts)
        self._records.start()
        self._rows.report(self._records.alive)
        threading.Thread(target=self._report_records, name="record-hosts", daemon=True).start()

    def _make_records(self, names: list[str]) -> None:
        missing = self._rows.missing(names)
        if missing:
            self._rows.copy(next(host.name for host in self._hosts if not host.record), missing)
        self._records.alive.update(names)

    def _report_records(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._lab.options.report_interval):
            with self._lock:
                self._rows.report(sorted(self._records.alive))

    def _discover(self) -> None:
        for _round in range(ROUNDS):
            try:
                host_mapping.discover_hosts(context.get_admin_context())
                return
            except exception.HostMappingExists:
                continue  # the scheduler's own round found a host between our look and our write; the others are still to be found
        raise LabError(f"hosts appeared during all {ROUNDS} rounds of discovery")

    def start_host(self, name: str) -> None:
        """Start what is stopped of the host."""
        with self._lock:
            self._start(named(self._hosts, name))

    def _start(self, host: ComputeHost) -> None:
        if host.record:
            self._records.alive.add(host.name)
            self._rows.report([host.name])
        elif host.name not in self._running:
            self._running[host.name] = started_compute(host.name)

    def stop_host(self, name: str, now: bool) -> None:
        """Kill the host's nova-compute; its guests run on."""
        with self._lock:
            self._stop([named(self._hosts, name)], now)

    def _stop(self, hosts: Iterable[ComputeHost], now: bool) -> None:
        names = [host.name for host in hosts]
        self._records.alive.difference_update(names)
        for service_of_host in [self._running.pop(name) for name in names if name in self._running]:
            kill(service_of_host)
        if now and names:
            age_heartbeat(self._lab.state.database("nova_cell1"), f"last_seen_up = {LONG_AGO}", names, "nova-compute")

    def start_zone(self, zone: str) -> None:
        """Start all hosts of the zone."""
        with self._lock:
            for host in self._of_zone(zone):
                self._start(host)

    def stop_zone(self, zone: str, now: bool) -> None:
        """Kill all hosts of the zone."""
        with self._lock:
            self._stop(self._of_zone(zone), now)

    def _of_zone(self, zone: str) -> list[ComputeHost]:
        hosts = [host for host in self._hosts if host.zone == zone]
        if not hosts:
            raise LabError(
                f"zone {zone!r}: no compute host of the lab is in it; zones: {list(self._lab.options.zones)}"
            )
        return hosts

    def serve(self, names: list[str]) -> None:
        """Those of them that are not there yet come; none ever goes by itself."""
        there = {host.name for host in self._hosts}
        for name in names:
            if name not in there:
                self.add_host(name, None, running=True)

    def add_host(self, name: str, zone: str | None, running: bool) -> None:
        """One host more, known to nova when this returns; in no aggregate."""
        with self._lock:
            if any(host.name == name for host in self._hosts):
                raise LabError(f"compute host {name!r}: the lab already has it")
            host = ComputeHost(name, zone or zone_of(name, self._lab.options), record=not running)
            if running:
                self._running[name] = started_compute(name)
                self._discover()
            else:
                self._make_records([name])
            self._hosts.append(host)
            write_hosts(self._lab.state.hosts_file, self._hosts)


def started(**kwargs: Any) -> Any:
    """One nova service, running and reported."""
    made = service.Service.create(**kwargs)
    made.start()
    made.servicegroup_api._driver._report_state(made)  # up now, and not after the first interval
    return made


def started_compute(name: str) -> Any:
    """One nova-compute."""
    return started(host=name, binary="nova-compute", topic=rpcapi.RPC_TOPIC, topic_alt=rpcapi.RPC_TOPIC_ALT)
