# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""manila: API, scheduler, and one manila-share per zone."""

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
    """The manila-share of each zone."""

    def __init__(self, lab: Lab) -> None:
        """Nothing runs yet."""
        self._lab = lab
        self._running: dict[str, Any] = {}
        self._served = set() if lab.options.declared else set(lab.options.backend_zones)
        self._stopped: set[str] = set()
        self._lock = threading.Lock()

    def start_zone(self, zone: str) -> None:
        """Start it unless it runs, or is not to be served."""
        self._check(zone)
        with self._lock:
            self._stopped.discard(zone)
            self._start(zone)

    def _start(self, zone: str) -> None:
        if zone not in self._running and zone in self._served:
            self._running[zone] = started(
                host=f"{HOST}@{zone}", service_name=zone, binary="manila-share", coordination=True
            )

    def serve(self, zones: list[str]) -> None:
        """The command: from now on only these; what is served no more is down at once."""
        with self._lock:
            gone, self._served = self._served - set(zones), set(zones)
            for zone in sorted(gone):
                self._stop(zone, now=True)
            for zone in sorted(self._served - self._stopped):
                self._start(zone)

    def stop_zone(self, zone: str, now: bool) -> None:
        """Kill it."""
        self._check(zone)
        with self._lock:
            self._stopped.add(zone)
            self._stop(zone, now)

    def _stop(self, zone: str, now: bool) -> None:
        service = self._running.pop(zone, None)
        if service is not None:
            kill(service)
        if now:
            change = f"updated_at = {LONG_AGO}, state = 'down'"
            age_heartbeat(self._lab.state.database("manila"), change, [f"{HOST}@{zone}"], "manila-")

    def _check(self, zone: str) -> None:
        if zone not in self._lab.options.backend_zones:
            raise LabError(
                f"zone {zone!r}: no manila back end; zones with one: {list(self._lab.options.backend_zones)}"
            )


def started(**kwargs: Any) -> Any:
    """One manila service, running."""
    from manila import service

    made = service.Service.create(**kwargs)
    made.start()
    for _report in range(
        2
    ):  # up now, and not after an interval; the first report of a dead service finds it down still
        made.report_state()
    return made


def run(lab: Lab, sockets: Mapping[str, socket.socket], channel: ServiceEnd) -> None:
    """Back ends first, as in a real start."""
    sys.argv = ["manila", "--config-file", conf_file(lab, "manila")]
    from manila import monkey_patch

    monkey_patch.patch()
    sqlite.install()
    sqlite.join_independent_writers()
    from manila.wsgi import wsgi

    serve(wsgi.initialize_application(), sockets["manila"])
    from zonelab.shims import bus

    bus.install()
    channel.wait_for_identity()
    zones = Zones(lab)
    for zone in lab.options.backend_zones:
        zones.start_zone(zone)
    started(host=HOST, binary="manila-scheduler")
    channel.command("start_zone", zones.start_zone)
    channel.command("stop_zone", zones.stop_zone)
    channel.command("serve", zones.serve)
