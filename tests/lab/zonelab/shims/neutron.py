# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty neutron: nova asks it even for servers without networks. Lists are empty, nothing can be made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

REFUSAL = {"NeutronError": {"type": "NotFound", "message": "The lab's neutron is empty and stays so.", "detail": ""}}


def answer(method: str, path: str, host: str) -> tuple[str, Mapping[str, Any]]:
    """Status and body of one request."""
    if method not in ("GET", "HEAD"):
        return "404 Not Found", REFUSAL
    parts = path.strip("/").split("/")
    if parts == [""]:
        link = {"rel": "self", "href": f"http://{host}/v2.0/"}
        return "200 OK", {"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]}
    if len(parts) == 1:
        return "200 OK", {"resources": []}
    kind = parts[1].removesuffix(".json").replace("-", "_")
    if len(parts) > 2 and kind != "quotas":
        return "404 Not Found", REFUSAL
    return "200 OK", {"quota": {}} if kind == "quotas" else {kind: []}


def app(environ: Mapping[str, str], start: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """The WSGI application."""
    status, content = answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["HTTP_HOST"])
    body = json.dumps(content).encode()
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
