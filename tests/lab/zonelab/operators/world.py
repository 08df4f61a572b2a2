# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in sees of the cluster in one turn, and what a reconcile function wants changed."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zonelab.kube.kubeconfig import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable

Object = dict[str, Any]

GROUPS = {
    "core.openstack.org/v1beta1": {"OpenStackControlPlane": "openstackcontrolplanes"},
    "topology.openstack.org/v1beta1": {"Topology": "topologies"},
    "glance.openstack.org/v1beta1": {"Glance": "glances", "GlanceAPI": "glanceapis"},
    "cinder.openstack.org/v1beta1": {
        "Cinder": "cinders",
        "CinderAPI": "cinderapis",
        "CinderScheduler": "cinderschedulers",
        "CinderVolume": "cindervolumes",
        "CinderBackup": "cinderbackups",
    },
    "manila.openstack.org/v1beta1": {
        "Manila": "manilas",
        "ManilaAPI": "manilaapis",
        "ManilaScheduler": "manilaschedulers",
        "ManilaShare": "manilashares",
    },
    "memcached.openstack.org/v1beta1": {"Memcached": "memcacheds"},
    "rabbitmq.openstack.org/v1beta1": {"RabbitMq": "rabbitmqs"},
    "mariadb.openstack.org/v1beta1": {"Galera": "galeras"},
    "ovn.openstack.org/v1beta1": {"OVNDBCluster": "ovndbclusters"},
    "network.openstack.org/v1beta1": {"NetConfig": "netconfigs", "DNSData": "dnsdata"},
    "dataplane.openstack.org/v1beta1": {
        "OpenStackDataPlaneNodeSet": "openstackdataplanenodesets",
        "OpenStackDataPlaneDeployment": "openstackdataplanedeployments",
        "OpenStackDataPlaneService": "openstackdataplaneservices",
    },
    "apps/v1": {"StatefulSet": "statefulsets"},
    "batch/v1": {"Job": "jobs"},
    "v1": {"Service": "services", "Pod": "pods", "ConfigMap": "configmaps", "Secret": "secrets"},
}
VERSION = {kind: version for version, kinds in GROUPS.items() for kind in kinds}


def collection(kind: str) -> str:
    """The path of all objects of a kind in RHOSO's namespace."""
    version = VERSION[kind]
    root = f"/api/{version}" if version == "v1" else f"/apis/{version}"
    return f"{root}/namespaces/{NAMESPACE}/{GROUPS[version][kind]}"


@dataclass
class World:
    """All objects by kind and name, as they were when the turn began.

    :ivar failing: services of the data plane whose Jobs have used all their retries.
    """

    objects: dict[str, dict[str, Object]] = field(default_factory=dict)
    failing: tuple[str, ...] = ()

    @classmethod
    def of(cls, objects: Iterable[Object]) -> World:
        """From objects that name their kind."""
        world = cls()
        for found in objects:
            world.objects.setdefault(found["kind"], {})[found["metadata"]["name"]] = found
        return world

    def all(self, kind: str) -> list[Object]:
        """All objects of a kind."""
        return list(self.objects.get(kind, {}).values())

    def find(self, kind: str, name: str) -> Object | None:
        """An object, or None."""
        return self.objects.get(kind, {}).get(name)

    def owned(self, kind: str, owner: Object) -> list[Object]:
        """Those that the owner controls."""
        uid = owner["metadata"]["uid"]
        return [found for found in self.all(kind) if any(ref["uid"] == uid for ref in owners(found))]


@dataclass
class Wanted:
    """What a reconcile function wants: children as they are to be, its own status, and what is to go.

    :ivar marks: finalizers of Topologies: topology name, finalizer, whether it is to be there.
    :ivar releases: the object's own finalizer is done with.
    """

    children: list[Object] = field(default_factory=list)
    status: Object | None = None
    gone: list[tuple[str, str]] = field(default_factory=list)
    marks: list[tuple[str, str, bool]] = field(default_factory=list)
    releases: bool = False


def owners(found: Object) -> list[Object]:
    """Its owner references."""
    return list(found["metadata"].get("ownerReferences") or ())


def child(
    kind: str,
    name: str,
    owner: Object,
    spec: Object,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    finalizer: bool = False,
) -> Object:
    """An object that the owner controls."""
    reference = {
        "apiVersion": owner["apiVersion"],
        "blockOwnerDeletion": True,
        "controller": True,
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    metadata: Object = {"name": name, "namespace": owner["metadata"]["namespace"], "ownerReferences": [reference]}
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = dict(annotations)
    if finalizer:
        metadata["finalizers"] = [own_finalizer(kind)]
    return {"apiVersion": VERSION[kind], "kind": kind, "metadata": metadata, "spec": copy.deepcopy(spec)}


def own_finalizer(kind: str) -> str:
    """The finalizer that the operator of a kind puts on its objects."""
    return f"openstack.org/{kind.lower()}"


def digest(content: Any) -> str:
    """A short name for a content; the real ones look different and mean the same."""
    return "n" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32] + "q"


def is_current(found: Object | None) -> bool:
    """Whether its controller has seen its newest generation."""
    if found is None:
        return False
    return bool((found.get("status") or {}).get("observedGeneration") == found["metadata"].get("generation"))
