# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for a cloud, on 127.0.0.1: a keystone that knows one password, and services that answer what a test tells them.

It is there for what a real service does not do on demand: hang, drop a connection, answer 500 twice.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASSWORD = "s3cret-of-the-stand-in"  # what must never be seen in a message
TOKEN_PATH = "/v3/auth/tokens"
CATALOG = {"compute": "compute", "block-storage": "volume", "shared-file-system": "share", "network": "network"}


@dataclass(frozen=True)
class Answer:
    """One answer. `after` is what happens to the connection: "answer" sends it, "drop" closes without a word, "hang" is silent."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    after: str = "answer"


DROP = Answer(after="drop")
HANG = Answer(after="hang")


class StandIn:
    """What is configured and what was asked.

    :ivar answers: by method and path, in order; the last one stays.
    :ivar seen: method and path (with the query) of every request, authentication apart.
    :ivar logins: how many tokens were asked for.
    """

    def __init__(self, services: Mapping[str, str]) -> None:
        self.services = dict(services)
        self.answers: dict[tuple[str, str], list[Answer]] = {}
        self.seen: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.logins = 0
        self.released = threading.Event()
        self.url = ""

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self.answers[method, path] = list(answers)

    def on_get(self, path: str, body: Any) -> None:
        self.on("GET", path, Answer(body=body))

    def count(self, method: str, path: str) -> int:
        return sum(1 for seen in self.seen if seen == (method, path))

    def params(self, **options: Any) -> dict[str, Any]:
        """Options of a module that reach this cloud."""
        auth = {
            "auth_url": f"{self.url}/v3",
            "username": "operator",
            "password": PASSWORD,
            "project_name": "admin",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        }
        limits = {"connect_timeout": 5.0, "api_timeout": 5.0, "timeout": 60.0}
        return {"auth": auth, "region_name": "RegionOne", **limits, **options}

    def answer(self, method: str, path: str, body: Any) -> Answer:
        if path == "/v3":
            version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": f"{self.url}/v3/"}]}
            return Answer(body={"version": version})
        if (method, path) in self.answers:
            left = self.answers[method, path]
            return left.pop(0) if len(left) > 1 else left[0]
        if path == TOKEN_PATH:
            return self._token(body)
        message = f"the stand-in has no {method} {path}"
        return Answer(404, {"itemNotFound": {"code": 404, "message": message}})

    def _token(self, body: Any) -> Answer:
        if body["auth"]["identity"]["password"]["user"]["password"] != PASSWORD:
            message = "The request you have made requires authentication."
            return Answer(401, {"error": {"code": 401, "message": message, "title": "Unauthorized"}})
        catalog = [
            {"type": kind, "name": kind, "id": kind, "endpoints": [self._endpoint(path)]}
            for kind, path in self.services.items()
        ]
        token = {
            "methods": ["password"],
            "expires_at": "2999-01-01T00:00:00.000000Z",
            "issued_at": "2024-01-01T00:00:00.000000Z",
            "user": {"id": "u", "name": "operator", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "p", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "roles": [],
            "catalog": catalog,
        }
        return Answer(201, {"token": token}, {"X-Subject-Token": "token-of-the-stand-in"})

    def _endpoint(self, path: str) -> dict[str, str]:
        url = f"{self.url}/{path}" if not path.startswith("http") else path
        return {"id": path, "interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": url}


def version_document(maximum: str, minimum: str = "2.1") -> Answer:
    """What a service with microversions answers below its endpoint."""
    version = {
        "id": "v2.1",
        "status": "CURRENT",
        "version": maximum,
        "min_version": minimum,
        "links": [{"rel": "self", "href": "/"}],
    }
    return Answer(body={"version": version})


@contextmanager
def standing_in(services: Mapping[str, str] | None = None) -> Iterator[StandIn]:
    """A running stand-in with these service types and the paths of their endpoints."""
    cloud = StandIn(CATALOG if services is None else services)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cloud))
    server.daemon_threads = True
    cloud.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield cloud
    finally:
        cloud.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(cloud: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # header and body in one packet, or each answer takes as long as a delayed acknowledgement

        def _serve(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.partition("?")[0].rstrip("/") or "/"
            if path == TOKEN_PATH:
                cloud.logins += 1
            elif path != "/v3":
                cloud.seen.append((self.command, self.path))
                cloud.headers.append(dict(self.headers))
            answer = cloud.answer(self.command, path, json.loads(sent) if sent else None)
            if answer.after != "answer":
                if answer.after == "hang":
                    cloud.released.wait()
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
            """Say nothing: what was asked is in `seen`."""

    return Handler
