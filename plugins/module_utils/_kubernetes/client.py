# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection to a cluster: plain dictionaries over the dynamic client of the package `kubernetes`, without discovery."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from .._plan.deadline import Deadline
from .access.impersonate import impersonate
from .answers import one, page
from .errors import ApiError, translated
from .limits import limit, retries
from .objects import Ref

try:
    from kubernetes.client import ApiClient
    from kubernetes.dynamic import DynamicClient
except ImportError:  # reported by module.run before anything here is used
    pass

if TYPE_CHECKING:
    from kubernetes.client import Configuration

APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
PAGE = 500

Body = dict[str, Any]


class Cluster:
    """One Kubernetes API. Every call is one request.

    :param limits: seconds to wait for a connection and for the next byte of an answer.
    :param acting_as: a user in whose name to ask, and that user's groups.
    """

    def __init__(
        self,
        configuration: Configuration,
        deadline: Deadline,
        limits: tuple[float, float],
        *,
        acting_as: tuple[str, Sequence[str]] | None = None,
    ) -> None:
        self.deadline = deadline
        #: Every write that was sent: service, method, path, status and the id under which the server's audit log has it.
        self.writes: list[dict[str, Any]] = []
        self.host = str(configuration.host)
        configuration.retries = retries(deadline)
        client = ApiClient(configuration)
        limit(client.rest_client.pool_manager, deadline, limits)
        if acting_as:
            impersonate(client.rest_client.pool_manager, *acting_as)
        self._client = DynamicClient(client, discoverer=_no_discovery)

    def one_look(self) -> AbstractContextManager[None]:
        """Nothing is shared in a look: each list is asked for by one part."""
        return nullcontext()

    def get(self, ref: Ref) -> Body | None:
        """The object, None where there is none. A kind that the cluster does not know is an ApiError."""
        try:
            body = self._request("GET", ref.path, str(ref))
        except ApiError as error:
            if error.status == 404 and "does not know the kind" not in error.message:
                return None
            raise
        return one(_call("GET", ref), ref, body, writes=False)

    def items(self, ref: Ref, *, labels: str = "", fields: str = "") -> Iterator[Body]:
        """All objects of the list, page by page."""
        query = {"limit": str(PAGE), "labelSelector": labels, "fieldSelector": fields, "continue": ""}
        while True:
            body = self._request("GET", ref.path, str(ref), query={key: value for key, value in query.items() if value})
            found, query["continue"] = page(_call("GET", ref), ref, body)
            yield from found
            if not query["continue"]:
                return

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Body:
        """Server-side apply: the object as it is then. Safe to repeat: the same set twice is no change."""
        query = {"fieldManager": manager, "force": "true" if force else ""}
        # As text: older releases of the client send no dictionary under this content type.
        return self._write("PATCH", ref, json.dumps(body), APPLY, query, dry_run=dry_run)

    def patch(self, ref: Ref, body: Any, content_type: str, manager: str, *, dry_run: bool = False) -> Body:
        """A JSON patch or a merge patch."""
        return self._write("PATCH", ref, body, content_type, {"fieldManager": manager}, dry_run=dry_run)

    def create(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool = False) -> Body:
        """Make an object; `ref` is the list in which it will be. Never repeated."""
        return self._write("POST", ref, dict(body), "application/json", {"fieldManager": manager}, dry_run=dry_run)

    def delete(self, ref: Ref, uid: str, *, dry_run: bool = False) -> None:
        """Delete the object with this uid, not one that was recreated under its name."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}
        # It is answered with a Status, or with the object as it was.
        self._send("DELETE", ref, options, "application/json", {}, dry_run=dry_run)

    def evict(self, ref: Ref, uid: str) -> None:
        """Have a pod deleted unless a PodDisruptionBudget keeps it: the one with this uid, not one that was recreated under its name."""
        options = {"preconditions": {"uid": uid}}
        metadata = {"name": ref.name, "namespace": ref.namespace}
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata, "deleteOptions": options}
        # It is answered with a Status.
        self._request("POST", f"{ref.path}/eviction", str(ref), body=body)

    def _write(
        self, method: str, ref: Ref, body: Any, content_type: str, query: dict[str, str], *, dry_run: bool
    ) -> Body:
        found = self._send(method, ref, body, content_type, query, dry_run=dry_run)
        return one(_call(method, ref), ref, found, writes=not dry_run)

    def _send(
        self, method: str, ref: Ref, body: Any, content_type: str, query: dict[str, str], *, dry_run: bool
    ) -> Body:
        asked = {**query, "dryRun": "All" if dry_run else ""}
        query = {key: value for key, value in asked.items() if value}
        return self._request(method, ref.path, str(ref), body=body, content_type=content_type, query=query)

    def _request(
        self,
        method: str,
        path: str,
        what: str,
        *,
        body: Any = None,
        content_type: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Body:
        query = query or {}
        writes = method != "GET" and "dryRun" not in query
        sent: dict[str, Any] = {"service": "kubernetes", "method": method, "path": path, "status": None}
        sent["request_id"] = None
        if writes:
            self.writes.append(sent)
        try:
            with translated(method, what, self.host, writes=writes):
                response = self._client.request(
                    method,
                    path,
                    body=body,
                    content_type=content_type,
                    header_params={"Accept": "application/json"},
                    query_params=list(query.items()),
                    serialize=False,
                )
                data, status, headers = response.data, response.status, response.headers
        except ApiError as error:
            sent["status"] = error.status
            raise
        sent |= {"status": status, "request_id": headers.get("Audit-Id")}
        return self._json(data, method, what, writes=writes)

    def _json(self, data: bytes, method: str, what: str, *, writes: bool) -> Body:
        try:
            found = json.loads(data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ApiError(
                f"Kubernetes API: {method} {what}: the answer of {self.host} is not a JSON object. Is that the address of a Kubernetes API?",
                uncertain=writes,
            )
        return found


def _call(method: str, ref: Ref) -> str:
    return f"Kubernetes API: {method} {ref}"


def _no_discovery(*_arguments: Any) -> None:
    """Paths are known, see `objects`: nothing has to be asked for."""
