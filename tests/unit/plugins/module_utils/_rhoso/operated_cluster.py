# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory whose operators make at once what the control plane asks for, but for what is broken; and runs on it.

They are as forgetful as the real ones where a key goes: a backup service runs on, and finalizers stay on the Topology.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import (
    Options as ApplyOptions,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied, Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane import guards
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.reconcile import (
    ControlPlane,
    Options,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.wait import Waiting
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.service_objects import Piece, pieces
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.zone_removal.reconcile import Removal
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import FORCE
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import (
    SmallCluster,
    made,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.ready_planes import READY, Plane

REGION = "zoneops-region"
PATIENCE = 10.0
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


def topology_ref(zone: str) -> Ref:
    return Ref("topology.openstack.org/v1beta1", "Topology", f"{zone}-node-affinity", PLANE.namespace)


def topology(name: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": PLANE.namespace, "resourceVersion": "1", "finalizers": ["example.org/mine"]}
    return {"apiVersion": "topology.openstack.org/v1beta1", "kind": "Topology", "metadata": metadata}


def node(name: str, zone: str = "az1", taint: str = "") -> dict[str, Any]:
    labels = {"topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": name}
    taints = [{"key": taint, "effect": "NoSchedule"}] if taint else []
    return {"metadata": {"name": name, "labels": labels}, "spec": {"taints": taints}}


class Killed(BaseException):
    """The process ended behind a write."""


class OperatedCluster(SmallCluster):
    """A control plane with operators behind it.

    :ivar broken: keys of pieces that never come.
    :ivar behind: kinds whose operator has not processed the newest generation.
    :ivar running_on: backup services whose key went while they ran.
    :ivar asleep: whether operators do not see what becomes of Secrets.
    :ivar rules: what the Topologies say, by their name.
    :ivar listed: the kinds that were listed, in order.
    :ivar kill_behind: after how many more writes the process is killed, None for never.
    :ivar together: where the writes of zones wait for each other, so that none is done before as many have begun.
    """

    def __init__(self) -> None:
        super().__init__(installed(), *(topology(name) for name in TOPOLOGIES))
        self.deadline = Deadline(60)
        self.broken: set[str] = set()
        self.behind: set[str] = set()
        self.running_on: dict[str, Piece] = {}
        self.listed: list[str] = []
        self.kill_behind: int | None = None
        self.together: threading.Barrier | None = None
        self.nodes = [node("worker-0")]
        self.asleep = False
        self._read: dict[str, int] = {}
        self.rules: dict[str, dict[str, Any]] = {}
        self._one_by_one = threading.RLock()

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Any:
        if self.together is not None and not dry_run and manager != REGION:
            self.together.wait(PATIENCE)
        with self._one_by_one:
            return self._apply(ref, body, manager, dry_run=dry_run, force=force)

    def _apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool) -> Any:
        before = self._pieces()
        answer = super().apply(ref, body, manager, dry_run=dry_run, force=force)
        if not dry_run:
            after = self._pieces()
            for key in before.keys() - after.keys():
                self._forget(before[key])
            for piece in after.values():
                if piece.kind == "CinderBackup" and not piece.replicas:
                    self.running_on.pop(piece.key, None)
            self._wrote()
        return answer

    def patch(self, ref: Ref, operations: list[dict[str, Any]], _content_type: str, manager: str) -> None:
        """Finalizers only."""
        metadata = self.objects[ref.path]["metadata"]
        test, change = operations
        assert (test["op"], test["value"]) == ("test", metadata["resourceVersion"])
        metadata |= {"finalizers": change["value"], "resourceVersion": metadata["resourceVersion"] + "1"}
        self.writes.append((manager, ref.path))
        self._wrote()

    def finalizers(self, zone: str) -> list[str]:
        found: list[str] = self.objects[topology_ref(zone).path]["metadata"]["finalizers"]
        return found

    def _wrote(self) -> None:
        if self.kill_behind is not None:
            self.kill_behind -= 1
            if self.kill_behind <= 0:
                self.kill_behind = None
                raise Killed

    def _forget(self, piece: Piece) -> None:
        if piece.kind == "CinderBackup" and piece.replicas:
            self.running_on[piece.key] = piece
        if piece.kind in ("CinderVolume", "ManilaShare"):
            name = f"{piece.kind.lower()}-{piece.service}-{piece.kind.lower()}-{piece.key}-0"
            self.finalizers(piece.key).append(f"openstack.org/{name}")
        if piece.kind == "Memcached" and piece.key != "memcached":
            # As measured: nothing ever takes it off (rhoso-operators-behaviour.md, 2026-11-28, memcached).
            self.finalizers(piece.key.removeprefix("memcached-")).append(f"openstack.org/memcached-{piece.key}")

    def get(self, ref: Ref) -> dict[str, Any] | None:
        found = super().get(ref)
        if found is not None and ref == PLANE:
            message = {"status": "False", "message": "something is broken"} if self.broken else {}
            found["status"] = {
                "observedGeneration": found["metadata"]["generation"] - (PLANE.kind in self.behind),
                "conditions": [{**READY, **message}],
            }
        return found

    def items(self, ref: Ref, **_filters: str) -> Iterator[dict[str, Any]]:
        self.listed.append(ref.kind)
        plane = self._plane()
        for item in plane.objects.get(ref.kind, []) if ref.kind in self.behind else ():
            item["metadata"]["generation"] += 1
        if ref.kind == "Topology":
            yield from ({"metadata": {"name": name}, "spec": self.rules.get(name, {})} for name in TOPOLOGIES)
        elif ref.kind == "Node":
            yield from self.nodes
        elif ref.kind == "StatefulSet":
            yield from (self._rolled(item, plane) for item in plane.sets)
        else:
            yield from plane.objects.get(ref.kind, [])

    def _rolled(self, item: dict[str, Any], plane: Plane) -> dict[str, Any]:
        """A StatefulSet changes with each write to a Secret that it reads."""
        name = item["metadata"]["name"]
        if not self.asleep:
            secrets = plane.secrets.get(name, ())
            found = [self.objects.get(Ref("v1", "Secret", secret, PLANE.namespace).path) for secret in secrets]
            self._read[name] = sum(secret["metadata"]["generation"] for secret in found if secret)
        generation = item["metadata"]["generation"] + self._read.get(name, 0)
        item["metadata"]["generation"] = item["status"]["observedGeneration"] = generation
        return item

    @property
    def managers(self) -> list[str]:
        """Who wrote, in order; forgotten then."""
        found = [manager for manager, _path in self.writes]
        self.writes.clear()
        return found

    def _plane(self) -> Plane:
        """A backup service without pods has no object."""
        there = [piece for piece in self._pieces().values() if piece.replicas or piece.kind != "CinderBackup"]
        return Plane([piece for piece in (*there, *self.running_on.values()) if piece.key not in self.broken])

    def _pieces(self) -> dict[tuple[str, str], Piece]:
        spec = copy.deepcopy(self.objects[PLANE.path].get("spec") or {})
        return {(piece.kind, piece.key): piece for piece in pieces(spec)}


def waiting(cluster: OperatedCluster, lines: list[str]) -> Waiting:
    return Waiting(cluster, PLANE, 0.1, lines.append, every=0.01)  # type: ignore[arg-type]


def run(
    cluster: OperatedCluster,
    zone_map: ZoneMap,
    *zones: str,
    check: bool = False,
    wait: bool = True,
    verify: bool = False,
    secrets: Sequence[Applied] = (),
    at_once: int = 1,
    force: bool = False,
) -> dict[str, Verdict]:
    """Bring zones, all of them if none is named, to what the map says."""
    allow = frozenset({FORCE}) if force else frozenset()
    apply = ApplyOptions(allow=allow, known=guards.KNOWN_CONFLICTS, one_by_one=True)
    options = Options(apply=apply, wait=wait, check=check, verify=verify, secrets=secrets)
    reconciler = ControlPlane(cluster, zone_map, zones or tuple(zone_map.zones), options, waiting(cluster, []))  # type: ignore[arg-type]
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0, at_once=at_once).run()


def remove(cluster: OperatedCluster, zone_map: ZoneMap, zone: str, *, check: bool = False) -> Verdict:
    """Take a zone away in which nothing lives."""
    options = ApplyOptions(known=guards.KNOWN_CONFLICTS, one_by_one=True)
    reconciler = Removal(
        cluster,  # type: ignore[arg-type]
        zone_map,
        [zone],
        {zone: []},
        waiting(cluster, []),
        orphans=False,
        wait=True,
        options=options,
    )
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0).run()[zone]
