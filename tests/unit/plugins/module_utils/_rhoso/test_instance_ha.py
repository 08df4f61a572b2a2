# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instance HA is off while a zone is in maintenance or lost, and afterwards what it was: what others switch is theirs."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import MERGE_PATCH, Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.left_off import left_off
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.model import (
    API_VERSION,
    BEFORE,
    FOR,
    KIND,
    instance_ha,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.reconcile import InstanceHaReconciler
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map

MINE = {FOR: "az1", BEFORE: "False"}
THEIRS = {FOR: "az2", BEFORE: "False"}
BOTH = {FOR: "az1,az2", BEFORE: "False"}


def made(disabled: str | None = "False", notes: Mapping[str, str] | None = None, name: str = "ha") -> dict[str, Any]:
    """One that its operator has carried out."""
    return {
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "resourceVersion": "1",
            "generation": 3,
            "annotations": dict(notes or {}),
        },
        "spec": {} if disabled is None else {"disabled": disabled},
        "status": {"observedGeneration": 3, "conditions": [{"type": "Ready", "status": "True"}]},
    }


class Operated:
    """A cluster whose operator follows every `lag` looks after a change.

    :ivar lost: whether the answers to writes are lost, once they are carried out.
    :ivar repeats: whether the client makes each write again, whose first answer is lost.
    :ivar others: what others do between a look and the write behind it, one after the other.
    """

    def __init__(self, *objects: dict[str, Any], lag: int = 2) -> None:
        self.objects = {one["metadata"]["name"]: one for one in objects}
        self.deadline = Deadline(3600)
        self.lag = lag
        self.known = True
        self.lost = False
        self.repeats = False
        self.others: list[Callable[[], object]] = []
        self.patches: list[tuple[str, str, dict[str, Any]]] = []
        self._looks = 0

    def items(self, ref: Ref) -> Iterator[dict[str, Any]]:
        assert ref.path == "/apis/instanceha.openstack.org/v1beta1/namespaces/openstack/instancehas"
        if not self.known:
            raise ApiError("404 page not found. This cluster does not know the kind of instancehas", status=404)
        yield from copy.deepcopy(list(self.objects.values()))

    def get(self, ref: Ref) -> dict[str, Any] | None:
        self._looks += 1
        found = self.objects.get(ref.name)
        if found and self._looks > self.lag:
            self.follow(ref.name)
        return copy.deepcopy(found)

    def follow(self, name: str = "ha") -> None:
        """What the operator writes."""
        found = self.objects[name]
        found["status"]["observedGeneration"] = found["metadata"]["generation"]
        _is_written(found)

    def patch(self, ref: Ref, body: dict[str, Any], content_type: str, manager: str) -> None:
        assert content_type == MERGE_PATCH
        if self.others:
            self.others.pop(0)()
        found = self.objects[ref.name]
        assert body["metadata"]["uid"] == found["metadata"]["uid"]
        if body["metadata"]["resourceVersion"] != found["metadata"]["resourceVersion"]:
            raise ApiError("409 the object has been modified", status=409)
        _is_written(found)
        self.patches.append((ref.name, manager, body))
        for key, value in body["metadata"]["annotations"].items():
            found["metadata"]["annotations"].pop(key, None)
            if value is not None:
                found["metadata"]["annotations"][key] = value
        if "spec" in body:
            found["spec"] |= body["spec"]
            found["metadata"]["generation"] += 1
            self._looks = 0
        if self.lost:
            raise ApiError("no answer in time", uncertain=True)
        if self.repeats:
            raise ApiError("409 the object has been modified", status=409)

    def state(self, name: str = "ha") -> tuple[str | None, dict[str, str]]:
        return self.objects[name]["spec"].get("disabled"), self.objects[name]["metadata"]["annotations"]


def _is_written(found: dict[str, Any]) -> None:
    found["metadata"]["resourceVersion"] += "1"


@pytest.fixture(autouse=True)
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def call(
    cluster: Operated,
    state: str,
    *,
    check: bool = False,
    zones: tuple[str, ...] = ("az1",),
    away: tuple[str, ...] = (),
) -> Verdict:
    """The verdict about the first zone, whose name in Kubernetes is another."""
    cluster.deadline = Deadline(36000)
    names = {zone: f"dcn-{zone}" for zone in ("az1", "az2", "az3")}
    begins = state == "begin"
    reconciler = InstanceHaReconciler(cast(Cluster, cluster), "openstack", zones, names, begins=begins, away=away)
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0.1).run()[zones[0]]


