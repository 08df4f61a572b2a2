# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones that leave the control plane, in the flow of a writer: nothing may live there, backups stop first, what is shared shrinks last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._kubernetes import fields
from .._kubernetes.changes import Write
from .._kubernetes.client import JSON_PATCH, Cluster
from .._kubernetes.look import Seen, sent
from .._kubernetes.objects import Ref
from .._kubernetes.room import AppliedRoom, Finding, Observed
from .._kubernetes.room import Options as ApplyOptions
from .._plan.apply import Undo
from .._plan.change import Note, Plan, Refusal
from .._plan.errors import ZoneopsError
from .._zones.schema import ZoneMap
from . import guards, readiness, removal
from .names import kubernetes_zones
from .pieces import pieces
from .waiting import Waiting

ORPHANS = "orphans"
TOPOLOGY = "topology.openstack.org/v1beta1"
Items = Mapping[str, Sequence[dict[str, Any]]]


class Removal(AppliedRoom):
    """The room of the module control_plane for zones that are to be absent.

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
        super().__init__(cluster, zones, removal.parts(zone_map, frozenset(zones)), options)

    def guard(self, _observed: Observed) -> Iterable[Finding]:
        for zone, items in self.living.items():
            if not items:
                continue
            counts = ", ".join(
                f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in _counted(items).items()
            )
            if self.orphans:
                yield Note(
                    zone, f"zone {zone} is taken away although it has {counts}, which are lost with it.", mended=True
                )
            else:
                yield Refusal(
                    zone,
                    ORPHANS,
                    f"zone {zone} still has {counts}: move or delete them first, or give them up with allow: {ORPHANS}.",
                    tuple(items),
                )

    def plan(self, observed: Observed) -> Plan[Write]:
        """What zones share shrinks only where all of them may go: a store that is not in the list cannot be reached any more."""
        plan = super().plan(observed)
        if not plan.refusals:
            return plan
        self._todo = []
        return replace(plan, changes=())

    def write(self, change: Write) -> Undo | None:
        if change.shared:
            if self._failed:
                raise ZoneopsError(f"not begun, since {self._failed} failed")
            undo = super().write(change)
            self._wait_for_the_rest(change)
            return undo
        name = change.zone
        mine = fields.view(change.seen.live, change.seen.tree)
        try:
            self._stop_backups(name, change.seen, mine)
            undo = super().write(change)
            gone = list(pieces(mine.get("spec") or {}))
            if gone:
                self.waiting.for_gone(f"zone {name}", gone)
            self._let_topology_go(name)
        except ZoneopsError:
            self._failed = self._failed or f"zone {name}"
            raise
        return undo

    def _wait_for_the_rest(self, change: Write) -> None:
        kept = removal.without(self.zone_map, frozenset(self.zones))
        wanted = list(pieces(change.applied.body.get("spec") or {}))
        if self.wait and wanted and not guards.away(kept):
            self.waiting.for_ready("the shared part of the control plane", wanted, all_ready=True)

    def _stop_backups(self, zone: str, seen: Seen, mine: Mapping[str, Any]) -> None:
        stopped = removal.backups_stopped(mine)
        if stopped is None:
            return
        part = seen.applied
        body = {**part.body, "spec": stopped}
        self.cluster.apply(part.ref, sent(body, seen.uid), part.manager, dry_run=False)
        backups = [piece for piece in pieces(mine["spec"]) if piece.kind == "CinderBackup"]
        self.waiting.for_gone(f"backup services of {zone}", backups)

    def _let_topology_go(self, zone: str) -> None:
        """The operators leave finalizers behind; each goes only where its object is seen to be gone."""
        _zone, kubernetes = kubernetes_zones(self.zone_map)[zone]
        space = self.zone_map.region.kubernetes.namespace
        ref = Ref(TOPOLOGY, "Topology", kubernetes.topology, space)
        topology = self.cluster.get(ref)
        if topology is None or not (topology["metadata"].get("finalizers") or []):
            return
        there = {
            kind: frozenset(readiness.name_of(item) for item in self.cluster.items(Ref(version, kind, "", space)))
            for version, kind in removal.KINDS.values()
        }
        left = removal.left_over(topology, there)
        kept = [item for item in topology["metadata"]["finalizers"] if item not in left]
        if kept:
            self.waiting.say(f"zone {zone}: {ref} is still in use: {', '.join(kept)}")
        if left:
            operations = [
                {"op": "test", "path": "/metadata/resourceVersion", "value": topology["metadata"]["resourceVersion"]},
                {"op": "replace", "path": "/metadata/finalizers", "value": kept},
            ]
            self.cluster.patch(ref, operations, JSON_PATCH, self.parts[0].manager)


def _counted(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items:
        kind = str(item["kind"])
        counts[kind] = counts.get(kind, 0) + 1
    return counts
