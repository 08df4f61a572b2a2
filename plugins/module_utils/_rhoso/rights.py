# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights in Kubernetes that each step needs, and which of them a user lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Right:
    """Verbs on one resource. `group` is empty for the core API."""

    group: str
    resource: str
    verbs: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{', '.join(self.verbs)} {self.resource}{'.' + self.group if self.group else ''}"

    def as_rule(self) -> dict[str, list[str]]:
        """The rule of a Role that grants exactly this."""
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": list(self.verbs)}


READ, WRITE, LIST = ("get",), ("get", "create", "patch"), ("list",)
DATA_PLANE = "dataplane.openstack.org"
# What is looked at while pods are waited for.
OPERATED = (
    ("glance.openstack.org", ("glances", "glanceapis")),
    ("cinder.openstack.org", ("cinders", "cinderapis", "cinderschedulers", "cindervolumes", "cinderbackups")),
    ("manila.openstack.org", ("manilas", "manilaapis", "manilaschedulers", "manilashares")),
    ("memcached.openstack.org", ("memcacheds",)),
)

# By step. A dry run of an apply asks for the rights of the apply itself, so check mode needs all of them too.
RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "node_zones": (Right("", "nodes", ("list", "patch")),),
    "topologies": (Right("topology.openstack.org", "topologies", WRITE),),
    "control_plane": (
        Right("core.openstack.org", "openstackcontrolplanes", ("get", "patch")),
        Right("topology.openstack.org", "topologies", LIST),
        Right("apps", "statefulsets", LIST),
        Right("", "pods", LIST),
        Right("", "events", LIST),
        *(Right(group, resource, LIST) for group, resources in OPERATED for resource in resources),
    ),
    "data_plane": (
        Right("", "configmaps", WRITE),
        Right(DATA_PLANE, "openstackdataplaneservices", WRITE),
        Right(DATA_PLANE, "openstackdataplanenodesets", WRITE),
        Right(DATA_PLANE, "openstackdataplanedeployments", ("get", "list", "create", "delete")),
    ),
    "pod_placement_info": (
        Right("", "nodes", ("list",)),
        Right("", "pods", ("list",)),
        Right("", "services", ("list",)),
        Right("", "configmaps", READ),
        Right("apps", "statefulsets", ("list",)),
        Right("glance.openstack.org", "glanceapis", ("list",)),
        Right("cinder.openstack.org", "cindervolumes", ("list",)),
        Right("cinder.openstack.org", "cinderbackups", ("list",)),
        Right("manila.openstack.org", "manilashares", ("list",)),
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
        Right("metallb.io", "ipaddresspools", ("list",)),
    ),
}


def missing(steps: Iterable[str], rules: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Right]]:
    """The rights that the rules of a SelfSubjectRulesReview do not grant, by step."""
    granted = list(rules)
    for step in steps:
        for right in RIGHTS[step]:
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
