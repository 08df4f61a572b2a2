# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights in Kubernetes that each step needs, and which of them a user lacks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..._zones.schema.zone_map import Zone, ZoneMap
from ..spec import secrets
from ..spec.data_plane import NODE_SET, data_plane, rolled_out_secrets
from ..spec.services import glance


@dataclass(frozen=True)
class Right:
    """Verbs on one resource. `group` is empty for the core API.

    :ivar when: what of the map makes it needed, a key of `CONDITIONS`; empty where it always is.
    """

    group: str
    resource: str
    verbs: tuple[str, ...]
    when: str = ""

    @property
    def text(self) -> str:
        return f"{', '.join(self.verbs)} {self.resource}{'.' + self.group if self.group else ''}"

    def as_rule(self) -> dict[str, list[str]]:
        """The rule of a Role that grants exactly this."""
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": list(self.verbs)}


READ, WRITE, LIST = ("get",), ("get", "create", "patch"), ("list",)
DATA_PLANE = "dataplane.openstack.org"
# Properties of the map that take further rights, as the page calls them.
RULE, SECRETS, MEMCACHED, HOSTS = "`copy_image_rule`", "`kubernetes.secrets`", "`memcached.per_zone`", "`data_plane`"
VALUES = "`ansible_vars_secrets` or `ceph.files_secret` of a data plane"
CONDITIONS: Mapping[str, Callable[[ZoneMap], bool]] = {
    RULE: lambda zone_map: bool(zone_map.region.kubernetes.services.glance.copy_image_rule and glance.stores(zone_map)),
    SECRETS: lambda zone_map: bool(secrets.names(zone_map)),
    MEMCACHED: lambda zone_map: zone_map.region.kubernetes.services.memcached.per_zone,
    HOSTS: lambda zone_map: any(zone.data_plane for zone in zone_map.zones.values()),
    VALUES: lambda zone_map: any(_brings_secrets(zone_map, zone) for zone in zone_map.zones.values()),
}
# What is looked at while pods are waited for.
OPERATED = (
    ("glance.openstack.org", ("glances", "glanceapis")),
    ("cinder.openstack.org", ("cinders", "cinderapis", "cinderschedulers", "cindervolumes", "cinderbackups")),
    ("manila.openstack.org", ("manilas", "manilaapis", "manilaschedulers", "manilashares")),
    ("memcached.openstack.org", ("memcacheds",)),
)

