# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a result of today looks like those in tests/event_query, for the fields by which the automation controller counts hosts (extensions/audit)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

COLLECTION = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
RECORDED: dict[str, dict[str, Any]] = json.loads((COLLECTION / "tests/event_query/recorded.json").read_text())
# Where the zone's state has the hosts.
HOSTS = {
    "availability_zones": ("service_ids",),
    "compute_services": (),
    "host_maintenance": (),
    "zone_evacuate": ("compute", "hosts"),
    "zone_maintenance": ("compute",),
    "zone_return": ("compute",),
}


def like_recorded(module: str, zones: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether hosts were written to, and the queries find each of them as they find the recorded ones."""
    results = [one["result"]["zones"] for name, one in RECORDED.items() if name.partition(" ")[0] == module]
    recorded = {shape for result in results for shape in _shapes(module, result)}
    found = set(_shapes(module, zones))
    return bool(found) and found <= recorded


def _shapes(module: str, zones: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """How a change names a host, and how its state has the id."""
    for zone in zones.values():
        hosts: Any = zone["state"]
        for key in HOSTS[module]:
            hosts = hosts[key]
        for change in zone["done"]:
            for host, entry in hosts.items():
                if change["target"] == f"nova-compute on {host}":
                    yield "nova-compute on HOST", _kind(entry)
                elif module == "availability_zones" and host in change["text"].split():
                    yield "HOST is a word of the text", _kind(entry)


def _kind(entry: Any) -> str:
    return f"id: {type(entry.get('id')).__name__}" if isinstance(entry, Mapping) else type(entry).__name__
