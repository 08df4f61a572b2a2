# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to Masakari that a maintenance needs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._openstack.reader import Reader
from .._openstack.service import Service
from .model import HaHost, Recovery

#: While a notification of a segment is in one of these, Masakari answers 409 to a change of any host of it (measured, 22.0).
UNFINISHED = ("new", "running", "error")


class Masakari(Reader):
    """Masakari of one region."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def hosts(self) -> dict[str, HaHost]:
        """By name: GET /segments, and /segments/{id}/hosts for each. A host is in one segment only."""
        return {
            entry["name"]: HaHost(
                name=entry["name"],
                uuid=entry["uuid"],
                segment=segment["uuid"],
                segment_name=segment["name"],
                on_maintenance=entry["on_maintenance"] is True,
                reserved=entry["reserved"] is True,
            )
            for segment in self._all("/segments", "segments")
            for entry in self._all(f"/segments/{segment['uuid']}/hosts", "hosts")
        }

    def is_on_maintenance(self, host: HaHost) -> bool:
        """GET /segments/{id}/hosts/{id}."""
        return self._service.get(_path(host))["host"]["on_maintenance"] is True

    def set_maintenance(self, host: HaHost, *, on: bool) -> None:
        """PUT /segments/{id}/hosts/{id}. On maintenance: its notifications are refused, and as a spare it is not used."""
        self._service.put(_path(host), {"host": {"on_maintenance": on}})

    def recoveries(self) -> tuple[Recovery, ...]:
        """GET /notifications, once for each status in which a segment cannot be changed."""
        return tuple(
            Recovery(entry["failover_segment_uuid"], entry["source_host_uuid"], entry["type"], status)
            for status in UNFINISHED
            for entry in self._all("/notifications", "notifications", {"status": status})
        )

    def _all(self, path: str, key: str, params: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Masakari cuts lists and has no link to the rest: what is behind the last entry is asked for by its number, until nothing is."""
        asked = dict(params or {})
        while entries := self._service.get(path, params=asked).objects(key):
            yield from entries
            asked["marker"] = str(entries[-1]["id"])


def _path(host: HaHost) -> str:
    return f"/segments/{host.segment}/hosts/{host.uuid}"