@pytest.mark.parametrize("before", ["False", "false", ""])
def test_it_is_switched_off_and_is_then_what_it_was(before: str) -> None:
    cluster = Operated(made(before))
    check = call(cluster, "begin", check=True)
    assert (check.changed, cluster.patches) == (True, [])
    begun = call(cluster, "begin")
    assert (begun.changed, begun.errors) == (True, [])
    assert [change.text for change in begun.plan] == [change.text for change in check.plan]
    assert begun.after == check.after
    assert cluster.state() == ("True", {FOR: "az1", BEFORE: before})
    assert cluster.patches[0][1] == "zoneops-dcn-az1"
    again = call(cluster, "begin")
    assert (again.changed, len(cluster.patches)) == (False, 1)

    check = call(cluster, "end", check=True)
    ended = call(cluster, "end")
    assert (ended.changed, ended.errors, ended.after) == (True, [], check.after)
    assert cluster.state() == (before, {})
    assert (call(cluster, "end").changed, len(cluster.patches)) == (False, 2)


def test_it_stays_off_until_the_last_zone_is_back() -> None:
    """Another run can end at any time, without knowing which hosts this one is about to evacuate."""
    cluster = Operated(made("true", {FOR: "az2", BEFORE: "False"}))
    check = call(cluster, "begin", check=True)
    begun = call(cluster, "begin")
    assert (begun.errors, begun.changed, begun.after) == ([], True, check.after)
    assert cluster.state() == ("true", BOTH)
    assert not call(cluster, "begin").changed
    assert not call(cluster, "begin", zones=("az2",)).changed
    for zone, rest in (("az2", MINE), ("az1", THEIRS)):
        cluster = Operated(made("True", BOTH))
        check = call(cluster, "end", check=True, zones=(zone,))
        ended = call(cluster, "end", zones=(zone,))
        assert (ended.errors, ended.changed, ended.after) == ([], True, check.after)
        assert cluster.state() == ("True", rest)
        assert f"off for zone {rest[FOR]}, and stays off" in " ".join(ended.warnings)
        assert not call(cluster, "end", zones=(zone,)).changed
        assert call(cluster, "end", zones=(rest[FOR],)).changed
        assert cluster.state() == ("False", {})
    # Both come back with one run.
    cluster = Operated(made("True", BOTH))
    assert call(cluster, "end", zones=("az1", "az2")).warnings == ()
    assert (cluster.state(), len(cluster.patches)) == (("False", {}), 1)
    cluster = Operated(made("True", BOTH))
    one = call(cluster, "end", zones=("az1", "az2"), away=("az2", "az3"))
    assert (one.errors, cluster.state()) == ([], ("True", {FOR: "az2,az3", BEFORE: "False"}))


@pytest.mark.parametrize("state", ["begin", "end"])
def test_a_run_of_another_zone_in_between_loses_no_mark(state: str) -> None:
    """An end that has seen one mark only would switch it on in the middle of the evacuation of the other zone."""
    cluster = Operated(made("True", THEIRS))
    other = "az2" if state == "begin" else "az1"
    mine = "az1" if state == "begin" else "az2"
    cluster.others = [lambda: call(cluster, "end" if state == "begin" else "begin", zones=(other,))]
    failed = call(cluster, state, zones=(mine,))
    assert "changed by others, or by the run of another zone" in " ".join(failed.errors)
    assert cluster.state() == (("False", {}) if state == "begin" else ("True", BOTH))
    again = call(cluster, state, zones=(mine,))
    assert (again.errors, cluster.state()) == ([], ("True", MINE))


def test_what_its_operator_writes_in_between_is_no_matter() -> None:
    cluster = Operated(made())
    cluster.others = [cluster.follow, cluster.follow]
    assert call(cluster, "begin").errors == []
    assert (cluster.state(), cluster.others) == (("True", MINE), [])
    cluster = Operated(made())
    cluster.others = [cluster.follow] * 100
    assert "changed by others" in " ".join(call(cluster, "begin").errors)


