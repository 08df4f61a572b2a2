# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has happened to a zone, by the signs of all sources that answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._zones.schema.zone_map import Zone
from ..model import CINDER, Seen, Sign
from ..times import moment
from .fencing import Fence

ALIVE, HOSTS_DEAD, ZONE_DEAD, STORAGE_ONLY, PARTITION = (
    "alive",
    "hosts dead",
    "zone dead",
    "storage only",
    "partition suspected",
)
WORKS, FAILS, NONE, UNKNOWN = "works", "fails", "none", "unknown"


@dataclass(frozen=True)
class Diagnosis:
    """What has happened to one zone.

    :ivar dead: hosts that are silent in every source.
    :ivar doubtful: hosts that nova calls down while another source hears of them, and which one.
    :ivar reporting: hosts that are forced down and still report to nova.
    :ivar storage: WORKS, FAILS, NONE where the zone has none, or UNKNOWN where cinder does not answer.
    :ivar evidence: all that was seen of the zone.
    :ivar unread: why sources could not be read, by source.
    """

    verdict: str
    dead: tuple[str, ...] = ()
    doubtful: Mapping[str, str] = field(default_factory=dict)
    reporting: tuple[str, ...] = ()
    storage: str = NONE
    evidence: tuple[Sign, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def lost(self) -> bool:
        """Whether the zone as a whole is gone, with its storage."""
        return self.verdict == ZONE_DEAD

    def as_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "dead": list(self.dead),
            "doubtful": dict(self.doubtful),
            "reporting": list(self.reporting),
            "storage": self.storage,
            "evidence": [sign.as_dict() for sign in self.evidence],
            "unread": dict(self.unread),
        }


def diagnose(zone: Zone, seen: Seen) -> Diagnosis:
    """One zone, by the hosts of its file that are in it."""
    hosts = seen.region.hosts
    mine = [name for name in zone.compute_hosts if name in hosts]
    signs = tuple(
        sign for sign in seen.signs if sign.host in mine or (sign.zone and sign.zone == zone.availability_zone)
    )
    reporting = tuple(name for name in mine if name in seen.reporting)
    down = (name for name in mine if hosts[name].state != "up" or hosts[name].forced_down)
    silent = [name for name in down if name not in reporting]
    doubtful = {name: heard for name in silent if (heard := _heard_of(signs, name))}
    dead = tuple(name for name in silent if name not in doubtful)
    storage = UNKNOWN if CINDER in seen.unheard else _storage(sign for sign in signs if not sign.host)
    verdict = _verdict(mine, dead, doubtful, storage)
    return Diagnosis(verdict, dead, doubtful, reporting, storage, signs, seen.unheard)


def _verdict(mine: list[str], dead: tuple[str, ...], doubtful: Mapping[str, str], storage: str) -> str:
    if doubtful:
        return PARTITION
    if mine and len(dead) == len(mine):
        return HOSTS_DEAD if storage in (WORKS, UNKNOWN) else ZONE_DEAD
    if dead:
        return HOSTS_DEAD
    return STORAGE_ONLY if storage == FAILS else ALIVE


def _heard_of(signs: Iterable[Sign], host: str) -> str:
    return ", ".join(sign.what for sign in signs if sign.host == host and sign.alive)


def _storage(signs: Iterable[Sign]) -> str:
    """Works as long as one back end of the zone does."""
    found = [sign.alive for sign in signs if sign.alive is not None]
    if not found:
        return NONE
    return WORKS if any(found) else FAILS


def blind(seen: Seen) -> str:
    """Why it is rather this run that sees nothing; empty where some host lives."""
    hosts = seen.region.hosts
    if any(host.state == "up" for host in hosts.values()):
        return ""
    return f"nova sees no compute host up, of {len(hosts)} in the whole region: its control plane is more likely to be in trouble than all zones"


def heard_after(fence: Fence, seen: Seen, host: str) -> str:
    """A sign of life that is later than the evidence; empty where there is none."""
    for sign in seen.signs:
        if sign.host == host and sign.at and moment(sign.at) - sign.margin > fence.at:
            return f"{sign.heard or f'{sign.what} was heard of'} at {sign.at}"
    return ""
