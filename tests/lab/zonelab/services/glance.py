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
    from collections.abc import Mapping

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


def run(_lab: Lab, sockets: Mapping[str, socket.socket], _channel: ServiceEnd) -> None:
    """Serve; a worker of its own fetches and copies images."""
    sys.argv = ["glance"]
    sqlite.install()
    from glance.common import wsgi_app

    from zonelab.shims import image_store

    image_store.install()
    serve(wsgi_app.init_app(), sockets["glance"])
