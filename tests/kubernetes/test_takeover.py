# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control plane with zones that a person or GitOps has made whole: taken over as a shown plan, and then a zone can leave it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply import fields
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import applied
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from ansible_collections.zoneops.openstack.tests.faults.sweep import DROPS, KILLED_AFTER
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example

from .harness.cluster import CONTROL_PLANES, Cluster
from .harness.control_planes import base, control_plane, make_topology
from .harness.runs import FORCE, Runs, errors
from .harness.strikes import limits, strike

CEPH = example("rhoso-ceph")
ZONES = tuple(CEPH.zones)
GOES = ZONES[-1]
TOPOLOGY_NAMES = ("spread-pods", "spread-quorum-pods", *(f"zone{number}-node-affinity" for number in (1, 2, 3)))
GITOPS = "gitops"
TAKEOVER = replace(FORCE, allow=frozenset({"takeover"}))


@pytest.fixture
def foreign(cluster: Cluster) -> Iterator[Cluster]:
    """One POST of everything, as `oc create` sends it: every field is that manager's."""
    whole = base()
    for part in applied(CEPH):
        whole = fields.merged(whole, {"spec": part.body["spec"]})
    cluster.api.create(f"{CONTROL_PLANES}?fieldManager={GITOPS}", whole)
    for name in TOPOLOGY_NAMES:
        make_topology(cluster, name, {})
    yield cluster
    cluster.kube.clear_faults()


def shared_with(cluster: Cluster) -> set[str]:
    """The zones that have a field in common with GitOps."""
    plane = control_plane(cluster)
    (theirs,) = (entry["fieldsV1"] for entry in plane["metadata"]["managedFields"] if entry["manager"] == GITOPS)
    return {zone for zone in ZONES if fields.both(theirs, fields.owned(plane, f"zoneops-{zone}"))}


def apis(cluster: Cluster) -> set[str]:
    return set(control_plane(cluster)["spec"]["glance"]["template"]["glanceAPIs"])


def test_taken_over_and_then_a_zone_leaves(foreign: Cluster) -> None:
    before = control_plane(foreign)["spec"]
    runs = Runs.on(foreign)
    # Nothing is this collection's yet, so it takes nothing away, and does not say that it has.
    refused = runs.remove(CEPH, GOES)
    assert [refusal.rule for refusal in refused.refusals] == ["stayed"]
    assert "take them over first" in refused.message()
    assert control_plane(foreign)["spec"] == before

    assert errors(runs(CEPH)) == []
    assert shared_with(foreign) == set(ZONES)
    promised = runs(CEPH, check=True, apply=TAKEOVER)
    taken = runs(CEPH, apply=TAKEOVER)
    assert errors(taken) == []
    for zone in ZONES:
        texts = [change.text for change in taken[zone].plan]
        assert texts == [change.text for change in promised[zone].plan]
        assert any(
            f"of {zone}: take over from {GITOPS}: " in text and "their values are kept" in text for text in texts
        )
        assert taken[zone].after == promised[zone].after
    assert shared_with(foreign) == set()
    assert control_plane(foreign)["spec"] == before
    assert not any(verdict.plan for verdict in runs(CEPH, apply=TAKEOVER).values())

    gone = runs.remove(CEPH, GOES)
    assert (gone.errors, gone.changed) == ([], True)
    assert apis(foreign) == {"default", *ZONES} - {GOES}
    assert f"zoneops-{GOES}" not in str(control_plane(foreign)["metadata"]["managedFields"])


@pytest.mark.parametrize("fault", [KILLED_AFTER, DROPS[1]], ids=["killed", "dropped"])
def test_strike_at_the_owners(foreign: Cluster, processes: Processes, fault: Any) -> None:
    """The write of managedFields is the one that no apply can be repeated for."""
    before = control_plane(foreign)["spec"]
    assert errors(Runs.on(foreign)(CEPH)) == []
    arguments = {**as_dict(CEPH), **limits(foreign.kube), "wait": False, "allow": ["takeover"]}
    # The shared part is taken over first, then the zones.
    ended = strike(foreign.kube, processes, "control_plane", arguments, fault, 1)
    assert ZONES[0] not in shared_with(foreign)
    assert ended is not None or shared_with(foreign) == set(ZONES[1:])
    again = processes.run("control_plane", arguments)
    assert not again.failed, again.answer["msg"]
    assert shared_with(foreign) == set()
    assert control_plane(foreign)["spec"] == before
    assert not processes.run("control_plane", arguments).answer["changed"]
