# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs pods: the parts of the services, each one StatefulSet placed by its Topology."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonelab.operators.conditions import Condition, failed, summed, waiting
from zonelab.operators.world import Object, Wanted, World, child, digest, is_current

if TYPE_CHECKING:
    from collections.abc import Mapping

IMAGE = "registry.example/openstack/{}:stand-in"
NOT_FOUND = (
    "Topology config create error occurred waiting for Topology requirements:"
    ' Topology.topology.openstack.org "{}" not found'
)
NETWORKS = (
    "NetworkAttachments error occurred not all pods have interfaces with ips as configured in NetworkAttachments: [{}]"
)
INVALID_MARK = (
    'Topology config create error occurred waiting for Topology requirements: Topology.topology.openstack.org "{}" is'
    ' invalid: metadata.finalizers: Invalid value: "{}": name part must be no more than 63 characters'
)
LONGEST_MARK = 63
BASE = (
    "DeploymentReady",
    "InputReady",
    "NetworkAttachmentsReady",
    "ServiceConfigReady",
    "TLSInputReady",
    "TopologyReady",
)


@dataclass(frozen=True)
class Part:
    """How the pods of a kind look.

    :ivar mark: what the kind's finalizer on a Topology is called after.
    """

    labels: dict[str, str]
    containers: tuple[str, ...]
    account: str
    mark: str
    set_name: str
    conditions: tuple[str, ...] = BASE
    parallel: bool = False
    service_name: str = ""
    host_pids: bool = False
    pod_labels: dict[str, str] | None = None
    selector: dict[str, str] | None = None
    set_labels: bool = True


def run(own: Object, world: World, part: Part, said: Mapping[str, Condition] | None = None) -> Wanted:
    """The StatefulSet, the Topology's finalizer, and conditions from what became of them; `said` are met otherwise."""
    wanted = Wanted()
    spec, status = own["spec"], own.get("status") or {}
    trouble: dict[str, Condition] = {}
    topology, applied = _topology(own, world, part, wanted, trouble)
    trouble |= _inputs(spec, world)
    if not trouble:
        wanted.children.append(_stateful_set(own, part, topology, _settings(spec, world)))
        trouble |= _progress(own, world, part)
    live = world.find("StatefulSet", part.set_name)
    ready = (live or {}).get("status", {}).get("readyReplicas", 0)
    wanted.status = {
        "conditions": summed(part.conditions, {**(said or {}), **trouble}),
        "observedGeneration": own["metadata"]["generation"],
        "readyCount": ready,
        "hash": {"input": digest(spec)},
        "lastAppliedTopology": applied if applied else status.get("lastAppliedTopology"),
    }
    if spec.get("networkAttachments"):
        wanted.status["networkAttachments"] = {
            f"{own['metadata']['namespace']}/{network}": addresses(world, part.labels)
            for network in spec["networkAttachments"]
        }
    return wanted


def _topology(
    own: Object, world: World, part: Part, wanted: Wanted, trouble: dict[str, Condition]
) -> tuple[Object, Object | None]:
    """What the wanted Topology says, and that it is in use; its finalizer moves when the reference does."""
    name = (own["spec"].get("topologyRef") or {}).get("name")
    before = ((own.get("status") or {}).get("lastAppliedTopology") or {}).get("name")
    mark = f"openstack.org/{part.mark}"
    if before and before != name:
        wanted.marks.append((before, mark, False))
    if not name:
        return {}, None
    found = world.find("Topology", name)
    if found is None:
        trouble["TopologyReady"] = failed("TopologyReady", NOT_FOUND.format(name))
        return {}, None
    if len(part.mark) > LONGEST_MARK:
        trouble["TopologyReady"] = failed("TopologyReady", INVALID_MARK.format(name, mark))
        return {}, None
    wanted.marks.append((name, mark, True))
    return found.get("spec") or {}, {"name": name, "namespace": own["metadata"]["namespace"]}


def _inputs(spec: Object, world: World) -> dict[str, Condition]:
    """Secrets that it takes settings from. The shared ones (passwords, buses) are taken for granted."""
    named = spec.get("customServiceConfigSecrets") or ()
    if any(world.find("Secret", name) is None for name in named):
        return {"InputReady": waiting("InputReady", "Input data resources missing")}
    return {}


def _settings(spec: Object, world: World) -> Object:
    """What the Secrets say that it takes settings from."""
    found = {name: world.find("Secret", name) for name in spec.get("customServiceConfigSecrets") or ()}
    return {name: secret.get("data") for name, secret in found.items() if secret is not None}


