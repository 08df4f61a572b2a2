# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop: look, reconcile every object with the function of its kind, write."""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import TYPE_CHECKING

from zonelab.kube.api import ApiError
from zonelab.operators import cinder, control_plane, data_plane, declared, glance, infrastructure, kubelet, manila
from zonelab.operators.certificates import Certificates
from zonelab.operators.loop import Loop
from zonelab.operators.switches import Switches
from zonelab.operators.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonelab.kube.api import KubeApi
    from zonelab.kube.folder import KubeFolder
    from zonelab.operators.informers import Informers
    from zonelab.operators.world import Object, Wanted, World

# The operator and its function for each kind. The services first, the control plane last: it sees what they said before.
KINDS: dict[str, tuple[str, Callable[[Object, World], Wanted]]] = {
    "OpenStackControlPlane": ("openstack", control_plane.control_plane),
    "RabbitMq": ("infra", infrastructure.rabbitmq),
    "Memcached": ("infra", infrastructure.memcached),
    "Galera": ("mariadb", infrastructure.galera),
    "OVNDBCluster": ("ovn", infrastructure.network_database),
    "Glance": ("glance", glance.glance),
    "GlanceAPI": ("glance", glance.glance_api),
    "Cinder": ("cinder", cinder.cinder),
    "CinderAPI": ("cinder", cinder.cinder_api),
    "CinderScheduler": ("cinder", cinder.cinder_part),
    "CinderVolume": ("cinder", cinder.cinder_part),
    "CinderBackup": ("cinder", cinder.cinder_part),
    "Manila": ("manila", manila.manila),
    "ManilaAPI": ("manila", manila.manila_api),
    "ManilaScheduler": ("manila", manila.manila_part),
    "ManilaShare": ("manila", manila.manila_part),
    "OpenStackDataPlaneNodeSet": ("openstack", data_plane.node_set),
    "OpenStackDataPlaneDeployment": ("openstack", data_plane.deployment),
}
OPERATORS = tuple(dict.fromkeys(operator for operator, _function in KINDS.values()))
PROMPT = (
    "OpenStackControlPlane",
    "OpenStackDataPlaneNodeSet",
)  # which are not slow: they see what the others are late with
SETTLE = 0.05  # seconds in which events are gathered
AGAIN = 0.5  # after something did not work, or is waited for
IDLE = 5.0


class Controller:
    """All operators in one thread."""

    def __init__(self, api: KubeApi, informers: Informers, folder: KubeFolder) -> None:
        """Nothing is done yet."""
        self._api = api
        self._informers = informers
        self._switches = folder.switches_file
        self._loop = Loop(folder.state)
        self._writer = Writer(api)
        self._certificates = Certificates(api)
        self._seen: dict[tuple[str, int], float] = {}

    def run(self) -> None:
        """For ever."""
        pause = 0.0
        while True:
            self._informers.changed.wait(pause)
            time.sleep(SETTLE)
            self._informers.changed.clear()
            try:
                pause = IDLE if self.turn() else AGAIN
            except (OSError, HTTPException, ApiError) as error:  # the API server is away for a moment
                print(error, flush=True)
                pause = AGAIN

    def turn(self) -> bool:
        """One look at everything; whether nothing is left to do."""
        world, switches = self._informers.world(), Switches.load(self._switches)
        world.failing = switches.failing
        silent = kubelet.silent(self._api)
        # First: what an object says of its pods is said when the service behind them works.
        done = self._loop.serve(declared.declared(world, silent))
        done &= "openstack" in switches.stopped or self._certificates.work(world, switches.certificates)
        for kind, (operator, reconcile) in KINDS.items():
            if operator in switches.stopped:
                continue
            for own in world.all(kind):
                if kind not in PROMPT and self._is_too_early(own, switches.slow):
                    done = False
                    continue
                done &= self._writer.write(own, reconcile(own, world), world)
        kubelet.work(self._api, world, switches.unready, silent)
        return done

    def _is_too_early(self, own: Object, slow: float) -> bool:
        """A slow operator sees a new generation late."""
        key = own["metadata"]["uid"], own["metadata"].get("generation", 0)
        return time.monotonic() - self._seen.setdefault(key, time.monotonic()) < slow
