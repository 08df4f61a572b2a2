# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control plane with everything ready, as the operators leave it, for tests that then break one thing of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.readiness import Looked
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.service_objects import SERVICES, Piece

READY = {"type": "Ready", "status": "True", "message": "Setup complete"}
Object = dict[str, Any]


def thing(kind: str, name: str, owner: str = "", **metadata: Any) -> Object:
    owners = {"ownerReferences": [{"uid": f"uid-{owner}", "kind": "x", "name": owner}]} if owner else {}
    return {
        "kind": kind,
        "metadata": {"name": name, "uid": f"uid-{name}", "generation": 3, **owners, **metadata},
        "spec": {},
        "status": {"observedGeneration": 3, "conditions": [dict(READY)]},
    }


class Plane:
    """All objects, to be changed before they are looked at."""

    def __init__(self, wanted: list[Piece], suffix: str = "") -> None:
        self.control_plane: Object | None = thing("OpenStackControlPlane", "controlplane")
        self.objects: dict[str, list[Object]] = {}
        self.sets: list[Object] = []
        #: The Secrets that each of them reads.
        self.secrets: dict[str, tuple[str, ...]] = {}
        for piece in wanted:
            owner = piece.service + suffix if piece.service in SERVICES else ""
            if owner:
                kind = SERVICES[piece.service]
                self.objects.setdefault(kind, [thing(kind, owner)])
            for number in range(piece.count):
                self._piece(piece, owner, number)

    def _piece(self, piece: Piece, owner: str, number: int) -> None:
        name = owner + piece.ending if piece.ending else f"{owner}-{piece.kind.lower()}-{piece.key}-{number}"
        made = thing(piece.kind, name, owner, labels={piece.label: piece.key} if piece.label else {})
        made["spec"] = {"replicas": piece.replicas, "customServiceConfig": piece.config}
        made["status"] |= {
            "readyCount": piece.replicas,
            "lastAppliedTopology": {"name": piece.topology or "spread-pods"},
        }
        self.objects.setdefault(piece.kind, []).append(made)
        stateful_set = thing("StatefulSet", f"{name}-set", name)
        stateful_set["spec"] = {"replicas": piece.replicas}
        stateful_set["status"] = {
            "observedGeneration": 3,
            "updatedReplicas": piece.replicas,
            "readyReplicas": piece.replicas,
        }
        self.sets.append(stateful_set)
        self.secrets[f"{name}-set"] = piece.secrets

    def looked(self) -> Looked:
        return Looked(self.control_plane, self.objects, self.sets)
