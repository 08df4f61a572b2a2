# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes of each zone fall silent in turn: what is affected is named, in both halves, and the rest goes on."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.kubernetes.harness.modules import Answer, Modules
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import raw_example

from .harness import ZONES, Region
from .tenant import Tenant, until

# What node remediation sets on the nodes of a zone that is gone: their pods may be given up.
OUT_OF_SERVICE = {"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}
SPREAD = "cinder-api"
MAJORITY = "rabbitmq"
AUDIT = "Audit the region, one call for all zones"


def options(lost: str = "", **changes: dict[str, Any]) -> dict[str, Any]:
    """The example as options of a module; a zone may be known to be lost."""
    found = copy.deepcopy(raw_example("lab-rhoso"))
    found["region"]["images"] = []
    if lost:
        found["zones"][lost]["zone_state"] = "down"
    for zone, values in changes.items():
        found["zones"][zone] |= values
    return found


def rules(answer: Answer) -> dict[str, set[str]]:
    return {zone: {one["rule"] for one in verdict["refusals"]} for zone, verdict in answer.result["zones"].items()}


def named(answer: Answer, zone: str) -> set[str]:
    """The pods that a zone is said to have lost."""
    said = [one["message"] for one in answer.result["zones"][zone]["refusals"] if one["rule"] == "not_ready"]
    return {message.removeprefix("pod ").partition(" ")[0] for message in said}


def pods_in(region: Region, zone: str) -> set[str]:
    nodes = region.kube.nodes(zone)
    return {pod["metadata"]["name"] for pod in region.pods() if pod["spec"].get("nodeName") in nodes}


def only_is_lost(region: Region, modules: Modules, lost: str) -> bool:
    """All of its pods are named, and no other; nothing of the other zones is wrong but that none of them may be lost as well. One look for all of it."""
    answer = modules("pod_placement_info", **options())
    found = rules(answer)
    print([one["message"] for verdict in answer.result["zones"].values() for one in verdict["refusals"]])
    return (
        named(answer, lost) == pods_in(region, lost)
        and {"nodes_not_ready", "not_ready"} <= found.pop(lost)
        and all("quorum" in broken for broken in found.values())
        and is_back({zone: broken - {"quorum"} for zone, broken in found.items()})
    )


def is_back(found: dict[str, set[str]]) -> bool:
    """
    Nothing is wrong in any zone. A host may have two replicas where pods had to leave their node: where to, is the scheduler's choice. That happens
    where pods are given up, and where a busy machine loses a node for some seconds.
    """
    return set().union(*found.values()) <= {"same_host"}


def all_is_well(modules: Modules) -> bool:
    """What is not well yet is shown where the test fails."""
    found = modules("pod_placement_info", **options())
    print([one["message"] for verdict in found.result["zones"].values() for one in verdict["refusals"]])
    return is_back(rules(found))


def nodes_of(region: Region, pods: str) -> list[str]:
    """Where the pods of a StatefulSet are; nowhere is an empty text."""
    found = [pod for pod in region.pods() if pod["metadata"]["name"].rpartition("-")[0] == pods]
    return ["" if pod["metadata"].get("deletionTimestamp") else str(pod["spec"].get("nodeName") or "") for pod in found]


def set_taint(region: Region, zone: str, *, gone: bool) -> None:
    for name in region.kube.nodes(zone):
        path = f"/api/v1/nodes/{name}"
        taints = region.kube.api.get(path)["spec"].get("taints") or []
        kept = [taint for taint in taints if taint["key"] != OUT_OF_SERVICE["key"]]
        region.kube.api.merge(path, {"spec": {"taints": [*kept, OUT_OF_SERVICE] if gone else kept}})


@contextmanager
def without_power(region: Region, zone: str) -> Iterator[None]:
    """The nodes of a zone are silent; afterwards they report, whatever was found: the tests that follow use them."""
    region.kube.power_off(zone)
    try:
        yield
    finally:
        set_taint(region, zone, gone=False)
        region.kube.power_on(zone)


def test_each_zone_is_lost_and_comes_back(region: Region, cloud: Cloud, modules: Modules) -> None:
    tenant = Tenant(cloud)
    for lost in ZONES:
        with without_power(region, lost):
            is_lost(region, modules, tenant, lost)
            if lost == ZONES[0]:
                is_audited(region, lost)
            if lost == ZONES[-1]:
                the_others_go_on(region, modules, lost)
                the_zone_returns(region, cloud, lost)
        until(lambda: tenant.working("cinder-volume") == set(ZONES), f"storage of {lost} is back")
        until(partial(all_is_well, modules), f"all is well in {lost} again")
    # What found another place stays there, and is named.
    assert any(
        line.startswith(f"CinderAPI {SPREAD}: 2-1-0")
        for line in modules("pod_placement_info", **options()).result["uneven"]
    )
    found = audited(region)
    assert "services-uneven" in found
    assert not {"zone-pods-not-ready", "zone-loss-breaks-majority", "pods-wait"} & found.keys()
    is_spread_again(region, modules, ZONES[-1])


def is_lost(region: Region, modules: Modules, tenant: Tenant, lost: str) -> None:
    """What the zone has lost is named; nothing of the others is wrong but that no further zone may be lost."""
    others = set(ZONES) - {lost}
    until(lambda: tenant.working("cinder-volume") == others, f"storage of {lost} is down")
    until(partial(only_is_lost, region, modules, lost), f"all pods of {lost} are named, and nothing of other zones")
    known = modules("pod_placement_info", **options(lost))
    assert known.failures == {}
    assert "(expected: the zone is down)" in known.warnings


def audited(region: Region) -> dict[str, set[str]]:
    """What the audit finds: names by rule."""
    run = region.play("audit", "-e", "zoneops_audit_fail_on=never").run
    assert run.rc == 0, run.output
    names: dict[str, set[str]] = {}
    for one in run.one(AUDIT).result["findings"]:
        names.setdefault(one["rule"], set()).add(one["name"])
    return names


def is_audited(region: Region, lost: str) -> None:
    """Its services in OpenStack and its pods in the cluster are findings of the zone, and that no further zone may be lost is one of the others."""
    found = audited(region)
    assert found["zone-pods-not-ready"] == {lost}
    assert found["zone-loss-breaks-majority"] == set(ZONES) - {lost}


def waits(modules: Modules, lost: str) -> bool:
    """One member of the majority waits. The pods of a zone are given up one after the other, and each is looked at by itself."""
    found = modules("pod_placement_info", **options(lost)).result["waiting"]
    mine = [one for one in found if MAJORITY + "-server" in one]
    return len(mine) == 1 and "didn't match pod topology spread constraints" in mine[0]


def the_others_go_on(region: Region, modules: Modules, lost: str) -> None:
    """The nodes are given up: spread services return elsewhere, majorities wait, and another zone can be changed."""
    set_taint(region, lost, gone=True)
    living = {name for zone in ZONES if zone != lost for name in region.kube.nodes(zone)}
    until(lambda: len(found := nodes_of(region, SPREAD)) == len(ZONES) and set(found) <= living, f"{SPREAD} is back")
    until(partial(waits, modules, lost), f"a member of {MAJORITY} waits for its zone")
    other = ZONES[0]
    changed = {other: {"volume_backends": [{"name": other, "options": {"rbd_max_clone_depth": 3}}]}}
    answer = modules("control_plane", **options(lost, **changed), limit=[other], wait_timeout=120.0)
    assert (answer.failures, answer.changed) == ({}, {other})
    answer = modules("control_plane", **options(lost), limit=[other], wait_timeout=120.0)
    assert (answer.failures, answer.changed) == ({}, {other})


def the_zone_returns(region: Region, cloud: Cloud, lost: str) -> None:
    """Its hosts were lost as well. One run lets pods onto its nodes, waits for them and for the storage, and brings the hosts back."""
    hosts = [name for name in cloud.services() if f"-{lost}-" in name]
    for host in hosts:
        region.lab.stop_host(host, now=True)
        cloud.set_service(host, status="disabled", disabled_reason="zoneops: dead: no answer", forced_down=True)
        region.lab.start_host(host)
    silent = region.play("zone_return", "--limit", lost)
    assert (silent.run.rc != 0, silent.written) == (True, [])
    assert "is not Ready: it keeps the taint until it is" in silent.run.failures[lost]
    region.kube.power_on(lost, wait=False)
    until(lambda: all_report(region, lost), f"the nodes of {lost} report")
    looked = region.play("zone_return", "--limit", lost, "--check")
    assert (looked.run.rc, looked.written, looked.run.changed_hosts) == (0, [], {lost}), looked.run.output
    assert "first waits until the Kubernetes side of the zone is back, up to 600 s: " in looked.run.output
    ran = region.play("zone_return", "--limit", lost)
    assert ran.run.rc == 0, ran.run.output
    assert ran.steps[1:] == ["node_maintenance", "pod_placement_info", "zone_return", "instance_ha"]
    assert len(ran.cluster_written) == len(region.kube.nodes(lost))
    services = cloud.services()
    assert {(services[host]["status"], services[host]["state"]) for host in hosts} == {("enabled", "up")}
    again = region.play("zone_return", "--limit", lost)
    assert (again.run.rc, again.written, again.run.changed_hosts) == (0, [], set()), again.run.output


def is_spread_again(region: Region, modules: Modules, lost: str) -> None:
    """Nothing else is left to do. Each service that is uneven loses one pod, and the next one starts in the zone."""
    uneven = modules("pod_placement_info", **options()).result["uneven"]
    spread = ("--limit", lost, "-e", "zoneops_return_spread=true")
    looked = region.play("zone_return", *spread, "--check")
    assert (looked.run.rc, looked.written, looked.run.changed_hosts) == (0, [], {lost}), looked.run.output
    ran = region.play("zone_return", *spread)
    assert (ran.run.rc, ran.run.written) == (0, []), ran.run.output
    assert len(ran.cluster_written) == len(uneven)
    assert all("/eviction" in one for one in ran.cluster_written)
    assert modules("pod_placement_info", **options()).result["uneven"] == []
    again = region.play("zone_return", *spread)
    assert (again.run.rc, again.written, again.run.changed_hosts) == (0, [], set()), again.run.output


def all_report(region: Region, zone: str) -> bool:
    """Kubernetes takes its own taints off nodes that report; the one of a remediation stays."""
    for name in region.kube.nodes(zone):
        taints = region.kube.api.get(f"/api/v1/nodes/{name}")["spec"].get("taints") or ()
        if {one["key"] for one in taints if one["key"].startswith("node.kubernetes.io/")} != {OUT_OF_SERVICE["key"]}:
            return False
    return True
