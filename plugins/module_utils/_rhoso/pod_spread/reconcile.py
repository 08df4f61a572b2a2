# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread services get a pod in a zone that came back, in the flow of a writer: one pod is evicted, and what replaces it is waited for."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._kubernetes.client import Body, Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Ref
from ..._kubernetes.wait import Wait
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.errors import DeadlineExceeded, Postponed, ZoneopsError
from ..._plan.progress import Awaited, report
from ..._zones.schema.zone_map import ZoneMap
from ..pod_placement.observe import read
from .model import Observed, Service, budget_when_whole, claims, observed_of
from .plan import NOT_WHOLE, Move, plan
from .scheduling import is_going

#: A look costs a list of each kind.
EVERY_SECONDS = 5.0
#: In less time nothing can be replaced: a pod has to start, and is looked at twice when it is ready.
LEAST_SECONDS = 30
CONTINUES = "Correct that and run it again: it continues with what is left."


class Spreading(Reconciler[Observed, Move]):
    """Nothing to do costs the lists by which placement is judged.

    :param asked: the zones of the call.
    :param down: those that are down by their files.
    :param seconds: how long one pod may take to be replaced, and what lacks at the beginning to come.
    :param freed: nodes that a run lets pods onto before; only in check mode, where that has not been done.
    :param check: whether it is only looked.
    """

    def __init__(
        self,
        cluster: Cluster,
        zone_map: ZoneMap,
        asked: Sequence[str],
        seconds: float,
        *,
        down: Collection[str] = (),
        freed: Collection[str] = (),
        check: bool = False,
    ) -> None:
        self.cluster = cluster
        self._zone_map = zone_map
        self._asked = asked
        self._down = down
        self._freed = freed if check else ()
        self._seconds = seconds
        self._waits = seconds if check else 0.0
        # What was seen before the first plan.
        self._first: Observed | None = None
        # What keeps every further pod where it is.
        self._stopped = ""
        # The zones for which a pod was evicted, and those of pods that may have been.
        self._served: set[str] = set()
        self._doubtful: dict[str, str] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self._asked

    @property
    def _namespace(self) -> str:
        return self._zone_map.region.kubernetes.namespace

    def observe(self) -> Observed:
        first, self._first = self._first, None
        return first or self._look()

    def _look(self) -> Observed:
        found = observed_of(self._zone_map, read(self.cluster, self._zone_map), self._asked, self._freed)
        there = {pod["metadata"]["uid"] for pod in found.pods if not is_going(pod)}
        self._served |= {zone for uid, zone in self._doubtful.items() if uid not in there}
        return found

    def observe_details(self, observed: Observed, plan: Plan[Move]) -> Observed | None:
        if not plan.changes or observed.budgets is not None:
            return None
        budgets = self.cluster.items(Ref("policy/v1", "PodDisruptionBudget", namespace=self._namespace))
        moved = {change.key for change in plan.changes}
        pods = [pod for service in observed.services if service.key in moved for pod in service.pods]
        names = dict.fromkeys(name for pod in pods for name in claims(pod))
        bound = {name: terms for name in names if (terms := self._nodes_of(name)) is not None}
        return replace(observed, budgets=tuple(map(budget_when_whole, budgets)), bound=bound)

    def _nodes_of(self, claim: str) -> Sequence[Body] | None:
        """The terms by which the nodes of a claim's volume are chosen; None where any will do."""
        found = self.cluster.get(Ref("v1", "PersistentVolumeClaim", claim, self._namespace))
        name = ((found or {}).get("spec") or {}).get("volumeName")
        volume = self.cluster.get(Ref("v1", "PersistentVolume", name)) if name else None
        affinity = ((volume or {}).get("spec") or {}).get("nodeAffinity") or {}
        return (affinity.get("required") or {}).get("nodeSelectorTerms")

    def plan(self, observed: Observed) -> Plan[Move]:
        return plan(observed, self._asked, self._down, self._waits)

    def until_whole(self) -> None:
        """What an earlier run has evicted may still be starting. What lacks when the time is over keeps every pod where it is."""

        def missing() -> str:
            self._first = self._look()
            return self._first.lacks

        self._first = self._look()
        refusals = plan(self._first, self._asked, self._down).refusals
        if any(one.rule == NOT_WHOLE for one in refusals):
            Wait(self.cluster.deadline, self._seconds, EVERY_SECONDS).watch(missing, "pods")

    def write(self, change: Move) -> None:
        if self._stopped:
            raise Postponed(f"not begun: {change.text}: {self._stopped}")
        self._check_time(change)
        before = self._evict(change)
        self._stopped = f"pod {change.pod} of {change.service} has not been replaced."
        self._until_replaced(change, before)
        self._stopped = ""

    def _check_time(self, change: Move) -> None:
        """A pod that nobody has the time to wait for would fail the zone, although it comes back."""
        left = self.cluster.deadline.remaining()
        if left < LEAST_SECONDS:
            self._stopped = f"{left:.0f} s are left of the run's deadline."
            raise DeadlineExceeded(
                f"pod {change.pod} of {change.service} is not evicted: {left:.0f} s are left of the run's deadline of {self.cluster.deadline.seconds:g} s, "
                f"and it may take longer to be replaced (at least {LEAST_SECONDS} s are needed). Run it again: it continues with what is left."
            )

    def _evict(self, change: Move) -> Service:
        """The service as it was before. A budget that counts a pod as missing which has just become ready is waited for."""
        what = f"pod {change.pod} of {change.service}"
        awaited = Awaited(f"the eviction of {what}", report)
        end = time.monotonic() + self._seconds
        while True:
            before = self._expect(change)
            self._doubtful[change.uid] = change.zone
            try:
                self.cluster.evict(Ref("v1", "Pod", change.pod, self._namespace), change.uid)
            except ApiError as error:
                if not error.uncertain:
                    del self._doubtful[change.uid]
                if error.status in (404, 409):
                    raise ZoneopsError(_by_others(change)) from error
                if error.status != 429 or "disruption budget" not in error.message:
                    # It may have been evicted.
                    self._stopped = f"the eviction of {what} failed."
                    raise
                if time.monotonic() + EVERY_SECONDS > end or not self.cluster.deadline.remaining():
                    took = f"was not evicted in {awaited.seconds:.0f} s"
                    raise ZoneopsError(f"{what} {took}: {error.message} It runs as before.") from error
                awaited.is_now(error.message)
            else:
                self._served.add(change.zone)
                return before
            time.sleep(EVERY_SECONDS)
            self.cluster.deadline.check(change.text)

    def _expect(self, change: Move) -> Service:
        """Pods are evicted one at a time: until it is the turn of one, others can have failed or been moved."""
        now = self.observe()
        if now.lacking:
            self._stopped = "others are missing."
            raise ZoneopsError(f"no pod is evicted while others are missing: {now.lacks}. {CONTINUES}")
        service = now.find(change.key)
        there = [pod for pod in service.pods if pod["metadata"]["uid"] == change.uid] if service else []
        if service is None or not there or now.zone_of(there[0]) != change.source:
            raise ZoneopsError(_by_others(change))
        return service

    def _until_replaced(self, change: Move, before: Service) -> None:
        what = f"the pod that replaces {change.pod} of {change.service}"
        wait = Wait(self.cluster.deadline, self._seconds, EVERY_SECONDS)
        took, last = wait.watch(lambda: self._missing(change, before), what)
        if last:
            raise ZoneopsError(
                f"{what} (it was in zone {change.source}) is not ready in zone {' or '.join(change.may)} after {took:.0f} s: {last.rstrip('. ')}. "
                f"See what holds it (oc -n {self._namespace} describe pod NAME). {CONTINUES}"
            )

    def _missing(self, change: Move, before: Service) -> str:
        now = self.observe()
        service = now.find(change.key)
        if service is None:
            raise ZoneopsError(f"{change.service} was deleted by others while its pod was waited for.")
        if change.uid in service.uids:
            return f"pod {change.pod} is not gone yet"
        new = [pod for pod in service.pods if pod["metadata"]["uid"] not in before.uids and not is_going(pod)]
        for pod in new:
            node, zone = (pod.get("spec") or {}).get("nodeName"), now.zone_of(pod)
            if node and zone not in change.may:
                raise ZoneopsError(
                    f"pod {pod['metadata']['name']} of {change.service} started on node {node} in zone {zone or 'none'}, and not in zone "
                    f"{' or '.join(change.may)}. It runs there. See whether a node of that zone takes it, and run it again."
                )
        if not new:
            return f"{change.service} has no new pod yet"
        return now.lacks

    def simulate(self, observed: Observed, change: Move) -> Observed:
        return observed.moved(change.key, change.uid, change.zone)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        """The same for each zone: what is done for one can be seen in another."""
        del zone
        found = ((service.text, observed.counts(service)) for service in observed.services)
        return {text: counts for text, counts in found if counts}

    def has_written(self, zone: str) -> bool:
        """Numbers do not tell it: they change for what is done for another zone, and not where the next pod starts in the old one again."""
        return zone in self._served


def _by_others(change: Move) -> str:
    return f"pod {change.pod} of {change.service} was moved or recreated by others during this run. Run it again."
