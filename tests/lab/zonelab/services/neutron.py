# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""neutron: the API, its RPC workers, and the agents of all hosts. (Without --neutron, zonelab.shims.neutron answers.)"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from zonelab.services.wsgi import serve
from zonelab.shims import sqlite

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


def run(lab: Lab, sockets: Mapping[str, socket.socket], channel: ServiceEnd) -> None:
    """Workers, which are processes elsewhere, are threads here."""
    sys.argv = ["neutron"]
    import neutron.cmd.server  # isort: skip  # noqa: F401 - chooses oslo.service's threading backend

    sqlite.install()
    from neutron import server, service
    from neutron.common import wsgi_utils
    from neutron.server import api

    from zonelab.shims import bus

    bus.install()
    # Elected by files in the temporary directory that are named after the parent's process: a second start would lose.
    wsgi_utils._first_worker_result, wsgi_utils._start_time = True, int(time.time())
    app = server.boot_server(api.api_server, prog="neutron-api")
    channel.wait_for_identity()
    for worker in [*service._get_rpc_workers(), *service._get_plugins_workers()]:
        worker.set_proctitle = "off"
        worker.start()

    from zonelab.services.network_agents import Agents

    agents = Agents(lab)
    agents.start()
    for command in (agents.start_host, agents.stop_host, agents.start_zone, agents.stop_zone, agents.add_host):
        channel.command(command.__name__, command)
    serve(app, sockets["neutron"])
