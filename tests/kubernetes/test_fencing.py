# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence that hosts are cut off, on a real API with the definitions of those who fence; and on one that knows none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import RIGHTS
from zonelab.kube import definitions, schema

from .harness.cluster import Cluster, until
from .harness.modules import Modules
from .harness.play import zone_map
from .harness.rights import less

MODULE = "fencing_info"
SPACE: Final = "default"
AT: Final = "2026-01-31T03:12:00Z"
GROUPS: Final = {
    "BareMetalHost": ("metal3.io", "v1alpha1", "baremetalhosts"),
    "SelfNodeRemediation": ("self-node-remediation.medik8s.io", "v1alpha1", "selfnoderemediations"),
    "NodeHealthCheck": ("remediation.medik8s.io", "v1alpha1", "nodehealthchecks"),
}


def path(kind: str) -> str:
    group, version, plural = GROUPS[kind]
    space = "" if kind == "NodeHealthCheck" else f"/namespaces/{SPACE}"
    return f"/apis/{group}/{version}{space}/{plural}"


def is_served(cluster: Cluster, kind: str) -> bool:
    group, _version, plural = GROUPS[kind]
    return cluster.api.find(f"{definitions.PATH}/{plural}.{group}") is not None


def add(cluster: Cluster, kind: str, name: str, spec: Any, status: Any) -> None:
    """As its operator leaves it."""
    group, version, _plural = GROUPS[kind]
    body = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": name}, "spec": spec}
    cluster.api.create(path(kind), body)
    cluster.api.merge(f"{path(kind)}/{name}/status", {"status": status}, "an-operator")


@pytest.fixture
def machines(cluster: Cluster) -> Iterator[None]:
    """A cluster that knows machines, by a definition of the lab's own."""
    group, version, plural = GROUPS["BareMetalHost"]
    name = f"{plural}.{group}"
    body = schema.definition(name, "BareMetalHost")
    body["spec"]["versions"][0]["name"] = version
    body["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved, for a test"}
    cluster.api.create(definitions.PATH, body)
    until(lambda: definitions.established(cluster.api, name), "the kind is served")
    yield
    cluster.empty(path("BareMetalHost"))
    cluster.api.delete(f"{definitions.PATH}/{name}")
    until(lambda: not is_served(cluster, "BareMetalHost"), "the kind is gone")


def asked(cluster: Cluster) -> dict[str, Any]:
    """The workers of the first zone are its compute hosts."""
    whole = zone_map(cluster.kube)
    zone = whole["zones"]["az1"]
    zone["compute"] = {"hosts": [*zone["kubernetes"]["workers"], "compute-1.az1.example"]}
    return {**whole, "limit": ["az1"]}


@pytest.mark.releases
def test_a_cluster_in_which_nobody_fences(cluster: Cluster, modules: Modules) -> None:
    """Kinds that it does not know have no objects; nodes that report are a sign of life."""
    options = asked(cluster)
    answer = modules(MODULE, **options)
    assert (answer.result["fencing"], answer.result["unread"], answer.written) == ([], {}, [])
    workers = set(options["zones"]["az1"]["kubernetes"]["workers"])
    assert {one["host"] for one in answer.result["signs"] if one["alive"]} == workers
    assert len(answer.requests) == 6


@pytest.mark.rhoso
def test_evidence_and_signs(cluster: Cluster, modules: Modules, machines: None) -> None:
    del machines
    options = asked(cluster)
    node = options["zones"]["az1"]["kubernetes"]["workers"][0]
    machine = {"poweredOn": False, "lastUpdated": AT}
    add(cluster, "BareMetalHost", "compute-1", {"online": False}, machine)
    if is_served(cluster, "SelfNodeRemediation"):
        status = {"phase": "Fencing-Completed", "timeAssumedRebooted": AT}
        add(cluster, "SelfNodeRemediation", node, {}, status)
        remediated = {"unhealthyNodes": [{"name": node, "remediations": []}]}
        add(cluster, "NodeHealthCheck", "workers", {"selector": {}}, remediated)
    try:
        answer = modules(MODULE, **options)
        found = {one["host"]: (one["kind"], one["by"], one["at"]) for one in answer.result["fencing"]}
        assert found.pop("compute-1.az1.example") == ("bmc", "BareMetalHost compute-1", AT)
        if is_served(cluster, "SelfNodeRemediation"):
            assert found == {node: ("self_node_remediation", f"SelfNodeRemediation {node}", AT)}
            assert "NodeHealthCheck workers remediates it" in {one["what"] for one in answer.result["signs"]}
        cluster.api.merge(f"{path('BareMetalHost')}/compute-1", {"spec": {"online": True}}, "a-person")
        answer = modules(MODULE, **options)
        assert "compute-1.az1.example" not in {one["host"] for one in answer.result["fencing"]}
        assert any("would be powered on again" in one["what"] for one in answer.result["signs"])
        cluster.kube.power_off("az1")
        answer = modules(MODULE, **options)
        assert (f"the kubelet of Node {node}", False) in {(one["what"], one["alive"]) for one in answer.result["signs"]}
    finally:
        cluster.kube.power_on("az1")
        cluster.empty(*(path(kind) for kind in ("SelfNodeRemediation", "NodeHealthCheck") if is_served(cluster, kind)))


def test_a_kind_that_the_user_may_not_list_says_nothing(cluster: Cluster, modules: Modules, machines: None) -> None:
    del machines
    options = asked(cluster)
    for number, (_called, rules) in enumerate(less(RIGHTS[MODULE])):
        user = cluster.kube.add_user(f"unfencing-{number}", rules)
        answer = modules(MODULE, user=user, **options)
        assert len(answer.result["unread"]) == 1
        assert set(answer.result["unread"].values()) == {"the user lacks the right to list it"}
