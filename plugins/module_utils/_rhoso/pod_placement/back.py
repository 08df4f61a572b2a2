# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until zones that were lost are complete again: their pods start by themselves once their nodes take them."""

from __future__ import annotations

from collections.abc import Iterable

from ..._kubernetes.client import Cluster
from ..._kubernetes.wait import Wait
from ..._plan.text.listing import first
from ..._zones.schema.zone_map import ZoneMap
from .observe import read
from .verdicts import Placement

#: A look costs a list of each kind.
EVERY_SECONDS = 5.0
SHOWN = 5


def coming(placement: Placement, only: Iterable[str], *, fenced: bool) -> list[str]:
    """Of the zones, those that lack something which can come by itself.

    :param fenced: whether nodes may be out of service still, as before a run that ends that.
    """
    return [name for name in only if name in placement.zones and placement.comes(placement.zones[name], fenced=fenced)]


def until_back(
    cluster: Cluster, zone_map: ZoneMap, placement: Placement, only: Iterable[str], seconds: float
) -> tuple[Placement, dict[str, float]]:
    """What was seen last, and how many seconds each of the zones was waited for that had to be. Whether it lacks something still is in the former."""
    zones = coming(placement, only, fenced=False)
    if not zones:
        return placement, {}
    found = [placement]

    def missing() -> str:
        found[0] = Placement(zone_map, read(cluster, zone_map))
        # What can come no more, as a node that is silent again, ends the wait: the verdict names it.
        still = coming(found[0], zones, fenced=False)
        texts = [text for name in still for text in found[0].missing(found[0].zones[name])]
        texts += found[0].short if still else []
        return first(SHOWN, (text.rstrip(".") for text in texts), of=len(texts), separator="; ")

    what = f"zone{'s' if len(zones) > 1 else ''} {', '.join(zones)}"
    took, _left = Wait(cluster.deadline, seconds, EVERY_SECONDS).watch(missing, what)
    return found[0], dict.fromkeys(zones, round(took, 1))
