# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata of aggregates that other agents read: to remove it switches off what they do. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# InstanceHA of RHOSO takes hosts of aggregates with the tag only, and reads its limit for each there; Masakari's hosts bear the last one.
_KEYS = ("evacuable", "ha_enabled")
_PREFIXES = ("instanceha:", "masakari:", "blazar:")


def of_agents(keys: Iterable[str]) -> list[str]:
    """Those of the keys that instance HA or reservations keep in an aggregate's metadata."""
    return sorted(key for key in keys if key.lower() in _KEYS or key.lower().startswith(_PREFIXES))
