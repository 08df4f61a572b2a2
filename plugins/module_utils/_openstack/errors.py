# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the OpenStack APIs as messages for an operator: which call, what the service said, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._plan.errors import ZoneopsError
from .._plan.text.error_bodies import error_text
from . import lazy_sdk  # noqa: F401  # pylint: disable=unused-import

try:
    from keystoneauth1 import exceptions as ksa
    from openstack import exceptions as sdk
except ImportError:  # reported by module.run before anything here is used
    pass

if TYPE_CHECKING:
    from requests import Response

# The one part that is for people in "HTTPSConnectionPool(...): Max retries exceeded with url: ... (Caused by NewConnectionError(...))".
_CAUSE = re.compile(r"(\[Errno -?\d+\] [^'\")]+|certificate verify failed: [^'\"()]+|Name or service not known)")
TLS = (
    "If its certificate is signed by your own authority, set `cacert` in clouds.yaml to the file of that authority "
    "(option ca_cert); check client_cert and client_key too."
)
HINTS = {
    401: "The token was refused: check the credentials of the cloud.",
    403: "The user lacks the right: this needs the admin role, or a policy that permits it.",
    406: "The service does not know this microversion.",
    429: "The service limits the rate of requests: run it again later.",
}


#: Requests that change nothing, so that it does not matter whether one was carried out.
READS = ("GET", "HEAD")


class ApiError(ZoneopsError):
    """An API answered with an error, or not at all.

    :param status: HTTP status, None where there was no answer.
    """

    def __init__(self, message: str, *, status: int | None = None, uncertain: bool = False) -> None:
        super().__init__(message, uncertain=uncertain)
        self.status = status


class CloudError(ZoneopsError):
    """The cloud cannot be used at all: configuration, credentials, catalog."""


class NoApiError(CloudError):
    """Nothing behind an address says which versions of an API it has: the address is wrong, or the API is away."""


def request_id(response: Response) -> str | None:
    """The id under which the service logged a request."""
    found = response.headers.get("x-openstack-request-id") or response.headers.get("x-compute-request-id")
    return str(found) if found else None


def from_response(service: str, method: str, path: str, response: Response) -> ApiError:
    """The error that an answer with a status of 400 and more means."""
    status = response.status_code
    answered_as = request_id(response)
    parts = [f"{service} API: {method} {path}: {status} {_reason(response)}"]
    if answered_as:
        parts.append(f"(request {answered_as})")
    if status in HINTS:
        parts.append(HINTS[status])
    # A gateway can answer 5xx for a request that the service carries out all the same.
    return ApiError(" ".join(parts), status=status, uncertain=status >= 500 and method not in READS)


class Answer(dict[str, Any]):
    """An object of a good answer, and those in it. To look for a key that it lacks is an error of the API, not of this code.

    :param call: what was asked, for the message.
    :param where: where the object is in the answer.
    """

    def __init__(self, call: str, body: Mapping[str, Any], where: str = "") -> None:
        super().__init__({key: _answered(call, value, f"{where}.{key}") for key, value in body.items()})
        self.call = call
        self.where = where

    def __missing__(self, key: str) -> Any:
        inside = f" in {self.where.lstrip('.')}" if self.where else ""
        raise ApiError(
            f"{self.call}: the answer has no '{key}'{inside}. Check that this is the address of this service's API."
        )

    def objects(self, key: str) -> list[dict[str, Any]]:
        """The list of objects under a key."""
        found = self[key]
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise ApiError(
                f"{self.call}: '{key}' of the answer is no list of objects. Check that this is the address of this service's API."
            )
        return found


