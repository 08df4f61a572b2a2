# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the validating webhooks refuse, and in which words (sections 1 and 6). Pure: from the object, what it was, and the world."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonelab.operators.data_plane import by_age

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zonelab.operators.world import Object, World

INVALID, FORBIDDEN, CONFLICT = 422, 403, 409
REASONS = {INVALID: "Invalid", FORBIDDEN: "Forbidden", CONFLICT: "Conflict"}
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
NO_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an"
    " alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
# The longest key, and how much less with uniquePodNames.
LONGEST_API, LONGEST_VOLUME, SUFFIX = 40, 38, 6
ENDPOINTS = ("public", "internal")
NEEDS = {
    "glance": "Glance requires these services to be enabled: Galera, Memcached, Keystone.",
    "cinder": "Cinder requires these services to be enabled: Galera, Memcached, RabbitMQ, Keystone.",
    "manila": "Manila requires these services to be enabled: Galera, Memcached, RabbitMQ, Keystone.",
}
NOT_FILE = "The GlanceAPI layout type: split cannot be used in combination with File and NFS backend"
KEPT_LAYOUT = (
    "The GlanceAPI layout (type) cannot be modified. To proceed, please add a new API with the desired layout and then"
    " decommission the previous API"
)
OLD_BACKUP = "Usage of the deprecated 'cinderBackup' is forbidden when the new 'cinderBackups' API is used."
ONLY_ONE = "Only one OpenStackControlPlane instance per namespace is supported at this time."


@dataclass
class Verdict:
    """An answer: allowed unless there is a message."""

    message: str = ""
    code: int = INVALID
    warnings: list[str] = field(default_factory=list)


def control_plane(own: Object, before: Object | None, world: World) -> Verdict:
    """All rules at once, as field errors."""
    others = [one for one in world.all("OpenStackControlPlane") if one["metadata"]["name"] != own["metadata"]["name"]]
    if before is None and others:
        name = f'OpenStackControlPlane.core.openstack.org "{own["metadata"]["name"]}"'
        return Verdict(f"{name} is forbidden: : Forbidden: {ONLY_ONE}", FORBIDDEN)
    spec, last = own["spec"], (before or {}).get("spec") or {}
    errors = [*_services(spec), *_glance(spec, last), *_cinder(spec), *_namespaces(own)]
    return Verdict(refused("OpenStackControlPlane.core.openstack.org", own, errors), warnings=list(_warnings(spec)))


def refused(kind: str, own: Object, errors: list[str]) -> str:
    """As the API machinery words it; nothing when there is no error."""
    told = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
    return f'{kind} "{own["metadata"]["name"]}" is invalid: {told}' if errors else ""


def invalid(path: str, value: object, why: str) -> str:
    """One field error."""
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
    return f"{path}: Invalid value: {shown}: {why}"


def _services(spec: Object) -> Iterator[str]:
    memcached = (spec.get("memcached") or {}).get("enabled", True)
    for service, why in NEEDS.items():
        if not memcached and (spec.get(service) or {}).get("enabled"):
            yield invalid(f"spec.{service}.enabled", True, why)


def _glance(spec: Object, last: Object) -> Iterator[str]:
    glance = spec.get("glance") or {}
    template, path = glance.get("template") or {}, "spec.glance.template"
    apis = template.get("glanceAPIs") or {}
    old = ((last.get("glance") or {}).get("template") or {}).get("glanceAPIs") or {}
    longest = LONGEST_API - (SUFFIX if glance.get("uniquePodNames") else 0)
    for key, api in sorted(apis.items()):
        where = f"{path}.glanceAPIs[{key}]"
        yield from _key(where, key, longest)
        if key in old and old[key].get("type", "split") != api.get("type"):
            yield invalid(where, key, KEPT_LAYOUT)
        if api.get("type") == "split" and api.get("replicas", 1) and is_file(api, template):
            yield invalid(where, key, NOT_FILE)
        for endpoint in (api.get("override") or {}).get("service") or {}:
            if endpoint not in ENDPOINTS:
                yield invalid(f"{where}.override.service[{endpoint}]", endpoint, f"invalid endpoint type: {endpoint}")
    chosen = template.get("keystoneEndpoint") or ""
    if apis and (chosen not in apis or apis[chosen].get("type") == "edge"):
        yield invalid(
            f"{path}.keystoneEndpoint", chosen, "KeystoneEndpoint is assigned to an invalid GlanceAPI instance"
        )


def is_file(api: Object, template: Object) -> bool:
    """Whether it has no back end but files: also with no configuration at all."""
    config = api.get("customServiceConfig") or template.get("customServiceConfig") or ""
    stores = re.search(r"(?m)^\s*enabled_backends\s*=\s*(.*)$", config)
    return stores is None or all(store.strip().endswith(":file") for store in stores[1].split(","))


