# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster past the collection: what a test puts there and finds there."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from zonelab.kube.client import NAMESPACE, ApiError, KubeClient
from zonelab.operators.world import VERSION, collection

Object = dict[str, Any]

ZONE_LABEL: Final = "topology.kubernetes.io/zone"
PATIENCE: Final = 120.0


def custom(group: str, plural: str, version: str = "v1beta1") -> str:
    """The collection of a custom resource in RHOSO's namespace."""
    return f"/apis/{group}.openstack.org/{version}/namespaces/{NAMESPACE}/{plural}"


def core(plural: str) -> str:
    """The collection of a core resource there."""
    return f"/api/v1/namespaces/{NAMESPACE}/{plural}"


CONTROL_PLANES: Final = custom("core", "openstackcontrolplanes")
TOPOLOGIES: Final = custom("topology", "topologies")
NODE_SETS: Final = custom("dataplane", "openstackdataplanenodesets")
DEPLOYMENTS: Final = custom("dataplane", "openstackdataplanedeployments")
DATA_PLANE_SERVICES: Final = custom("dataplane", "openstackdataplaneservices")
NET_CONFIGS: Final = custom("network", "netconfigs")
STATEFUL_SETS: Final = f"/apis/apps/v1/namespaces/{NAMESPACE}/statefulsets"
NODES: Final = "/api/v1/nodes"

# What owns goes before what it owns.
EMPTIED: Final = tuple(dict.fromkeys((DEPLOYMENTS, NODE_SETS, CONTROL_PLANES, NET_CONFIGS, *map(collection, VERSION))))
KEPT: Final = {"kube-root-ca.crt"}


class Cluster:
    """The administrator, past the proxy."""

    def __init__(self, kube: KubeClient) -> None:
        self.kube = kube
        self.api = kube.api

    def reset(self) -> None:
        """As after the first boot."""
        self.kube.clear_faults()
        self.kube.operate(on=False)
        self.empty(*EMPTIED)
        for node in self.api.list(NODES):
            name = node["metadata"]["name"]
            if ZONE_LABEL in node["metadata"]["labels"]:
                self.label_node(name, None)
            if node["spec"].get("unschedulable"):
                self.api.merge(f"{NODES}/{name}", {"spec": {"unschedulable": None}}, "kubectl-uncordon")
        for zone in self.kube.zones:
            self.kube.power_on(zone)

    def empty(self, *paths: str) -> None:
        """Take everything out of these collections, one after the other."""
        for path in paths:
            self._empty(path)

    def _empty(self, path: str) -> None:
        for item in self.api.list(path):
            name = item["metadata"]["name"]
            if name in KEPT:
                continue
            if item["metadata"].get("finalizers"):
                self._release(f"{path}/{name}")
            self.api.delete(f"{path}/{name}")
        until(lambda: not [item for item in self.api.list(path) if item["metadata"]["name"] not in KEPT], path)

    def _release(self, path: str) -> None:
        """Take its finalizers away, unless those who had set them were faster, and it is gone."""
        try:
            self.api.merge(path, {"metadata": {"finalizers": None}})
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def label_node(self, name: str, zone: str | None) -> None:
        """As a person would; None takes the label off."""
        self.api.merge(f"{NODES}/{name}", {"metadata": {"labels": {ZONE_LABEL: zone}}}, "kubectl-label")

    def label_zones(self) -> None:
        """Every node has its zone's label."""
        for zone in self.kube.zones:
            for name in self.kube.nodes(zone):
                self.label_node(name, zone)


def until(test: Callable[[], Any], what: str, patience: float = PATIENCE) -> None:
    """Wait until it is so."""
    end = time.monotonic() + patience
    while not test():
        assert time.monotonic() < end, f"not reached after {patience:.0f} s: {what}"
        time.sleep(0.1)
