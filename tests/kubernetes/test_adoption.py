# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control plane whose zones another manager has made, on the real API server: what is only written otherwise, and what is a conflict."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import applied
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example

from .harness.cluster import Cluster
from .harness.control_planes import PATH, control_plane, install, managers
from .harness.runs import FORCE, Runs, errors

pytestmark = pytest.mark.rhoso

CEPH = example("rhoso-ceph")
TOPOLOGIES = ("spread-pods", "spread-quorum-pods", *(f"zone{number}-node-affinity" for number in (1, 2, 3)))
STRICT = replace(FORCE, allow=frozenset())
PATIENCE = 60.0


def otherwise(text: str) -> str:
    """The same configuration, as a person would have written it."""
    sections = text.replace("True", "true").replace(" = ", "=").strip().split("\n[")
    first, *others = [section if section.startswith("[") else f"[{section}" for section in sections]
    lines = [section.splitlines() for section in (*reversed(others), first)]
    return "\n\n# mine\n".join("\n".join([head, *reversed(options)]) for head, *options in lines)


def rewritten(value: Any, text: Callable[[str], str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: text(inner) if key == "customServiceConfig" else rewritten(inner, text) for key, inner in value.items()
    }


@pytest.fixture
def adoptable(cluster: Cluster) -> Cluster:
    """All zones are there, as another tool applied them."""
    install(cluster, TOPOLOGIES)
    for part in applied(CEPH):
        body = rewritten(part.body, otherwise)
        cluster.api.apply(part.ref.path, body, f"argocd-{part.manager}", force=True)
    return cluster


def test_what_is_only_written_otherwise_is_adopted_as_it_is(adoptable: Cluster) -> None:
    before = control_plane(adoptable)
    found = Runs.on(adoptable)(CEPH, apply=STRICT)
    assert errors(found) == []
    assert not any("restarts the pods" in text for verdict in found.values() for text in verdict.warnings)
    after = control_plane(adoptable)
    assert (after["spec"], after["metadata"]["generation"]) == (before["spec"], before["metadata"]["generation"])
    assert {"zoneops-region", *(f"zoneops-{zone}" for zone in CEPH.zones)} <= managers(adoptable)
    assert not any(verdict.changed for verdict in Runs.on(adoptable)(CEPH, apply=STRICT).values())


def test_zones_that_are_adopted_are_changed_one_by_one(adoptable: Cluster) -> None:
    """No operator makes them ready, so the second is not begun."""
    (backend,) = CEPH.zones["az1"].volume_backends
    zones = {name: replace(zone, volume_backends=(replace(backend, name=name, pool="other"),))
             for name, zone in CEPH.zones.items()}  # fmt: skip
    zones["az3"] = replace(zones["az3"], zone_state="down")  # so that what they share is not waited for
    found = Runs.on(adoptable)(replace(CEPH, zones=zones), wait=True, at_once=3)
    assert "zone az1: not reached after" in found["az1"].message()
    assert "not begun, since zone az1 failed" in found["az2"].message()


def test_a_shared_conflict_is_refused_at_once(adoptable: Cluster) -> None:
    assert errors(Runs.on(adoptable)(CEPH)) == []
    edit = {"glance": {"template": {"glanceAPIs": {"default": {"replicas": 2}}}}}
    adoptable.api.merge(PATH, {"spec": edit}, "kubectl-edit")
    before, begun = control_plane(adoptable)["metadata"]["resourceVersion"], time.monotonic()
    refused = Runs.on(adoptable, seconds=PATIENCE)(CEPH, wait=True, apply=STRICT)
    assert time.monotonic() - begun < PATIENCE / 2
    assert set(refused) == {zone for zone, verdict in refused.items() if verdict.failed}
    for verdict in refused.values():
        assert ".glanceAPIs.default.replicas is owned by manager kubectl-edit" in verdict.message()
        assert "not reached after" not in verdict.message()
    assert control_plane(adoptable)["metadata"]["resourceVersion"] == before
