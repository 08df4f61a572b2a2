# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Availability zones that one service has and another lacks: each keeps a list of its own, and users give one name to all of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STORAGE = ("cinder", "manila")
# Where nova shows its own services; no server can be there.
INTERNAL = "internal"


def differing_names(region: Mapping[str, Any]) -> list[str]:
    """One note for each difference. A service that is not there, or could not be read, has no list to compare."""
    listed = region.get("availability_zones", {})
    names = {service: {str(zone["name"]) for zone in zones} - {INTERNAL} for service, zones in listed.items() if zones}
    pairs = [pair for service in STORAGE for pair in ((service, "nova"), ("nova", service))]
    return [
        f"note: availability zones of {one} that {other} does not have: {', '.join(odd)}"
        for one, other in pairs
        if one in names and other in names and (odd := sorted(names[one] - names[other]))
    ]