def _answered(call: str, value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return Answer(call, value, where)
    if isinstance(value, list):
        return [_answered(call, item, f"{where}[{index}]") for index, item in enumerate(value)]
    return value


def json_object(service: str, method: str, path: str, response: Response) -> Answer:
    """The JSON object of a good answer, empty where it has no body, or, as neutron's to a new tag, a body that says so."""
    if not response.content or (method == "PUT" and response.content == b"null"):
        return Answer(f"{service} API: {method} {path}", {})
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(
            f"{service} API: {method} {path}: {response.status_code}, but the answer is not a JSON object. Is {response.url} the service's address?",
            status=response.status_code,
            uncertain=method not in READS,
        )
    return Answer(f"{service} API: {method} {path}", body)


def _reason(response: Response) -> str:
    """What the service says: {"itemNotFound": {"message": ...}}, {"errors": [{"detail": ...}]}, a page or plain text."""
    try:
        body: Any = response.json()
    except ValueError:  # the class of the error depends on the JSON library that requests finds
        reason = str(response.reason or "no reason given")
        text = error_text(response.text).removeprefix(f"{response.status_code} ")
        # glance answers with a page: the status as its heading, the reason below. Of a gateway's page the heading is the reason.
        return text.removeprefix(f"{reason}: ") if response.status_code < 500 and text else text or reason
    candidates: list[Any] = [body]
    if isinstance(body, dict):
        candidates += body.values()
    for value in candidates:
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            for key in ("message", "detail", "title"):
                if isinstance(first.get(key), str) and first[key].strip():
                    return error_text(first[key])
    return str(response.reason or "no reason given")


@contextmanager
def already(status: int) -> Iterator[None]:
    """An answer of this status means that it is done already, maybe by this very request sent before.

    :param status: 409 where something of that name is to be. For something that is to go, see `gone`.
    """
    try:
        yield
    except ApiError as error:
        if error.status != status:
            raise


@contextmanager
def gone(still_there: Callable[[], bool]) -> Iterator[None]:
    """A deletion that is answered 404 is done only if a look afterwards says so: services answer 404 for what is behind the object as well.

    :param still_there: looks, after a 404 only.
    """
    try:
        yield
    except ApiError as error:
        if error.status != 404 or still_there():
            raise


@contextmanager
def translated(service: str, method: str, path: str) -> Iterator[None]:
    """Turn what keystoneauth raises for one call into an ApiError or CloudError."""
    what = f"{service} API: {method} {path}"
    try:
        yield
    except ksa.Unauthorized as error:
        raise CloudError(
            f"keystone refused the credentials: {error_text(error.message)} Check user, password and project of the cloud."
        ) from error
    except (ksa.EndpointNotFound, ksa.CatalogException) as error:
        raise CloudError(
            f"{what}: the catalog of this cloud and region has no endpoint for '{service}' ({error})."
        ) from error
    except ksa.ConnectionError as error:
        raise _unreachable(what, error, writes=method not in READS) from error
    except ksa.DiscoveryFailure as error:
        tls = f" {TLS}" if "SSL" in str(error) else ""
        raise (CloudError if tls else NoApiError)(
            f"{what}: no usable API found behind the address ({_cause(error)}). Check auth_url and the endpoints of the catalog.{tls}"
        ) from error
    except ksa.HttpError as error:
        # Keystone answers 404, not 401, to signing in with a token that it does not know or no longer accepts.
        if error.http_status == 404 and str(error.url).endswith("/auth/tokens"):
            raise CloudError(
                f"keystone refused the token: {error_text(error.message)} Get a new one; it may have expired."
            ) from error
        raise ApiError(f"{what}: {error.http_status} {error_text(error.message)}", status=error.http_status) from error
    except OSError as error:  # a file with certificates that is not there
        raise CloudError(f"{what}: {error}. Check ca_cert, client_cert and client_key of the cloud.") from error
    except (ksa.ClientException, sdk.SDKException) as error:
        raise CloudError(f"{what}: {error_text(str(error))}") from error


def _unreachable(what: str, error: Exception, *, writes: bool) -> ZoneopsError:
    if isinstance(error, ksa.SSLError):
        return CloudError(f"{what}: {_cause(error)}. {TLS}")
    if isinstance(error, ksa.ConnectTimeout):
        return ApiError(f"{what}: no answer in time ({error}).", uncertain=writes)
    return ApiError(f"{what}: {_cause(error)}. Is the service running, and reachable from here?", uncertain=writes)


def _cause(error: Exception) -> str:
    """Address and reason, without the objects of the HTTP libraries around them."""
    text = " ".join(str(error).split()).rstrip(".")
    found = _CAUSE.search(text)
    return text if found is None else f"{text.partition(': HTTP')[0]}: {found[1].strip()}"
