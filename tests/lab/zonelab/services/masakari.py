# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""masakari: the API alone. No engine takes its messages, so a notification stays new."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.config.files import conf_file
from zonelab.services.wsgi import serve
from zonelab.shims import sqlite

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from zonelab.channel import ServiceEnd
    from zonelab.lab import Lab


def run(lab: Lab, sockets: Mapping[str, socket.socket], channel: ServiceEnd) -> None:
    """It asks keystone and nova only when a request comes."""
    # Its start reads the configuration twice, and only looks at arguments the second time.
    sys.argv = ["masakari-api", "--config-file", conf_file(lab, "masakari")]
    sqlite.install()
    import eventlet

    # The package of masakari's commands calls it when it is imported. The lab's threads are native ones.
    eventlet.monkey_patch = lambda: None
    from masakari.cmd.api import initialize_application

    app = initialize_application()
    channel.wait_for_identity()
    serve(app, sockets["masakari"], threads=4)
