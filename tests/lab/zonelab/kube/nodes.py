# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake nodes of the zones: objects, whose kubelets kwok plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.kube.api import ApiError
from zonelab.kube.arguments import ZONE_LABEL

if TYPE_CHECKING:
    from zonelab.kube.api import KubeApi, Object
    from zonelab.kube.options import KubeOptions

NODES = "/api/v1/nodes"
SIZE = {"cpu": "32", "memory": "64Gi", "pods": "250"}
EXISTS = 409
# What the node controller puts onto a node that does not report. Others are put there by people and operators.
SILENT = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
ROLES = {"master": ("master", "control-plane"), "worker": ("worker",)}


def body(name: str, role: str, zone: str) -> Object:
    """A node without a zone label: setting that is what the collection is for."""
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", ZONE_LABEL: zone}
    labels |= {f"node-role.kubernetes.io/{part}": "" for part in ROLES[role]}
    taint = {"key": "node-role.kubernetes.io/master", "effect": "NoSchedule"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"taints": [taint]} if role == "master" else {},
        "status": {"allocatable": SIZE, "capacity": SIZE},
    }


def create(api: KubeApi, options: KubeOptions) -> None:
    """Those that a stopped lab had are still there."""
    for zone in options.zones:
        for name, role in options.nodes(zone).items():
            try:
                api.create(NODES, body(name, role, zone))
            except ApiError as error:
                if error.status != EXISTS:
                    raise


def is_ready(node: Object) -> bool:
    """Whether its kubelet reports, and the scheduler knows."""
    conditions = node["status"].get("conditions") or ()
    silent = any(taint["key"] in SILENT for taint in node["spec"].get("taints") or ())
    return not silent and any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def ready(api: KubeApi, zone: str | None = None) -> dict[str, bool]:
    """Each node, of a zone or of all, and whether it is ready."""
    selector = {"labelSelector": f"{ZONE_LABEL}={zone}" if zone else ZONE_LABEL}
    return {node["metadata"]["name"]: is_ready(node) for node in api.list(NODES, **selector)}
