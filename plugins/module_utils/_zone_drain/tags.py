# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server's tag says while it is on its way to another zone, so that a later run can finish it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

#: The server was pinned to the zone of this name, and is pinned again wherever it is in the end.
PIN = "zoneops:pin="
#: A server without a pin that is migrated cold: a later run may confirm that.
MOVE = "zoneops:move="
#: What nova takes.
LONGEST = 60


def tag_for(zone: str, *, pinned: bool) -> str:
    """Of a server that leaves a zone."""
    return f"{PIN if pinned else MOVE}{zone}"


def unfit(zone: str) -> str:
    """Why the name of a zone can be in no tag; empty where it can."""
    if "/" in zone or "," in zone or len(PIN + zone) > LONGEST:
        return f"no tag of nova can hold the name of zone {zone}: it has a comma or a slash, or more than {LONGEST - len(PIN)} characters"
    return ""


def on_its_way(tags: Iterable[str], zones: Collection[str]) -> str:
    """The tag of a server that a run moved out of one of these zones; empty for one that has none."""
    known = {f"{kind}{zone}" for zone in zones for kind in (PIN, MOVE)}
    return next((tag for tag in tags if tag in known), "")


def zone_in(tag: str) -> str:
    """The zone that the server left."""
    return tag.partition("=")[2]


def of_pin(tag: str) -> bool:
    return tag.startswith(PIN)
