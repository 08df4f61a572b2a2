# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What objects of the cluster say of compute hosts: which of it is evidence that one is cut off, and which is a sign only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.fencing.evidence import evidence, signs
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.fencing.observe import Observed

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PAST, FUTURE = "2026-01-01T11:00:00Z", "2026-01-01T12:00:01Z"
HOSTS = ("c1", "c2.rack.example", "twin.a", "twin.b")
OFF = {"poweredOn": False, "lastUpdated": PAST}


def item(kind: str, name: str, status: Any = None, spec: Any = None, **annotations: str) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "annotations": annotations}, "spec": spec, "status": status}


def of(*items: dict[str, Any]) -> Observed:
    kinds = {one["kind"] for one in items}
    return Observed({kind: tuple(one for one in items if one["kind"] == kind) for kind in kinds})


def found(*items: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one.host, one.kind, one.at) for one in evidence(of(*items), HOSTS, NOW)]


def said(*items: dict[str, Any]) -> list[tuple[str, bool | None]]:
    return [(one.what, one.alive) for one in signs(of(*items), HOSTS)]


@pytest.mark.parametrize(
    ("phase", "at", "counts"),
    [
        ("Reboot-Completed", PAST, True),
        ("Fencing-Completed", PAST, True),
        ("Fencing-Completed", FUTURE, False),
        ("Fencing-Completed", None, False),
        ("Pre-Reboot-Completed", PAST, False),
        (None, None, False),
    ],
)
def test_a_node_that_remediates_itself(phase: str | None, at: str | None, counts: bool) -> None:
    one = item("SelfNodeRemediation", "c1", {"phase": phase, "timeAssumedRebooted": at})
    assert found(one) == ([("c1", "self_node_remediation", PAST)] if counts else [])
    begun = [(f"SelfNodeRemediation c1 has not come to its end ({phase or 'not begun'})", None)]
    assert said(one) == ([] if phase in ("Reboot-Completed", "Fencing-Completed") else begun)


def test_a_remediation_that_has_a_name_of_its_own() -> None:
    status = {"phase": "Fencing-Completed", "timeAssumedRebooted": PAST}
    one = item("SelfNodeRemediation", "x-7f", status, **{"remediation.medik8s.io/node-name": "c2"})
    assert found(one) == [("c2.rack.example", "self_node_remediation", PAST)]


@pytest.mark.parametrize("status", ["True", "False"])
def test_a_fence_agent(status: str) -> None:
    condition = {"type": "FenceAgentActionSucceeded", "status": status, "lastTransitionTime": PAST}
    one = item("FenceAgentsRemediation", "c1", {"conditions": [{**condition, "type": "Processing"}, condition]})
    assert found(one) == ([("c1", "fence_agent", PAST)] if status == "True" else [])


@pytest.mark.parametrize(
    ("status", "spec", "annotation", "doubt"),
    [
        (OFF, {"online": False}, "", ""),
        ({**OFF, "poweredOn": True}, {"online": False}, "", "is powered on"),
        ({}, {"online": False}, "", "does not say whether it is powered on"),
        (None, None, "", "does not say whether it is powered on"),
        (
            {**OFF, "errorType": "power management error"},
            {"online": False},
            "",
            "has an error since (power management error)",
        ),
        (OFF, {"online": True}, "", "would be powered on again"),
        (OFF, {}, "", "would be powered on again"),
        (OFF, {"online": False}, "baremetalhost.metal3.io/detached", "is not watched"),
        (OFF, {"online": False}, "baremetalhost.metal3.io/paused", "is not watched"),
    ],
)
def test_a_machine(status: Any, spec: Any, annotation: str, doubt: str) -> None:
    one = item("BareMetalHost", "c1", status, spec, **({annotation: ""} if annotation else {}))
    assert found(one) == ([] if doubt else [("c1", "bmc", PAST)])
    assert [doubt in what for what, _alive in said(one)] == ([True] if doubt else [])


def test_a_machine_is_the_host_that_its_set_says() -> None:
    hosts = {"c1": {"hostname": "c1", "bmhRef": "openshift-machine-api/rack-7"}, "c2": {"bmhRef": "rack-8"}}
    whole = item("OpenStackBaremetalSet", "all", {"baremetalHosts": hosts})
    machines = [item("BareMetalHost", name, OFF, {"online": False}) for name in ("rack-7", "rack-8", "rack-9", "c1")]
    assert found(whole, *machines) == [("c1", "bmc", PAST), ("c2.rack.example", "bmc", PAST)]


def test_a_machine_is_nobodys_where_the_sets_cannot_be_read() -> None:
    machines = {"BareMetalHost": (item("BareMetalHost", "c1", OFF, {"online": False}),)}
    unread = Observed(machines, {"OpenStackBaremetalSet": "the user lacks the right to list it"})
    assert list(evidence(unread, HOSTS, NOW)) == []
    assert ["may be another host's" in one.what for one in signs(unread, HOSTS)] == [True]


def test_a_name_that_two_have_is_evidence_of_none() -> None:
    on = item("BareMetalHost", "c1", {**OFF, "poweredOn": True})
    off = item("BareMetalHost", "c1", OFF, {"online": False})
    assert found(on, off) == []
    assert found(item("BareMetalHost", "twin", OFF, {"online": False})) == []
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": PAST}
    assert [one.host for one in signs(of(item("Node", "twin", {"conditions": [ready]})), HOSTS)] == ["twin.a", "twin.b"]


@pytest.mark.parametrize(
    ("status", "what", "alive"),
    [
        ("True", "kubelet", True),
        ("False", "kubelet, which says that the node is not ready,", True),
        ("Unknown", "the kubelet of Node c1", False),
    ],
)
def test_a_kubelet(status: str, what: str, alive: bool) -> None:
    ready = {"type": "Ready", "status": status, "lastHeartbeatTime": PAST}
    taint = {"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}
    one = item("Node", "c1", {"conditions": [{**ready, "type": "MemoryPressure"}, ready]}, {"taints": [taint]})
    assert said(one) == [(what, alive), ("Node c1 has the taint node.kubernetes.io/out-of-service", None)]
    assert found(one) == []


def test_a_health_check() -> None:
    nodes = [{"name": "c1", "remediations": [{"started": PAST}, {}]}, {"name": "other"}, {"name": "c2"}]
    one = item("NodeHealthCheck", "workers", {"unhealthyNodes": nodes})
    assert said(one) == [("NodeHealthCheck workers remediates it", None)] * 2
    assert found(one) == []
