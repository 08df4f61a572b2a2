# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones that leave the control plane, in the flow of a writer: nothing may live there, backups stop first, what is shared shrinks last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..._kubernetes.apply import fields, reconcile
from ..._kubernetes.apply.changes import Await, Write, some
from ..._kubernetes.apply.observe import Seen, sent
from ..._kubernetes.apply.reconcile import AppliedReconciler, Finding
from ..._kubernetes.apply.reconcile import Options as ApplyOptions
from ..._kubernetes.client import JSON_PATCH, Body, Cluster
from ..._kubernetes.objects import Applied
from ..._plan.apply import Undo
from ..._plan.change import Note, Plan, Refusal
from ..._plan.errors import ZoneopsError
from ..._zones.overrides import ORPHANS
from ..._zones.schema.zone_map import ZoneMap
from ..control_plane import guards, pending
from ..control_plane.restarts.predict import going, restarts
from ..control_plane.shared_lists import Kept, Zones, kept
from ..control_plane.wait import Waiting
from ..names import kubernetes_zones
from ..spec.control_plane import body_of, fitted, is_shared, region_spec, zone_spec
from ..status.readiness import Looked
from ..status.service_objects import Piece, pieces
from . import leftovers, steps
from .leftovers import Finish, Left

Items = Mapping[str, Sequence[dict[str, Any]]]


@dataclass(frozen=True)
class Observed(reconcile.Observed):
    """The control plane, and what stays of zones besides.

    :ivar left: what an earlier run may have left of each zone.
    :ivar late: what is missing of what zones share, by a run that waits.
    """

    left: tuple[Left, ...] = ()
    late: str = ""


