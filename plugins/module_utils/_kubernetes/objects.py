# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the Kubernetes API as this collection writes them: which one, whose fields, and where it is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REGION_MANAGER = "zoneops-region"

# The plural of every kind that is read or written: it stands in the path, and asking the API for it would cost requests.
PLURALS = {
    "BareMetalHost": "baremetalhosts",
    "CinderAPI": "cinderapis",
    "CinderBackup": "cinderbackups",
    "Cinder": "cinders",
    "CinderScheduler": "cinderschedulers",
    "CinderVolume": "cindervolumes",
    "ConfigMap": "configmaps",
    "CustomResourceDefinition": "customresourcedefinitions",
    "DNSData": "dnsdata",
    "Deployment": "deployments",
    "Event": "events",
    "FenceAgentsRemediation": "fenceagentsremediations",
    "FenceAgentsRemediationTemplate": "fenceagentsremediationtemplates",
    "Glance": "glances",
    "GlanceAPI": "glanceapis",
    "IPAddressPool": "ipaddresspools",
    "InstanceHa": "instancehas",
    "Job": "jobs",
    "Manila": "manilas",
    "ManilaAPI": "manilaapis",
    "ManilaScheduler": "manilaschedulers",
    "ManilaShare": "manilashares",
    "Memcached": "memcacheds",
    "NetConfig": "netconfigs",
    "NetworkAttachmentDefinition": "network-attachment-definitions",
    "Node": "nodes",
    "NodeHealthCheck": "nodehealthchecks",
    "NodeMaintenance": "nodemaintenances",
    "OpenStackBaremetalSet": "openstackbaremetalsets",
    "OpenStackControlPlane": "openstackcontrolplanes",
    "OpenStackDataPlaneDeployment": "openstackdataplanedeployments",
    "OpenStackDataPlaneNodeSet": "openstackdataplanenodesets",
    "OpenStackDataPlaneService": "openstackdataplaneservices",
    "OpenStackVersion": "openstackversions",
    "PersistentVolume": "persistentvolumes",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Pod": "pods",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "RabbitMq": "rabbitmqs",
    "ReplicaSet": "replicasets",
    "Secret": "secrets",
    "SelfSubjectRulesReview": "selfsubjectrulesreviews",
    "Service": "services",
    "StatefulSet": "statefulsets",
    "StorageClass": "storageclasses",
    "SelfNodeRemediation": "selfnoderemediations",
    "SelfNodeRemediationTemplate": "selfnoderemediationtemplates",
    "Topology": "topologies",
}


def zone_manager(kubernetes_name: str) -> str:
    """The field manager of a zone, by the zone's name in Kubernetes."""
    return f"zoneops-{kubernetes_name}"


def is_ours(manager: str) -> bool:
    """Whether a field manager is one of this collection's."""
    return manager.startswith("zoneops-")


@dataclass(frozen=True)
class Ref:
    """Where an object, or with an empty name a list of objects, is found. A namespace of None: not in a namespace, or a list over all of them."""

    api_version: str
    kind: str
    name: str = ""
    namespace: str | None = None

    @property
    def path(self) -> str:
        root = "/apis" if "/" in self.api_version else "/api"
        space = f"/namespaces/{self.namespace}" if self.namespace else ""
        name = f"/{self.name}" if self.name else ""
        return f"{root}/{self.api_version}{space}/{PLURALS[self.kind]}{name}"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else PLURALS[self.kind]


@dataclass(frozen=True)
class Applied:
    """What one field manager wants of one object, whole: what it owned and this leaves out is removed.

    :param manager: `zoneops-<kubernetes name of the zone>`, or `zoneops-region` for what zones share.
    :param body: apiVersion, kind, metadata with the name and nothing that the server writes, and the fields. Without any field it is the
        removal of all that the manager owns. No empty objects: the server takes one for null where its children were owned.
    :param zones: inventory names of the zones whose it is; empty for what all share, which comes first.
    :param may_create: whether it is made where it is missing. Else it is an error that it is missing, or for a removal nothing to do.
    :param step: what it is for people, in few words, for example "glance, cinder and manila of az1".
    """

    manager: str
    body: dict[str, Any]
    zones: tuple[str, ...]
    may_create: bool
    step: str

    @property
    def ref(self) -> Ref:
        metadata = self.body["metadata"]
        return Ref(self.body["apiVersion"], self.body["kind"], metadata["name"], metadata.get("namespace"))

    @property
    def removes(self) -> bool:
        """Whether it wants nothing: the removal of what the manager owns."""
        kept = {"name", "namespace"}
        return set(self.body) <= {"apiVersion", "kind", "metadata"} and set(self.body["metadata"]) <= kept

    @property
    def key(self) -> tuple[str, str]:
        """One manager has one set of fields in one object."""
        return (self.manager, self.ref.path)
