# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier run applied and did not see come: the next run waits for it before it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec import control_plane
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    PLANE,
    OperatedCluster,
    run,
)


@pytest.fixture
def cluster() -> OperatedCluster:
    """Both zones are there."""
    found = OperatedCluster()
    assert not failures(run(found, small()))
    assert found.managers == ["zoneops-region", "zoneops-az1", "zoneops-az2"]
    return found


def failures(verdicts: dict[str, Verdict]) -> dict[str, str]:
    return {zone: verdict.message() for zone, verdict in verdicts.items() if verdict.failed}


def changed(verdicts: dict[str, Verdict]) -> set[str]:
    return {zone for zone, verdict in verdicts.items() if verdict.changed}


def other_pools(*zones: str) -> ZoneMap:
    return small(*((f"{zone}.volume_backends", [{"pool": "other"}]) for zone in zones))


def test_a_rerun_waits_for_the_zone_that_did_not_come(cluster: OperatedCluster) -> None:
    wanted = other_pools("az1", "az2")
    cluster.broken = {"az1"}
    first = failures(run(cluster, wanted))
    assert "zone az1: not reached after" in first["az1"]
    assert "not begun, since zone az1 failed" in first["az2"]
    assert cluster.managers == ["zoneops-az1"]

    second = run(cluster, wanted)
    assert cluster.managers == []
    assert changed(second) == set()
    told = failures(second)
    assert "wait for what is applied already: GlanceAPI az1: 0 of 1 created yet" in told["az1"]
    assert "zone az1: not reached after" in told["az1"]
    assert "not begun, since zone az1 failed" in told["az2"]

    cluster.broken = set()
    third = run(cluster, wanted)
    assert (failures(third), changed(third)) == ({}, {"az2"})
    assert cluster.managers == ["zoneops-az2"]


def test_a_run_that_has_nothing_to_change_waits_as_well(cluster: OperatedCluster) -> None:
    cluster.broken = {"az2"}
    foreseen = run(cluster, small(), check=True)
    assert (failures(foreseen), changed(foreseen)) == ({}, set())
    found = run(cluster, small())
    assert [[change.action for change in found[zone].plan] for zone in ("az1", "az2")] == [[], ["wait"]]
    assert [change.as_dict() for change in foreseen["az2"].plan] == [change.as_dict() for change in found["az2"].plan]
    assert (set(failures(found)), changed(found)) == ({"az2"}, set())
    assert not failures(run(cluster, small(), wait=False))
    assert not failures(run(cluster, small(), "az1"))
    assert cluster.managers == []


@pytest.mark.parametrize("kind", ["OpenStackControlPlane", "Glance", "Cinder"])
def test_what_an_operator_has_not_taken_in_is_waited_for(cluster: OperatedCluster, kind: str) -> None:
    """Killed behind an apply that no piece shows, such as one of a mount: only the generations tell of it."""
    cluster.behind = {kind}
    foreseen = run(cluster, small(), check=True)
    assert (failures(foreseen), changed(foreseen)) == ({}, set())
    assert "wait" in [change.action for change in foreseen["az1"].plan]
    found = run(cluster, small())
    assert "its operator has not processed the new values yet" in failures(found)["az1"]
    assert (changed(found), cluster.managers) == (set(), [])
    assert not failures(run(cluster, small(), wait=False))
    cluster.behind = set()
    assert not failures(run(cluster, small()))


def test_what_zones_share_is_waited_for_before_any_zone(cluster: OperatedCluster) -> None:
    cluster.broken = {"default"}
    found = failures(run(cluster, other_pools("az2")))
    assert "the shared part of the control plane: not reached after" in found["az1"]
    assert "GlanceAPI default: 0 of 2 created yet" in found["az1"]
    assert "not begun, since the shared part" in found["az2"]
    assert cluster.managers == []


