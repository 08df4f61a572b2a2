# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve a WSGI application on a socket that the lab has bound, in threads."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import waitress

if TYPE_CHECKING:
    import socket

NO_LIMIT = 1 << 40
# A service keeps its connections open: with 100 hosts, each to keystone and placement, waitress' own limit of 100 is reached while they start.
CONNECTIONS = 10_000


def serve(app: Any, sock: socket.socket, threads: int = 8) -> None:
    """waitress: of the servers tried it is the one that takes chunked image uploads."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        app,
        sockets=[sock],
        threads=threads,
        max_request_body_size=NO_LIMIT,
        clear_untrusted_proxy_headers=False,
        channel_timeout=600,
        connection_limit=CONNECTIONS,
        # select() takes no file descriptor above 1023.
        asyncore_use_poll=True,
    )
    threading.Thread(target=server.run, name=f"http-{sock.getsockname()[1]}", daemon=True).start()
