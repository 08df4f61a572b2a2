# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found of the region, for each zone: its own hosts and services, so that a row does not look through those of all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Look = Mapping[str, Any]

SECTIONS = ("hosts", "services", "share_backends")


def looks(zones: Mapping[str, Mapping[str, Any]], look: Look) -> dict[str, Look]:
    """The look of each zone, by its name: all of the look, but of these sections only the zone's own entries, in their order.

    A host of the zone's file is its own wherever it is.
    """
    region = look.get("region")
    if not region:
        return dict.fromkeys(zones, look)
    found: dict[str, Look] = {}
    by_az = {section: _grouped(region[section]) for section in SECTIONS if section in region}
    by_name = {entry["name"]: place for place, entry in enumerate(region.get("hosts", ())) if entry.get("name")}
    for name, zone in zones.items():
        own = {section: set(places.get(zone["availability_zone"], ())) for section, places in by_az.items()}
        if "hosts" in own:
            hosts = (zone.get("compute") or {}).get("hosts") or ()
            own["hosts"] |= {by_name[host] for host in hosts if host in by_name}
        entries = {section: [region[section][place] for place in sorted(places)] for section, places in own.items()}
        found[name] = {**look, "region": {**region, **entries}}
    return found


def _grouped(entries: Iterable[Mapping[str, Any]]) -> dict[str | None, list[int]]:
    """The places of those of each availability zone."""
    groups: dict[str | None, list[int]] = {}
    for place, entry in enumerate(entries):
        groups.setdefault(entry["availability_zone"], []).append(place)
    return groups
