# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The openstack operator's part: the services of the OpenStackControlPlane, and what it says of them."""

from __future__ import annotations

import copy

from zonelab.operators.conditions import Condition, failed, is_ready, met, mirrored, summed, waiting
from zonelab.operators.infrastructure import dns_data
from zonelab.operators.workload import IMAGE, NOT_FOUND
from zonelab.operators.world import Object, Wanted, World, child, is_current

PREFIX = "OpenStackControlPlane"
# What the stand-in does not play is ready: condition and what it says.
TAKEN_FOR_GRANTED = {
    "BackupConfigReady": "BackupConfig ready",
    "CAReadyCondition": "CAs completed",
    "ClientReady": "Client completed",
    "DNSReadyCondition": "DNS completed",
    "InfrastructureReady": "Infrastructure ready",
    "InstanceHaCMReadyCondition": "InstanceHa CM is available",
    "InstanceHaTLSReadyCondition": "InstanceHa TLS cert is available",
    "KeystoneAPIReady": "KeystoneAPI completed",
    "NeutronReady": "Neutron completed",
    "NovaReady": "Nova completed",
    "OpenStackVersionInitializationReadyCondition": "OpenStackVersion initialized",
    "PlacementAPIReady": "PlacementAPI completed",
    "TestCMReadyCondition": "Test Operator CM is available",
}
SERVICES = ("glance", "cinder", "manila")
# Kinds of which there is one for each template: their part of the control plane, where its templates are, its condition, and what that says when all are ready.
MANY = {
    "RabbitMq": ("rabbitmq", ("templates",), "RabbitMQ", f"{PREFIX} RabbitMQ completed"),
    "Galera": ("galera", ("templates",), "MariaDB", "Galera: Ready"),
    "Memcached": ("memcached", ("templates",), "Memcached", f"{PREFIX} Memcached completed"),
    "OVNDBCluster": ("ovn", ("template", "ovnDBCluster"), "OVN", f"{PREFIX} OVN completed"),
}
NOTES = {
    "glance": {"glance.openstack.org/wsgi": "true", "glance.openstack.org/location-api": "false"},
    "manila": {"manila.openstack.org/sharev1": "true"},
}
BUSES = ("messagingBus", "notificationsBus")


def control_plane(own: Object, world: World) -> Wanted:
    """Ready mirrors what the services said last, of whichever generation (section 4, 1)."""
    if own["metadata"].get("deletionTimestamp"):
        return Wanted(releases=True)
    spec, wanted = own["spec"], Wanted()
    said = {f"{PREFIX}{name}": met(f"{PREFIX}{name}", f"{PREFIX} {text}") for name, text in TAKEN_FOR_GRANTED.items()}
    said["TopologyReady"] = topology(spec, world)
    for kind in MANY:
        said |= many(own, world, wanted, kind)
    wanted.children.append(dns_data(own, world))
    for service in SERVICES:
        if (spec.get(service) or {}).get("enabled", service in spec):
            wanted.children.append(service_object(own, service))
            exposed = f"{PREFIX}Expose{service.capitalize()}Ready"
            said[exposed] = met(exposed, f"{PREFIX} {service_name(own, service)} service exposed")
            said |= of_service(service, world.find(service.capitalize(), service_name(own, service)))
    conditions = summed(list(said), said)
    wanted.status = {
        "conditions": conditions,
        "observedGeneration": own["metadata"]["generation"],
        "deployedVersion": "18.0.6",
    }
    return wanted


def topology(spec: Object, world: World) -> Condition:
    """The control plane's own reference."""
    name = (spec.get("topologyRef") or {}).get("name")
    if name and world.find("Topology", name) is None:
        return failed("TopologyReady", NOT_FOUND.format(name))
    return met("TopologyReady")


