# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found of the region, for each zone: its own hosts and services, so that a row does not look through those of all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Look = Mapping[str, Any]
Entries = dict[str, list[Mapping[str, Any]]]

SECTIONS = ("hosts", "services", "share_backends")


def looks(zones: Mapping[str, Mapping[str, Any]], look: Look) -> dict[str, Look]:
    """The look of each zone, by its name: all of the look, but of these sections only the zone's own entries, in their order.

    A host of the zone's file is its own wherever it is.
    """
    region = look.get("region")
    if not region:
        return dict.fromkeys(zones, look)
    by_az = {section: _grouped(region[section]) for section in SECTIONS if section in region}
    hosts = region.get("hosts", ())
    places = {entry.get("name"): place for place, entry in enumerate(hosts)}
    found: dict[str, Look] = {}
    for name, zone in zones.items():
        az = zone["availability_zone"]
        own = {section: entries.get(az, []) for section, entries in by_az.items()}
        named = {places[host] for host in (zone.get("compute") or {}).get("hosts") or () if host in places}
        if any(hosts[place]["availability_zone"] != az for place in named):
            everywhere = named | {places[entry.get("name")] for entry in own["hosts"]}
            own["hosts"] = [hosts[place] for place in sorted(everywhere)]
        found[name] = {**look, "region": {**region, **own}}
    return found


def _grouped(entries: Iterable[Mapping[str, Any]]) -> Entries:
    """Those of each availability zone."""
    groups: Entries = {}
    for entry in entries:
        groups.setdefault(entry["availability_zone"], []).append(entry)
    return groups
