# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server for files, in particular for images that glance is to fetch, which does badly what it is told to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from zonelab.proxy.front import PIECE, Front, FrontServer, head
from zonelab.state import WEB

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from zonelab.proxy.faults import ActiveFault
    from zonelab.proxy.front import Switchboard

STEPS = 40  # so many pieces a throttled file is sent in, at least


class WebServer(FrontServer):
    """Serves a folder."""

    def __init__(self, folder: Path, sock: socket.socket, switchboard: Switchboard) -> None:
        """What is put into the folder later is served too."""
        super().__init__(WEB, sock, switchboard, Download)
        self.folder = folder


class Download(Front):
    """One client that fetches."""

    server: WebServer

    def fetch(self) -> None:
        """Answer one request."""
        active = self.begin()
        if active is not None:
            if active.fault.kind == "delay":
                active.cleared.wait(active.fault.seconds)
            elif active.fault.kind.startswith("status"):
                self.answer(active.fault)
                return
            elif active.fault.kind.startswith(("hang", "drop")):
                self.swallow(active)
                return
        path = self._file()
        if path is None:
            self.log(404, None)
            self.wfile.write(head(404, "Not Found", [("Content-Length", "0")]))
            return
        self._send(path, active)

    do_GET = do_HEAD = fetch

    def _file(self) -> Path | None:
        folder = self.server.folder.resolve()
        path = (folder / unquote(urlsplit(self.path).path).lstrip("/")).resolve()
        return path if path.is_relative_to(folder) and path.is_file() else None

    def _send(self, path: Path, active: ActiveFault | None) -> None:
        kind = active.fault.kind if active else None
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            announced = size // 2 if kind == "wrong-length" else size
            sent = size // 2 if kind in ("cut", "wrong-length") else size
            self.log(200, None)
            headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(announced))]
            self.wfile.write(head(200, "OK", headers))
            if self.command == "HEAD":
                return
            step = max(1, min(PIECE, size // STEPS)) if kind == "throttle" else PIECE
            position = 0
            for piece in pieces(file.fileno(), sent, step):
                if kind == "throttle" and active is not None:
                    active.cleared.wait(active.fault.seconds * len(piece) / size)
                wrong = size // 2 - position if kind == "wrong-content" else -1
                self.wfile.write(damaged(piece, wrong) if 0 <= wrong < len(piece) else piece)
                position += len(piece)
        if kind == "cut":
            self.hang_up()


def pieces(descriptor: int, size: int, step: int) -> Iterator[bytes]:
    """The file's first bytes, that many."""
    while size > 0 and (piece := os.read(descriptor, min(step, size))):
        size -= len(piece)
        yield piece


def damaged(piece: bytes, index: int) -> bytes:
    """One byte is another."""
    return piece[:index] + bytes([piece[index] ^ 0xFF]) + piece[index + 1 :]