def many(own: Object, world: World, wanted: Wanted, kind: str) -> dict[str, Condition]:
    """One object per template."""
    part, templates, called, done = MANY[kind]
    found = own["spec"].get(part) or {}
    condition = f"{PREFIX}{called}Ready"
    kept = dig(found, templates) if found.get("enabled", True) else {}
    wanted.gone += [(kind, name) for one in world.owned(kind, own) if (name := one["metadata"]["name"]) not in kept]
    ready = True
    for name, template in sorted(kept.items()):
        body = with_topology(own, template)
        body.setdefault("containerImage", IMAGE.format(kind.lower()))
        if kind == "Galera":
            body.setdefault("storageClass", own["spec"].get("storageClass") or "")
            body.setdefault("replicas", 1)
        # A Memcached has no finalizer of its own, so nobody hears that it goes (2026-11-28, memcached).
        wanted.children.append(child(kind, name, own, body, finalizer=kind != "Memcached"))
        ready = ready and is_ready(world.find(kind, name))
    if not ready:
        return {condition: waiting(condition, f"{PREFIX} {kind} in progress")}
    return {condition: met(condition, done)}


def dig(value: Object, path: tuple[str, ...]) -> Object:
    """What lies below, an empty object where nothing does."""
    for name in path:
        value = value.get(name) or {}
    return value


def of_service(service: str, found: Object | None) -> dict[str, Condition]:
    """Completed, or what the service says: also when it says that of a generation that is gone."""
    kind = f"{PREFIX}{service.capitalize()}Ready"
    if is_ready(found) and is_current(found):
        return {kind: met(kind, f"{PREFIX} {service.capitalize()} completed")}
    condition = mirrored(kind, found)
    message = condition["message"] if found else f"{PREFIX} {service.capitalize()} not started"
    return {kind: {**condition, "message": f"{service.capitalize()}: {message}" if found else message}}


def service_name(own: Object, service: str) -> str:
    """With uniquePodNames it has a suffix that was drawn at the first admission."""
    found = own["spec"].get(service) or {}
    return str(found["serviceName"]) if found.get("uniquePodNames") and found.get("serviceName") else service


def with_topology(own: Object, template: Object) -> Object:
    """The template, with the control plane's Topology unless it has its own."""
    body = copy.deepcopy(template)
    if own["spec"].get("topologyRef") and "topologyRef" not in body:
        body["topologyRef"] = {"name": own["spec"]["topologyRef"]["name"], "namespace": own["metadata"]["namespace"]}
    return body


def service_object(own: Object, service: str) -> Object:
    """Glance, Cinder or Manila: the template with images, labels for its Services, and mounts."""
    body = with_topology(own, own["spec"][service].get("template") or {})
    for bus in BUSES:
        if own["spec"].get(bus):
            body.setdefault(bus, own["spec"][bus])
    body.setdefault("rabbitMqClusterName", "rabbitmq")
    shared = [mount for mount in own["spec"].get("extraMounts") or () if applies(mount, service)]
    if shared:
        body["extraMounts"] = shared + list(body.get("extraMounts") or ())
    if service == "glance":
        body["containerImage"] = IMAGE.format("glance-api")
        body["storage"] = {"storageClass": own["spec"].get("storageClass"), **(body.get("storage") or {})}
        for api in (body.get("glanceAPIs") or {}).values():
            api["containerImage"] = IMAGE.format("glance-api")
    else:
        images(service, body)
    kind = service.capitalize()
    return child(kind, service_name(own, service), own, body, annotations=NOTES.get(service), finalizer=True)


def applies(mount: Object, service: str) -> bool:
    """Whether a mount of the control plane names the service, or none (section 1: what it does not know it lets pass)."""
    names = {one for group in mount.get("extraVol") or () for one in group.get("propagation") or ()}
    wide = not names or any(name.lower().startswith(service) for name in names)
    return wide or not any(name.lower().startswith(SERVICES) for name in names)


def images(service: str, body: Object) -> None:
    """Every part of cinder and manila names its image."""
    for key, part in body.items():
        if not key.startswith(service) or not isinstance(part, dict):
            continue
        for one in part.values() if key.endswith("s") else (part,):
            if isinstance(one, dict):
                one["containerImage"] = IMAGE.format(key.lower().rstrip("s"))
