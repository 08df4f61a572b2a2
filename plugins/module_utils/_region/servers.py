# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers whose pin does not fit the zones, and why that is a danger. Pure.

nova guide, "Availability Zones", "Implications for moving servers": a server that asked for a zone stays restricted to it, whatever becomes of the zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._compute.model import Observed, Server

# What nova's default_availability_zone is called where nobody changed it.
NOVA = "nova"


def out_of_place(observed: Observed) -> list[dict[str, Any]]:
    """Each finding with the server, `rule` and `message`. Nothing where nova shows no pins (before 2.96)."""
    zones = {aggregate.availability_zone for aggregate in observed.aggregates if aggregate.availability_zone}
    found: list[dict[str, Any]] = []
    for server in observed.servers or ():
        for rule, message in _findings(server, observed, zones):
            found.append(
                {
                    **server.as_item(),
                    "rule": rule,
                    "message": f"server {server.name} ({server.id}, project {server.project_id}) {message}",
                }
            )
    return found


def _findings(server: Server, observed: Observed, zones: set[str]) -> Iterator[tuple[str, str]]:
    pinned = server.pinned
    if pinned is None:
        return
    default = observed.default_availability_zone
    if pinned not in zones:
        if pinned in (NOVA, default):
            yield (
                "pinned_to_default",
                f"names zone {pinned}, nova's default, which means no zone: it can be moved anywhere, and cannot be moved once a zone has that name",
            )
        else:
            yield (
                "zone_gone",
                f"is pinned to zone {pinned}, which does not exist: the scheduler ignores the pin and moves it anywhere",
            )
        return
    if server.host is None:
        return
    sits = observed.zone_of(server.host)
    if sits != pinned:
        where = f"zone {sits}" if sits else "no zone"
        yield (
            "elsewhere",
            f"is pinned to zone {pinned} and runs on {server.host} in {where}: the next move by the scheduler returns it, or fails",
        )
