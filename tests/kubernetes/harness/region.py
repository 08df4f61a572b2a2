# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The region of the fixtures as a user has it before the operators see it: nodes, Topologies, secrets, the control plane."""

from __future__ import annotations

from typing import Any, Final

from zonelab.operators.conditions import ready_of
from zonelab.operators.world import is_current

from . import fixtures
from .cluster import CONTROL_PLANES, TOPOLOGIES, Cluster, core, until

Object = dict[str, Any]

LABELS: Final = ("zoneA", "zoneB", "zoneC")
NAME: Final = "controlplane"


def written(found: Object) -> Object:
    """What a user writes of an object that was read."""
    body = {part: found[part] for part in ("apiVersion", "kind", "spec")}
    return {**body, "metadata": {"name": found["metadata"]["name"]}}


def make(cluster: Cluster) -> None:
    """All of it; each zone of the lab has one of the labels."""
    for zone, label in zip(cluster.kube.zones, LABELS, strict=True):
        for node in cluster.kube.nodes(zone):
            cluster.label_node(node, label)
    for topology in fixtures.read("plain", "topologies"):
        cluster.api.create(TOPOLOGIES, written(topology))
    for name in fixtures.world("plain").objects["Secret"]:
        cluster.api.create(core("secrets"), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}})
    (plane,) = fixtures.read("plain", "openstackcontrolplane")
    cluster.api.create(CONTROL_PLANES, written(plane))


def plane(cluster: Cluster) -> Object:
    """The control plane as it is now."""
    return cluster.api.get(f"{CONTROL_PLANES}/{NAME}")


def says(found: Object) -> str:
    """What its Ready condition says: the message, or Ready."""
    condition = ready_of(found)
    return "" if condition is None else "Ready" if condition["status"] == "True" else condition["message"]


def is_settled(cluster: Cluster) -> bool:
    """Ready, and of the present generation."""
    found = plane(cluster)
    return is_current(found) and says(found) == "Ready"


def settle(cluster: Cluster) -> None:
    """Wait for that."""
    until(lambda: is_settled(cluster), "the control plane is Ready")
