# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the Kubernetes API as messages for an operator: which object, what the server said, what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.text.error_bodies import error_text

try:
    from kubernetes.client.exceptions import ApiException
    from urllib3 import exceptions as http
except ImportError:  # reported by module.run before anything here is used
    pass

_CONFLICT = re.compile(r'conflict with "([^"]*)"')
_WEBHOOK = re.compile(r'^admission webhook "[^"]*" denied the request: ')
_UNDECLARED = re.compile(r"(\.\S+): field not declared in schema")
# What the server says of a resource that it does not serve: no object of this name, or no such kind at all.
_UNKNOWN_KIND = ("page not found", "the server could not find the requested resource")


@dataclass(frozen=True)
class Conflict:
    """A field that this run wants and another manager owns with another value."""

    field: str
    manager: str

    def __str__(self) -> str:
        return f"field {self.field} is owned by manager {self.manager or 'unknown'}"

    def as_dict(self) -> dict[str, Any]:
        return {"field": self.field, "manager": self.manager}


class ApiError(ZoneopsError):
    """The API answered with an error, or not at all.

    :ivar status: HTTP status, None where there was no answer.
    :ivar conflicts: the fields of others that an apply would have changed.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        uncertain: bool = False,
        conflicts: tuple[Conflict, ...] = (),
    ) -> None:
        super().__init__(message, uncertain=uncertain)
        self.status = status
        self.conflicts = conflicts

    @property
    def refused(self) -> bool:
        """Whether the server understood the request and will not carry it out, so that only another one helps.

        401 is no such answer: it says nothing about this object. A field that the schema lacks is answered with 500.
        """
        if self.status == 500:
            return "field not declared in schema" in self.message
        return self.status in (400, 403, 404, 405, 409, 413, 415, 422)

    @property
    def outdated(self) -> bool:
        """Whether the object is no longer the one that the request was made for: read it again, and make another request."""
        return self.status == 409 and "object has been modified" in self.message


class KubernetesError(ZoneopsError):
    """The cluster cannot be used at all: configuration, credentials, address."""


def from_status(method: str, what: str, status: int, text: str) -> ApiError:
    """The error that an answer with a status of 400 and more means.

    :param what: the object, for example "Topology az1".
    :param text: the body of the answer, as a rule a Status object.
    """
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    reason = error_text(str(body.get("message") or text)).removeprefix(f"{status} ")
    reason = _WEBHOOK.sub("", reason) or "no reason given"
    details = body.get("details")
    causes = _dicts(details.get("causes") if isinstance(details, dict) else None)
    conflicts = tuple(_conflict(cause) for cause in causes if cause.get("reason") == "FieldManagerConflict")
    message = f"Kubernetes API: {method} {what}: {status} {reason}{_full_stop(reason)}{_advice(status, reason, what)}"
    # A gateway can answer 5xx for a request that the server carries out all the same.
    return ApiError(message, status=status, uncertain=status >= 500 and method != "GET", conflicts=conflicts)


def _advice(status: int, reason: str, what: str) -> str:
    undeclared = _UNDECLARED.search(reason)
    if undeclared:
        return (
            f" The cluster's CRD does not have the field {undeclared[1]}: its operators are older than the zone map requires, "
            "or the name is misspelt. Update the operators or remove the setting."
        )
    if status == 404 and reason in _UNKNOWN_KIND:
        return (
            f" This cluster does not know the kind of {what}: its CRD is missing or is of another version. "
            "Is the openstack-operator installed, and is this the right cluster (kubeconfig, context)?"
        )
    if "metadata.uid" in reason or "uid mismatch" in reason:
        return " It was deleted or recreated during this run: find out by whom, then run it again."
    if status == 429 and "disruption budget" in reason:
        return " A PodDisruptionBudget keeps it (`oc get pdb`): see whether all pods of its service are ready, and whether it permits an eviction."
    if status == 409 and "already exists" in reason:
        return " Another run, or a person, created it in the meantime: run this again."
    return {
        401: " The token or certificate was refused: it may have expired; sign in again (`oc login`), or check the credential.",
        403: " The user lacks this right: the page 'Rights in Kubernetes' of the documentation lists those of each step.",
        429: " The API limits the rate of requests: run it again later.",
        503: " The API is not ready: run it again when it is.",
    }.get(status, "")


def _conflict(cause: dict[str, Any]) -> Conflict:
    found = _CONFLICT.search(str(cause.get("message", "")))
    return Conflict(str(cause.get("field", "")), found[1] if found else "")


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _full_stop(text: str) -> str:
    return "" if text.endswith((".", "!", "?")) else "."


@contextmanager
def translated(method: str, what: str, host: str, *, writes: bool) -> Iterator[None]:
    """Turn what the client raises for one request into an ApiError or KubernetesError.

    :param writes: whether the request may have changed something when its answer is lost.
    """
    try:
        yield
    except ApiException as error:
        if not error.status:  # the client's own word for a failed TLS handshake
            raise KubernetesError(_tls(host, str(error.reason))) from error
        body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body or error.reason)
        found = from_status(method, what, error.status, body)
        found.uncertain = found.uncertain and writes
        raise found from error
    except (http.MaxRetryError, http.TimeoutError, http.ProtocolError, http.HTTPError) as error:
        reason = error.reason if isinstance(error, http.MaxRetryError) else error
        if isinstance(reason, ZoneopsError):
            raise reason from error
        if isinstance(reason, http.SSLError):
            raise KubernetesError(_tls(host, str(reason))) from error
        if isinstance(reason, http.TimeoutError) and not isinstance(reason, http.NewConnectionError):
            missing = "no answer in time"
        else:
            missing = f"no answer ({_brief(reason)})"
        raise ApiError(
            f"Kubernetes API: {method} {what}: {missing} from {host}. Is the API running, and reachable from here?",
            uncertain=writes,
        ) from error
    except OSError as error:
        raise KubernetesError(
            f"Kubernetes API: {method} {what}: {error}. Check ca_cert, client_cert and client_key."
        ) from error


def _tls(host: str, reason: str) -> str:
    return (
        f"Kubernetes API {host}: the TLS connection failed ({' '.join(reason.split())}). "
        "Check ca_cert, client_cert, client_key and validate_certs."
    )


def _brief(reason: Any) -> str:
    """The cause without the library's own object in front of it."""
    return str(reason).rpartition(": ")[2] or type(reason).__name__
