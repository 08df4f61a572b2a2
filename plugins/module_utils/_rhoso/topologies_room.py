# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topology objects in the flow of a writer. One that is in use restarts pods: what is shared first, then one zone after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._kubernetes.changes import Write
from .._kubernetes.client import Cluster
from .._kubernetes.room import AppliedRoom, Finding, Observed, Options
from .._plan.apply import Undo
from .._plan.change import Note
from .._plan.errors import ZoneopsError
from .._zones.schema import ZoneMap
from . import guards
from .following import users_of
from .topologies import topologies
from .waiting import Waiting

SHARED = ""


class TopologiesRoom(AppliedRoom):
    """Says who uses a Topology that changes, and waits until their pods have restarted before the next zone's changes.

    :param waiting: how to wait; None for not at all.
    """

    def __init__(
        self, cluster: Cluster, zones: Sequence[str], zone_map: ZoneMap, options: Options, waiting: Waiting | None
    ) -> None:
        self.zone_map = zone_map
        self.waiting = waiting
        self._changed: dict[str, list[Write]] = {}
        super().__init__(cluster, zones, topologies(zone_map, zones), options)

    def guard(self, observed: Observed) -> Iterator[Finding]:
        for seen in observed:
            if seen.live is None or seen.after is None or seen.before == seen.wanted:
                continue
            users = users_of(seen.live)
            if users:
                text = f"{seen.applied.ref} is in use, and its change restarts these pods: {', '.join(users)}"
                for zone in seen.applied.zones or self.sharing:
                    yield Note(zone, text, mended=True)

    def write(self, change: Write) -> Undo | None:
        self._changed.setdefault(SHARED if change.shared else change.zone, []).append(change)
        undo = super().write(change)
        if change.shared and not any(left.shared for left in self._todo):
            try:
                self._wait("the Topologies that zones share", SHARED)
            except ZoneopsError:
                self._failed = self._failed or f"the shared part '{change.text}'"
                raise
        return undo

    def settled(self, zone: str) -> None:
        self._wait(f"the Topology of zone {zone}", zone)

    def _wait(self, what: str, part: str) -> None:
        """Not where a zone is away: a shared service has a pod there, too."""
        absent = guards.away(self.zone_map)
        if self.waiting is None or part in absent or (part == SHARED and absent):
            return
        for change in self._changed.get(part, []):
            seen = change.seen
            users = users_of(seen.live)
            if users and seen.after is not None and seen.before != seen.wanted:
                self.waiting.for_followed(what, users, seen.after.get("spec") or {})
