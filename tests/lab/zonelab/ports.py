# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free ports, taken for good: the lab binds its listening sockets before any service starts, so that no two labs race."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ADDRESS = "127.0.0.1"


def listen(port: int = 0) -> socket.socket:
    """A listening socket on the port, or on any free one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((ADDRESS, port))
        sock.listen(256)
    except OSError:
        sock.close()
        raise
    return sock


def hold() -> socket.socket:
    """A free port for a program that binds it with SO_REUSEPORT: held, but not listened on, so nothing is sent here."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((ADDRESS, 0))
    return sock


def reserve(names: Iterable[str], wanted: Mapping[str, int]) -> dict[str, socket.socket]:
    """One listening socket per name: on the wanted port while that is free, else on another."""
    sockets = {}
    for name in names:
        try:
            sockets[name] = listen(wanted.get(name, 0))
        except OSError:
            sockets[name] = listen()
    return sockets


def port_of(sock: socket.socket) -> int:
    """The port a socket listens on."""
    port: int = sock.getsockname()[1]
    return port