def edited(cluster: OperatedCluster, *path: str, value: object) -> None:
    """Somebody else changes a field, and owns it from then on."""
    body = cluster.get(PLANE)
    assert body is not None
    change: object = value
    for name in reversed(path):
        change = {name: change}
    identity = {key: body["metadata"][key] for key in ("name", "namespace")}
    body = {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": identity, "spec": change}
    cluster.apply(PLANE, body, "kubectl-edit", dry_run=False, force=True)
    assert cluster.managers == ["kubectl-edit"]


API = ("glance", "template", "glanceAPIs")
POLICY = ("region.kubernetes.services.glance.copy_image_rule", "role:images")


@pytest.mark.parametrize(
    "path",
    [(*API, "default", "replicas"), (*API, "default", "apiTimeout"), ("cinder", "template", "customServiceConfig")],
)
@pytest.mark.parametrize("more", [(), (POLICY,)], ids=["alone", "with another shared object"])
def test_a_conflict_of_what_zones_share_is_refused_at_once(
    cluster: OperatedCluster, path: tuple[str, ...], more: tuple[tuple[str, str], ...]
) -> None:
    """Nothing is sent, so nothing is waited for: its values would never come."""
    edited(cluster, *path, value="7" if path[-1] == "customServiceConfig" else 7)
    cluster.listed.clear()
    found = run(cluster, small(*more))
    assert all(f".{'.'.join(path)} is owned by manager kubectl-edit" in text for text in failures(found).values())
    assert set(failures(found)) == {"az1", "az2"}
    assert [[change.action for change in found[zone].plan] for zone in ("az1", "az2")] == [[], []]
    assert not any("not reached after" in text for text in failures(found).values())
    assert cluster.managers == []


def test_a_refused_shared_part_is_not_waited_for(cluster: OperatedCluster) -> None:
    """The same where it is refused for what it asks for."""
    cluster.broken = {"default"}
    found = run(cluster, small(("region.kubernetes.services.quorum.message_buses", ["rabbitmq", "bus"])))
    assert all("has no rabbitmq bus" in text and "not reached after" not in text for text in failures(found).values())
    assert [[change.action for change in found[zone].plan] for zone in ("az1", "az2")] == [[], []]


def test_a_conflict_of_one_zone_holds_up_nothing_else(cluster: OperatedCluster) -> None:
    edited(cluster, *API, "az1", "replicas", value=1)
    found = run(cluster, other_pools("az2"))
    assert set(failures(found)) == {"az1"}
    assert "not reached after" not in failures(found)["az1"]
    assert cluster.managers == ["zoneops-az2"]


def test_a_zone_that_is_away_is_not_waited_for_and_said(cluster: OperatedCluster) -> None:
    cluster.broken = {"az1"}
    found = run(cluster, small(("az1.zone_state", "maintenance"), ("az2.volume_backends", [{"pool": "other"}])))
    assert failures(found) == {}
    assert cluster.managers == ["zoneops-az2"]
    assert any("zone az1 is in state maintenance" in warning for warning in found["az1"].warnings)


def test_a_zone_that_is_late_and_changed_comes_in_its_turn(cluster: OperatedCluster) -> None:
    """The whole cannot be ready before it: the zone before it is not held up by that."""
    cluster.broken = {"az2"}
    found = failures(run(cluster, other_pools("az1", "az2")))
    assert set(found) == {"az2"}
    assert cluster.managers == ["zoneops-az1", "zoneops-az2"]


def test_new_zones_come_side_by_side_behind_what_they_share() -> None:
    cluster = OperatedCluster()
    cluster.broken = {"az1", "az2"}
    cluster.together = threading.Barrier(2)
    found = failures(run(cluster, small(), at_once=2))
    assert all(f"zone {zone}: not reached after" in found[zone] for zone in ("az1", "az2"))
    first, *others = cluster.managers
    assert (first, sorted(others)) == ("zoneops-region", ["zoneops-az1", "zoneops-az2"])
    # One after the other the second is not begun.
    cluster = OperatedCluster()
    cluster.broken = {"az1", "az2"}
    assert "not begun, since zone az1 failed" in failures(run(cluster, small()))["az2"]


def test_zones_that_exist_come_one_by_one(cluster: OperatedCluster) -> None:
    cluster.broken = {"az1", "az2"}
    assert "not begun, since zone az1 failed" in failures(run(cluster, other_pools("az1", "az2"), at_once=2))["az2"]


def test_a_region_that_is_ready_costs_a_list_of_each_kind(cluster: OperatedCluster) -> None:
    cluster.listed.clear()
    assert not failures(run(cluster, small()))
    assert len(cluster.listed) == len(set(cluster.listed))
    assert {"GlanceAPI", "CinderVolume", "ManilaShare", "StatefulSet"} < set(cluster.listed)
    cluster.listed.clear()
    assert not failures(run(cluster, small(), wait=False))
    assert cluster.listed == []


def adoptable(zone_map: ZoneMap, text: Callable[[str], str] = str) -> OperatedCluster:
    """A control plane with living zones that other managers have made, with configurations written as `text` does."""
    found = OperatedCluster()
    for part in control_plane.applied(zone_map):
        found.apply(PLANE, rewritten(part.body, text), f"argocd-{part.manager}", dry_run=False, force=True)
    assert len(found.managers) == 3
    return found


def rewritten(value: Any, text: Callable[[str], str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: text(inner) if key == "customServiceConfig" else rewritten(inner, text) for key, inner in value.items()
    }


def test_zones_that_others_made_are_adopted_one_by_one() -> None:
    """They are not new because our manager is: their pods are in use."""
    cluster = adoptable(other_pools("az1", "az2"))
    cluster.broken = {"az1", "az2"}
    foreseen = run(cluster, small(), at_once=2, force=True, check=True)
    assert not [
        change for verdict in foreseen.values() for change in verdict.plan if change.begins and not change.alone
    ]
    found = failures(run(cluster, small(), at_once=2, force=True))
    assert "zone az1: not reached after" in found["az1"]
    assert "not begun, since zone az1 failed" in found["az2"]
    assert cluster.managers == ["zoneops-region", "zoneops-az1"]
    cluster.broken = set()
    assert not failures(run(cluster, small(), at_once=2, force=True))
    assert not changed(run(cluster, small()))


def otherwise(text: str) -> str:
    """The same configuration, as a person would have written it."""
    sections = text.replace("True", "true").replace(" = ", "=").strip().split("\n[")
    first, *others = [section if section.startswith("[") else f"[{section}" for section in sections]
    lines = [section.splitlines() for section in (*reversed(others), first)]
    return "\n\n# mine\n".join("\n".join([head, *reversed(options)]) for head, *options in lines)


def test_a_configuration_that_is_only_written_otherwise_is_adopted_as_it_is() -> None:
    """Another text would restart the pods, for nothing."""
    cluster = adoptable(small(), otherwise)
    before = cluster.get(PLANE)
    found = run(cluster, small())
    assert failures(found) == {}
    after = cluster.get(PLANE)
    assert before and after and before["spec"] == after["spec"]
    assert cluster.managers == ["zoneops-region", "zoneops-az1", "zoneops-az2"]
    assert not any("restarts the pods" in text for verdict in found.values() for text in verdict.warnings)
    assert (failures(run(cluster, small())), changed(run(cluster, small()))) == ({}, set())
    assert not failures(run(cluster, small(), check=True, verify=True))
    # What does mean another thing is a conflict.
    refused = failures(run(cluster, other_pools("az1")))
    assert set(refused) == {"az1"} and "customServiceConfig is owned by manager argocd-zoneops-az1" in refused["az1"]


def test_pods_that_began_before_the_rule_for_copies_changed_are_named_by_every_run(
    cluster: OperatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that changed it may have been killed before it could say so: only the pods tell."""
    mounted = {"volumes": [{"name": "x", "configMap": {"name": "zoneops-glance-policy"}}]}
    pods: list[dict[str, Any]] = [
        {"metadata": {"name": "older", "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": mounted},
        {"metadata": {"name": "newer", "creationTimestamp": "2026-01-03T00:00:00Z"}, "spec": mounted},
        {"metadata": {"name": "other", "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {}},
    ]
    listed = cluster.items

    def items(ref: Ref, **filters: str) -> Iterator[dict[str, Any]]:
        assert ref.kind != "Pod" or filters == {"labels": "service=glance"}
        yield from pods if ref.kind == "Pod" else listed(ref, **filters)

    monkeypatch.setattr(cluster, "items", items)
    assert not failures(run(cluster, small(POLICY)))
    (rule,) = (body for body in cluster.objects.values() if body["kind"] == "ConfigMap")
    for entry in rule["metadata"]["managedFields"]:
        entry["time"] = "2026-01-02T00:00:00Z"
    for check in (True, False):
        told = [text for text in run(cluster, small(POLICY), check=check)["az1"].warnings if "restart" in text]
        assert len(told) == 1
        assert "restart older for the rule to take effect" in told[0]
    del pods[0]
    assert not [text for text in run(cluster, small(POLICY))["az1"].warnings if "restart" in text]
