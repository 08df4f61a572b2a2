# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane in the flow of a writer: the objects of each zone, then what has to be rolled out, zone after zone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Union

from ..._kubernetes.apply import reconcile as objects
from ..._kubernetes.apply.changes import Write
from ..._kubernetes.apply.observe import Seen, look
from ..._kubernetes.client import Body, Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Applied, Ref
from ..._kubernetes.wait import EVERY_SECONDS, Wait
from ..._plan.apply import Undo
from ..._plan.change import Note, Plan, Refusal
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from ..._zones.overrides import FORCE, REMOVE_FAILED, TAKEOVER
from ..._zones.schema.data_plane import ZoneDataPlane
from ..._zones.schema.zone_map import Zone, ZoneMap
from ..._zones.validation.data_plane import CONTROL_NETWORK
from ..spec.data_plane import (
    CONFIG_MAP,
    DEPLOYMENT,
    GROUP,
    NODE_SET,
    SERVICE,
    cell_secret,
    data_plane,
    rolled_out_secrets,
)
from . import secrets_rolled_out
from .adoption_note import notes, with_note
from .changes import RemoveFailed, RollOut
from .deployed import Live, Wanted
from .deployments import Deployment, body, next_name
from .guards import (
    Guests,
    in_the_way,
    leaving,
    networkers_leaving,
    twice,
    unblocked,
    wrong_names,
)
from .node_set_status import why_not_accepted
from .rollout import FULL, Step, rollout
from .rollout import Options as HowToRollOut

# ansible-test's pylint does not know "|" between classes.
DataPlaneChange = Union[Write, RollOut, RemoveFailed]  # noqa: UP007
#: How long a deployment may take to be gone.
GONE_SECONDS = 60.0
#: Looks whether nova has servers on hosts.
LookForGuests = Callable[[Collection[str]], Guests]


@dataclass(frozen=True)
class Observed(objects.Observed):
    """The objects, and what decides about deployments. What only some plans need is read when they do.

    :ivar secrets: a digest of each Secret that a NodeSet names.
    """

    deployments: tuple[Deployment, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    guests: Guests | None = None
    keys: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, kw_only=True)
class Options:
    """How it is done.

    :ivar services: what a change of a NodeSet needs, where the user says so.
    :ivar batch: hosts at a time; 0: all of a zone.
    :ivar seconds: how long one deployment may take.
    :ivar every: seconds between two looks at what is waited for.
    """

    only: tuple[str, ...]
    services: tuple[str, ...] = ()
    batch: int = 0
    allow: frozenset[str] = frozenset()
    seconds: float = 3600.0
    setup_seconds: float = 600.0
    every: float = EVERY_SECONDS


@dataclass(frozen=True)
class _Plane:
    """One NodeSet of a zone: that of its compute hosts, or one of networkers."""

    zone: Zone
    plane: ZoneDataPlane
    wanted: Wanted

    @property
    def computes(self) -> bool:
        return bool(self.wanted.service)

    @property
    def names(self) -> set[tuple[str, str]]:
        """Kind and name of its objects."""
        bodies = (self.wanted.config_map, self.wanted.service, self.wanted.node_set)
        return {(body["kind"], body["metadata"]["name"]) for body in bodies if body}

    def has(self, part: Applied) -> bool:
        return self.zone.name in part.zones and (part.ref.kind, part.ref.name) in self.names