def test_a_write_that_the_client_repeats_is_its_own() -> None:
    """The second one meets the version that the first one has made."""
    cluster = Operated(made())
    cluster.repeats = True
    begun = call(cluster, "begin")
    assert (begun.errors, cluster.state(), len(cluster.patches)) == ([], ("True", MINE), 1)
    found = cluster.objects["ha"]
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
    ended = call(cluster, "end")
    assert (ended.errors, cluster.state()) == ([], ("False", {}))


@pytest.mark.parametrize("notes", [{}, MINE, THEIRS])
def test_one_that_is_off_counts_once_its_operator_has_carried_it_out(notes: dict[str, str]) -> None:
    """Whoever switched it off: its pod runs until then, and evacuates."""
    cluster = Operated(made("True", notes))
    cluster.objects["ha"]["metadata"]["generation"] += 1
    assert len(call(cluster, "begin", check=True).plan) == 1
    begun = call(cluster, "begin")
    assert (begun.errors, begun.changed) == ([], notes is THEIRS)
    found = cluster.objects["ha"]
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
    assert not call(cluster, "begin").plan


def test_a_cluster_without_it_has_nothing_to_switch() -> None:
    cluster = Operated()
    assert not call(cluster, "begin").changed
    cluster.known = False
    assert not call(cluster, "begin").changed
    assert not call(cluster, "end").changed


@pytest.mark.parametrize(
    ("state", "found", "after", "said"),
    [
        # Others switched it off before: it stays off, and no mark of ours is at it.
        ("begin", made("True"), ("True", {}), "ha is off already, by others, and stays off at the end"),
        ("end", made("True"), ("True", {}), "ha is off by others: it is left off"),
        ("begin", made("True", BOTH), ("True", BOTH), "ha is off for zones az1, az2: the playbook zone_return"),
        (
            "end",
            made("True", THEIRS),
            ("True", THEIRS),
            "ha is off for zone az2, and stays off: the playbook zone_return",
        ),
        ("end", made("False", THEIRS), ("False", THEIRS), ""),
        ("end", made("False"), ("False", {}), ""),
    ],
)
def test_what_others_did_stays(state: str, found: dict[str, Any], after: tuple[str, dict[str, str]], said: str) -> None:
    cluster = Operated(found)
    verdict = call(cluster, state)
    assert (verdict.changed, cluster.patches, cluster.state()) == (False, [], after)
    assert said in " ".join(verdict.warnings)
    assert bool(verdict.warnings) is bool(said)


def test_what_others_switched_on_meanwhile_stays_on_and_a_begin_switches_it_off_again() -> None:
    cluster = Operated(made("False", MINE))
    ended = call(cluster, "end")
    assert (ended.changed, cluster.state()) == (True, ("False", {}))
    assert "spec" not in cluster.patches[0][2]
    cluster = Operated(made("False", MINE))
    assert call(cluster, "begin").changed
    assert cluster.state() == ("True", MINE)
    # That of another zone, which may be evacuated now, is no less a reason to leave it off at the end.
    cluster = Operated(made("False", THEIRS))
    assert call(cluster, "begin").changed
    assert cluster.state() == ("True", BOTH)


def test_a_mark_of_a_zone_that_is_gone_keeps_it_off_no_longer() -> None:
    cluster = Operated(made("True", {FOR: "az1,gone", BEFORE: "False"}))
    assert call(cluster, "end").changed
    assert cluster.state() == ("False", {})
    cluster = Operated(made("True", {FOR: "gone", BEFORE: "False"}))
    ended = call(cluster, "end")
    assert (ended.changed, len(ended.warnings)) == (False, 1)
    assert (
        'off for zone gone, which the zone map does not have, or has without a Kubernetes side: set spec.disabled to "False"'
        in ended.warnings[0]
    )


