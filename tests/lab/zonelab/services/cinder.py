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
    from collections.abc import Mapping

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


class Zones:
    """The services of each zone, which die and come back together."""

    def __init__(self, lab: Lab) -> None:
        """Nothing runs yet."""
        from oslo_config import cfg

        self._lab = lab
        self._conf = cfg.CONF
        self._running: dict[str, list[Any]] = {}
        self._copies = threading.BoundedSemaphore(4)
        self._lock = threading.Lock()
        for name in lab.options.volume_backend_zones:  # as cinder.cmd.volume does
            self._conf.register_opt(cfg.StrOpt("backend_host"), group=name)

    def start(self, zone: str) -> None:
        """Start what is not running of the zone."""
        options = self._lab.options
        with self._lock:
            if zone not in self._running:
                backends = [name for name, of in options.volume_backend_zones.items() if of == zone]
                backups = [host for host, of in options.backup_hosts.items() if of == zone]
                self._running[zone] = [*map(self._volume, backends), *(self._backup(host, zone) for host in backups)]

    def _volume(self, name: str) -> Any:
        from cinder.common import constants

        return started(host=f"{HOST}@{name}", service_name=name, binary=constants.VOLUME_BINARY, coordination=True)

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
        from cinder import context

        for service in self._running[zone]:
            if service.host in self._lab.options.backup_hosts:
                service.manager.publish_service_capabilities(context.get_admin_context())

    def refresh_backend(self, name: str) -> None:
        """The command: have the back end look at itself and tell the scheduler, now."""
        from cinder import context

        for service in [service for services in self._running.values() for service in services]:
            if service.host == f"{HOST}@{name}":
                service.manager.publish_service_capabilities(context.get_admin_context())

    def stop(self, zone: str, now: bool) -> None:
        """Kill the zone's services."""
        with self._lock:
            for service in self._running.pop(zone, []):
                kill(service)
        if now:
            options = self._lab.options
            hosts = [f"{HOST}@{name}" for name, of in options.volume_backend_zones.items() if of == zone]
            hosts += [host for host, of in options.backup_hosts.items() if of == zone]
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
