# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keystone, placement and the neutron stub in one process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.services.wsgi import serve
from zonelab.shims import neutron, sqlite

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


def run(lab: Lab, sockets: Mapping[str, socket.socket], _channel: ServiceEnd) -> None:
    """Serve; nothing else runs here."""
    sys.argv = ["identity"]
    sqlite.install()
    from keystone.server.wsgi import initialize_public_application
    from placement.wsgi import init_application

    serve(initialize_public_application(), sockets["keystone"])
    if not lab.options.neutron:
        serve(neutron.app, sockets["neutron"], threads=4)
    serve(init_application(), sockets["placement"])
