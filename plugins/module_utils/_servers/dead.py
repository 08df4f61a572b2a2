# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down when a host dies: at the host why it is out of service, at each server what it is to be afterwards. Pure.

The host: one PUT disables it, forces it down and gives this reason, `zoneops: dead[ of the zone]: REASON | before: PREVIOUS`. zone_return alone ends that:
a host that was enabled is enabled, one that was disabled gets its previous reason again, also where that is a mark of a maintenance. The services of cinder
and manila have the reason `zoneops: dead of the zone: REASON`, and only where the whole zone is lost; those that were disabled before keep their reason.

The server: a tag, `zoneops:evacuate=HOST:STATUS`, is written before its evacuation is asked for, and removed once it is on another host in that status. Only
ACTIVE and SHUTOFF are remembered. From nova 2.95 on all arrive stopped, and one that ran is started; before, one that ran arrives running. A server that
is in status ERROR takes no tag (nova allows tags on ACTIVE, PAUSED, SUSPENDED and SHUTOFF only), and it boots when it is evacuated. One whose evacuation
failed is in ERROR as well and has its tag: it boots, and is stopped again where the tag says SHUTOFF. A tag on a server that is still on HOST is of one that
has not moved: zone_evacuate takes that up if HOST has been out of service since, and else writes what the server is now; zone_return removes it once HOST is
back. One of a host that the server was evacuated from, and that it was not yet started after, counts also when its new host is lost. On a server that has left
HOST otherwise than by an evacuation, a tag counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from .._compute.model import Host
from .._plan.disabled.reason import dead_mark, in_dead_zone, is_dead
from .maintenance.marks import BEFORE, LONGEST

#: Of a server that is evacuated, or is to be.
EVACUATE = "zoneops:evacuate="
ACTIVE, SHUTOFF = "ACTIVE", "SHUTOFF"
REMEMBERED = (ACTIVE, SHUTOFF)
#: What nova takes.
LONGEST_TAG = 60
_SHORT, _DIGEST = 28, 6


@dataclass(frozen=True)
class Dead:
    """What the disabled reason of a host that died says.

    :ivar before: the reason that the host was disabled for before; None for one that was enabled.
    :ivar zone: whether its whole zone is lost.
    """

    reason: str
    before: str | None = None
    zone: bool = False

    @property
    def text(self) -> str:
        """In nova's 255 characters: the reason is cut first, and then the end of the one before."""
        head = f"{dead_mark(zone=self.zone)}: "
        tail = "" if self.before is None else f"{BEFORE}{self.before}"
        return f"{head}{self.reason[: max(0, LONGEST - len(head) - len(tail))]}{tail}"[:LONGEST]

    @property
    def fits(self) -> bool:
        """Whether nothing of what the host was before is lost."""
        return len(f"{dead_mark(zone=self.zone)}: {BEFORE}{self.before or ''}") <= LONGEST


def dead_of(host: Host) -> Dead | None:
    """None for a host that zone_evacuate did not take out of service."""
    return None if host.enabled else dead_in(host.disabled_reason)


def dead_in(disabled_reason: str | None) -> Dead | None:
    """None for a reason of others, or of a maintenance."""
    text = disabled_reason or ""
    if not is_dead(text, enabled=False):
        return None
    zone = in_dead_zone(text, enabled=False)
    reason, kept, before = text.removeprefix(f"{dead_mark(zone=zone)}: ").partition(BEFORE)
    return Dead(reason, before if kept else None, zone)


def evacuation_tag(host: str, status: str) -> str:
    """Of a server that is evacuated from a host and is to have a status afterwards. Of a long name, or one that no tag can hold, a digest is used."""
    most = LONGEST_TAG - len(f"{EVACUATE}:{SHUTOFF}")
    if len(host) > most or not set("/,:~").isdisjoint(host):
        digest = sha256(host.encode()).hexdigest()[:_DIGEST]
        host = f"{''.join('-' if sign in '/,:~' else sign for sign in host[:_SHORT])}~{digest}"
    return f"{EVACUATE}{host}:{status}"


def evacuation_tags(hosts: Iterable[str]) -> frozenset[str]:
    """All tags of servers that are evacuated from these hosts."""
    return frozenset(evacuation_tag(host, status) for host in hosts for status in REMEMBERED)


def remembered(tags: Iterable[str], host: str | None = None) -> str:
    """The tag of a server that is evacuated; empty where it has none.

    :param host: from this one only; None from whichever.
    """
    wanted = None if host is None else evacuation_tags((host,))
    return next((tag for tag in tags if (tag.startswith(EVACUATE) if wanted is None else tag in wanted)), "")


def status_in(tag: str) -> str:
    """The status that the server is to have afterwards."""
    return tag.rpartition(":")[2]