class Removal(AppliedReconciler[Observed]):
    """The reconciler of the module control_plane for zones that are to be absent.

    :param living: what OpenStack says to live in each zone.
    :param orphans: whether that may lose its zone.
    :param wait: whether what is shared is waited for at the end. That the zone is gone always is.
    """

    def __init__(
        self,
        cluster: Cluster,
        zone_map: ZoneMap,
        zones: Sequence[str],
        living: Items,
        waiting: Waiting,
        *,
        orphans: bool,
        wait: bool,
        options: ApplyOptions,
    ) -> None:
        self.zone_map = zone_map
        self.living = living
        self.waiting = waiting
        self.orphans = orphans
        self.wait = wait
        self.going = [zone for zone in zones if zone in kubernetes_zones(zone_map)]
        gone = frozenset(zones)
        rest = steps.without(zone_map, gone)
        self._staying = Zones(rest, frozenset(), tuple(zone_map.zones[zone] for zone in zones))
        super().__init__(cluster, zones, steps.parts(zone_map, gone), options, Observed())

    def guard(self, observed: Observed) -> Iterable[Finding]:
        yield from self._stays(observed)
        gone = going(seen for seen in observed.seen if seen.applied.zones)
        for seen in observed.seen:
            yield from restarts(seen, self.going, gone)
        for zone, items in self.living.items():
            if not items:
                continue
            counts = ", ".join(
                f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in _counted(items).items()
            )
            if self.orphans:
                yield Note(
                    zone, f"zone {zone} is removed although it has {counts}, which are lost with it.", mended=True
                )
            else:
                yield Refusal(
                    zone,
                    ORPHANS,
                    f"zone {zone} still has {counts}: move or delete them first, or accept their loss: add to zoneops_allow (option allow): [{ORPHANS}].",
                    tuple(items),
                )

    def observe(self) -> Observed:
        """Besides the parts, what an earlier run may have left of each zone."""
        observed = super().observe()
        plane = _plane(observed)
        if plane is None:
            return observed
        rest = self._rest(observed) if self.wait and not self.begun else []
        late = self.waiting.late({pending.SHARED: rest}).get(pending.SHARED, "") if rest else ""
        topologies = {zone: self.cluster.get(leftovers.part(self.zone_map, zone).ref) for zone in self.going}
        unwanted = {zone: leftovers.dropped(self.zone_map, zone, plane.get("spec") or {}) for zone in self.going}
        kinds = [kind for topology in topologies.values() for kind in leftovers.finalizing_kinds(topology)]
        pieces_gone = [piece for own in unwanted.values() for piece in own]
        looked = self.waiting.look(pieces_gone, kinds) if pieces_gone or kinds else Looked(plane)
        found = (
            leftovers.left_of(leftovers.part(self.zone_map, zone), topologies[zone], unwanted[zone], looked)
            for zone in self.going
        )
        return replace(observed, left=tuple(found), late=late)

    def read_first(self, part: Applied) -> bool:
        return is_shared(part)

    def fitted(self, part: Applied, live: Body, _known: Observed) -> Applied:
        if is_shared(part):
            part = replace(part, body=body_of(self.zone_map, self._kept(live).spec))
        return fitted(part, live)

    def _kept(self, live: Body | None) -> Kept:
        """What zones share when these are gone, as it is asked for in view of the object."""
        wanted = region_spec(self._staying.zone_map)
        return kept(self._staying, wanted, live) if live is not None else Kept(wanted)

    def plan(self, observed: Observed) -> Plan[Write]:
        """What zones share shrinks only where all of them may go: a store that is not in the list cannot be reached any more."""
        plan = super().plan(observed)
        return replace(plan, changes=()) if plan.refusals else plan

    def simulate(self, observed: Observed, change: Write) -> Observed:
        after = observed if isinstance(change, Finish) else super().simulate(observed, change)
        if change.shared:
            return after
        # What is left already goes with the zone's keys.
        left = (leftovers.cleared(left) if left.zone == change.zone else left for left in after.left)
        return replace(after, left=tuple(left))

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        left = {str(left.applied.ref): left.shown for left in observed.left if left.zone == zone and left.shown}
        return {**super().describe(observed, zone), **left}

    def write(self, change: Write) -> Undo | None:
        if change.shared and self.book.failed:
            raise ZoneopsError(f"not begun, since {self.book.failed} failed")
        undo = super().write(change)
        if change.shared:
            self._wait_for_the_rest()
        return undo

    def carry_out(self, change: Write) -> None:
        if change.shared:
            super().carry_out(change)
            return
        zone = change.zone
        seen = next(seen for seen in self.start.seen if seen.applied.zones == (zone,))
        mine = {} if isinstance(change, Finish) else fields.view(seen.live, seen.tree)
        self._stop_backups(zone, seen, mine, self._orphans(zone))
        if not isinstance(change, Finish):
            super().carry_out(change)
        wanted = [*pieces(mine.get("spec") or {}), *pieces(zone_spec(self.zone_map, zone))]
        gone = {(piece.kind, piece.key): piece for piece in wanted}
        if gone:
            self.waiting.for_gone(f"zone {zone}", list(gone.values()))
        self._let_topology_go(zone)

    def _changes(self, observed: Observed) -> Iterator[Write]:
        """The zones' keys go, then what an earlier run left of them, then what is shared shrinks."""
        changes = list(super()._changes(observed))
        going = {change.zone for change in changes if not change.shared}
        yield from (change for change in changes if not change.shared)
        for left in observed.left:
            # With the zone's keys it goes by the way.
            if left.zone not in going and (left.shown or left.still):
                yield Finish(left.zone, left, self.sharing, left)
        shared = [change for change in changes if change.shared]
        yield from shared
        if observed.late and not shared:
            (part,) = (seen for seen in observed.seen if is_shared(seen.applied))
            yield Await(self.sharing[0], part, self.sharing, observed.late)

    def _stays(self, observed: Observed) -> Iterator[Refusal]:
        """Keys of a zone that its manager does not own do not go by an apply of nothing, and nothing says so."""
        for seen in observed.seen:
            if not seen.applied.zones or seen.live is None or seen.changes:
                continue
            zone = seen.applied.zones[0]
            kept = leftovers.kept(self.zone_map, zone, seen.live.get("spec") or {})
            if kept:
                yield Refusal(
                    zone,
                    "stayed",
                    f"{seen.applied.ref} has {some([str(piece) for piece in kept])} of zone {zone}, which {seen.applied.manager} does not own. "
                    "Remove them at their source, for example in the repository that GitOps applies, or take them over first: run "
                    "the role control_plane for the zone with zoneops_allow: [takeover].",
                )

    def _rest(self, observed: Observed) -> list[Piece]:
        """What zones share when these are gone, where it can be ready."""
        return [] if guards.away(self._staying.zone_map) else list(pieces(self._kept(_plane(observed)).spec))

    def _wait_for_the_rest(self) -> None:
        wanted = self._rest(self.latest)
        if self.wait and wanted:
            self.waiting.for_ready("the shared part of the control plane", wanted, all_ready=lambda: True)

    def _orphans(self, zone: str) -> dict[str, Any]:
        """Backup services that run without a key, as the map has them."""
        left = next((left for left in self.start.left if left.zone == zone), None)
        services = zone_spec(self.zone_map, zone).get("cinder", {}).get("template", {}).get("cinderBackups", {})
        return {key: service for key, service in services.items() if left is not None and key in left.orphans}

    def _stop_backups(
        self, zone: str, seen: Seen, mine: Mapping[str, Any], orphans: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Their pods go only while their key is there, so it stays until they are gone."""
        part = seen.applied
        stopped = steps.backups_stopped(mine, orphans)
        spec = stopped or mine.get("spec") or {}
        if stopped is not None:
            self.cluster.apply(part.ref, sent({**part.body, "spec": stopped}, seen.uid), part.manager, dry_run=False)
        backups = [piece for piece in pieces(spec) if piece.kind == leftovers.BACKUP]
        if backups:
            self.waiting.for_gone(f"backup services of {zone}", backups)
        if orphans and not seen.changes:
            # Nothing else takes the key away again.
            self.cluster.apply(part.ref, sent(part.body, seen.uid), part.manager, dry_run=False)

    def _let_topology_go(self, zone: str) -> None:
        """The operators leave finalizers behind; each goes only where its object is seen to be gone."""
        part = leftovers.part(self.zone_map, zone)
        topology = self.cluster.get(part.ref)
        if topology is None or not (topology["metadata"].get("finalizers") or []):
            return
        kinds = list(leftovers.finalizing_kinds(topology))
        left = leftovers.left_of(part, topology, [], self.waiting.look([], kinds)).stale if kinds else ()
        kept = [item for item in topology["metadata"]["finalizers"] if item not in left]
        if kept:
            self.waiting.say(f"zone {zone}: {part.ref} is still in use: {', '.join(kept)}")
        if left:
            operations = [
                {"op": "test", "path": "/metadata/resourceVersion", "value": topology["metadata"]["resourceVersion"]},
                {"op": "replace", "path": "/metadata/finalizers", "value": kept},
            ]
            self.cluster.patch(part.ref, operations, JSON_PATCH, part.manager)


def _plane(observed: Observed) -> Body | None:
    """The control plane object, as what zones share of it was looked at."""
    return next((seen.live for seen in observed.seen if is_shared(seen.applied)), None)


def _counted(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items:
        kind = str(item["kind"])
        counts[kind] = counts.get(kind, 0) + 1
    return counts
