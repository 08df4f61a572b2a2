# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nova: API, conductor, scheduler and every compute host in one process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.lab import HOST
from zonelab.services.wsgi import serve
from zonelab.shims import sqlite

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


def run(lab: Lab, sockets: Mapping[str, socket.socket], channel: ServiceEnd) -> None:
    """The API first, so that its import overlaps with the start of keystone."""
    sys.argv = ["nova"]
    from nova import monkey_patch

    monkey_patch.patch(backend="threading")
    sqlite.install()
    from nova.api.openstack import wsgi_app

    serve(wsgi_app.init_application("osapi_compute", "nova-api-os-compute"), sockets["nova"])

    import nova.privsep
    import os_vif
    from nova import objects
    from nova.conductor import rpcapi as conductor
    from nova.scheduler import rpcapi as scheduler

    from zonelab.services.compute_hosts import ComputeHosts, started
    from zonelab.shims import bus, compute_driver, live_migrations, validation
    from zonelab.shims.privilege import run_unprivileged

    os_vif.initialize()
    run_unprivileged(nova.privsep.sys_admin_pctxt)
    compute_driver.install()
    live_migrations.install()
    validation.install()
    bus.install()
    # nova wants an identity file beside its state; each fake host has an identity of its own nevertheless.
    (lab.state.data / "nova" / "compute_id").write_text(compute_driver.node_uuid(HOST))
    channel.wait_for_identity()
    objects.Service.enable_min_version_cache()
    started(host=HOST, binary="nova-conductor", topic=conductor.RPC_TOPIC)
    started(host=HOST, binary="nova-scheduler", topic=scheduler.RPC_TOPIC)
    hosts = ComputeHosts(lab)
    hosts.start_all()
    for command in (hosts.start_host, hosts.stop_host, hosts.start_zone, hosts.stop_zone, hosts.add_host, hosts.serve):
        channel.command(command.__name__, command)
