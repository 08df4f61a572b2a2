# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane object in the flow of a writer: what is shared first, then one zone after the other, each waited for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ..._kubernetes.apply.changes import ApplyFields, Write
from ..._kubernetes.apply.observe import Seen
from ..._kubernetes.apply.reconcile import AppliedReconciler, Finding
from ..._kubernetes.apply.reconcile import Options as ApplyOptions
from ..._kubernetes.client import Body, Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Applied, Ref
from ..._plan.change import Note, Plan, Refusal
from ..._zones.schema.zone_map import ZoneMap
from ..names import kubernetes_zones
from ..spec.control_plane import KIND, applied, body_of, fitted, is_shared, region_spec, zone_spec
from ..status import readiness
from ..status.service_objects import Piece, pieces
from . import capacity_rules, guards, pending, secrets_read
from .observed import Observed, Scheduling
from .restarts.predict import restarts
from .shared_lists import Kept, Zones, kept
from .wait import Waiting

TOPOLOGY = "topology.openstack.org/v1beta1"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run goes.

    :ivar wait: whether what is applied is waited for.
    :ivar verify: whether zones that are not ready are refused, also where nothing is to be written.
    :ivar check: nothing is written, so what an earlier step would make may be missing.
    :ivar secrets: the Secrets that are made here. The services read them, so they come first.
    """

    apply: ApplyOptions
    wait: bool = True
    verify: bool = False
    check: bool = False
    secrets: Sequence[Applied] = ()


class ControlPlane(AppliedReconciler[Observed]):
    """The reconciler of the module control_plane."""

    def __init__(
        self, cluster: Cluster, zone_map: ZoneMap, zones: Sequence[str], options: Options, waiting: Waiting
    ) -> None:
        self.zone_map = zone_map
        self.run = options
        self.waiting = waiting
        self._with_part = [zone for zone in zones if zone in kubernetes_zones(zone_map)]
        # A zone's Secrets are its own turn's, too.
        turns = {zone: turn for turn, zone in enumerate(zones, 1)}
        parts = sorted(
            [*options.secrets, *parts_of(zone_map, zones)],
            key=lambda part: min((turns[zone] for zone in part.zones), default=0),
        )
        super().__init__(cluster, zones, parts, options.apply, Observed(accepted=frozenset(zones)))

    def observe(self) -> Observed:
        # What pods are scheduled by is read once, before the first write.
        known = replace(self.nothing, scheduling=self.start.scheduling)
        observed = self._without_refused(replace(known, seen=self.looked_at(self.parts, known)))
        observed = replace(
            observed,
            older_pods=self._pods_of_an_older_policy(observed),
            unused_policy=self._policy_without_use(observed),
        )
        if self.run.verify:
            return self._with_unready(observed)
        if self.run.wait and not self.begun:
            awaited = {part: self._pieces(part, observed) for part in self._awaited(observed)}
            return replace(observed, late=self.waiting.late(awaited))
        return observed

    def _with_unready(self, observed: Observed) -> Observed:
        present = [zone for zone in self._with_part if zone not in guards.away(self.zone_map)]
        unready = {
            zone: self.waiting.missing(self._pieces(zone, observed), all_ready=self._all_ready) for zone in present
        }
        if not (present and self._all_ready):  # a shared service lacks a pod while a zone is away
            return replace(observed, unready=unready)
        # Glance is Ready by the API whose key sorts last, so the API for all has to be looked at itself.
        shared = self.waiting.missing(self._pieces(pending.SHARED, observed), all_ready=False)
        return replace(observed, unready=unready, shared_unready=shared)

    def looked_at(
        self, parts: Sequence[Applied], known: Observed, lives: Mapping[str, Body | None] | None = None
    ) -> tuple[Seen, ...]:
        return tuple(self._checked(seen, known.scheduling) for seen in super().looked_at(parts, known, lives))

    def read_first(self, part: Applied) -> bool:
        return is_shared(part)

    def _without_refused(self, observed: Observed) -> Observed:
        """What zones share is asked for without those that are refused; where that is something else, it is looked at again."""
        refused = {zone for seen in observed.seen if self._refused(seen) for zone in seen.applied.zones}
        shared = _shared(observed)
        if shared is None or shared.live is None or not refused & observed.accepted:
            return observed
        observed = replace(observed, accepted=observed.accepted - refused)
        if self.fitted(shared.applied, shared.live, observed) == shared.applied:
            return observed
        parts = [part for part in self.parts if part.ref.kind == KIND and not refused.intersection(part.zones)]
        looked = self.looked_at(parts, observed, {shared.applied.ref.path: shared.live})
        again = {seen.applied.key: seen for seen in looked}
        return replace(observed, seen=tuple(again.get(seen.applied.key, seen) for seen in observed.seen))

    def _pods_of_an_older_policy(self, observed: Observed) -> str:
        """One list, and only where there is a rule: the run that changed it may have ended before it could say so."""
        for seen in observed.seen:
            if guards.is_policy(seen):
                space = self.zone_map.region.kubernetes.namespace
                return guards.unread(seen, self.cluster.items(Ref("v1", "Pod", "", space), labels="service=glance"))
        return ""

    def _policy_without_use(self, observed: Observed) -> str:
        """One GET by runs that look around, and only where there is no rule: the run that took it away may have ended before it could say what stays."""
        shared = _shared(observed)
        looks = (self.run.wait or self.run.verify) and not self.begun
        if not looks or shared is None or not guards.mounts_no_policy(shared):
            return ""
        if any(seen.applied.ref.kind == "ConfigMap" for seen in observed.seen):
            return ""
        try:
            found = self.cluster.get(guards.policy_ref(self.zone_map))
        except ApiError as error:
            if error.status != 403:
                raise
            return ""  # whoever has no rule needs no right to read it
        return guards.UNUSED if found is not None else ""

    def fitted(self, part: Applied, live: Body, known: Observed) -> Applied:
        if is_shared(part):
            part = replace(part, body=body_of(self.zone_map, self._kept(known, live).spec))
        return fitted(part, live)

    def _kept(self, observed: Observed, live: Body | None = None) -> Kept:
        """What zones share, as it is asked for in view of the object."""
        shared = _shared(observed)
        live = live or (shared.live if shared else None)
        wanted = region_spec(self.zone_map)
        return kept(Zones(self.zone_map, observed.accepted), wanted, live) if live is not None else Kept(wanted)

    def _awaited(self, observed: Observed) -> list[str]:
        """The parts that an earlier run has applied; of a shared service there is a pod in a zone that is away, too."""
        absent = guards.away(self.zone_map)
        return [
            part
            for part in pending.present(observed.seen)
            if part not in absent and not (part == pending.SHARED and absent)
        ]

    def _changes(self, observed: Observed) -> Iterator[Write]:
        there = pending.present(observed.seen)
        changes = [replace(change, joins=change.zone in there) for change in super()._changes(observed)]
        changes = [self._owed(change) for change in changes]
        if not self.run.wait:
            changes = [change for change in changes if not isinstance(change, secrets_read.TakeIn)]
        yield from pending.with_waits(changes, there, observed.late, self.sharing)

    @staticmethod
    def _owed(change: Write) -> Write:
        """A Secret with the mark of an earlier run is to be taken in, not to be changed."""
        seen = change.seen
        mine = isinstance(change, ApplyFields) and secrets_read.marked(seen.live) and not secrets_read.is_new(seen)
        return secrets_read.TakeIn(change.zone, seen, change.asked, joins=change.joins) if mine else change

    def observe_details(self, observed: Observed, plan: Plan[Write]) -> Observed | None:
        """Only where something is to be written: whether the Topologies are there, and have room for the pods."""
        if observed.scheduling is not None or not any(change.writes for change in plan.changes):
            return None
        space = self.zone_map.region.kubernetes.namespace
        found = self.cluster.items(Ref(TOPOLOGY, "Topology", "", space))
        topologies = {readiness.name_of(item): item for item in found}
        scheduling = Scheduling(topologies, list(self.cluster.items(Ref("v1", "Node"))))
        checked = tuple(self._checked(seen, scheduling) for seen in observed.seen)
        return self._without_refused(replace(observed, seen=checked, scheduling=scheduling))

    def _checked(self, seen: Seen, scheduling: Scheduling | None) -> Seen:
        """What the API would take and must not be sent. In check mode a step before this one would make the Topologies."""
        if seen.live is None or seen.applied.ref.kind != KIND:
            return seen
        reason = guards.rejected(self.zone_map, seen.applied, _spec(seen.live))
        if not reason and not self.run.check:
            reason = self._unplaced(seen, scheduling)
        return replace(seen, rejected=reason or seen.rejected)

    def _unplaced(self, seen: Seen, scheduling: Scheduling | None) -> str:
        """Why pods of a part would never come: no Topology, or none with room for them."""
        if scheduling is None:
            return ""
        part = seen.applied
        lacking = guards.lacking(self.zone_map, part, scheduling.topologies)
        if lacking or not seen.changes or set(part.zones) & set(guards.away(self.zone_map)):
            return lacking
        zone = part.zones[0] if part.zones else None
        return " ".join(capacity_rules.crowded(self.zone_map, zone, scheduling.topologies, scheduling.nodes))

    def guard(self, observed: Observed) -> Iterable[Finding]:
        planes = (seen.live for seen in observed.seen if seen.applied.ref.kind == KIND)
        live = next((plane for plane in planes if plane is not None), None)
        if live is None:
            return  # the missing object is refused already
        yield from guards.notes(self.zone_map, self._with_part, _spec(live))
        yield from (Note(zone, note) for note in self._kept(observed).notes() for zone in self._with_part)
        yield from self._missing_topologies(observed)
        yield from self._restarts(observed)
        for zone, found in observed.unready.items():
            if found:
                yield Refusal(zone, "not_ready", f"zone {zone} is not ready: {'; '.join(found)}.")
            if observed.shared_unready:
                what = "; ".join(observed.shared_unready)
                yield Refusal(zone, "shared_not_ready", f"the shared part is not ready: {what}.")

    def carry_out(self, change: Write) -> None:
        """What services read has a mark until they have taken it in."""
        seen = change.seen
        sets = secrets_read.marked(seen.live) if isinstance(change, secrets_read.TakeIn) else self._readers(seen)
        if not sets:
            super().carry_out(change)
            return
        if not isinstance(change, secrets_read.TakeIn):
            self._sent(secrets_read.with_mark(seen, sets))
        self.book.owe(change.part, partial(self._take_in, change, sets))

    def _readers(self, seen: Seen) -> dict[str, str]:
        """The StatefulSets that read a Secret with new values, with their version; none where a run waits for nothing."""
        if (
            not self.run.wait
            or not secrets_read.is_new(seen)
            or set(seen.applied.zones) & set(guards.away(self.zone_map))
        ):
            return {}
        wanted = secrets_read.readers(self.zone_map, seen.applied.ref.name)
        found = readiness.sets_of(wanted, self.waiting.look(wanted)) if wanted else []
        return {readiness.name_of(item): secrets_read.version(item) for item in found}

    def _take_in(self, change: Write, sets: Mapping[str, str]) -> None:
        """A Secret loses its mark when the services that read it have taken it in."""
        self.waiting.for_read(change.applied.ref.name, sets)
        super().carry_out(change)

    def settled(self, part: str) -> None:
        wanted = self._pieces(part, self.latest)
        self._wait(f"zone {part}" if part else "the shared part of the control plane", wanted, part)

    @property
    def _all_ready(self) -> bool:
        return not guards.away(self.zone_map)

    def _pieces(self, zone: str, observed: Observed) -> list[Piece]:
        return list(pieces(zone_spec(self.zone_map, zone) if zone else self._kept(observed).spec))

    def _wait(self, what: str, wanted: list[Piece], zone: str) -> None:
        """A shared service has a pod in a zone that is away, so it is not waited for either."""
        absent = guards.away(self.zone_map)
        if not self.run.wait or not wanted or zone in absent or (not zone and absent):
            return
        self.waiting.for_ready(
            what, wanted, all_ready=lambda: bool(zone) and self._all_ready and not self._others(zone)
        )

    def _others(self, zone: str) -> bool:
        """Whether zones that come later, or beside this one, may still have to make the whole ready."""
        return bool(self.book.under_way - {zone, pending.SHARED}) or any(
            pending.still_to_come(zone, self.start.late, self.book.left)
        )

    def _missing_topologies(self, observed: Observed) -> Iterator[Note]:
        if not self.run.check:
            return
        for seen in observed.seen:
            reason = self._unplaced(seen, observed.scheduling) if seen.applied.ref.kind == KIND else ""
            for zone in seen.applied.zones or self._with_part if reason else ():
                yield Note(zone, reason, mended=True)

    def _restarts(self, observed: Observed) -> Iterator[Note]:
        """Which pods a change restarts. Those of another zone are named by the shared step."""
        for text in filter(None, (observed.older_pods, observed.unused_policy)):
            yield from (Note(zone, text) for zone in self._with_part)
        for seen in observed.seen:
            policy = guards.policy(seen)
            for zone in self._with_part if policy else ():
                yield Note(zone, policy, mended=True)
            if seen.applied.ref.kind == "Secret" and seen.changes and seen.live is not None:
                for zone in seen.applied.zones or self._with_part:
                    yield Note(
                        zone, f"{seen.applied.step}: restarts the pods of the services that read it.", mended=True
                    )
            yield from restarts(seen, self._with_part)


def parts_of(zone_map: ZoneMap, zones: Sequence[str]) -> list[Applied]:
    """What is shared, and the parts of these zones."""
    return [part for part in applied(zone_map) if not part.zones or set(part.zones) <= set(zones)]


def _shared(observed: Observed) -> Seen | None:
    """What zones share of the control plane object."""
    return next((seen for seen in observed.seen if is_shared(seen.applied)), None)


def _spec(body: Body) -> Body:
    found: Body = body.get("spec") or {}
    return found
