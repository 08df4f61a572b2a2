# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects applied by field managers in the flow of a writer: order, refusals, failures, what is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import (
    AppliedObjects,
    Options,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import (
    SmallCluster,
    made,
)

ZONES = ("az1", "az2", "az3")
SHARED = {"secret": "s"}


def body(spec: Any = None, kind: str = "OpenStackControlPlane", **more: Any) -> dict[str, Any]:
    metadata = {"name": "cp", "namespace": "openstack"}
    whole = {"apiVersion": "core.openstack.org/v1beta1", "kind": kind, "metadata": metadata, **more}
    return {**whole, "spec": spec} if spec else whole


def shared(spec: Any = None) -> Applied:
    return Applied("zoneops-region", body(spec or SHARED), (), may_create=False, step="shared")


def own(zone: str, spec: Any = None) -> Applied:
    wanted = body({"apis": {zone: spec or {"replicas": 2}}})
    return Applied(f"zoneops-{zone}", wanted, (zone,), may_create=False, step=f"part of {zone}")


def removal(zone: str) -> Applied:
    return Applied(f"zoneops-{zone}", body(), (zone,), may_create=False, step=f"removal of {zone}")


def run(
    cluster: SmallCluster,
    *parts: Applied,
    check: bool = False,
    reconciler: type[AppliedObjects] = AppliedObjects,
    **options: Any,
) -> dict[str, Verdict]:
    made_reconciler = reconciler(cluster, ZONES, parts, Options(**options))  # type: ignore[arg-type]
    return Converge(made_reconciler, check=check, deadline=Deadline(60), settle=0).run()


def everything() -> tuple[Applied, ...]:
    return (shared(), *(own(zone) for zone in ZONES))


@pytest.fixture
def cluster() -> SmallCluster:
    return SmallCluster(made(body()))


def managers(cluster: SmallCluster) -> list[str]:
    return [manager for manager, _path in cluster.writes]


def test_what_is_shared_comes_first_and_a_second_run_writes_nothing(cluster: SmallCluster) -> None:
    foreseen = run(cluster, *everything(), check=True)
    assert cluster.writes == []
    came = run(cluster, *everything())
    assert managers(cluster) == ["zoneops-region", "zoneops-az1", "zoneops-az2", "zoneops-az3"]
    assert all(verdict.changed and not verdict.failed for verdict in came.values())
    for zone in ZONES:
        assert came[zone].message() == foreseen[zone].message()
        assert (came[zone].before, came[zone].after) == (foreseen[zone].before, foreseen[zone].after)
    cluster.writes.clear()
    assert not any(verdict.changed for verdict in run(cluster, *everything()).values())
    assert cluster.writes == []


def test_a_zone_waits_for_what_is_shared(cluster: SmallCluster) -> None:
    cluster.failing = {"zoneops-region"}
    verdicts = run(cluster, *everything())
    assert managers(cluster) == ["zoneops-region"]
    assert "503 not now" in verdicts["az1"].message()
    assert "not begun, since the shared part" in verdicts["az2"].message()


@pytest.mark.parametrize(("one_by_one", "written"), [(True, ["az1", "az2"]), (False, ["az1", "az2", "az3"])])
def test_after_a_zone_that_failed(cluster: SmallCluster, one_by_one: bool, written: list[str]) -> None:
    cluster.failing = {"zoneops-az2"}
    verdicts = run(cluster, *everything()[1:], one_by_one=one_by_one)
    assert managers(cluster) == [f"zoneops-{zone}" for zone in written]
    assert not verdicts["az1"].failed
    assert verdicts["az2"].failed
    assert verdicts["az3"].failed == one_by_one
    if one_by_one:
        assert "not begun, since zone az2 failed" in verdicts["az3"].message()


def test_what_the_server_does_not_take_concerns_its_zone_only(cluster: SmallCluster) -> None:
    cluster.refused = {"zoneops-az2"}
    verdicts = run(cluster, *everything())
    assert [refusal.rule for refusal in verdicts["az2"].refusals] == ["rejected"]
    assert managers(cluster) == ["zoneops-region", "zoneops-az1", "zoneops-az3"]


