# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of cinder and manila have in common: how they inherit, are summed up, and are reached."""

from __future__ import annotations

from zonelab.operators.conditions import Condition, mirrored
from zonelab.operators.workload import BASE, IMAGE, Part, endpoint_service
from zonelab.operators.world import Object, World, child

INHERITED = ("databaseAccount", "memcachedInstance", "secret", "serviceUser", "passwordSelectors", "extraMounts")
API_CONDITIONS = (*BASE, "CreateServiceReady", "KeystoneEndpointReady", "KeystoneServiceReady")


def inherited(own: Object, service: str, entry: Object) -> Object:
    """The specification of a part: the service's, then its own."""
    parent = own["spec"]
    spec: Object = {key: parent[key] for key in INHERITED if key in parent}
    spec |= {
        "databaseHostname": f"openstack.{own['metadata']['namespace']}.svc",
        "serviceAccount": f"{service}-{own['metadata']['name']}",
    }
    if parent.get("topologyRef"):
        spec["topologyRef"] = parent["topologyRef"]
    return {**spec, **entry}


def part_object(
    own: Object,
    service: str,
    kind: str,
    name: str,
    entry: Object,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
) -> Object:
    """The object of a part of cinder or manila."""
    spec = inherited(own, service, entry)
    spec.setdefault("containerImage", IMAGE.format(kind.lower()))
    spec["transportURLSecret"] = transport(own, service)
    return child(kind, name, own, spec, labels, annotations, finalizer=True)


def transport(own: Object, service: str, kind: str = "transport") -> str:
    """The secret with the way to the message bus."""
    return f"rabbitmq-transport-url-{own['metadata']['name']}-{service}-{kind}"


def mirror(kind: str, parts: list[Object], world: World) -> dict[str, Condition]:
    """The first part that is not ready decides."""
    for part in parts:
        condition = mirrored(kind, world.find(part["kind"], part["metadata"]["name"]))
        if condition["status"] != "True":
            return {kind: condition}
    return {}


def count(part: Object, world: World) -> int:
    """The pods of a part that are ready."""
    found = world.find(part["kind"], part["metadata"]["name"]) or {}
    return int((found.get("status") or {}).get("readyCount", 0))


def counts(parts: dict[str, Object], world: World) -> dict[str, int]:
    """By key."""
    return {key: count(part, world) for key, part in parts.items()}


def dropped(kind: str, own: Object, kept: list[Object], world: World) -> list[tuple[str, str]]:
    """The objects of keys that are no more."""
    names = {one["metadata"]["name"] for one in kept}
    return [(kind, name) for found in world.owned(kind, own) if (name := found["metadata"]["name"]) not in names]


def part_pods(own: Object, service: str, label: str | None = None, *, host_pids: bool = False) -> Part:
    """The pods of a part, which its label tells from those of the same kind."""
    role = own["kind"].lower().removeprefix(service)
    component, name, is_api = f"{service}-{role}", own["metadata"]["name"], role == "api"
    mine = {label: own["metadata"]["labels"][label]} if label else {}
    return Part(
        labels={"service": service, "component": component, **mine},
        containers=(f"{name}-log", component) if is_api else (component, "probe"),
        account=own["spec"].get("serviceAccount", service),
        mark=f"{own['kind'].lower()}-{name}",
        set_name=name,
        conditions=API_CONDITIONS if is_api else BASE,
        parallel=is_api,
        host_pids=host_pids,
    )


def api_services(own: Object, service: str, part: Part, port: int) -> list[Object]:
    """The internal and the public one."""
    found = []
    suffixed = own["metadata"]["ownerReferences"][0]["name"]
    for kind in ("internal", "public"):
        override = ((own["spec"].get("override") or {}).get("service") or {}).get(kind)
        name = f"{service}-{kind}"
        made = endpoint_service(own, name, part.labels, port, more=override, public=kind == "public")
        made["metadata"]["labels"] |= {"osctlplane": "", "osctlplane-service": suffixed}
        found.append(made)
    return found
