# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reasons with which compute services are disabled: ours, which a later run recognises, and those of others. Pure."""

from __future__ import annotations

import re

from .._plan.disabled.reason import MAINTENANCE, PREFIX, by_this_collection, in_zone_maintenance, is_dead
from .model import Host

# Nova takes reasons of 255 characters; two names of zones, each up to so many, fit.
LONGEST = 120
_ON_ITS_WAY = re.compile(r"zoneops:(?! ).*->.*")
# InstanceHA and Masakari keep their state in the reason, and spare hosts are "reserved" there: to enable or move such a host breaks them.
_HA_TOOLS = re.compile(r"instance-?ha|masakari|reserved", re.IGNORECASE)


def mark(left: str, joined: str) -> str:
    """The reason while a host is on its way from one zone to another (inventory names; empty for none)."""
    return f"{PREFIX}{left[:LONGEST]}->{joined[:LONGEST]}"


def ends_of(host: Host) -> tuple[str, str]:
    """The zones between which a run left the host, as `mark` wrote them."""
    left, _arrow, joined = (host.disabled_reason or "").removeprefix(PREFIX).partition("->")
    return left, joined


def is_on_its_way(host: Host) -> bool:
    """Whether a run disabled the host between two zones, so that the next one may enable it."""
    return not host.enabled and bool(_ON_ITS_WAY.fullmatch(host.disabled_reason or ""))


def is_ours(host: Host) -> bool:
    """Whether this collection disabled the host, for whatever reason."""
    return by_this_collection(host.disabled_reason, enabled=host.enabled)


def in_maintenance(host: Host) -> bool:
    """Whether the host is in a maintenance of this collection, which remembers there what it has to put back."""
    alone = not host.enabled and (host.disabled_reason or "").startswith(f"{MAINTENANCE}, ")
    return alone or in_zone_maintenance(host.disabled_reason, enabled=host.enabled)


def died(host: Host) -> bool:
    """Whether zone_evacuate took the host out of service because it died."""
    return is_dead(host.disabled_reason, enabled=host.enabled)


def ended_with(host: Host) -> str:
    """What ends the maintenance that the host is in."""
    whole = in_zone_maintenance(host.disabled_reason, enabled=host.enabled)
    return "zone_maintenance" if whole else "host_maintenance"


def of_ha_tool(host: Host) -> bool:
    """Whether an instance-HA tool disabled the host or keeps it as a spare."""
    return not host.enabled and not is_ours(host) and bool(_HA_TOOLS.search(host.disabled_reason or ""))
