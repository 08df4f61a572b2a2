# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose pods restart beside those of the storage services. Where the name of a set is not known for sure, the service is named. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# What changes no pod that runs.
QUIET = {"replicas", "override"}
NOVA = {
    "apiServiceTemplate": "nova-api",
    "schedulerServiceTemplate": "nova-scheduler",
    "metadataServiceTemplate": "nova's metadata service",
}
CELL = {
    "conductorServiceTemplate": "nova-{cell}-conductor",
    "metadataServiceTemplate": "nova's metadata service of {cell}",
    "noVNCProxyServiceTemplate": "nova's console proxy of {cell}",
}
# There in any case; of the others only what the object has.
ALWAYS = {"apiServiceTemplate", "schedulerServiceTemplate", "conductorServiceTemplate"}
# Those whose parts are looked at one by one.
APART = {"glance", "cinder", "manila", "nova", "ovn"}
# Many of a kind, each with its own Topology, and how its StatefulSet is called.
TEMPLATES = {
    "memcached": "{name}",
    "galera": "{name}-galera",
    "rabbitmq": "{name}-server",
    "redis": "Redis {name}",
}
ADDRESSES = "metallb.universe.tf/loadBalancerIPs"
Part = Mapping[str, Any]


def nova(before: Part, after: Part) -> Iterator[str]:
    """Nova's services; what stands above them in the template is for all."""
    if not before or before.get("enabled") is False:
        return
    old, new = _template(before), _template(after)
    general = _general(old, new, {*NOVA, "cellTemplates"})
    yield from _changed(NOVA, old, new, general=general)
    cells = new.get("cellTemplates") or {}
    for cell, mine in (old.get("cellTemplates") or {}).items():
        if cell in cells:
            # Compute services of the control plane have keys of their own; they go with what is general in the cell.
            all_of_it = general or _general(mine, cells[cell], set(CELL))
            yield from (name.format(cell=cell) for name in _changed(CELL, mine, cells[cell], general=all_of_it))


def _changed(names: Mapping[str, str], old: Part, new: Part, *, general: bool) -> Iterator[str]:
    for key, name in names.items():
        if _is_there(old, key) and (general or _loud(old.get(key) or {}) != _loud(new.get(key) or {})):
            yield name


def network(before: Part, after: Part) -> Iterator[str]:
    """The databases of OVN and what else is in its template."""
    old, new = _template(before), _template(after)
    clusters = new.get("ovnDBCluster") or {}
    for name, mine in (old.get("ovnDBCluster") or {}).items():
        if name in clusters and _loud(mine) != _loud(clusters[name]):
            yield f"OVNDBCluster {name}"
    for key in ("ovnNorthd", "ovnController"):
        if key in old and key in new and _loud(old[key]) != _loud(new[key]):
            yield key


def name_server(before: Part, after: Part) -> Iterator[str]:
    """The hosts' name server has every endpoint with an address of its own, and restarts when one comes, goes or moves."""
    runs = bool(before) and (before.get("dns") or {}).get("enabled") is not False
    if runs and dict(_endpoints(before)) != dict(_endpoints(after)):
        yield "dnsmasq-dns"


def _endpoints(part: Part, path: str = "") -> Iterator[tuple[str, str]]:
    """The address of each Service of the type LoadBalancer, by its path."""
    for key, inner in part.items():
        if not isinstance(inner, Mapping):
            continue
        spec, metadata = inner.get("spec"), inner.get("metadata")
        if path.endswith(".override.service") and isinstance(spec, Mapping) and spec.get("type") == "LoadBalancer":
            annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
            yield f"{path}.{key}", str((annotations or {}).get(ADDRESSES) or "")
        else:
            yield from _endpoints(inner, f"{path}.{key}")


def inheriting(spec: Part) -> Iterator[str]:
    """What takes the Topology of the control plane because it has none of its own."""
    for service, part in spec.items():
        if isinstance(part, Mapping) and part.get("enabled") is not False:
            yield from _inheriting(service, part)


def _inheriting(service: str, part: Part) -> Iterator[str]:
    template = part.get("template")
    if service in TEMPLATES:
        for name, one in (part.get("templates") or {}).items():
            if not _has_topology(one):
                yield TEMPLATES[service].format(name=name)
    elif service == "ovn":
        for name, one in (_template(part).get("ovnDBCluster") or {}).items():
            if not _has_topology(one):
                yield f"OVNDBCluster {name}"
        yield from (key for key in ("ovnNorthd", "ovnController") if _inherits(_template(part), key))
    elif service == "nova" and not _has_topology(_template(part)):
        yield from _of_nova(_template(part))
    elif service not in APART and isinstance(template, Mapping) and not _has_topology(template):
        yield service


def _of_nova(template: Part) -> Iterator[str]:
    yield from (name for key, name in NOVA.items() if _inherits(template, key))
    for cell, one in (template.get("cellTemplates") or {}).items():
        if not _has_topology(one):
            yield from (name.format(cell=cell) for key, name in CELL.items() if _inherits(one, key))


def _is_there(template: Part, key: str) -> bool:
    return key in ALWAYS or (key in template and template[key].get("enabled") is not False)


def _inherits(template: Part, key: str) -> bool:
    return _is_there(template, key) and not _has_topology(template.get(key) or {})


def _has_topology(part: Part) -> bool:
    return bool(part.get("topologyRef"))


def _template(part: Part) -> Part:
    found: Part = part.get("template") or {}
    return found


def _general(old: Part, new: Part, keyed: set[str]) -> bool:
    return any(old.get(name) != new.get(name) for name in {*old, *new} - keyed - QUIET)


def _loud(part: Part) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in QUIET}
