# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pods are evicted so that a spread service has as many in one zone as in another, and why others stay. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Union

from ..._plan.change import Change, Note, Plan, Refusal
from ..pod_placement.verdicts import spread_text
from ..status.node_rules import Body
from .model import Observed, Service
from .scheduling import Places, is_going, places

NOT_WHOLE = "not_whole"
LEAVE = "Its pods stay where they are."


@dataclass(frozen=True)
class Move(Change):
    """One pod is evicted. What replaces it starts where the scheduler puts it.

    :ivar zone: of the zones that it may start in, the one with the fewest pods.
    :ivar may: these zones.
    """

    action: ClassVar[str] = "spread"
    alone: ClassVar[bool] = True
    service: str
    key: tuple[str, str]
    pod: str
    uid: str
    source: str
    may: tuple[str, ...]

    @property
    def target(self) -> str:
        return f"Pod {self.pod}"

    @property
    def before(self) -> str:
        return self.source

    @property
    def after(self) -> str:
        return self.zone

    @property
    def text(self) -> str:
        return f"evict pod {self.pod} of {self.service} in zone {self.source}, so that it starts in zone {' or '.join(self.may)}"


Finding = Union[Move, Refusal, Note]  # noqa: UP007 - ansible-test's pylint does not know "|" between classes


def plan(observed: Observed, only: Collection[str], down: Collection[str] = (), waits: float = 0) -> Plan[Move]:
    """One service after the other, into the zones of the call.

    :param only: the zones of the call.
    :param down: those that are down by their files.
    :param waits: how many seconds a run waits, that is only looked at now, until everything is whole; 0 where it does not.
    """
    found = [finding for service in observed.services for finding in _of_service(observed, service, only)]
    moves = [one for one in found if isinstance(one, Move)]
    here = [zone for zone in observed.zones.values() if zone in only and observed.unsettled]
    zones = list(dict.fromkeys([*(one.zone for one in moves), *here]))
    refusals = [Refusal(zone, "zone_state", _down(zone)) for zone in zones if zone in down]
    notes = [one for one in found if isinstance(one, Note)]
    if observed.lacking:
        if waits:
            text = f"the run first waits until all pods and majorities are ready, up to {waits:g} s: {observed.lacks}."
            notes += [Note(zone, text) for zone in zones]
        else:
            refusals += [Refusal(zone, NOT_WHOLE, _not_whole(observed.lacks)) for zone in zones]
    refused = {one.zone for one in refusals}
    return Plan.of([one for one in moves if one.zone not in refused], refusals, notes)


def _down(zone: str) -> str:
    return f"zone {zone} is down, by zone_state of its file: no pod is evicted for it. Set 'zone_state: maintenance' once it is reachable."


def _not_whole(lacking: str) -> str:
    return f"no pod is evicted while others are missing: {lacking}. Look at what holds them (oc describe pod NAME), correct that and run it again."


def _of_service(observed: Observed, service: Service, only: Collection[str]) -> Iterator[Finding]:
    """Until no zone has two pods more than one of the call, or no pod can be moved."""
    counts = observed.counts(service)
    while least := _least(counts, only):
        found = _of_zone(observed, service, counts, only)
        if isinstance(found, str):
            yield from (Note(zone, f"{service.text}: {spread_text(counts)}: {found} {LEAVE}") for zone in least)
            return
        yield found
        observed = observed.moved(found.key, found.uid, found.zone)
        service = observed.find(service.key) or service
        counts = observed.counts(service)


def _least(counts: Mapping[str, int], only: Collection[str]) -> list[str]:
    """Of the zones of the call those with the fewest pods, where another one has two more. A zone that is away has fewer, and is none of them."""
    mine = {zone: count for zone, count in counts.items() if zone in only}
    few = min(mine.values(), default=0)
    return [zone for zone, count in mine.items() if count == few and max(counts.values()) - few > 1]


def _of_zone(observed: Observed, service: Service, counts: Mapping[str, int], only: Collection[str]) -> Move | str:
    """The change, or why there is none."""
    if service.rolling:
        return "it is being rolled out: run it again when that has ended."
    if service.replicas - 1 < service.majority:
        return "it would lose its majority without one of its pods."
    source = next(zone for zone in counts if counts[zone] == max(counts.values()))
    pods = [pod for pod in service.pods if observed.zone_of(pod) == source and not is_going(pod)]
    found = [_of_pod(observed, service, pod, counts, only) for pod in reversed(pods)]
    return next((one for one in found if isinstance(one, Move)), found[0])


def _of_pod(
    observed: Observed, service: Service, pod: Body, counts: Mapping[str, int], only: Collection[str]
) -> Move | str:
    name, source = pod["metadata"]["name"], observed.zone_of(pod)
    where = places(pod, observed.pods, list(observed.nodes.values()), observed.volumes(pod))
    may, unbound = _named(observed, where.may), _named(observed, where.unbound)
    better = [zone for zone in counts if zone in may and counts[zone] + 1 < counts[source]]
    why = _scattered(name, source, where, may, unbound, better)
    if why:
        return why
    budget = next((one for one in observed.budgets or () if one.holds(pod)), None)
    if budget:
        return f"PodDisruptionBudget {budget.name} permits no eviction of pod {name}, even with all its pods ready."
    into = next((zone for zone in sorted(better, key=lambda zone: counts[zone]) if zone in only), None)
    if into is None:
        return f"pod {name} would start in zone {' or '.join(better)}, which this run is not about."
    return Move(into, service.text, service.key, name, pod["metadata"]["uid"], source, tuple(better))


def _scattered(name: str, source: str, where: Places, may: set[str], unbound: set[str], better: Sequence[str]) -> str:
    """Why the next pod could start where it helps nobody; empty where it cannot.

    :param better: of the zones that it may start in, those with fewer pods.
    """
    if not where.spreads:
        return (
            f"its Topology does not keep its pods in different zones (no topologySpreadConstraints with DoNotSchedule), "
            f"so pod {name} could start in zone {source} again."
        )
    if unbound - may - {source} and not better:
        return f"a volume of pod {name} is bound to zone {source}: it would start there again, or nowhere."
    if not may:
        return f"no node that is ready would take pod {name} again."
    if set(better) != may:
        others = ", ".join(sorted(zone or "none" for zone in may - set(better)))
        return f"the scheduler could start pod {name} in zone {others} again: compare its Topology with the labels and taints of the nodes."
    return ""


def _named(observed: Observed, labels: Collection[str]) -> set[str]:
    """Their inventory names, an empty one for what is in no zone."""
    return {observed.zones.get(label, "") for label in labels}
