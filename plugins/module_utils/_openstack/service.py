# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One OpenStack service: requests with bounded retries, microversions, paging. Knows no particular service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .errors import READS, Answer, CloudError, from_response, json_object, request_id, translated
from .look import Look

try:
    from keystoneauth1 import discover
    from keystoneauth1 import exceptions as ksa
    from keystoneauth1.adapter import Adapter
except ImportError:  # reported by module.run before anything here is used
    pass

if TYPE_CHECKING:
    from keystoneauth1.session import Session
    from requests import Response

# A read can be repeated after any passing failure. A write only where the service said that it did nothing.
READ_RETRIES: dict[str, Any] = {
    "connect_retries": 1,
    "status_code_retries": 3,
    "retriable_status_codes": [429, 500, 502, 503, 504],
}
WRITE_RETRIES: dict[str, Any] = {"connect_retries": 0, "status_code_retries": 3, "retriable_status_codes": [429]}
NO_RETRIES: dict[str, Any] = {"connect_retries": 0, "status_code_retries": 0}

Microversion = tuple[int, int]


class Service:
    """Speaks to one service of the catalog.

    :param service_type: official name, for example "compute"; keystoneauth knows the aliases that catalogs use.
    :param answers: where answers to reads are kept, so that nothing is asked twice; None for a run that may write.
    :param look: the look that is taken, which asks for some lists once.
    """

    def __init__(
        self,
        service_type: str,
        *,
        session: Session,
        interface: list[str] | str | None,
        region_name: str | None,
        endpoint_override: str | None,
        version: str | None = None,
        writes: list[dict[str, Any]] | None = None,
        answers: dict[Any, Answer] | None = None,
        look: Look | None = None,
    ) -> None:
        self.service_type = service_type
        self._answers = answers
        self._look = Look() if look is None else look
        self._writes = [] if writes is None else writes
        self._adapter = Adapter(
            session,
            service_type=service_type,
            interface=interface,
            region_name=region_name,
            endpoint_override=endpoint_override,
            version=version,
            raise_exc=False,
        )
        #: The request that was answered last, as messages name it.
        self.last = f"{service_type} API"
        self._maximum: Microversion | None = None
        self._discovered = False

    def present(self) -> bool:
        """Whether the catalog has an endpoint for it. Costs the authentication, no call to the service."""
        self._sign_in()
        with translated(self.service_type, "GET", "catalog"):
            try:
                return self._adapter.get_endpoint() is not None
            except ksa.EndpointNotFound:
                return False

    def maximum(self) -> Microversion | None:
        """The greatest microversion that the service offers, None where it has none. One call, the first time."""
        if not self._discovered:
            self._maximum = self._look.once((self.service_type, "version document"), self._offered)
            self._discovered = True
        return self._maximum

    def _offered(self) -> Microversion | None:
        offered = self._discover()
        if offered is None:
            # keystoneauth asks once and hides why there is no version document: ask for it, and let the error say it.
            self.get("/")
            offered = self._discover()
        return None if offered is None else (int(offered[0]), int(offered[1]))

    def _sign_in(self) -> None:
        """Have a token, so that what goes wrong with that is not said of this service."""
        with translated("identity (keystone)", "POST", "token"):
            self._adapter.session.get_auth_headers()

    def _discover(self) -> Any:
        self._sign_in()
        with translated(self.service_type, "GET", "version document"):
            data = self._adapter.get_endpoint_data()
        if data is None:
            raise CloudError(f"the catalog of this cloud and region has no endpoint for '{self.service_type}'.")
        return data.max_microversion

    def negotiate(self, best: Microversion, least: Microversion) -> str:
        """The microversion to use: `best`, or what the cloud offers; an error below `least`."""
        offered = self.maximum()
        if offered is None or offered < least:
            raise CloudError(
                f"{self.service_type} API: this cloud offers microversions up to {_text(offered)}, at least {_text(least)} is needed. "
                "The service is too old for this collection."
            )
        return _text(min(best, offered))

    def get(
        self,
        path: str,
        *,
        microversion: str | None = None,
        params: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> Answer:
        """The JSON object behind `path`.

        :param once: whether all who ask for it in one look may have the same answer.
        """
        self.last = f"{self.service_type} API: GET {path}"
        asked = (self.service_type, path, microversion, tuple(sorted((params or {}).items())))
        if self._answers is not None and asked in self._answers:
            return self._answers[asked]
        ask = partial(self._request, "GET", path, READ_RETRIES, microversion=microversion, params=dict(params or {}))
        found = self._look.once(asked, ask) if once else ask()
        if self._answers is not None:
            self._answers[asked] = found
        return found

    def post(self, path: str, body: Mapping[str, Any], *, microversion: str | None = None) -> dict[str, Any]:
        return self._request("POST", path, WRITE_RETRIES, microversion=microversion, json=body)

    def put(self, path: str, body: Mapping[str, Any] | None, *, microversion: str | None = None) -> dict[str, Any]:
        return self._request("PUT", path, WRITE_RETRIES, microversion=microversion, json=body)

    def patch(self, path: str, body: Any, content_type: str) -> dict[str, Any]:
        """PATCH with a body of a type of its own, such as a JSON patch."""
        return self._request("PATCH", path, WRITE_RETRIES, json=body, headers={"Content-Type": content_type})

    def head(self, path: str) -> Mapping[str, str]:
        """What the headers of an answer say of something whose content is no JSON, by names in any case."""
        return self._send("HEAD", path, READ_RETRIES).headers

    def content(self, path: str) -> bytes:
        """What is behind `path`, as it is."""
        return self._send("GET", path, READ_RETRIES).content

    def upload(
        self,
        path: str,
        content: Iterable[bytes] | bytes,
        limits: tuple[float, float],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """PUT what `content` yields, piece by piece. Never repeated.

        :param content: with a length, so that the service knows when it has all; it starts again for each iterator.
        :param limits: seconds to wait for a connection or until a piece is taken, and for the answer after the last one.
        :param headers: headers of the request, such as the type of the content.
        """
        said = {"Content-Type": "application/octet-stream", **(headers or {})}
        self._request("PUT", path, NO_RETRIES, data=content, headers=said, timeout=limits)

    def delete(self, path: str, *, microversion: str | None = None) -> None:
        self._request("DELETE", path, WRITE_RETRIES, microversion=microversion)

    def pages(
        self,
        path: str,
        key: str,
        *,
        links: str | None = None,
        microversion: str | None = None,
        params: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """All entries of a list that the service cuts into pages, by the `next` link of each page (API guideline "Pagination").

        :param links: key of the links, where the service does not call it as the guideline says.
        :param once: as of `get`.
        """
        links = links or f"{key}_links"
        page = self.get(path, microversion=microversion, params=params, once=once)
        yield from page.objects(key)
        while link := _next_link(page, links):
            page = self.get(f"{path}?{link.partition('?')[2]}", microversion=microversion, once=once)
            yield from page.objects(key)

    def _request(self, method: str, path: str, retries: Mapping[str, Any], **kwargs: Any) -> Answer:
        return json_object(self.service_type, method, path, self._send(method, path, retries, **kwargs))

    def _send(self, method: str, path: str, retries: Mapping[str, Any], **kwargs: Any) -> Response:
        """A good answer."""
        sent: dict[str, Any] = {
            "service": self.service_type,
            "method": method,
            "path": path,
            "status": None,
            "request_id": None,
        }
        self.last = f"{self.service_type} API: {method} {path}"
        if method not in READS:
            self._writes.append(sent)
        self._sign_in()
        with translated(self.service_type, method, path):
            response: Response = self._adapter.request(path, method, **retries, **kwargs)
        sent |= {"status": response.status_code, "request_id": request_id(response)}
        if response.status_code >= 300:  # redirects were followed; what is left of them is not an answer either
            raise from_response(self.service_type, method, path, response)
        return response


def _next_link(page: Answer, links: str) -> str | None:
    found = page.objects(links) if page.get(links) else []
    return next((str(link["href"]) for link in found if link.get("rel") == "next"), None)


def _text(version: Microversion | None) -> str:
    return "none" if version is None else discover.version_to_string(version)