def test_nothing_is_made_by_accident() -> None:
    cluster = SmallCluster()
    verdicts = run(cluster, *everything())
    assert cluster.writes == []
    assert "OpenStackControlPlane cp does not exist in namespace openstack" in verdicts["az3"].message()
    assert len(verdicts["az3"].refusals) == 1


def test_a_known_conflict_is_named_as_such() -> None:
    cluster = SmallCluster(made(body({"secret": "old"}), owner="oc"))
    refused = run(cluster, shared(), known={".spec.secret": "a default of the definition"})
    assert ".spec.secret is owned by manager oc (known: a default of the definition)" in refused["az2"].message()
    assert cluster.writes == []
    forced = run(cluster, shared(), allow=frozenset({"force_conflicts"}))
    assert not forced["az2"].failed
    assert "taken over from others: field .spec.secret is owned by manager oc" in str(forced["az2"].warnings)
    assert (
        cluster.objects["/apis/core.openstack.org/v1beta1/namespaces/openstack/openstackcontrolplanes/cp"]["spec"]
        == SHARED
    )


def test_a_conflict_of_the_shared_part_is_named_by_it_alone() -> None:
    """What zones ask for is tried together with it, as long as it is not applied."""
    cluster = SmallCluster(made(body({"secret": "old", "apis": {"az2": {"replicas": 9}}}), owner="oc"))
    forced = run(cluster, *everything(), check=True, allow=frozenset({"force_conflicts"}))
    assert str(forced["az1"].warnings).count(".spec.secret") == 1
    told = [warning for warning in forced["az2"].warnings if warning.startswith("part of az2: taken over from others")]
    assert len(told) == 1
    assert ".spec.apis.az2.replicas" in told[0]
    assert ".spec.secret" not in told[0]
    written = run(cluster, *everything(), allow=frozenset({"force_conflicts"}))
    assert not any(verdict.failed for verdict in written.values())


def test_a_removal_takes_the_zones_fields_and_nothing_else(cluster: SmallCluster) -> None:
    run(cluster, *everything())
    verdicts = run(cluster, removal("az2"))
    assert verdicts["az2"].changed
    (obj,) = cluster.objects.values()
    assert obj["spec"] == {"secret": "s", "apis": {"az1": {"replicas": 2}, "az3": {"replicas": 2}}}
    assert not run(cluster, removal("az2"))["az2"].changed


def test_a_removal_that_leaves_something_fails() -> None:
    """Another manager owns the same key: the server answers 200 and removes nothing."""
    cluster = SmallCluster(made(body({"apis": {"az2": {"replicas": 2}}}), owner="gitops"))
    for _again in range(2):  # a run that is killed behind the write says nothing
        assert "also belong to manager gitops" in str(run(cluster, own("az2"))["az2"].warnings)
    verdict = run(cluster, removal("az2"))["az2"]
    assert verdict.failed
    assert ".spec.apis.az2.replicas were kept" in verdict.message()
    assert "gitops" in verdict.message()


def test_what_stands_in_a_secret_is_never_shown() -> None:
    def secret(value: str) -> Applied:
        whole = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "openstack"}}
        return Applied("zoneops-az1", {**whole, "data": {"password": value}}, ("az1",), may_create=True, step="secret")

    cluster = SmallCluster()
    for value in ("b2xk", "bmV3"):
        for check in (True, False):
            verdict = run(cluster, secret(value), check=check)["az1"]
            assert verdict.plan
            assert verdict.changed or not check
            said = json.dumps(verdict.as_dict())
            assert "b2xk" not in said
            assert "bmV3" not in said
            assert "hidden" in said


def test_a_zone_is_waited_for_when_its_last_change_is_written(cluster: SmallCluster) -> None:
    waited: list[tuple[str, int]] = []

    class Waiting(AppliedObjects):
        def settled(self, part: str) -> None:
            waited.append((part, len(cluster.writes)))

    run(cluster, *everything(), reconciler=Waiting)
    assert waited == [("", 1), ("az1", 2), ("az2", 3), ("az3", 4)]


def test_two_parts_of_one_manager_for_one_object_are_a_mistake(cluster: SmallCluster) -> None:
    with pytest.raises(ValueError, match="another part"):
        run(cluster, own("az1"), own("az1"))
