# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may become of one server, with the reason in words. Pure; the room is not looked at here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import LOCAL_DISKS, LOST, PINNED, Away, Facts, Question, Volume, Workload

MOVES, CROSSES, WAITS, RESTORE = "moves", "crosses", "waits", "restore"
# What nova evacuates: nothing else of a host that is lost, whatever becomes of it.
EVACUABLE = frozenset(("ACTIVE", "SHUTOFF", "ERROR"))
# Live migration takes a paused server, too.
MOVABLE = frozenset(("ACTIVE", "SHUTOFF", "PAUSED"))
STATES = {
    "PAUSED": "it is paused",
    "SUSPENDED": "it is suspended",
    "RESCUE": "it is in rescue",
    "VERIFY_RESIZE": "its resize waits for a confirmation",
    "ERROR": "it is in status ERROR",
    "UNKNOWN": "its cell does not answer",
    "SHELVED": "it is shelved and not yet off its host",
    "SOFT_DELETED": "it is deleted and can still be restored",
}
# A volume in one of these is not about to become another.
STEADY = frozenset(("in-use", "available"))
# Zones that are named with what keeps a server from each of them.
MOST_REASONS = 3


@dataclass(frozen=True)
class Class:
    """What may become of a server.

    :ivar zones: where it may go; none for one that waits or needs a restore.
    """

    name: str
    reason: str
    zones: frozenset[str] = frozenset()


class Classifier:
    """Classifies the servers of one region.

    Zones that can be reached are kept by what a server has, since thousands have the same.
    """

    def __init__(self, facts: Facts, question: Question) -> None:
        self._facts = facts
        self._question = question
        self._reached: dict[object, tuple[frozenset[str], str]] = {}

    def classify(self, server: Workload, away: Away) -> Class:
        """The class of a server on a host that is away."""
        known = self._facts.volumes or {}
        volumes = [known[volume] for volume in server.volumes if volume in known]
        if lost := _lost(server, self._facts.hosts[server.host].zone, volumes, away, self._question):
            return Class(RESTORE, lost)
        if reason := next(_reasons_to_wait(server, volumes, self._facts, away, self._question), ""):
            return Class(WAITS, reason)
        return self._to_zones(server, volumes, away)

    def _to_zones(self, server: Workload, volumes: list[Volume], away: Away) -> Class:
        zone = self._facts.hosts[server.host].zone
        pin = server.pinned if server.pinned in self._facts.holding else None
        allowed = PINNED in self._question.movable
        if pin is not None and not allowed:
            if pin in away.zones:
                unseen = "" if self._facts.pins_seen else " (assumed: nova before 2.96 does not show pins)"
                return Class(WAITS, f"it is pinned to zone {pin}{unseen}")
            if pin == zone:
                return Class(MOVES, f"moves inside zone {zone}", frozenset((zone,)))
        reached, barred = self._reach(server, zone, None if allowed else pin, volumes, away)
        if zone in reached:
            return Class(MOVES, f"moves inside zone {zone}", reached)
        if not reached:
            return Class(WAITS, barred or "there is no other zone")
        why = (
            f"pinned to zone {pin}"
            if pin and not allowed
            else "pinned, and counted as movable"
            if pin
            else "not pinned"
        )
        where = next(iter(reached)) if len(reached) == 1 else f"{len(reached)} zones"
        return Class(CROSSES, f"may cross to {where}: {why}", reached)

    def _reach(
        self, server: Workload, zone: str, pin: str | None, volumes: list[Volume], away: Away
    ) -> tuple[frozenset[str], str]:
        """The zones that it may go to; and why it may go to none, else nothing."""
        held = tuple(volume for volume in volumes if volume.zone in self._facts.holding)
        networks = server.networks
        key = (zone, pin, frozenset(volume.zone for volume in held), networks, away.zones)
        if key in self._reached and self._reached[key][0]:
            return self._reached[key]
        targets = sorted((self._facts.zones if pin is None else {pin}) - away.zones)
        bars = {target: "" if target == zone else self._bar(target, held, networks) for target in targets}
        reasons = dict.fromkeys(f"{target}: {reason}" for target, reason in bars.items() if reason)
        self._reached[key] = (
            frozenset(target for target, reason in bars.items() if not reason),
            "; ".join(list(reasons)[:MOST_REASONS]),
        )
        return self._reached[key]

    def _bar(self, target: str, held: tuple[Volume, ...], networks: frozenset[str] | None) -> str:
        """Why a server cannot go to another zone than its own; empty where it can."""
        elsewhere = next((volume for volume in held if volume.zone != target), None)
        if elsewhere is not None and not self._question.storage_reachable:
            return f"its volume {elsewhere.label} is in zone {elsewhere.zone}"
        if networks is None:
            return "its networks could not be read"
        reach = self._facts.reach.get(target, frozenset())
        for network in sorted(networks):
            physical = self._facts.networks.get(network)
            if physical is None:
                return f"its network {network} could not be read"
            if physical and not physical & reach:
                return f"its network {network} ({', '.join(sorted(physical))}) does not exist there"
        return ""


def _lost(server: Workload, zone: str, volumes: list[Volume], away: Away, question: Question) -> str:
    """The data that is lost with what is away, or cannot be reached from where the server would go."""
    if zone in away.zones and not question.storage_reachable:
        held = next((volume for volume in volumes if volume.zone in away.zones), None)
        if held:
            return f"its volume {held.label} is in zone {held.zone}"
        if server.shape.local and question.event == LOST:
            return f"its disk is on the storage of zone {zone}"
        if server.shape.local and question.shared_disks and LOCAL_DISKS not in question.movable:
            return f"its disk is on the storage of zone {zone}"
    if server.shape.local and question.event == LOST and not question.shared_disks:
        return f"its disk is on host {server.host}"
    return ""


def _reasons_to_wait(
    server: Workload, volumes: list[Volume], facts: Facts, away: Away, question: Question
) -> Iterator[str]:
    if server.task:
        yield f"a task is under way ({server.task})"
    possible = EVACUABLE if question.event == LOST else MOVABLE
    if server.status not in possible:
        yield STATES.get(server.status, f"it is in status {server.status}")
    for reason in (*server.shape.by_hand, *server.by_hand):
        yield f"it has {reason}"
    if server.shape.local and not question.shared_disks and LOCAL_DISKS not in question.movable:
        yield f"its disk is local to host {server.host}"
    if server.volumes and facts.volumes is None:
        yield "its volumes could not be read"
    for volume in volumes:
        if volume.status not in STEADY:
            yield f"its volume {volume.label} is {volume.status}"
        # The one of a zone that is away is no question of today's state.
        if volume.down and volume.zone not in away.zones:
            yield f"its volume {volume.label} is served by {volume.down}, which is down"
    if server.hosts is not None and not server.hosts - away.hosts:
        yield "its affinity group has no member on another host"
