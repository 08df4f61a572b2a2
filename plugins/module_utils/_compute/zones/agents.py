# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata of aggregates that other agents read: to remove it switches off what they do, or a limit to it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..._zones.validation.instance_ha import MAX_FAILURES

# InstanceHA of RHOSO takes hosts of aggregates with the tag only, and reads its limit for each there; Masakari's hosts bear the last one.
_EVACUABLE = "evacuable"
_KEYS = (_EVACUABLE, "ha_enabled")
# What the maintenance of a zone is to know at its end.
OWN_PREFIX = "zoneops:"
MASAKARI_PREFIX = f"{OWN_PREFIX}masakari "
_PREFIXES = ("instanceha:", "masakari:", "blazar:")
# What nova takes in a key.
_NOT_IN_KEYS = re.compile(r"[^a-zA-Z0-9-_:. ]")


def of_agents(keys: Iterable[str]) -> list[str]:
    """Those of the keys that instance HA or reservations keep in an aggregate's metadata."""
    return sorted(key for key in keys if key.lower() in _KEYS or key.lower().startswith(_PREFIXES))


def is_own(key: str) -> bool:
    """Whether it is no metadata of the zone's, but what its maintenance remembers."""
    return key.startswith(OWN_PREFIX)


def share_service_key(host: str) -> str:
    """Under which it is remembered that a manila-share is disabled for the maintenance of its zone."""
    return f"{OWN_PREFIX}manila-share {_NOT_IN_KEYS.sub('_', host)}"


def masakari_key(host: str) -> str:
    """Under which it is remembered that a host is on maintenance in Masakari for a maintenance of ours."""
    return f"{MASAKARI_PREFIX}{_NOT_IN_KEYS.sub('_', host)}"


def unlimited(aggregate: str, metadata: Mapping[str, str | None], hosts: int) -> str:
    """That instance HA may evacuate a whole zone; empty where it may not, or does not look after its hosts."""
    if not metadata.get(_EVACUABLE) or hosts < 2:
        return ""
    advice = f"Set compute.metadata '{MAX_FAILURES}' in the zone's file to a number below that of its hosts"
    limit = metadata.get(MAX_FAILURES)
    if limit is None:
        return (
            f"instance HA has no limit of its own for aggregate {aggregate}: the loss of one zone of three is below its default threshold. {advice}, "
            "or to a higher one if instance HA may evacuate the whole zone."
        )
    if limit.isdecimal() and int(limit) >= hosts:
        return f"instance HA may evacuate all {hosts} hosts of aggregate {aggregate} at once ({MAX_FAILURES} is {limit}). {advice}."
    return ""
