# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own small schema, for a machine without RHOSO's custom resource definitions.

It names the kinds, and of their fields only those whose types decide about what the collection owns; all other fields pass.
An untyped object is merged key by key and an untyped list as a whole, which is what RHOSO's schema says of those in use.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

KINDS = {
    "core": ("OpenStackControlPlane", "OpenStackVersion"),
    "topology": ("Topology",),
    "network": ("NetConfig",),
    "dataplane": ("OpenStackDataPlaneNodeSet", "OpenStackDataPlaneDeployment", "OpenStackDataPlaneService"),
    "glance": ("Glance", "GlanceAPI"),
    "cinder": ("Cinder", "CinderAPI", "CinderScheduler", "CinderVolume", "CinderBackup"),
    "manila": ("Manila", "ManilaAPI", "ManilaScheduler", "ManilaShare"),
    "memcached": ("Memcached",),
}
# What only the stand-in for the operators needs, for where no folder has it.
FOR_OPERATORS = {"rabbitmq": ("RabbitMq",), "mariadb": ("Galera",), "ovn": ("OVNDBCluster",), "network": ("DNSData",)}
PLURALS = {"Topology": "topologies", "DNSData": "dnsdata"}
FREE: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def some(**properties: Schema) -> Schema:
    """An object of which these properties are typed."""
    return {**FREE, "properties": properties}


def each(value: Schema) -> Schema:
    """A map with values of this type."""
    return {"type": "object", "additionalProperties": value}


def whole(most: int | None = None) -> Schema:
    """A number of replicas."""
    return {"type": "integer", "minimum": 0, **({} if most is None else {"maximum": most})}


LIST: Schema = {"type": "array", "items": FREE, "x-kubernetes-list-type": "atomic"}
GLANCE_API = some(type={"type": "string", "enum": ["split", "single", "edge"]}, replicas=whole(32))
CONTROL_PLANE = some(
    extraMounts=LIST,
    glance=some(template=some(glanceAPIs=each(GLANCE_API), keystoneEndpoint={"type": "string"})),
    cinder=some(template=some(cinderVolumes=each(some(replicas=whole(1))), cinderBackups=each(some(replicas=whole())))),
    manila=some(template=some(manilaShares=each(some(replicas=whole(32))))),
)
SPECS = {
    "OpenStackControlPlane": CONTROL_PLANE,
    "OpenStackDataPlaneNodeSet": some(services={"type": "array", "items": {"type": "string"}}, nodes=each(FREE)),
    "OpenStackDataPlaneService": some(dataSources=LIST),
    "NetConfig": some(networks=LIST),
}


def definitions(groups: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, bytes]:
    """Each definition by its name, as JSON; of all KINDS, or of some."""
    found = {}
    for group, kinds in (KINDS if groups is None else groups).items():
        for kind in kinds:
            plural = PLURALS.get(kind, f"{kind.lower()}s")
            name = f"{plural}.{group}.openstack.org"
            found[name] = json.dumps(definition(name, kind)).encode()
    return found


def definition(name: str, kind: str) -> Schema:
    """One kind."""
    plural, group = name.split(".", 1)
    schema = some(spec=SPECS.get(kind, FREE), status=FREE)
    version = {
        "name": "v1beta1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [version],
        },
    }
