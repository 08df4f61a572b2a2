# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a zone's maintenance is one that its file expects, and has not lasted longer than planned: by the marks of hosts and services. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .._plan.disabled.reason import in_zone_maintenance, until_of
from .._plan.text.listing import first
from .._zone_maintenance.until import is_over
from .._zones.schema.zone_map import AWAY

SHOWN = 5
WAY = "end it with the playbook zone_maintenance (zoneops_maintenance=end)"


def amiss(zone: Mapping[str, Any], look: Mapping[str, Any], now: datetime | None) -> Iterator[str]:
    """What nobody would notice otherwise. What could not be read says nothing.

    :param now: what time it is; None where no end is compared with it.
    """
    marked = {str(entry.get("name") or entry["host"]): entry.get("disabled_reason") for entry in _marked(zone, look)}
    if not marked:
        return
    if zone["zone_state"] not in AWAY:
        yield (
            f"zone_state is {zone['zone_state']}, but a maintenance of the zone keeps {first(SHOWN, marked, of=len(marked))} disabled: {WAY}, "
            "or write 'zone_state: maintenance' into zoneops_zone in its file"
        )
    late = sorted(end for end in map(until_of, marked.values()) if now is not None and is_over(end, now))
    if late:
        yield f"the maintenance of the zone was to end at {late[-1]}: {WAY}, or begin it again with a later zoneops_until"


def _marked(zone: Mapping[str, Any], look: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Hosts of the zone's file are its own wherever they are; a service is found by its availability zone."""
    region = look.get("region") or {}
    hosts = (zone.get("compute") or {}).get("hosts") or ()
    for entry in (*region.get("hosts", ()), *region.get("services", ())):
        mine = entry["availability_zone"] == zone["availability_zone"] or entry.get("name") in hosts
        # Nova's own services are the hosts.
        if (
            mine
            and entry.get("service") != "nova"
            and in_zone_maintenance(entry.get("disabled_reason"), enabled=_is_enabled(entry))
        ):
            yield entry


def _is_enabled(entry: Mapping[str, Any]) -> bool:
    return bool(entry["status"] == "enabled")
