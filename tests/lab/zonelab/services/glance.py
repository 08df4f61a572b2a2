# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""glance: its API does everything itself, imports included."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.services.wsgi import serve
from zonelab.shims import sqlite

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping, Sequence

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


def serve_stores(stores: Sequence[str]) -> None:
    """The command: glance knows these stores and no other, from its next request on; those that it stages in it always has."""
    from glance_store import multi_backend
    from oslo_config import cfg

    cfg.CONF.set_override("enabled_backends", {**dict.fromkeys(stores, "file"), **multi_backend._RESERVED_STORES})


def run(lab: Lab, sockets: Mapping[str, socket.socket], channel: ServiceEnd) -> None:
    """Serve; a worker of its own fetches and copies images."""
    sys.argv = ["glance"]
    sqlite.install()
    from glance.common import wsgi_app

    from zonelab.shims import image_store

    image_store.install()
    application = wsgi_app.init_app()  # with all stores: their drivers are made here
    if lab.options.declared:
        serve_stores(())
    serve(application, sockets["glance"])
    channel.command("serve", serve_stores)
