# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ordered roll-out that waits for a pod in vain: the pod is named. As measured: the corrected Topology does not mend it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.pod_failures import reason, stuck
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.pods import Snapshot

WHY = "0/4 nodes are available: 2 node(s) didn't match pod topology spread constraints, 2 node(s) had untolerated taint"
PENDING = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": WHY}]}
CRASHING = {
    "phase": "Running",
    "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
}
STARTING = {
    "phase": "Running",
    "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "ContainerCreating"}}}],
}
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


def rolled(**spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "cinder-backup-az1", "uid": "1", "generation": 3},
        "spec": {"replicas": 3, **spec},
        "status": {"observedGeneration": 3, "updateRevision": "new", "readyReplicas": 2},
    }


def pod(number: int, revision: str, status: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    owner = {"kind": "StatefulSet", "uid": "1", "controller": True}
    labels = {"controller-revision-hash": revision}
    name = f"cinder-backup-az1-{number}"
    return {
        "metadata": {"name": name, "labels": labels, "ownerReferences": [owner], "uid": name, **metadata},
        "spec": {},
        "status": status,
    }


FINE = [pod(0, "old", READY), pod(1, "old", READY)]


@pytest.mark.parametrize("status", [PENDING, CRASHING])
def test_the_pod_to_delete_is_named(status: dict[str, Any]) -> None:
    pods = [*FINE, pod(2, "old", status)]
    assert stuck(rolled(), pods) is pods[2]
    said = reason(rolled(), pods, [])
    assert said.startswith("pod cinder-backup-az1-2: ")
    assert said.endswith(
        "StatefulSet cinder-backup-az1 waits for this pod of an earlier revision and does not replace it: "
        "delete it (oc delete pod cinder-backup-az1-2)"
    )


@pytest.mark.parametrize(
    ("stateful_set", "last"),
    [
        (rolled(), pod(2, "new", PENDING)),  # its own constraints keep it, and a change of them replaces it
        (rolled(), pod(2, "old", STARTING)),
        (rolled(), pod(2, "old", READY)),
        (rolled(), pod(2, "old", PENDING, deletionTimestamp="now")),
        (rolled(podManagementPolicy="Parallel"), pod(2, "old", PENDING)),
        ({**rolled(), "metadata": {**rolled()["metadata"], "generation": 4}}, pod(2, "old", PENDING)),
    ],
)
def test_what_is_not_stuck(stateful_set: dict[str, Any], last: dict[str, Any]) -> None:
    assert stuck(stateful_set, [*FINE, last]) is None


def test_placement_knows_it_too() -> None:
    found = Snapshot.of({"StatefulSet": [rolled()], "Pod": [*FINE, pod(2, "old", PENDING)]})
    assert found.workloads[0].stuck == "cinder-backup-az1-2"
    found = Snapshot.of({"StatefulSet": [rolled()], "Pod": [*FINE, pod(2, "new", PENDING)]})
    assert found.workloads[0].stuck == ""
