# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What neither kwok nor an operator does: pods that are not ready on demand or again, and addresses of LoadBalancers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.kube import nodes
from zonelab.operators.world import Object, World, collection, owners

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from zonelab.kube.api import KubeApi

ADDRESS = "metallb.universe.tf/loadBalancerIPs"
STRATEGIC = "application/strategic-merge-patch+json"


def work(api: KubeApi, world: World, unready: Collection[str], silent_nodes: Collection[str]) -> None:
    """One turn; `unready` names StatefulSets."""
    for pod, ready in changes(world, unready, silent_nodes):
        conditions = [{"type": kind, "status": str(ready)} for kind in ("Ready", "ContainersReady")]
        path = f"{collection('Pod')}/{pod['metadata']['name']}/status"
        api.call("PATCH", path, {"status": {"conditions": conditions}}, content_type=STRATEGIC)
    for service in world.all("Service"):
        address = (service["metadata"].get("annotations") or {}).get(ADDRESS)
        if service["spec"].get("type") == "LoadBalancer" and address and not (service["status"]["loadBalancer"] or {}):
            ingress = [{"ip": one, "ipMode": "VIP"} for one in address.split(",")]
            path = f"{collection('Service')}/{service['metadata']['name']}/status"
            api.merge(path, {"status": {"loadBalancer": {"ingress": ingress}}})


def changes(world: World, unready: Collection[str], silent_nodes: Collection[str]) -> Iterator[tuple[Object, bool]]:
    """Pods whose readiness is not what it should be; a silent kubelet reports nothing."""
    for pod in world.all("Pod"):
        if (pod.get("status") or {}).get("phase") != "Running" or pod["metadata"].get("deletionTimestamp"):
            continue
        if pod["spec"].get("nodeName") in silent_nodes:
            continue
        said = {one["type"]: one["status"] for one in pod["status"].get("conditions") or ()}
        ready = not any(owner["name"] in unready for owner in owners(pod))
        if "Ready" in said and said["Ready"] != str(ready):
            yield pod, ready


def silent(api: KubeApi) -> list[str]:
    """The nodes that do not report."""
    return [name for name, ready in nodes.ready(api).items() if not ready]
