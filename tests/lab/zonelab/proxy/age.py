# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pose as an older cloud: cap the microversions, in requests and in version documents.

A request for a newer microversion goes to the service with one that no release has: the service itself refuses it, in
its own words, and the two numbers in these are corrected.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The maxima of the 2023.1 (Antelope) release, which is RHOSO 18's: each service's REST API version history.
# placement (1.39) and keystone (v3.14) have had no newer version since.
ANTELOPE = {
    "nova": "2.95",
    "cinder": "3.70",
    "manila": "2.78",
    "placement": "1.39",
    "glance": "2.16",
    "keystone": "3.14",
}
# Only nova is older: its last version without repin (2025.1 and 2025.2), and without an unshelve to a host (Xena and Yoga).
NOVAS = {f"nova-{version}": {"nova": version} for version in ("2.100", "2.90")}
AGES: dict[str, Mapping[str, str]] = {"current": {}, "antelope": ANTELOPE, **NOVAS}

HEADERS = {
    "openstack-api-version": {
        "compute": "nova",
        "volume": "cinder",
        "shared-file-system": "manila",
        "placement": "placement",
    },
    "x-openstack-nova-api-version": {"": "nova"},
    "x-openstack-manila-api-version": {"": "manila"},
}
UNKNOWN_MINOR = "9999"
VERSION_DOCUMENT = re.compile(r"/(v[\d.]+/?)?(versions/?)?(\?.*)?\Z")


def number(version: str) -> tuple[int, ...]:
    """2.95 as something that can be compared."""
    return tuple(int(part) for part in version.removeprefix("v").split("."))


def is_number(version: str) -> bool:
    """Whether it is a version with a major and a minor part."""
    return re.fullmatch(r"v?\d+\.\d+", version) is not None


def asked(service: str, headers: Mapping[str, str]) -> str | None:
    """The microversion that a request asks of the service."""
    for name, value in headers.items():
        kinds = HEADERS.get(name.lower(), {})
        for part in value.split(","):
            kind, _space, version = part.strip().rpartition(" ")
            if kinds.get(kind) == service:
                return version
    return None


@dataclass(frozen=True)
class Pose:
    """What the cap changes about one request and its answer."""

    service: str
    cap: str
    asked: str | None

    @property
    def refused(self) -> bool:
        """Whether the old cloud does not know the version."""
        return self.asked is not None and is_number(self.asked) and number(self.asked) > number(self.cap)

    def header(self, name: str, value: str) -> str:
        """A request header as the service is to see it."""
        if name.lower() not in HEADERS or self.asked is None:
            return value
        if self.asked == "latest":
            return value.replace("latest", self.cap)
        if self.refused:
            return value.replace(self.asked, self._unknown)
        return value

    @property
    def _unknown(self) -> str:
        return f"{self.cap.split('.')[0]}.{UNKNOWN_MINOR}"

    def touches(self, path: str) -> bool:
        """Whether the answer is to be rewritten."""
        return self.refused or VERSION_DOCUMENT.match(path) is not None

    def text(self, text: str) -> str:
        """A header of the answer, or the body of a refusal."""
        text = text.replace(self._unknown, self.asked or "")
        text = re.sub(r"(maximum is )[\d.]+\d", rf"\g<1>{self.cap}", text)
        return re.sub(r'("max_version": ")[\d.]+(")', rf"\g<1>{self.cap}\g<2>", text)

    def body(self, body: bytes) -> bytes:
        """The body of a refusal or a version document."""
        if self.refused:
            return self.text(body.decode()).encode()
        try:
            document = json.loads(body)
        except ValueError:  # not a document after all
            return body
        return json.dumps(lower(document, self.cap)).encode()


def lower(document: Any, cap: str) -> Any:
    """A version document as the old cloud writes it."""
    if isinstance(document, list):
        return _current([lower(entry, cap) for entry in document if not _newer(entry, cap)], cap)
    if isinstance(document, dict):
        return {
            key: cap if key in ("version", "max_version") and _above(value, cap) else lower(value, cap)
            for key, value in document.items()
        }
    return document


def _above(value: Any, cap: str) -> bool:
    return isinstance(value, str) and is_number(value) and number(value) > number(cap)


def _newer(entry: Any, cap: str) -> bool:
    """An entry for a minor version of its own, as glance lists them."""
    return isinstance(entry, dict) and "version" not in entry and _above(entry.get("id"), cap)


def _current(entries: list[Any], cap: str) -> list[Any]:
    """glance: the greatest version that is left is the current one."""
    return [
        {**entry, "status": "CURRENT"} if isinstance(entry, dict) and entry.get("id") == f"v{cap}" else entry
        for entry in entries
    ]


def pose(age: str, service: str, headers: Mapping[str, str]) -> Pose | None:
    """How to pose for this request, if at all."""
    cap = AGES[age].get(service)
    return Pose(service, cap, asked(service, headers)) if cap else None
