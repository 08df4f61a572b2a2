# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy before the API server: it logs requests and injects faults, over TLS on both sides."""

from __future__ import annotations

import http.client
import ssl
from typing import TYPE_CHECKING

from zonelab.ports import ADDRESS
from zonelab.proxy.log import KUBERNETES
from zonelab.proxy.server import Proxy

if TYPE_CHECKING:
    import socket
    from typing import Any

    from zonelab.kube.folder import KubeFolder
    from zonelab.proxy.front import Switchboard


class KubeProxy(Proxy):
    """Clients see the lab's certificate, as they would see the API server's."""

    def __init__(self, folder: KubeFolder, sock: socket.socket, upstream: int, switchboard: Switchboard) -> None:
        """Certificates must have been made."""
        super().__init__(KUBERNETES, sock, upstream, switchboard)
        self._ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._ours.load_cert_chain(folder.pki / "server.crt", folder.pki / "server.key")
        self._theirs = ssl.create_default_context(cafile=str(folder.authority))

    def get_request(self) -> tuple[socket.socket, Any]:
        """The handshake is left to the connection's own thread."""
        connection, address = super().get_request()
        return self._ours.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the API server, not yet open."""
        return http.client.HTTPSConnection(ADDRESS, self.upstream, context=self._theirs)