def test_it_stays_off_while_a_zone_is_away() -> None:
    cluster = Operated(made())
    call(cluster, "begin")
    own = call(cluster, "end", away=("az1", "az2"))
    assert (own.changed, cluster.state()) == (False, ("True", MINE))
    assert "InstanceHa ha stays off until the whole zone is back" in " ".join(own.warnings)
    check = call(cluster, "end", check=True, away=("az2",))
    back = call(cluster, "end", away=("az2",))
    assert (back.errors, back.changed, back.after) == ([], True, check.after)
    # It stays off, and the zone that is away is who switches it on.
    assert ("spec" in cluster.patches[-1][2], cluster.state()) == (False, ("True", THEIRS))
    again = call(cluster, "end", away=("az2",))
    assert (again.changed, cluster.state()) == (False, ("True", THEIRS))
    assert call(cluster, "end", zones=("az2",)).changed
    assert cluster.state() == ("False", {})


def test_each_of_several_is_remembered_by_itself() -> None:
    cluster = Operated(made(name="one"), made("True", name="two"))
    assert call(cluster, "begin").changed
    assert (cluster.state("one")[0], cluster.state("two")) == ("True", ("True", {}))
    assert call(cluster, "end").changed
    assert (cluster.state("one"), cluster.state("two")) == (("False", {}), ("True", {}))


def test_an_older_definition_is_refused_with_a_way_out() -> None:
    cluster = Operated(made(None))
    verdict = call(cluster, "begin")
    assert [one.rule for one in verdict.refusals] == ["instance_ha"]
    assert "zoneops_maintenance_instance_ha=false" in verdict.refusals[0].message
    # An evacuation is refused with that setting.
    assert "An evacuation needs that it cannot act: delete the object" in verdict.refusals[0].message
    assert cluster.patches == []
    assert not call(cluster, "end").refusals


def test_an_operator_that_does_not_follow_fails_the_zone_and_the_next_run_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter(range(0, 10**6, 100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    cluster = Operated(made(), lag=10**6)
    verdict = call(cluster, "begin")
    assert "InstanceHa ha is not Ready in its last generation" in " ".join(verdict.errors)
    assert cluster.state() == ("True", MINE)
    again = call(cluster, "begin", check=True)
    assert (again.changed, [change.text for change in again.plan]) == (False, ["wait until InstanceHa ha is off"])
    assert call(cluster, "begin").errors
    cluster.lag = 0
    awaited = call(cluster, "begin")
    assert (awaited.errors, awaited.changed, len(cluster.patches)) == ([], False, 1)


def test_an_end_whose_operator_does_not_follow_is_said_by_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mark is gone with the write, so nothing else would tell."""
    clock = iter(range(0, 10**6, 100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    cluster = Operated(made("True", MINE), lag=10**6)
    assert call(cluster, "end").errors
    assert cluster.state() == ("False", {})
    assert "InstanceHa ha is on, but not Ready" in " ".join(call(cluster, "end").warnings)
    cluster.lag = 0
    cluster.get(Ref(API_VERSION, KIND, "ha", "openstack"))
    assert call(cluster, "end").warnings == ()


@pytest.mark.parametrize(
    ("notes", "states", "said"),
    [
        (BOTH, {}, "InstanceHa ha is off for zones az1, az2: it fences and evacuates no host."),
        ({}, {"az1": "down"}, "InstanceHa ha is off by others"),
        (THEIRS, {"az1": "down"}, "InstanceHa ha is off for zone az2: it fences and evacuates no host."),
        ({FOR: "gone"}, {}, "InstanceHa ha is off for zone gone, which the zone map does not have"),
        (BOTH, {"az2": "down"}, ""),
        (MINE, {"az1": "maintenance"}, ""),
    ],
)
def test_one_that_is_off_for_no_zone_that_is_away_is_told(
    notes: dict[str, str], states: dict[str, str], said: str
) -> None:
    """By the files of the zones: a return or an end that nobody runs any more leaves it off for ever."""
    zones = {name: {"zone_state": states[name]} if name in states else {} for name in ("az1", "az2")}
    told = list(left_off([instance_ha(made("True", notes))], zone_map(**zones)))
    assert (len(told), said in "".join(told)) == (int(bool(said)), True)
    assert list(left_off([instance_ha(made("False", notes))], zone_map(**zones))) == []


def test_a_lost_answer_is_no_loss_to_the_next_run() -> None:
    cluster = Operated(made())
    cluster.lost = True
    call(cluster, "begin")
    cluster.lost = False
    assert call(cluster, "begin").errors == []
    assert cluster.state() == ("True", MINE)
    assert len(cluster.patches) == 1