def _stateful_set(own: Object, part: Part, topology: Object, settings: Object) -> Object:
    """As the operators make it; of the pods only what decides where they go, and when they are replaced."""
    spec = own["spec"]
    networks = [
        {"name": network, "namespace": own["metadata"]["namespace"], "interface": network}
        for network in spec.get("networkAttachments") or ()
    ]
    pods = part.pod_labels or part.labels
    pod: Object = {
        "containers": [{"name": name, "image": IMAGE.format(name)} for name in part.containers],
        "serviceAccountName": part.account,
        "volumes": _volumes(spec),
    }
    if part.host_pids:
        pod["hostPID"] = True
    if topology.get("affinity"):
        pod["affinity"] = topology["affinity"]
    if topology.get("topologySpreadConstraints"):
        chosen = {"labelSelector": {"matchLabels": part.labels}}
        pod["topologySpreadConstraints"] = [{**chosen, **one} for one in topology["topologySpreadConstraints"]]
    annotations = {
        "k8s.v1.cni.cncf.io/networks": json.dumps(networks, separators=(",", ":")),
        "zonelab/configuration": digest(
            {**spec, "replicas": 0, "": settings}
        ),  # the real ones roll on a hash in the environment
    }
    body = {
        "replicas": spec.get("replicas", 1),
        "podManagementPolicy": "Parallel" if part.parallel else "OrderedReady",
        "serviceName": part.service_name,
        "selector": {"matchLabels": part.selector or part.labels},
        "template": {"metadata": {"labels": pods, "annotations": annotations}, "spec": pod},
    }
    return child("StatefulSet", part.set_name, own, body, part.labels if part.set_labels else None)


def _volumes(spec: Object) -> list[Object]:
    """Those of extraMounts, one by one: two of one name are refused by the API server, as in a real cluster."""
    found: list[Object] = []
    for mount in spec.get("extraMounts") or ():
        for group in mount.get("extraVol") or ():
            found += [{"name": volume["name"], "emptyDir": {}} for volume in group.get("volumes") or ()]
    return found


def _progress(own: Object, world: World, part: Part) -> dict[str, Condition]:
    """Pods that do not run yet are first an error of their networks, and then a deployment in progress."""
    live, replicas = world.find("StatefulSet", part.set_name), own["spec"].get("replicas", 1)
    if live is None or (own.get("status") or {}).get("observedGeneration") != own["metadata"]["generation"]:
        return {"DeploymentReady": waiting("DeploymentReady", "Deployment not started", unknown=True)}
    networks = own["spec"].get("networkAttachments") or ()
    running = [pod for pod in world.owned("Pod", live) if (pod.get("status") or {}).get("phase") == "Running"]
    if networks and len(running) < replicas:
        return {
            "NetworkAttachmentsReady": failed("NetworkAttachmentsReady", NETWORKS.format(" ".join(networks))),
            "DeploymentReady": waiting("DeploymentReady", "Deployment in progress"),
        }
    status = live.get("status") or {}
    done = is_current(live) and status.get("updatedReplicas", 0) == status.get("readyReplicas", 0) == replicas
    return {} if done or replicas == 0 else {"DeploymentReady": waiting("DeploymentReady", "Deployment in progress")}


def addresses(world: World, labels: dict[str, str]) -> list[str]:
    """Of the pods with these labels, whosever they are: the operators look them up by label, too."""
    pods = [pod for pod in world.all("Pod") if labels.items() <= (pod["metadata"].get("labels") or {}).items()]
    return sorted(address for pod in pods if (address := (pod.get("status") or {}).get("podIP")))


def release(own: Object, part: Part, *, forgets: bool) -> Wanted:
    """What happens when the object is deleted: some operators forget their finalizer on the Topology."""
    used = ((own.get("status") or {}).get("lastAppliedTopology") or {}).get("name")
    marks = [(used, f"openstack.org/{part.mark}", False)] if used and not forgets else []
    return Wanted(marks=marks, releases=True)


def endpoint_service(
    own: Object, name: str, labels: dict[str, str], port: int, *, more: Any = None, public: bool = False
) -> Object:
    """A Service of an API."""
    override = more or {}
    annotations = {"endpoint": "public" if public else "internal"}
    annotations["core.openstack.org/ingress_create"] = str(public).lower()
    spec: Object = {
        "type": (override.get("spec") or {}).get("type", "ClusterIP"),
        "ports": [{"name": name, "port": port, "protocol": "TCP", "targetPort": port}],
        "selector": labels,
    }
    if spec["type"] == "LoadBalancer":
        annotations["dnsmasq.network.openstack.org/hostname"] = f"{name}.{own['metadata']['namespace']}.svc"
        spec |= {key: value for key, value in override["spec"].items() if key != "type"}
    metadata = override.get("metadata") or {}
    marked = {**labels, "endpoint": annotations["endpoint"], **(metadata.get("labels") or {})}
    return child("Service", name, own, spec, marked, {**annotations, **(metadata.get("annotations") or {})})
