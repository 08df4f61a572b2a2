# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to an API server: plain objects, standard library only, one open connection per thread."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from zonelab.connections import is_open
from zonelab.errors import LabError
from zonelab.ports import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Object = dict[str, Any]

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class ApiError(LabError):
    """The API server refused a request."""

    def __init__(self, method: str, path: str, status: int, body: Object) -> None:
        """With the Status object that it answered."""
        self.status = status
        self.body = body
        super().__init__(f"{method} {path}: {status} {body.get('message', body)}")


class KubeApi:
    """One user of one API server."""

    def __init__(self, port: int, token: str, authority: Path, agent: str = "zonelab") -> None:
        """No request is made yet."""
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": agent}
        self._tls = ssl.create_default_context(cafile=str(authority))
        self._mine = threading.local()

    def call(
        self,
        method: str,
        path: str,
        body: Object | list[Any] | bytes | None = None,
        *,
        content_type: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Object:
        """One request; the object that is answered."""
        address = f"{path}?{urlencode(query)}" if query else path
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = self._connection()
        try:
            connection.request(method, address, data, {**self._headers, "Content-Type": content_type})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        answer = parsed(content)
        if response.status >= http.client.BAD_REQUEST:
            raise ApiError(method, address, response.status, answer)
        return answer

    def _connection(self) -> http.client.HTTPSConnection:
        connection: http.client.HTTPSConnection | None = getattr(self._mine, "connection", None)
        if connection is not None and is_open(connection):
            return connection
        self._mine.connection = self._connect(timeout=60)
        return self._mine.connection  # type: ignore[no-any-return]

    def _connect(self, timeout: float) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(ADDRESS, self._port, context=self._tls, timeout=timeout)

    def get(self, path: str) -> Object:
        """An object, or an error."""
        return self.call("GET", path)

    def find(self, path: str) -> Object | None:
        """An object, or None when there is none."""
        try:
            return self.get(path)
        except ApiError as error:
            if error.status == http.client.NOT_FOUND:
                return None
            raise

    def list(self, path: str, **query: str) -> list[Object]:
        """All objects of a collection."""
        return list(self.call("GET", path, query=query)["items"])

    def create(self, path: str, body: Object) -> Object:
        """POST to a collection."""
        return self.call("POST", path, body)

    def apply(
        self, path: str, body: Object | bytes, manager: str, *, force: bool = False, dry_run: bool = False
    ) -> Object:
        """Server-side apply; bytes are sent as they are, JSON or YAML."""
        query = {
            "fieldManager": manager,
            **({"force": "true"} if force else {}),
            **({"dryRun": "All"} if dry_run else {}),
        }
        return self.call("PATCH", path, body, content_type=APPLY, query=query)

    def merge(self, path: str, body: Object, manager: str = "zonelab") -> Object:
        """A merge patch, as `kubectl edit` and operators send."""
        return self.call("PATCH", path, body, content_type=MERGE, query={"fieldManager": manager})

    def delete(self, path: str) -> None:
        """Delete an object; it may be gone already."""
        try:
            self.call("DELETE", path, {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"})
        except ApiError as error:
            if error.status != http.client.NOT_FOUND:
                raise

    def watch(self, path: str, version: str, seconds: int) -> Iterator[Object]:
        """What happens to the objects of a collection after a resource version, for so long."""
        connection = self._connect(timeout=seconds + 10)
        query = urlencode({"watch": "1", "resourceVersion": version, "timeoutSeconds": str(seconds)})
        try:
            connection.request("GET", f"{path}?{query}", headers=self._headers)
            response = connection.getresponse()
            if response.status >= http.client.BAD_REQUEST:
                raise ApiError("WATCH", path, response.status, parsed(response.read()))
            while line := response.readline():
                yield json.loads(line)
        finally:
            connection.close()


def parsed(content: bytes) -> Object:
    """An answer; what is no JSON object (health checks) becomes the message of one."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"message": content.decode(errors="replace")}
