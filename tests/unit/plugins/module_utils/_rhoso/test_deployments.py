# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What deployments and NodeSets say of themselves: an error may pass, and only one reason is final."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployments import (
    Content,
    Deployment,
    Had,
    body,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.node_set_status import (
    why_not_accepted,
)

TLS = 'TLSInput error occured in TLS sources Secret "cert-ovn-r1-compute-0" not found'


def condition(kind: str, message: str, **more: str) -> dict[str, Any]:
    return {"type": kind, "status": "False", "message": message, **more}


def deployment(*conditions: dict[str, Any], **sets: list[dict[str, Any]]) -> Deployment:
    status = {"conditions": list(conditions), "nodeSetConditions": sets}
    return Deployment.of({"metadata": {"name": "x"}, "spec": {"nodeSets": ["s"]}, "status": status})


@pytest.mark.parametrize(
    "more",
    [
        {"reason": "Error", "severity": "Warning"},
        {"reason": "Error", "severity": "Error"},
        {"reason": "Requested", "severity": "Error"},
    ],
)
def test_an_error_that_may_pass(more: dict[str, str]) -> None:
    """A certificate that is late, an object that changed meanwhile, a Job that has retries left."""
    found = deployment(condition("InputReady", TLS, **more), s=[condition("NodeSetDeploymentReady", TLS, **more)])
    assert (found.state, found.message) == ("running", TLS)


def test_only_the_end_of_all_retries_is_final() -> None:
    told = "backoff limit reached for execution.name bootstrap-x-s"
    passing = condition("InputReady", TLS, reason="Error", severity="Warning")
    final = condition("ServiceBootstrapDeploymentReady", told, reason="BackoffLimitExceeded", severity="Error")
    for found in (deployment(passing, final), deployment(passing, s=[final])):
        assert (found.state, found.message) == ("failed", told)


def test_what_is_in_progress_is_told() -> None:
    waiting = condition("DeploymentReady", "Deployment in progress", reason="Requested", severity="Info")
    assert deployment(waiting).message == "DeploymentReady: Deployment in progress"
    assert deployment().message == "not begun"


def test_what_was_before_is_written_with_it() -> None:
    had = Had({"a": Content("1", "2", "3")}, ("b",))
    made = body("x", "openstack", "v1", ["s"], {"b": Content("4", "5", "6")}, had, hosts=["b"])
    assert Deployment.of(made).had == had
    for text in ("", "x", "[]", "{}", '{"hosts": 1, "strangers": []}', '{"hosts": {"a": ["x"]}, "strangers": []}'):
        made["metadata"]["annotations"]["zoneops.openstack/had"] = text
        assert Deployment.of(made).had is None, text


def node_set(*conditions: dict[str, Any], seen: int = 2) -> dict[str, Any]:
    return {"metadata": {"generation": 2}, "status": {"observedGeneration": seen, "conditions": list(conditions)}}


def test_a_set_that_cannot_be_set_up_says_why() -> None:
    refused = "spec.networks[0].fixedIP: Invalid value: address not in IP address prefix (CIDR)"
    wrong = node_set(
        condition("Ready", refused, reason="Error"),
        condition("DeploymentReady", "an older deployment", reason="Error"),
        condition("NodeSetDNSDataReady", "no dnsmasq", severity="Error"),
        condition("NodeSetIPReservationReady", refused, reason="Error"),
        condition("SetupReady", "Setup started", reason="Requested"),
    )
    assert why_not_accepted(wrong) == f"NodeSetDNSDataReady: no dnsmasq; NodeSetIPReservationReady: {refused}"


def test_a_set_that_is_on_its_way() -> None:
    started = condition("SetupReady", "Setup started", reason="Requested")
    done = {**started, "status": "True"}
    assert why_not_accepted(node_set(started)) == "Setup started"
    assert why_not_accepted(node_set()) == "SetupReady is not reported yet"
    assert why_not_accepted(node_set(done, seen=1)) == "its operator has not seen the change yet"
    assert why_not_accepted({"metadata": {"generation": 1}}) == "its operator has not seen the change yet"
    assert why_not_accepted(node_set(done)) == ""
    assert why_not_accepted(None) == "it does not exist"
