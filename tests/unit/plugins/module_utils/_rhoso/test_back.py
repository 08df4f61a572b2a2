# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones that come back are waited for: as long as something of them can come, and no longer than asked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import reported_to
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pod_placement import back
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pod_placement.verdicts import Placement
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.pods import Snapshot
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.passing_time import Time

ZONES = load_map({"az1": {"kubernetes": {}}, "az2": {"kubernetes": {}}}, {"zones": ["az1", "az2"]})
CLUSTER: Any = SimpleNamespace(deadline=Deadline(3600))


def node(zone: str, *, ready: bool = True) -> dict[str, Any]:
    return {
        "metadata": {"name": f"node-{zone}", "labels": {"topology.kubernetes.io/zone": zone}},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def seen(*, ready: bool, node_ready: bool = True) -> Snapshot:
    """A service that is spread, with its pod in the first zone, and the node of that."""
    owner = {"kind": "CinderAPI", "name": "cinder-api", "uid": "u1", "controller": True}
    service = {"metadata": {"name": "cinder-api", "uid": "u2", "ownerReferences": [owner]}, "spec": {"replicas": 1}}
    pod = {
        "metadata": {
            "name": "cinder-api-0",
            "ownerReferences": [{"kind": "StatefulSet", "uid": "u2", "controller": True}],
        },
        "spec": {"nodeName": "node-az1"},
        "status": {"conditions": [{"type": "Ready", "status": str(ready), "message": "it starts"}]},
    }
    return Snapshot.of({"Node": [node("az1", ready=node_ready), node("az2")], "StatefulSet": [service], "Pod": [pod]})


def wait(monkeypatch: pytest.MonkeyPatch, *later: Snapshot, first: Snapshot, seconds: float = 60) -> Any:
    """What was seen last, how long it was waited, the looks, and what was said."""
    Time.of_waits(monkeypatch)
    looks, said = list(later), list[str]()
    monkeypatch.setattr(back, "read", lambda _cluster, _map: looks.pop(0) if len(looks) > 1 else looks[0])
    with reported_to(said.append):
        found, waited = back.until_back(CLUSTER, ZONES, Placement(ZONES, first), ["az1", "az2"], seconds)
    return found.missing(ZONES.zones["az1"]), waited, len(looks), said


def test_what_comes_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen twice in a row: a pod can be ready for a moment."""
    late, there = seen(ready=False), seen(ready=True)
    text = "zone az1: pod cinder-api-0 is not ready: it starts"
    assert wait(monkeypatch, late, there, late, there, there, first=late) == ([], {"az1": 20.0}, 1, [text])


def test_nothing_is_waited_for_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    there = seen(ready=True)
    assert wait(monkeypatch, there, there, first=there) == ([], {}, 2, [])


def test_what_does_not_come_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    late = seen(ready=False)
    missing, waited, _looks, said = wait(monkeypatch, late, first=late)
    assert (missing, waited) == (["pod cinder-api-0 is not ready: it starts."], {"az1": 60.0})
    assert said[-1].endswith("it starts (60 s so far)")


def test_a_node_that_is_silent_again_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes by itself there: the verdict names it. One look is no proof."""
    late, silent = seen(ready=False), seen(ready=False, node_ready=False)
    missing, waited, _looks, _said = wait(monkeypatch, late, silent, late, silent, first=late)
    assert waited == {"az1": 20.0}
    assert missing == ["node node-az1 is not ready.", "pod cinder-api-0 is not ready: it starts."]
