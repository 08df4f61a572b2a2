# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify looks at what zones share as well: glance says that it is Ready whatever the API for all does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import (
    Options as ApplyOptions,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane import guards
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.reconcile import (
    ControlPlane,
    Options,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.wait import Waiting
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import region_spec, zone_spec
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.service_objects import pieces
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import (
    SmallCluster,
    made,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.ready_planes import Plane
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.test_guards import LIVE, TOPOLOGIES

ZONES = ("az1", "az2")
BASE = {
    "apiVersion": "core.openstack.org/v1beta1",
    "kind": "OpenStackControlPlane",
    "metadata": {"name": "controlplane", "namespace": "openstack"},
    "spec": LIVE,
}


class Settled(SmallCluster):
    """A cluster with the operators' objects beside the control plane."""

    def __init__(self, plane: Plane) -> None:
        base = made(BASE, "installer")
        base["status"] = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]}
        super().__init__(base)
        self.plane = plane
        self.deadline = Deadline(60)

    def items(self, ref: Ref, **_filters: str) -> Iterator[dict[str, Any]]:
        if ref.kind == "Topology":
            yield from ({"metadata": {"name": name}} for name in (*TOPOLOGIES, "az2-node-affinity"))
        yield from self.plane.sets if ref.kind == "StatefulSet" else self.plane.objects.get(ref.kind, ())


def verified(zone_map: ZoneMap, plane: Plane) -> dict[str, Verdict]:
    cluster: Any = Settled(plane)
    waiting = Waiting(cluster, guards.control_plane_ref(zone_map), 1, lambda _text: None)
    options = Options(apply=ApplyOptions(), verify=True, check=True)
    reconciler = ControlPlane(cluster, zone_map, ZONES, options, waiting)
    return Converge(reconciler, check=True, deadline=Deadline(60), settle=0).run()


def plane_of(zone_map: ZoneMap) -> Plane:
    parts = (region_spec(zone_map), *(zone_spec(zone_map, zone) for zone in ZONES))
    return Plane([piece for part in parts for piece in pieces(part)])


def broken(plane: Plane) -> Plane:
    """The API for all has no pod, and glance is Ready by a zone's key, which sorts behind it."""
    api = next(item for item in plane.objects["GlanceAPI"] if item["metadata"]["labels"] == {"api-name": "default"})
    api["status"] |= {"readyCount": 0, "conditions": [{"type": "Ready", "status": "False", "message": "0 of 3"}]}
    return plane


def test_all_is_ready() -> None:
    assert [verdict.refusals for verdict in verified(small(), plane_of(small())).values()] == [(), ()]


def test_a_broken_api_for_all_fails_every_zone() -> None:
    for zone, verdict in verified(small(), broken(plane_of(small()))).items():
        (refusal,) = verdict.refusals
        assert (refusal.zone, refusal.rule) == (zone, "shared_not_ready")
        assert refusal.message.startswith("the shared part is not ready: GlanceAPI glance-glanceapi-default-0: 0 of 3")


def test_while_a_zone_is_away_shared_services_may_lack_pods() -> None:
    away = small(("az2.zone_state", "down"))
    assert [verdict.refusals for verdict in verified(away, broken(plane_of(away))).values()] == [(), ()]
