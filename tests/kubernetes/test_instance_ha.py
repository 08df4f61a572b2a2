# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instance HA on a real API with RHOSO's own definition: off for the maintenance of a zone, and then what it was."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.changes import Switch
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.model import BEFORE, FOR
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.reconcile import InstanceHaReconciler
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import RIGHTS

from .harness.cluster import Cluster
from .harness.instance_ha import INSTANCE_HAS, PATH, InstanceHa
from .harness.modules import Modules
from .harness.play import zone_map
from .harness.rights import less

MODULE = "instance_ha"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def found(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[InstanceHa]:
    """One that is Ready, where the cluster knows the kind, and that is looked at again at once."""
    patient = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: patient(min(seconds, 0.1)))
    made = InstanceHa(cluster.kube)
    if not is_served(cluster):
        yield made
        return
    made.make()
    yield made
    cluster.empty(INSTANCE_HAS)


def is_served(cluster: Cluster) -> bool:
    """Whether the cluster knows the kind: not without RHOSO's definitions."""
    return cluster.api.find(f"{DEFINITIONS}/instancehas.instanceha.openstack.org") is not None


@pytest.mark.releases
def test_it_is_off_during_the_maintenance_and_then_what_it_was(
    cluster: Cluster, modules: Modules, found: InstanceHa
) -> None:
    options = {**zone_map(cluster.kube), "limit": ["az1"]}
    begin, end = {**options, "state": "begin"}, {**options, "state": "end"}
    if not is_served(cluster):
        answers = [modules(MODULE, **asked) for asked in (begin, end)]
        assert [(one.changed, one.failures, one.written) for one in answers] == [(set(), {}, [])] * 2
        return
    before = found.state
    if before[0] is None:
        # An older release's: nothing is written, also not by the end.
        assert "has no spec.disabled" in modules(MODULE, **begin).failures["az1"]
        assert modules(MODULE, **end).failures == {}
        assert found.state == (None, {})
        return
    assert before == ("False", {})
    check = modules(MODULE, check=True, **begin)
    assert (check.changed, check.written) == ({"az1"}, [])
    with found.operated():
        begun = modules(MODULE, **begin)
    assert (begun.failures, begun.plans, begun.written) == (
        {},
        check.plans,
        [f"PATCH {PATH}?fieldManager=zoneops-az1"],
    )
    assert found.state == ("True", {FOR: "az1", BEFORE: "False"})
    again = modules(MODULE, **begin)
    assert (again.changed, again.written, len(again.requests)) == (set(), [], 1)
    # Another zone does not switch it on, and while both are away, neither does.
    az2 = {"limit": ["az2"]}
    other = modules(MODULE, **{**end, **az2})
    assert (other.written, "is off for zone az1" in other.warnings) == ([], True)
    joined = modules(MODULE, **{**begin, **az2})
    assert (joined.failures, joined.changed) == ({}, {"az2"})
    assert found.state == ("True", {FOR: "az1,az2", BEFORE: "False"})
    assert modules(MODULE, **{**begin, **az2}).written == []
    assert modules(MODULE, **{**end, **az2}).changed == {"az2"}
    assert found.state == ("True", {FOR: "az1", BEFORE: "False"})
    with found.operated():
        ended = modules(MODULE, **end)
    assert (ended.failures, ended.changed) == ({}, {"az1"})
    assert found.state == before
    assert modules(MODULE, **end).written == []


@pytest.mark.rhoso
def test_a_zone_that_is_lost_while_another_one_comes_back(
    cluster: Cluster, modules: Modules, found: InstanceHa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end knows nothing of the evacuation that begins behind its look: it would switch instance HA on in the middle of that."""
    options = zone_map(cluster.kube)
    begin, end = ({**options, "state": state} for state in ("begin", "end"))
    write = InstanceHaReconciler.write
    with found.operated():
        assert modules(MODULE, **{**begin, "limit": ["az1"]}).failures == {}

        def late(self: InstanceHaReconciler, change: Switch) -> None:
            monkeypatch.setattr(InstanceHaReconciler, "write", write)
            assert modules(MODULE, **{**begin, "limit": ["az2"]}).failures == {}
            write(self, change)

        monkeypatch.setattr(InstanceHaReconciler, "write", late)
        ended = modules(MODULE, **{**end, "limit": ["az1"]})
        assert "was changed by others, or by the run of another zone" in ended.failures["az1"]
        assert found.state == ("True", {FOR: "az1,az2", BEFORE: "False"})
        for zone, left in (("az1", ("True", {FOR: "az2", BEFORE: "False"})), ("az2", ("False", {}))):
            assert modules(MODULE, **{**end, "limit": [zone]}).failures == {}
            assert found.state == left


@pytest.mark.rhoso
def test_rights_that_are_enough_and_one_less(cluster: Cluster, modules: Modules, found: InstanceHa) -> None:
    options = {**zone_map(cluster.kube), "limit": ["az1"], "state": "begin"}
    rights = RIGHTS[MODULE]
    with found.operated():
        for called, granted in less(rights):
            user = cluster.kube.add_user("looker", granted)
            answer = modules(MODULE, user=user, **options).result
            assert called in answer["msg"], answer["msg"]
            cluster.api.merge(PATH, {"spec": {"disabled": "False"}, "metadata": {"annotations": {FOR: None}}})
        user = cluster.kube.add_user("switcher", [right.as_rule() for right in rights])
        assert modules(MODULE, user=user, **options).failures == {}
