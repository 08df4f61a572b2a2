# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topology objects in the flow of a writer. One that is in use restarts pods: what is shared first, then one zone after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from ..._kubernetes.apply.changes import ApplyFields, Write
from ..._kubernetes.apply.observe import Seen
from ..._kubernetes.apply.reconcile import AppliedObjects, Finding, Observed, Options
from ..._kubernetes.client import Cluster
from ..._kubernetes.errors import ApiError
from ..._plan.change import Note
from ..._zones.schema.zone_map import ZoneMap
from ..spec.topologies import topologies
from ..status.topology_users import users_of
from . import guards
from .wait import Waiting

#: On a Topology whose pods do not follow its last change yet: a run that ends in between leaves it to the next one.
MARK = "zoneops.openstack/restarting"


class Follow(ApplyFields):
    """What an earlier run changed: the mark goes when the pods have restarted for it."""

    @property
    def text(self) -> str:
        return f"{self.applied.step}: wait until the pods that use {self.applied.ref} restarted for its change"


class TopologiesReconciler(AppliedObjects):
    """Says who uses a Topology that changes, and waits until their pods have restarted before the next zone's changes.

    :param waiting: how to wait; None for not at all.
    """

    def __init__(
        self, cluster: Cluster, zones: Sequence[str], zone_map: ZoneMap, options: Options, waiting: Waiting | None
    ) -> None:
        self.zone_map = zone_map
        self.waiting = waiting
        super().__init__(cluster, zones, topologies(zone_map, zones), options)

    def observe(self) -> Observed:
        """One list for all zones."""
        if not self.parts:
            return self.nothing
        try:
            found = {item["metadata"]["name"]: item for item in self.cluster.items(replace(self.parts[0].ref, name=""))}
        except ApiError as error:
            if not error.refused:
                raise
            return Observed(tuple(Seen(part, rejected=error.message) for part in self.parts))
        lives = {part.ref.path: found.get(part.ref.name) for part in self.parts}
        return Observed(self.looked_at(self.parts, self.nothing, lives))

    def guard(self, observed: Observed) -> Iterator[Finding]:
        for seen in observed.seen:
            users = users_of(seen.live)
            if users and (_is_new(seen) or _has_mark(seen)):
                text = f"{seen.applied.ref} is in use, and its change restarts these pods: {', '.join(users)}"
                for zone in seen.applied.zones or self.sharing:
                    yield Note(zone, text, mended=True)

    def _changes(self, observed: Observed) -> Iterator[Write]:
        for change in super()._changes(observed):
            owed = isinstance(change, ApplyFields) and _has_mark(change.seen) and not _is_new(change.seen)
            if not owed:
                yield change
            elif self._waits_for(change):
                yield Follow(change.zone, change.seen, change.asked, joins=change.joins)

    def _waits_for(self, change: Write) -> bool:
        """Not where a zone is away: a shared service has a pod there, too."""
        absent = guards.away(self.zone_map)
        return self.waiting is not None and not (absent if change.shared else change.zone in absent)

    def carry_out(self, change: Write) -> None:
        seen = change.seen
        owes = isinstance(change, Follow) or (
            isinstance(change, ApplyFields) and _is_new(seen) and users_of(seen.live) and self._waits_for(change)
        )
        if not owes:
            super().carry_out(change)
            return
        if not isinstance(change, Follow):
            body = seen.applied.body
            marked = {**body, "metadata": {**body["metadata"], "annotations": {MARK: "true"}}}
            self._sent(replace(seen, applied=replace(seen.applied, body=marked)))
        self.book.owe(change.part, partial(self._see_followed, change))

    def _see_followed(self, change: Write) -> None:
        """A Topology loses its mark when the pods that use it have restarted."""
        what = f"the Topology of zone {change.zone}" if change.part else "the Topologies that zones share"
        seen = change.seen
        if self.waiting is not None and seen.after is not None:
            self.waiting.for_followed(what, users_of(seen.live), seen.after.get("spec") or {})
        super().carry_out(change)


def _is_new(seen: Seen) -> bool:
    """Whether pods restart for a change: not for one of its owner or of the mark alone."""
    return seen.live is not None and seen.after is not None and seen.before.get("spec") != seen.wanted.get("spec")


def _has_mark(seen: Seen) -> bool:
    return MARK in (((seen.live or {}).get("metadata") or {}).get("annotations") or {})