class DataPlane(Reconciler[Observed, DataPlaneChange]):
    """The reconciler that `_plan.converge` works in.

    A no-op costs a GET for each object of a zone, three and one for each set of networkers, a GET for each Secret that these name,
    and one list for all zones.
    """

    def __init__(
        self, cluster: Cluster, zone_map: ZoneMap, options: Options, guests: LookForGuests, say: Callable[[str], None]
    ) -> None:
        self.cluster = cluster
        self.region = zone_map.region
        self.options = options
        self._look_for_guests = guests
        self._say = say
        self._failed = ""
        self._set_up_sets: set[str] = set()
        self.planes: list[_Plane] = []
        parts = []
        for name in options.only:
            zone = zone_map.zones[name]
            found = data_plane(zone, zone_map.region)
            if found and zone.data_plane:
                config_map, service, *sets = (item.body for item in found)
                mine = [Wanted(config_map, service, sets[0]), *(Wanted({}, {}, networkers) for networkers in sets[1:])]
                self.planes += [_Plane(zone, zone.data_plane, wanted) for wanted in mine]
                parts += found
        allow = options.allow & {FORCE, TAKEOVER}
        self.objects = objects.AppliedObjects(cluster, options.only, parts, objects.Options(allow=frozenset(allow)))

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    @property
    def namespace(self) -> str:
        return self.region.kubernetes.namespace

    def observe(self) -> Observed:
        if not self.planes:
            return Observed()
        deployments = self._deployments()
        may_remove = REMOVE_FAILED in self.options.allow
        seen = tuple(unblocked(item, deployments, may_remove=may_remove) for item in self._look(deployments))
        named = [name for plane in self.planes for name in rolled_out_secrets(plane.wanted.node_set)]
        return Observed(seen, deployments, secrets_rolled_out.read(self.cluster, self.namespace, named))

    def _look(self, deployments: tuple[Deployment, ...]) -> tuple[Seen, ...]:
        """The objects with their notes, which depend on what is there."""
        lives: dict[str, Body | None] = {}
        for part in self.objects.parts:
            try:
                lives[part.ref.path] = self.cluster.get(part.ref)
            except ApiError as error:
                if not error.refused:
                    raise  # what may not be read is refused where it is looked at
        parts = []
        for plane in self.planes:
            mine = {part.ref.kind: part for part in self.objects.parts if plane.has(part)}
            there = {kind: lives.get(part.ref.path) or {} for kind, part in mine.items()}
            on_service, on_set = notes(plane.wanted, _live_of(there), deployments)
            noted = {SERVICE: on_service, NODE_SET: on_set}
            parts += [replace(part, body=with_note(part.body, noted.get(kind, ""))) for kind, part in mine.items()]
        return look(self.cluster, parts, force=self.objects.takes_all, lives=lives)

    def _deployments(self) -> tuple[Deployment, ...]:
        found = self.cluster.items(Ref(GROUP, DEPLOYMENT, namespace=self.namespace))
        return tuple(Deployment.of(item) for item in found)

    def observe_details(self, observed: Observed, plan: Plan[DataPlaneChange]) -> Observed | None:
        """Servers on hosts that leave; keys of the Secrets that are mounted beside the zone's configuration."""
        leaving_hosts = {
            host for plane in self.planes if plane.computes for host in self._gone(observed, plane).values()
        }
        if leaving_hosts and observed.guests is None:
            observed = replace(observed, guests=self._look_for_guests(leaving_hosts))
        elif observed.keys is not None or not any(isinstance(change, RollOut) for change in plan.candidates):
            return None
        return replace(observed, keys=self._keys(plan) if observed.keys is None else observed.keys)

    def _keys(self, plan: Plan[DataPlaneChange]) -> dict[str, tuple[str, ...]]:
        sets = {change.node_set for change in plan.candidates if isinstance(change, RollOut)}
        mine = [plane.plane for plane in self.planes if plane.computes and plane.wanted.name in sets]
        names = {cell_secret(plane) for plane in mine} | ({self.region.data_plane.migration_key} if mine else set())
        found: dict[str, tuple[str, ...]] = {}
        for name in sorted(names):
            try:
                secret = self.cluster.get(Ref("v1", "Secret", name, self.namespace))
            except ApiError as error:
                if error.status != 403:
                    raise
                continue  # without the right to read Secrets the deployment itself will tell
            if secret is not None:
                found[name] = tuple(sorted(secret.get("data") or {}))
        return found

    def plan(self, observed: Observed) -> Plan[DataPlaneChange]:
        applied = self.objects.plan(observed)
        changes: list[DataPlaneChange] = []
        refusals, notes = list(applied.refusals), list(applied.notes)
        for plane in self.planes:
            mine = [change for change in applied.candidates if plane.has(change.applied)]
            planned, found = self._plan_zone(plane, observed, mine)
            changes += planned
            refusals += [item for item in found if isinstance(item, Refusal)]
            notes += [item for item in found if isinstance(item, Note)]
        return Plan.of(changes, refusals, notes)

    def start_from(self, observed: Observed, plan: Plan[DataPlaneChange]) -> None:
        self.objects.start_from(observed, Plan(tuple(item for item in plan.changes if isinstance(item, Write))))

    def _plan_zone(
        self, plane: _Plane, observed: Observed, applied: list[Write]
    ) -> tuple[list[DataPlaneChange], list[Refusal | Note]]:
        zone, live = plane.zone, self._live(observed, plane)
        ours = [item for item in observed.deployments if plane.wanted.name in item.node_sets]
        how = HowToRollOut(self._services(plane), self.options.batch, FULL in self.options.allow)
        named = rolled_out_secrets(plane.wanted.node_set)
        wanted = replace(plane.wanted, secrets=secrets_rolled_out.together(observed.secrets, named))
        steps, blocked = rollout(wanted, live, ours, how)
        set_changes = any(change.applied.ref.kind == NODE_SET for change in applied)
        found: list[Refusal | Note] = [*wrong_names(zone, plane.plane, wanted, live)]
        found += secrets_rolled_out.unknown(zone.name, wanted.name, observed.secrets, named)
        if blocked:
            items = tuple({"kind": "host", "name": host} for host in blocked.hosts)
            found.append(Refusal(zone.name, blocked.rule, blocked.message, items))
        may_remove = REMOVE_FAILED in self.options.allow
        roll_outs = list(self._roll_outs(plane, steps, observed.deployments))
        if applied or steps:
            own = {change.name for change in roll_outs if change.running}
            found += in_the_way(
                zone, set_changes, [item for item in ours if item.name not in own], may_remove=may_remove
            )
            gone = self._gone(observed, plane)
            if plane.computes:
                found += twice(zone, plane.plane, observed.keys or {})
                found += leaving(zone, plane.plane, gone, observed.guests or Guests({}))
            else:
                found += networkers_leaving(zone, plane.wanted.name, gone)
        failed = [
            RemoveFailed(zone.name, item)
            for item in ours
            if item.state == "failed" and (applied or steps) and (item.rolls_out is not None or may_remove)
        ]
        return [*failed, *applied, *roll_outs], found

    def _roll_outs(self, plane: _Plane, steps: Sequence[Step], there: Sequence[Deployment]) -> Iterator[RollOut]:
        """A name that a deployment of another set has is taken, too."""
        ours = [item for item in there if plane.wanted.name in item.node_sets]
        ahead = 0
        for step in steps:
            running = next((item for item in ours if item.state == "running" and _is(item, step)), None)
            name = running.name if running else next_name(plane.wanted.name, there, ahead)
            ahead += 0 if running else 1
            yield RollOut(plane.zone.name, plane.wanted.name, name, step, running=running is not None)

    def _services(self, plane: _Plane) -> tuple[str, ...]:
        """What a change needs, as the user says. On hosts without servers nothing is rolled out that their set does not have."""
        named = self.options.services
        return named if plane.computes else tuple(name for name in named if name in plane.wanted.services)

    def _live(self, observed: Observed, plane: _Plane) -> Live:
        return _live_of(
            {
                seen.applied.ref.kind: seen.live
                for seen in observed.seen
                if plane.has(seen.applied) and seen.live is not None
            }
        )

    def _gone(self, observed: Observed, plane: _Plane) -> dict[str, str]:
        """Nodes that the apply would take out of the set, with the name that nova has for each."""
        for seen in observed.seen:
            if plane.has(seen.applied) and seen.applied.ref.kind == NODE_SET and seen.live and seen.after:
                live, after = (set((item.get("spec") or {}).get("nodes") or {}) for item in (seen.live, seen.after))
                names = (seen.live.get("status") or {}).get("allHostnames") or {}
                return {
                    name: (names.get(name) or {}).get(CONTROL_NETWORK) or f"{name}.{plane.plane.domain}"
                    for name in sorted(live - after)
                }
        return {}

    def simulate(self, observed: Observed, change: DataPlaneChange) -> Observed:
        if isinstance(change, Write):
            return replace(observed, seen=self.objects.simulate(observed, change).seen)
        if isinstance(change, RemoveFailed):
            kept = tuple(item for item in observed.deployments if item != change.deployment)
            return replace(observed, deployments=kept)
        done = Deployment(
            name=change.name,
            node_sets=(change.node_set,),
            services=change.step.services,
            hosts=change.step.hosts,
            state="done",
            message="",
            created="9999",
            uid="",
            rolls_out=change.step.rolls_out,
            had=change.step.had,
        )
        others = tuple(item for item in observed.deployments if item.name != change.name)
        return replace(observed, deployments=(*others, done))

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        sets = {plane.wanted.name for plane in self.planes if plane.zone.name == zone}
        if not sets:
            return {}
        ours = [
            item for item in observed.deployments if sets.intersection(item.node_sets) and item.rolls_out is not None
        ]
        return {
            **self.objects.describe(observed, zone),
            "deployments": {item.name: item.state for item in sorted(ours, key=lambda item: (item.created, item.name))},
        }

    def write(self, change: DataPlaneChange) -> Undo | None:
        """One zone after the other: behind a zone that failed nothing is begun."""
        if self._failed and self._failed != change.zone:
            raise ZoneopsError(f"not begun, since zone {self._failed} failed")
        try:
            if isinstance(change, Write):
                self.objects.write(change)
            elif isinstance(change, RemoveFailed):
                self._remove(change)
            else:
                self._roll_out(change)
        except ZoneopsError:
            self._failed = change.zone
            raise
        return None

    def _remove(self, change: RemoveFailed) -> None:
        ref = Ref(GROUP, DEPLOYMENT, change.deployment.name, self.namespace)
        try:
            self.cluster.delete(ref, change.deployment.uid)
        except ApiError as error:
            if error.status != 404:  # one deployment can be of several sets, and each of them removes it
                raise
        wait = Wait(self.cluster.deadline, GONE_SECONDS, self.options.every, stable=1)
        wait.until(lambda: "it is still there" if self.cluster.get(ref) else "", f"{ref} is gone")

    def _roll_out(self, change: RollOut) -> None:
        step = change.step
        if not change.running:
            # Also where an earlier run changed the set: only the set itself tells whether that was taken in.
            if change.node_set not in self._set_up_sets:
                self._set_up(change.node_set)
                self._set_up_sets.add(change.node_set)
            made = body(
                change.name,
                self.namespace,
                GROUP,
                [change.node_set],
                step.rolls_out,
                step.had,
                services=step.services,
                hosts=step.hosts,
            )
            # Made by a POST: an apply would take over one that another run made meanwhile under the same name.
            manager = self.objects.parts[0].manager
            manager = next((part.manager for part in self.objects.parts if change.zone in part.zones), manager)
            self.cluster.create(Ref(GROUP, DEPLOYMENT, namespace=self.namespace), made, manager)
        wait = Wait(self.cluster.deadline, self.options.seconds, self.options.every, 1, self._say)
        wait.until(lambda: self._unfinished(change.name), f"deployment {change.name}")

    def _set_up(self, name: str) -> None:
        """A deployment that is begun before the set has taken in its change rolls out what was before."""
        ref = Ref(GROUP, NODE_SET, name, self.namespace)

        wait = Wait(self.cluster.deadline, self.options.setup_seconds, self.options.every, say=self._say)
        wait.until(lambda: why_not_accepted(self.cluster.get(ref)), f"NodeSet {name} is set up")

    def _unfinished(self, name: str) -> str:
        item = self.cluster.get(Ref(GROUP, DEPLOYMENT, name, self.namespace))
        if item is None:
            raise ZoneopsError(f"deployment {name} was deleted while it ran; run this again.")
        found = Deployment.of(item)
        if found.state == "failed":
            raise ZoneopsError(
                f"deployment {name} failed: {found.message}. Its jobs have the label openstackdataplanedeployment={name}; "
                "look at their logs, then run this again: it replaces the failed deployment."
            )
        return "" if found.state == "done" else found.message or "not begun"


def _live_of(there: Mapping[str, Body]) -> Live:
    return Live(there.get(CONFIG_MAP, {}), there.get(SERVICE, {}), there.get(NODE_SET, {}))


def _is(item: Deployment, step: Step) -> bool:
    same = (item.services, item.hosts) == (step.services, step.hosts)
    return same and item.rolls_out is not None and dict(item.rolls_out) == dict(step.rolls_out)
