# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instance HA in the flow of a writer: one list, one patch for each object, and the wait for its operator."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._kubernetes.client import MERGE_PATCH, Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Ref, zone_manager
from ..._kubernetes.wait import Wait
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from .changes import Switch
from .model import API_VERSION, KIND, InstanceHa, instance_ha
from .observe import read
from .plan import plan

Observed = tuple[InstanceHa, ...]
#: How long the operator may take for one of them.
SECONDS = 300.0
# How often a write is made again because the operator wrote in between.
ATTEMPTS = 5


class InstanceHaReconciler(Reconciler[Observed, Switch]):
    """A zone that has nothing to switch costs one request.

    :param zones: with the name of each in Kubernetes, whose field manager writes.
    :param away: at the end, the zones with a Kubernetes side that are not back.
    """

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        asked: Sequence[str],
        zones: Mapping[str, str],
        *,
        begins: bool,
        away: Collection[str] = (),
    ) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.begins = begins
        self.away = away
        self._asked = asked
        self._names = zones

    @property
    def zones(self) -> Sequence[str]:
        return self._asked

    def observe(self) -> Observed:
        return read(self.cluster, self.namespace)

    def observe_details(self, observed: Observed, plan: Plan[Switch]) -> Observed | None:
        del observed, plan
        return None

    def plan(self, observed: Observed) -> Plan[Switch]:
        mine = [zone for zone in self._asked if zone in self._names]
        return plan(mine, observed, self._names, begins=self.begins, away=self.away)

    def write(self, change: Switch) -> None:
        ref = Ref(API_VERSION, KIND, change.found.name, self.namespace)
        if change.writes:
            self._patch(ref, change)
        if not change.awaits:
            return

        def missing() -> str:
            body = self.cluster.get(ref)
            if body is None:
                return ""
            return "" if instance_ha(body).settled else f"{ref} is not Ready in its last generation"

        Wait(self.cluster.deadline, SECONDS).until(missing, str(ref))

    def _patch(self, ref: Ref, change: Switch) -> None:
        """Never over what others wrote since it was read: the run of another zone can leave its mark there at any time."""
        version = change.found.version
        for last in (*[False] * ATTEMPTS, True):
            try:
                self.cluster.patch(ref, change.body(version), MERGE_PATCH, zone_manager(self._names[change.zone]))
            except ApiError as error:
                if not error.outdated:
                    raise
                body = self.cluster.get(ref)
                now = instance_ha(body) if body else None
                if now and replace(now, settled=change.found.settled) == change.result:
                    # The client repeated a write whose answer was lost.
                    return
                # The operator writes its status there.
                if last or now is None or replace(now, settled=change.found.settled) != change.found:
                    message = (
                        f"{ref} was changed by others, or by the run of another zone, during this one: run this again."
                    )
                    raise ZoneopsError(message) from error
                version = now.version
            else:
                return

    def simulate(self, observed: Observed, change: Switch) -> Observed:
        after = replace(change.result, settled=True)
        return tuple(after if one.name == after.name else one for one in observed)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        return {f"{KIND} {one.name}": one.shown for one in observed} if zone in self._names else {}
