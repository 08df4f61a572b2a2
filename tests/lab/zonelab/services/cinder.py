# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cinder: API, scheduler, and for each zone one cinder-volume and one cinder-backup."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from zonelab.config.files import conf_file
from zonelab.errors import LabError
from zonelab.lab import HOST
from zonelab.services.lifecycle import LONG_AGO, age_heartbeat, kill
from zonelab.services.wsgi import serve
from zonelab.shims import sqlite

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Mapping, Sequence

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


class Zones:
    """The services of each zone, which die and come back together, by their host; where storage is declared, one by one."""

    def __init__(self, lab: Lab) -> None:
        """Nothing runs yet."""
        from oslo_config import cfg

        self._lab = lab
        self._conf = cfg.CONF
        self._running: dict[str, Any] = {}
        self._copies = threading.BoundedSemaphore(4)
        self._lock = threading.Lock()
        self._backends = {f"{HOST}@{name}": zone for name, zone in lab.options.volume_backend_zones.items()}
        self._hosts = {**self._backends, **lab.options.backup_hosts}
        self._served = set() if lab.options.declared else set(self._hosts)
        self._stopped: set[str] = set()
        for name in lab.options.volume_backend_zones:  # as cinder.cmd.volume does
            self._conf.register_opt(cfg.StrOpt("backend_host"), group=name)

    def start(self, zone: str) -> None:
        """Start what is not running of the zone, and is to be served."""
        with self._lock:
            self._stopped.discard(zone)
            self._start(host for host, of in self._hosts.items() if of == zone)

    def _start(self, hosts: Iterable[str]) -> None:
        for host in hosts:
            if host in self._served and host not in self._running:
                is_volume = host in self._backends
                self._running[host] = self._volume(host) if is_volume else self._backup(host, self._hosts[host])

    def _volume(self, host: str) -> Any:
        from cinder.common import constants

        name = host.partition("@")[2]
        return started(host=host, service_name=name, binary=constants.VOLUME_BINARY, coordination=True)

    def _backup(self, host: str, zone: str) -> Any:
        """A volume is backed up by a cinder-backup of its own zone, whose zone is an option of the whole process."""
        from cinder.common import constants

        from zonelab.shims import backup_driver

        self._conf.set_override("storage_availability_zone", zone)
        try:
            made = started(
                host=host,
                service_name="backup",
                binary=constants.BACKUP_BINARY,
                coordination=True,
                process_number=1,
                semaphore=self._copies,
            )
        finally:
            self._conf.clear_override("storage_availability_zone")
        if self._lab.options.backups == "per_zone":
            made.manager.service = backup_driver.of_zone(zone)
        return made

    def publish(self, zone: str) -> None:
        """Tell the scheduler about the zone's backup services now, not at their next periodic report."""
        self._tell(host for host, of in self._lab.options.backup_hosts.items() if of == zone)

    def refresh_backend(self, name: str) -> None:
        """The command: have the back end look at itself and tell the scheduler, now."""
        self._tell([f"{HOST}@{name}"])

    def _tell(self, hosts: Iterable[str]) -> None:
        from cinder import context

        for service in [self._running[host] for host in hosts if host in self._running]:
            service.manager.publish_service_capabilities(context.get_admin_context())

    def serve(self, backends: Sequence[str], backups: Sequence[str]) -> None:
        """The command: from now on only these back ends, and these zones' backups; what is served no more is down at once."""
        wanted = {f"{HOST}@{name}" for name in backends}
        wanted |= {host for host, zone in self._lab.options.backup_hosts.items() if zone in backups}
        with self._lock:
            gone, new, self._served = self._served - wanted, wanted - self._served, wanted
            self._kill(gone, now=True)
            self._start(sorted(host for host in wanted if self._hosts[host] not in self._stopped))
        self._tell(sorted(new - set(self._backends)))

    def stop(self, zone: str, now: bool) -> None:
        """Kill the zone's services."""
        with self._lock:
            self._stopped.add(zone)
            self._kill([host for host, of in self._hosts.items() if of == zone], now=now)

    def _kill(self, hosts: Iterable[str], *, now: bool) -> None:
        hosts = list(hosts)
        for service in [self._running.pop(host) for host in hosts if host in self._running]:
            kill(service)
        if now and hosts:
            age_heartbeat(self._lab.state.database("cinder"), f"updated_at = {LONG_AGO}", hosts, "cinder-")

    def start_again(self, zone: str) -> None:
        """The command."""
        self._check(zone)
        self.start(zone)
        self.publish(zone)

    def stop_zone(self, zone: str, now: bool) -> None:
        """The command."""
        self._check(zone)
        self.stop(zone, now)

    def _check(self, zone: str) -> None:
        if zone not in self._lab.options.backend_zones:
            raise LabError(
                f"zone {zone!r}: no cinder back end; zones with one: {list(self._lab.options.backend_zones)}"
            )


def started(**kwargs: Any) -> Any:
    """One cinder service, running."""
    from cinder import service

    made = service.Service.create(**kwargs)
    made.start()
    made.report_state()  # up now, and not after the first interval
    return made


def run(lab: Lab, sockets: Mapping[str, socket.socket], channel: ServiceEnd) -> None:
    """The scheduler comes last: it blocks up to a minute while no back end is up."""
    sys.argv = ["cinder", "--config-file", conf_file(lab, "cinder")]
    from cinder import monkey_patch

    monkey_patch.patch()
    sqlite.install()
    from cinder.wsgi import wsgi

    serve(wsgi.initialize_application(), sockets["cinder"])
    from zonelab.shims import bus, cinder_process

    cinder_process.install()
    bus.install()
    channel.wait_for_identity()
    zones = Zones(lab)
    for zone in lab.options.backend_zones:
        zones.start(zone)
    started(host=HOST, binary="cinder-scheduler")
    for zone in lab.options.backend_zones:
        zones.publish(zone)
    channel.command("start_zone", zones.start_again)
    channel.command("stop_zone", zones.stop_zone)
    channel.command("refresh_backend", zones.refresh_backend)
    channel.command("serve", zones.serve)