# By step. A dry run of an apply asks for the rights of the apply itself, so check mode needs all of them too where there is something to change.
RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "node_zones": (Right("", "nodes", ("list", "patch")),),
    "topologies": (
        Right("topology.openstack.org", "topologies", ("list", "create", "patch")),
        # What is looked at while pods follow a Topology that changes.
        Right("apps", "statefulsets", LIST),
        Right("", "pods", LIST),
        Right("", "events", LIST),
    ),
    "control_plane": (
        Right("core.openstack.org", "openstackcontrolplanes", ("get", "patch")),
        Right("topology.openstack.org", "topologies", LIST),
        Right("", "nodes", LIST),
        Right("apps", "statefulsets", LIST),
        Right("", "pods", LIST),
        Right("", "events", LIST),
        *(Right(group, resource, LIST) for group, resources in OPERATED for resource in resources),
        Right("", "configmaps", WRITE, RULE),
        Right("", "secrets", WRITE, SECRETS),
    ),
    # control_plane with state absent.
    "zone_remove": (
        Right("core.openstack.org", "openstackcontrolplanes", ("get", "patch")),
        Right("topology.openstack.org", "topologies", ("get", "patch")),
        Right("apps", "statefulsets", LIST),
        Right("", "pods", LIST),
        Right("", "events", LIST),
        *(Right(group, resource, LIST) for group, resources in OPERATED for resource in resources),
        Right("", "configmaps", WRITE, RULE),
    ),
    "data_plane": (
        Right("", "configmaps", WRITE, HOSTS),
        Right(DATA_PLANE, "openstackdataplaneservices", WRITE, HOSTS),
        Right(DATA_PLANE, "openstackdataplanenodesets", WRITE, HOSTS),
        Right(DATA_PLANE, "openstackdataplanedeployments", ("get", "list", "create", "delete"), HOSTS),
        Right("", "secrets", READ, VALUES),
    ),
    # Only in the maintenance of a zone.
    "instance_ha": (Right("instanceha.openstack.org", "instancehas", ("get", "list", "patch")),),
    "node_maintenance": (
        Right("", "nodes", ("get", "list")),
        Right("nodemaintenance.medik8s.io", "nodemaintenances", ("get", "list", "create", "delete")),
    ),
    # node_maintenance with state unfence: only when a zone that was lost returns.
    "zone_return": (
        Right("", "nodes", ("get", "list", "patch")),
        Right("self-node-remediation.medik8s.io", "selfnoderemediations", LIST),
        Right("fence-agents-remediation.medik8s.io", "fenceagentsremediations", LIST),
    ),
    # Only when a zone is evacuated. Without one of them, that kind says nothing.
    "fencing_info": (
        Right("", "nodes", LIST),
        Right("self-node-remediation.medik8s.io", "selfnoderemediations", LIST),
        Right("fence-agents-remediation.medik8s.io", "fenceagentsremediations", LIST),
        Right("remediation.medik8s.io", "nodehealthchecks", LIST),
        Right("metal3.io", "baremetalhosts", LIST),
        Right("baremetal.openstack.org", "openstackbaremetalsets", LIST),
    ),
    "pod_placement_info": (
        Right("", "nodes", ("list",)),
        Right("", "pods", ("list",)),
        Right("", "services", ("list",)),
        Right("", "configmaps", READ, HOSTS),
        Right("apps", "statefulsets", ("list",)),
        Right("apps", "deployments", LIST),
        Right("apps", "replicasets", LIST),
        Right("glance.openstack.org", "glanceapis", ("list",)),
        Right("cinder.openstack.org", "cindervolumes", ("list",)),
        Right("cinder.openstack.org", "cinderbackups", ("list",)),
        Right("manila.openstack.org", "manilashares", ("list",)),
        Right("memcached.openstack.org", "memcacheds", ("list",), MEMCACHED),
        Right("instanceha.openstack.org", "instancehas", LIST),
    ),
    # Only when a zone that was lost returns, and where it is asked for. Besides those of pod_placement_info.
    "pod_spread": (
        Right("", "pods/eviction", ("create",)),
        Right("policy", "poddisruptionbudgets", LIST),
        Right("", "persistentvolumeclaims", READ),
        Right("", "persistentvolumes", READ),
    ),
    "preflight_info": (
        Right("", "nodes", ("list",)),
        Right("", "services", ("list",)),
        Right("", "secrets", READ),
        Right("storage.k8s.io", "storageclasses", READ),
        Right("core.openstack.org", "openstackcontrolplanes", READ),
        Right("core.openstack.org", "openstackversions", ("list",)),
        Right("network.openstack.org", "netconfigs", ("list",)),
        Right("network.openstack.org", "dnsdata", ("list",)),
        Right("remediation.medik8s.io", "nodehealthchecks", ("list",)),
        Right("self-node-remediation.medik8s.io", "selfnoderemediationtemplates", READ),
        Right("apiextensions.k8s.io", "customresourcedefinitions", READ),
        Right("metallb.io", "ipaddresspools", ("list",)),
    ),
}


def _brings_secrets(zone_map: ZoneMap, zone: Zone) -> bool:
    sets = [part.body for part in data_plane(zone, zone_map.region) if part.ref.kind == NODE_SET]
    return any(rolled_out_secrets(body) for body in sets)


def needed(step: str, zone_map: ZoneMap) -> tuple[Right, ...]:
    """Exactly the rights that a step needs with this map."""
    return tuple(right for right in RIGHTS[step] if not right.when or CONDITIONS[right.when](zone_map))


def missing(steps: Iterable[str], zone_map: ZoneMap, rules: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Right]]:
    """The rights that the rules of a SelfSubjectRulesReview do not grant, by step."""
    granted = list(rules)
    for step in steps:
        for right in needed(step, zone_map):
            verbs = tuple(verb for verb in right.verbs if not any(_grants(rule, right, verb) for rule in granted))
            if verbs:
                yield step, Right(right.group, right.resource, verbs)


def _grants(rule: Mapping[str, Any], right: Right, verb: str) -> bool:
    """A rule for some names only does not grant what has no name yet."""
    if rule.get("resourceNames"):
        return False
    return all(
        "*" in (rule.get(key) or ()) or value in (rule.get(key) or ())
        for key, value in (("apiGroups", right.group), ("resources", right.resource), ("verbs", verb))
    )
