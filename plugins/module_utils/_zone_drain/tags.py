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
#: The server is shelved and unshelved. After the zone comes the status that it had, and has again in the end.
SHELVE = "zoneops:shelve="
ACTIVE, SHUTOFF = "ACTIVE", "SHUTOFF"
#: Only in these: no other would be had again by an unshelve and a stop.
SHELVABLE = (ACTIVE, SHUTOFF)
#: What nova takes.
LONGEST = 60


def tag_for(zone: str, *, pinned: bool) -> str:
    """Of a server that leaves a zone."""
    return f"{PIN if pinned else MOVE}{zone}"


def tag_to_shelve(zone: str, status: str) -> str:
    """Of a server that is shelved to leave a zone."""
    return f"{SHELVE}{zone}:{status}"


def unfit(zone: str, *, shelved: bool = False) -> str:
    """Why the name of a zone can be in no tag; empty where it can."""
    most = LONGEST - len(tag_to_shelve("", SHUTOFF) if shelved else PIN)
    if "/" in zone or "," in zone or len(zone) > most:
        return f"no tag of nova can hold the name of zone {zone}: it has a comma or a slash, or more than {most} characters"
    return ""


def on_its_way(tags: Iterable[str], zones: Collection[str]) -> str:
    """The tag of a server that a run moved out of one of these zones; empty for one that has none."""
    known = {f"{kind}{zone}" for zone in zones for kind in (PIN, MOVE)} | to_shelve(zones)
    return next((tag for tag in tags if tag in known), "")


def to_shelve(zones: Iterable[str]) -> set[str]:
    """The tags of servers that leave these zones by shelve and unshelve."""
    return {tag_to_shelve(zone, status) for zone in zones for status in SHELVABLE}


def zone_in(tag: str) -> str:
    """The zone that the server left."""
    zone = tag.partition("=")[2]
    return zone.rpartition(":")[0] if of_shelve(tag) else zone


def status_in(tag: str) -> str:
    """The status that a server had before it was shelved."""
    return tag.rpartition(":")[2] if of_shelve(tag) else ""


def of_pin(tag: str) -> bool:
    return tag.startswith(PIN)


def of_shelve(tag: str) -> bool:
    return tag.startswith(SHELVE)


def repins(tag: str) -> bool:
    """Whether the server is pinned to the zone that it comes to: an unshelve to a zone pins as well."""
    return of_pin(tag) or of_shelve(tag)
