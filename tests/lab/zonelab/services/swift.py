# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swift: one server each for accounts, containers and objects, and the proxy before them. No replicators, no expirer."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

from zonelab.config.swift import DEVICE, servers, tokens
from zonelab.ports import ADDRESS, listen, port_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from pathlib import Path

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab

BACK = ("account", "container", "object")


def run(lab: Lab, sockets: Mapping[str, socket.socket], channel: ServiceEnd) -> None:
    """All servers in one thread: swift's are made for green ones."""
    sys.argv = ["swift"]
    settings = {key: str(value) for key, value in servers(lab).items()}
    (lab.state.data / "swift" / DEVICE).mkdir(parents=True, exist_ok=True)
    back = {name: listen() for name in BACK}
    for name, sock in back.items():
        _ring(lab.state.conf / "swift", name, port_of(sock))
    from swift.common.utils import set_swift_dir

    set_swift_dir(settings["swift_dir"])
    apps = {back[name]: app for name, app in _storage(settings).items()}
    apps[sockets["swift"]] = _proxy(settings, {key: str(value) for key, value in tokens(lab).items()})
    channel.wait_for_identity()
    threading.Thread(target=_serve, args=(apps,), name="http", daemon=True).start()


def _ring(folder: Path, name: str, port: int) -> None:
    """Where its one device is; the port is another one after each start."""
    from swift.common.ring import RingBuilder

    address = {"ip": ADDRESS, "port": port, "replication_ip": ADDRESS, "replication_port": port}
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    builder.add_dev({"region": 1, "zone": 1, "device": DEVICE, "weight": 1.0, **address})
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{name}.ring.gz"))


def _storage(settings: dict[str, str]) -> dict[str, Any]:
    from swift.account import server as account
    from swift.container import server as container
    from swift.obj import server as objects

    made = {"account": account, "container": container, "object": objects}
    return {name: made[name].app_factory(settings) for name in BACK}


def _proxy(settings: dict[str, str], validation: dict[str, str]) -> Any:
    """With the middleware that every swift has, the outermost one last."""
    from keystonemiddleware import auth_token
    from swift.common.middleware import catch_errors, gatekeeper, keystoneauth
    from swift.proxy import server

    app = server.app_factory(settings)
    app = keystoneauth.filter_factory(settings, operator_roles="admin, member")(app)
    app = auth_token.filter_factory(validation)(app)
    app = gatekeeper.filter_factory(settings)(app)
    return catch_errors.filter_factory(settings)(app)


def _serve(apps: Mapping[socket.socket, Any]) -> None:
    import eventlet
    from eventlet import greenio, wsgi

    log = logging.getLogger("swift")
    servers = [
        eventlet.spawn(wsgi.server, greenio.GreenSocket(sock), app, log=log, log_output=False)
        for sock, app in apps.items()
    ]
    for server in servers:
        server.wait()
