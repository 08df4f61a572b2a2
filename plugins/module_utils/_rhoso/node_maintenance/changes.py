# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that drain worker nodes and bring them back, as a plan shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..._plan.change import Change
from ..names import FOR_ZONE
from .model import API_VERSION, KIND, Maintenance, Node


@dataclass(frozen=True)
class NodeChange(Change):
    """About one node, and the wait until its operator has carried it out."""

    node: Node

    @property
    def target(self) -> str:
        return f"Node {self.node.name}"

    @property
    def node_after(self) -> Node:
        return replace(self.node, schedulable=False)

    @property
    def maintenance_after(self) -> Maintenance | None:
        """The object afterwards; None where there is none."""
        return None


@dataclass(frozen=True)
class Drain(NodeChange):
    action: ClassVar[str] = "drain"
    reason: str

    @property
    def body(self) -> dict[str, Any]:
        return {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {"name": f"zoneops-{self.node.name}", "annotations": {FOR_ZONE: self.zone}},
            "spec": {"nodeName": self.node.name, "reason": self.reason},
        }

    @property
    def after(self) -> Any:
        return self.body["spec"]

    @property
    def maintenance_after(self) -> Maintenance:
        return Maintenance(self.body["metadata"]["name"], "", self.node.name, self.zone)

    @property
    def text(self) -> str:
        return f"drain worker node {self.node.name}"


@dataclass(frozen=True)
class Await(NodeChange):
    """An earlier run has begun it."""

    action: ClassVar[str] = "await"
    maintenance: Maintenance

    @property
    def maintenance_after(self) -> Maintenance:
        return replace(self.maintenance, missing="")

    @property
    def writes(self) -> bool:
        return False

    @property
    def text(self) -> str:
        return f"wait until worker node {self.node.name} is drained"


@dataclass(frozen=True)
class Return(NodeChange):
    """The object is deleted; its operator then lets pods onto the node again."""

    action: ClassVar[str] = "return"
    maintenance: Maintenance

    # A node that does not come back keeps no other.
    @property
    def alone(self) -> bool:
        return True

    @property
    def before(self) -> Any:
        return self.maintenance.name

    @property
    def node_after(self) -> Node:
        return replace(self.node, schedulable=True, ready=True)

    @property
    def text(self) -> str:
        return f"bring worker node {self.node.name} back"
