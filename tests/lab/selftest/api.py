# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Just enough of an OpenStack client for the lab's own tests; they need pytest and nothing else."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from zonelab.client import LabClient

KINDS = {"nova": "compute", "cinder": "volume", "manila": "shared-file-system", "placement": "placement"}
ROOTS = {
    "keystone": "/v3",
    "nova": "/v2.1",
    "cinder": "/v3",
    "manila": "/v2",
    "glance": "/v2",
    "placement": "",
    "neutron": "/v2.0",
    "masakari": "/v1",
    "swift": "/v1",
}
PASSWORD = "labpassword"


@dataclass(frozen=True)
class Answer:
    """Of one request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """A session of one user, through the proxies."""

    def __init__(self, lab: LabClient, user: str = "admin", project: str = "admin") -> None:
        self.ports = lab.ports
        domain = {"id": "default"}
        password = {"user": {"name": user, "domain": domain, "password": PASSWORD}}
        identity = {"methods": ["password"], "password": password}
        scope = {"project": {"name": project, "domain": domain}}
        answer = self.request("keystone", "POST", "/v3/auth/tokens", {"auth": {"identity": identity, "scope": scope}})
        assert answer.status == 201, answer.body
        self.token = answer.headers["x-subject-token"]
        self.catalog = answer.json["token"]["catalog"]

    token = ""

    def request(
        self,
        service: str,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Answer:
        """One request on a connection of its own; a dict is sent as JSON, bytes as they are, pieces in chunks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[service], timeout=timeout)
        sent = {"X-Auth-Token": self.token, **(headers or {})}
        data: Any = body
        if isinstance(body, dict):
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, path, data, sent, encode_chunked="Transfer-Encoding" in sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def call(self, service: str, method: str, path: str, body: object = None, version: str | None = None) -> Any:
        """The JSON of a request that must succeed."""
        headers = {"OpenStack-API-Version": f"{KINDS[service]} {version}"} if version else {}
        if service == "manila" and version:
            headers = {"X-OpenStack-Manila-API-Version": version}
        answer = self.request(service, method, ROOTS[service] + path, body, headers=headers)
        assert answer.status < 300, (method, path, answer.status, answer.body[:500])
        return answer.json if answer.body else None

    def upload(self, name: str, pieces: Iterable[bytes], store: str | None = None) -> dict[str, Any]:
        """A raw image, sent in chunks."""
        made = self.call("glance", "POST", "/images", {"name": name, "disk_format": "raw", "container_format": "bare"})
        headers = {"Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"}
        if store:
            headers["X-Image-Meta-Store"] = store
        answer = self.request("glance", "PUT", f"/v2/images/{made['id']}/file", iter(pieces), headers=headers)
        assert answer.status == 204, answer.body
        image: dict[str, Any] = self.call("glance", "GET", f"/images/{made['id']}")
        return image

    def compute_states(self) -> dict[str, str]:
        """Host: up or down."""
        services = self.call("nova", "GET", "/os-services?binary=nova-compute", version="2.53")["services"]
        return {service["host"]: service["state"] for service in services}

    def volume_states(self) -> dict[str, str]:
        """Host: up or down."""
        return {service["host"]: service["state"] for service in self.call("cinder", "GET", "/os-services")["services"]}

    def share_states(self) -> dict[str, str]:
        """Host: up or down."""
        services = self.call("manila", "GET", "/services", version="2.7")["services"]
        return {service["host"]: service["state"] for service in services}


def until(read: Callable[[], object], wanted: object, seconds: float = 120) -> None:
    """Wait for a value; an error state ends the wait."""
    end = time.monotonic() + seconds
    while (value := read()) != wanted:
        assert "error" not in str(value).lower(), value
        assert time.monotonic() < end, f"still {value!r} after {seconds} s, not {wanted!r}"
        time.sleep(0.1)


def settled(read: Callable[[], dict[str, Any]], done: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Wait until it is done with, well or not."""
    end = time.monotonic() + 120
    while not done(value := read()):
        assert time.monotonic() < end, f"still {value!r} after 120 s"
        time.sleep(0.1)
    return value


def backup(api: Api, source: str, **values: str) -> dict[str, Any]:
    """A backup of a volume, once cinder is done with it, well or not."""
    body = {"backup": {"volume_id": source, **values}}
    number = api.call("cinder", "POST", "/backups", body, version="3.51")["backup"]["id"]
    return settled(
        lambda: dict(api.call("cinder", "GET", f"/backups/{number}", version="3.51")["backup"]),
        lambda made: made["status"] in ("available", "error"),
    )
