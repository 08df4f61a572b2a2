# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of single zones at the same time: what zones share is read and written, and none loses what another one has added."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply import reconcile as reconciler
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    PLANE,
    REGION,
    OperatedCluster,
    remove,
    run,
)

MAP = small()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


class Meeting(OperatedCluster):
    """Somebody else writes just before a shared apply.

    :ivar before: what they do, in order, each before one apply.
    :ivar rejected: applies that came too late.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Callable[[], object]] = []
        self.rejected = 0

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Any:
        if manager == REGION and ref == PLANE and not dry_run and self.before:
            self.before.pop(0)()
        try:
            return super().apply(ref, body, manager, dry_run=dry_run, force=force)
        except ApiError as error:
            self.rejected += error.outdated
            raise

    def touch(self, **spec: Any) -> None:
        """An edit by a person."""
        plane = self.objects[PLANE.path]
        plane["spec"] |= spec
        plane["metadata"]["resourceVersion"] = str(int(plane["metadata"]["resourceVersion"]) + 1)


def whole(cluster: OperatedCluster) -> Any:
    return cluster.objects[PLANE.path]["spec"]


def test_none_loses_what_another_one_has_added() -> None:
    together = OperatedCluster()
    run(together, MAP)
    cluster = Meeting()
    cluster.before = [lambda: run(cluster, MAP, "az2")]
    found = run(cluster, MAP, "az1")["az1"]
    assert found.errors == []
    assert cluster.rejected == 1
    assert whole(cluster) == whole(together)
    assert not any(verdict.plan for verdict in run(cluster, MAP).values())


def test_a_removal_keeps_what_is_added_at_the_same_time() -> None:
    three = small(("az2.volume_backends", [{}]))
    cluster = Meeting()
    run(cluster, three, "az2")
    cluster.before = [lambda: run(cluster, three, "az1")]
    assert not remove(cluster, three, "az2").failed
    config = whole(cluster)["glance"]["template"]["glanceAPIs"]["default"]["customServiceConfig"]
    assert "enabled_backends = az1:rbd\n" in config


def test_a_run_that_nobody_disturbs_sends_each_part_once() -> None:
    cluster = Meeting()
    run(cluster, MAP)
    remove(cluster, MAP, "az2")
    assert cluster.rejected == 0


def test_an_edit_elsewhere_costs_another_look_and_no_more() -> None:
    cluster = Meeting()
    cluster.before = [lambda: cluster.touch(dns={"template": {}})] * 3
    assert run(cluster, MAP, "az1")["az1"].errors == []
    assert cluster.rejected == 3
    assert whole(cluster)["dns"] == {"template": {}}


def test_somebody_who_never_stops_writing_ends_it() -> None:
    cluster = Meeting()
    cluster.before = [cluster.touch] * (reconciler.TRIES + 5)
    (error, *_rest) = run(cluster, MAP, "az1")["az1"].errors
    assert "the object has been modified" in error
    assert cluster.rejected == reconciler.TRIES


def test_what_was_made_meanwhile_is_looked_at() -> None:
    """Another one has made the API for all in another layout, or the whole object anew."""
    cluster = Meeting()
    other = {"template": {"glanceAPIs": {"default": {"type": "single"}}}}
    cluster.before = [lambda: cluster.touch(glance=other)]
    (error, *_rest) = run(cluster, MAP, "az1")["az1"].errors
    assert "glance API default of OpenStackControlPlane controlplane is single and must be split" in error

    cluster = Meeting()

    def recreated() -> None:
        cluster.touch()
        cluster.objects[PLANE.path]["metadata"]["uid"] = "another"

    cluster.before = [recreated]
    (error, *_rest) = run(cluster, MAP, "az1")["az1"].errors
    assert "was deleted or recreated during this run" in error


def test_a_refused_zone_is_not_tried_twice_and_shares_nothing() -> None:
    class Counting(OperatedCluster):
        tried: list[str]

        def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Any:
            self.tried.append(manager)
            return super().apply(ref, body, manager, dry_run=dry_run, force=force)

    cluster = Counting()
    cluster.tried = []
    cluster.refused = {"zoneops-az2"}
    found = run(cluster, MAP, check=True)
    assert (found["az1"].failed, found["az2"].failed) == (False, True)
    assert cluster.tried.count("zoneops-az2") == 1
    cluster.refused = {"zoneops-az1", "zoneops-az2"}
    run(cluster, MAP)
    assert "az1" not in str(whole(cluster))
    cluster.refused = {"zoneops-az2"}
    found = run(cluster, MAP)
    assert not found["az1"].failed
    assert "az2" not in str(whole(cluster))
    # Whoever is refused still, and shares nothing, costs no second look.
    cluster.tried.clear()
    assert not run(cluster, MAP)["az1"].plan
    assert cluster.tried.count("zoneops-az2") == 1


def test_a_zone_without_its_topology_shares_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = OperatedCluster()
    monkeypatch.setitem(
        OperatedCluster.items.__globals__, "TOPOLOGIES", ("spread-pods", "spread-quorum-pods", "az1-node-affinity")
    )
    found = run(cluster, MAP)
    assert (found["az1"].failed, found["az2"].failed) == (False, True)
    assert "Topology az2-node-affinity does not exist" in found["az2"].message()
    assert "az2" not in str(whole(cluster))