def _key(where: str, key: str, longest: int) -> Iterator[str]:
    if "." in key:
        yield invalid(where, key, "must not contain dots")
    elif not LABEL.match(key):
        yield invalid(where, key, NO_LABEL)
    if len(key) > longest:
        yield invalid(where, key, f"must be no more than {longest} characters")


def _cinder(spec: Object) -> Iterator[str]:
    """The keys of backups are not looked at (section 1: accepted although wrong)."""
    cinder = spec.get("cinder") or {}
    template, path = cinder.get("template") or {}, "spec.cinder.template"
    longest = LONGEST_VOLUME - (SUFFIX if cinder.get("uniquePodNames") else 0)
    for key in sorted(template.get("cinderVolumes") or {}):
        yield from _key(f"{path}.cinderVolumes[{key}]", key, longest)
    if template.get("cinderBackups") and (template.get("cinderBackup") or {}).get("replicas", 1):
        yield invalid(path, "cinderBackup", OLD_BACKUP)


def _namespaces(own: Object) -> Iterator[str]:
    """Topologies of one's own namespace only, wherever they are named."""
    mine = own["metadata"].get("namespace")
    for path, reference in _references(own["spec"], "spec"):
        if reference.get("namespace", mine) != mine:
            where = "spec.namespace" if path == "spec" else f"{path}.topologyRef.namespace"
            yield invalid(where, "namespace", "Customizing namespace field is not supported")


def _references(part: Object, path: str) -> Iterator[tuple[str, Object]]:
    for key, value in part.items():
        if key == "topologyRef" and isinstance(value, dict):
            yield path, value
        elif isinstance(value, dict):
            is_key = path.endswith(("glanceAPIs", "cinderVolumes", "cinderBackups", "manilaShares", "templates"))
            yield from _references(value, f"{path}[{key}]" if is_key else f"{path}.{key}")


def _warnings(spec: Object) -> Iterator[str]:
    apis = ((spec.get("glance") or {}).get("template") or {}).get("glanceAPIs") or {}
    if any(api.get("type") == "split" for api in apis.values()):
        yield "spec.glance.template.glanceAPIs: the split layout is deprecated"
    if ((spec.get("cinder") or {}).get("template") or {}).get("cinderBackup"):
        yield "The 'cinderBackup' field is deprecated, use 'cinderBackups'"


def node_set(own: Object, before: Object | None, world: World) -> Verdict:
    """Not while a deployment of it runs, or has failed and is still there."""
    name, kind = own["metadata"]["name"], "OpenStackDataPlaneNodeSet.dataplane.openstack.org"
    if before is not None and before["spec"] != own["spec"]:
        for one in by_age(world.all("OpenStackDataPlaneDeployment")):
            status = one.get("status") or {}
            if name in one["spec"]["nodeSets"] and status and not status.get("deployed"):
                blocked = f"openstackdataplanedeployment {one['metadata']['name']} (blocked on NodeSetDeploymentReady condition)"
                return Verdict(f"could not patch openstackdataplanenodeset while {blocked} is running", CONFLICT)
    errors = []
    taken = {host for other in world.all("OpenStackDataPlaneNodeSet") if other["metadata"]["name"] != name
             for host in hosts_of(other)}  # fmt: skip
    for key, node in sorted((own["spec"].get("nodes") or {}).items()):
        address = (node.get("ansible") or {}).get("ansibleHost", "")
        if own["spec"].get("preProvisioned") and not is_address(address):
            why = "ansibleHost must be a valid IP address for pre-provisioned nodes"
            errors.append(invalid(f"spec.nodes[{key}].ansible.ansibleHost", address, why))
        if node.get("hostName", key) in taken:
            errors.append(invalid("spec.nodes", key, f"node {key} already exists in another cluster"))
    return Verdict(refused(kind, own, errors))


def hosts_of(node_set_: Object) -> set[str]:
    """The hosts of a node set."""
    return {node.get("hostName", key) for key, node in (node_set_["spec"].get("nodes") or {}).items()}


def is_address(text: str) -> bool:
    """IPv4 or IPv6."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def deployment(own: Object, before: Object | None, _world: World) -> Verdict:
    """What it is to do never changes."""
    if before is not None and before["spec"] != own["spec"]:
        return Verdict("OpenStackDataPlaneDeployment Spec is immutable", FORBIDDEN)
    return Verdict()


def service(own: Object, _before: Object | None, _world: World) -> Verdict:
    """Something must be played."""
    if any(own["spec"].get(part) for part in ("playbook", "playbookContents", "role")):
        return Verdict()
    kind, why = "OpenStackDataPlaneService.dataplane.openstack.org", "playbook, playbookContents or role must be given"
    return Verdict(refused(kind, own, [invalid("spec", own["metadata"]["name"], why)]))
