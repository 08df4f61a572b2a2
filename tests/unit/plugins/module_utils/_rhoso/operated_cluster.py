# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory whose operators make at once what the control plane asks for, but for what is broken; and runs on it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.room import Options as ApplyOptions
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso import guards
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pieces import pieces
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.room import ControlPlane, Options
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.waiting import Waiting
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import (
    SmallCluster,
    made,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.ready_planes import READY, Plane

PLANE = guards.control_plane_ref(small())
TOPOLOGIES = ("spread-pods", "spread-quorum-pods", "az1-node-affinity", "az2-node-affinity")
INSTALLED: dict[str, Any] = {
    "galera": {"templates": {"openstack": {}, "openstack-cell1": {}}},
    "rabbitmq": {"templates": {"rabbitmq": {}, "rabbitmq-cell1": {}}},
    "ovn": {"template": {"ovnDBCluster": {"ovndbcluster-nb": {}, "ovndbcluster-sb": {}}}},
}


def installed() -> dict[str, Any]:
    """A control plane as an installation leaves it."""
    metadata = {"name": PLANE.name, "namespace": PLANE.namespace}
    body = {"apiVersion": PLANE.api_version, "kind": PLANE.kind, "metadata": metadata, "spec": INSTALLED}
    return made(body, owner="installer")


class OperatedCluster(SmallCluster):
    """A control plane with operators behind it.

    :ivar broken: keys of pieces that never come.
    :ivar listed: the kinds that were listed, in order.
    """

    def __init__(self) -> None:
        super().__init__(installed())
        self.deadline = Deadline(60)
        self.broken: set[str] = set()
        self.listed: list[str] = []

    def get(self, ref: Ref) -> dict[str, Any] | None:
        found = super().get(ref)
        if found is not None and ref == PLANE:
            message = {"status": "False", "message": "something is broken"} if self.broken else {}
            found["status"] = {
                "observedGeneration": found["metadata"]["generation"],
                "conditions": [{**READY, **message}],
            }
        return found

    def items(self, ref: Ref, **_filters: str) -> Iterator[dict[str, Any]]:
        self.listed.append(ref.kind)
        plane = self._plane()
        if ref.kind == "Topology":
            yield from ({"metadata": {"name": name}} for name in TOPOLOGIES)
        elif ref.kind == "StatefulSet":
            yield from plane.sets
        else:
            yield from plane.objects.get(ref.kind, [])

    @property
    def managers(self) -> list[str]:
        """Who wrote, in order; forgotten then."""
        found = [manager for manager, _path in self.writes]
        self.writes.clear()
        return found

    def _plane(self) -> Plane:
        spec = self.objects[PLANE.path].get("spec") or {}
        return Plane([piece for piece in pieces(copy.deepcopy(spec)) if piece.key not in self.broken])


def waiting(cluster: OperatedCluster, lines: list[str]) -> Waiting:
    return Waiting(cluster, PLANE, 0.1, lines.append, every=0.01)  # type: ignore[arg-type]


def run(
    cluster: OperatedCluster,
    zone_map: ZoneMap,
    *zones: str,
    check: bool = False,
    wait: bool = True,
    verify: bool = False,
    at_once: int = 1,
) -> dict[str, Verdict]:
    """Bring zones, all of them if none is named, to what the map says."""
    apply = ApplyOptions(known=guards.KNOWN_CONFLICTS, one_by_one=True)
    options = Options(apply=apply, wait=wait, check=check, verify=verify)
    room = ControlPlane(cluster, zone_map, zones or tuple(zone_map.zones), options, waiting(cluster, []))  # type: ignore[arg-type]
    return Converge(room, check=check, deadline=cluster.deadline, settle=0, at_once=at_once).run()
