# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone that is taken away is gone for good, wherever a run before this one ended."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.wait import Waiting
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    PLANE,
    Killed,
    OperatedCluster,
    remove,
    run,
    topology_ref,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.ready_planes import Plane

TARGETS = [(f"az{number}.backup", {"type": "nfs", "address": f"10.0.0.{number}", "path": "/b"}) for number in (1, 2)]
CACHES = ("region.kubernetes.services.memcached", {"per_zone": True})
MAP = small(("region.backup", {"mode": "per_zone"}), CACHES, *TARGETS)
# Backups to 0, the zone's keys, what its Topology keeps, what zones share.
WRITES = 4
FOREIGN = ["example.org/mine"]


@pytest.fixture
def cluster() -> OperatedCluster:
    """Both zones are there."""
    found = OperatedCluster()
    assert not any(verdict.failed for verdict in run(found, MAP).values())
    found.writes.clear()
    return found


@pytest.fixture
def end() -> dict[str, Any]:
    """The control plane after a removal that nothing disturbed."""
    found = OperatedCluster()
    run(found, MAP)
    assert not remove(found, MAP, "az2").failed
    return spec(found)


def spec(cluster: OperatedCluster) -> dict[str, Any]:
    return copy.deepcopy(cluster.objects[PLANE.path]["spec"])


def is_gone(cluster: OperatedCluster) -> bool:
    return not cluster.running_on and cluster.finalizers("az2") == FOREIGN


def test_a_zone_goes_for_good(cluster: OperatedCluster) -> None:
    foreseen = remove(cluster, MAP, "az2", check=True)
    assert cluster.writes == []
    found = remove(cluster, MAP, "az2")
    assert (found.errors, found.changed) == ([], True)
    assert len(cluster.writes) == WRITES
    assert [change.as_dict() for change in found.plan] == [change.as_dict() for change in foreseen.plan]
    assert (found.before, found.after) == (foreseen.before, foreseen.after)
    assert is_gone(cluster)
    again = remove(cluster, MAP, "az2")
    assert (again.plan, again.changed, again.failed) == ((), False, False)


def test_a_key_stays_until_its_backup_service_is_gone(
    cluster: OperatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its key stops it, and it takes its time."""
    waits: list[tuple[str, int]] = []

    def for_gone(_self: Waiting, what: str, _unwanted: Any) -> None:
        waits.append((what, len(cluster.writes)))

    monkeypatch.setattr(Waiting, "for_gone", for_gone)
    assert not remove(cluster, MAP, "az2").failed
    assert waits == [("backup services of az2", 1), ("zone az2", 2)]


@pytest.mark.parametrize("behind", range(1, WRITES + 1))
def test_a_run_behind_one_that_was_killed_finishes(cluster: OperatedCluster, end: dict[str, Any], behind: int) -> None:
    cluster.kill_behind = behind
    with pytest.raises(Killed):
        remove(cluster, MAP, "az2")
    foreseen = remove(cluster, MAP, "az2", check=True)
    found = remove(cluster, MAP, "az2")
    assert (found.errors, found.changed) == ([], behind < WRITES)
    assert [change.as_dict() for change in found.plan] == [change.as_dict() for change in foreseen.plan]
    assert (found.before, found.after) == (foreseen.before, foreseen.after)
    assert is_gone(cluster)
    assert spec(cluster) == end
    assert not remove(cluster, MAP, "az2").plan


@pytest.mark.parametrize("check", [True, False])
def test_what_restarts_is_named(cluster: OperatedCluster, check: bool) -> None:
    told = " ".join(remove(cluster, MAP, "az2", check=check).warnings)
    assert "remove az2: restarts the pods of dnsmasq-dns." in told
    shared = [
        "glance-default-external-api",
        "glance-default-internal-api",
        "manila-api",
    ]
    assert f"the shared part of the control plane: restarts the pods of {', '.join(shared)}, in all zones." in told


def test_a_backup_service_that_lost_its_key_is_stopped(cluster: OperatedCluster, end: dict[str, Any]) -> None:
    """Another tool, or a person, took the keys away by the zone's manager, and did not stop it before."""
    plane = cluster.objects[PLANE.path]
    metadata = {name: plane["metadata"][name] for name in ("name", "namespace", "uid")}
    nothing = {"apiVersion": PLANE.api_version, "kind": PLANE.kind, "metadata": metadata}
    cluster.apply(PLANE, nothing, "zoneops-az2", dry_run=False)
    assert set(cluster.running_on) == {"az2"}
    found = remove(cluster, MAP, "az2")
    assert "stop the backup service az2, whose key is gone" in found.message()
    assert (found.errors, found.changed) == ([], True)
    assert is_gone(cluster)
    assert spec(cluster) == end


def test_a_backup_service_is_stopped_also_where_the_topology_is_gone(cluster: OperatedCluster) -> None:
    plane = cluster.objects[PLANE.path]
    metadata = {name: plane["metadata"][name] for name in ("name", "namespace", "uid")}
    nothing = {"apiVersion": PLANE.api_version, "kind": PLANE.kind, "metadata": metadata}
    cluster.apply(PLANE, nothing, "zoneops-az2", dry_run=False)
    del cluster.objects[topology_ref("az2").path]
    assert set(cluster.running_on) == {"az2"}
    assert "stop the backup service az2, whose key is gone" in remove(cluster, MAP, "az2").message()
    assert not cluster.running_on


def test_what_does_not_go_is_named_by_every_run(cluster: OperatedCluster) -> None:
    """An operator that is down: the objects stay, and the second run does not say that all is well."""
    stuck = cluster._plane()
    cluster._plane = lambda: stuck  # type: ignore[method-assign]
    cluster.objects[PLANE.path]["spec"]["cinder"]["template"]["cinderBackups"]["az2"]["replicas"] = 0
    stuck.objects["CinderBackup"] = []
    for _number in range(2):
        found = remove(cluster, MAP, "az2")
        assert "zone az2: not reached after" in found.message()
        assert "GlanceAPI glance-glanceapi-az2-0 is still there" in found.message()
    assert [manager for manager, _path in cluster.writes] == ["zoneops-az2"]


def test_a_memcached_that_does_not_go_is_waited_for_and_its_finalizer_stays(cluster: OperatedCluster) -> None:
    """A finalizer goes only where its object is seen to be gone."""
    plane = cluster._plane
    stays = plane().objects["Memcached"]

    def with_it() -> Plane:
        found = plane()
        found.objects["Memcached"] = stays
        return found

    cluster._plane = with_it  # type: ignore[method-assign]
    for _number in range(2):
        found = remove(cluster, MAP, "az2")
        assert "Memcached memcached-az2 is still there" in found.message()
        assert "openstack.org/memcached-memcached-az2" in cluster.finalizers("az2")
    cluster._plane = plane  # type: ignore[method-assign]
    found = remove(cluster, MAP, "az2")
    assert (found.errors, found.changed) == ([], True)
    assert is_gone(cluster)


def test_what_is_shared_is_waited_for_by_the_next_run_as_well(cluster: OperatedCluster) -> None:
    assert not remove(cluster, MAP, "az2").failed
    cluster.broken = {"default"}
    found = remove(cluster, MAP, "az2")
    assert [change.action for change in found.plan] == ["wait"]
    assert "the shared part of the control plane: not reached after" in found.message()
    assert not found.changed


def test_keys_that_another_manager_owns_are_no_success(cluster: OperatedCluster) -> None:
    plane = cluster.objects[PLANE.path]
    for entry in plane["metadata"]["managedFields"]:
        entry["manager"] = {"zoneops-az2": "gitops"}.get(entry["manager"], entry["manager"])
    found = remove(cluster, MAP, "az2")
    assert [refusal.rule for refusal in found.refusals] == ["stayed"]
    assert (
        "GlanceAPI az2, CinderVolume az2, CinderBackup az2, ManilaShare az2, Memcached memcached-az2 of zone az2"
        in found.message()
    )
    assert "which zoneops-az2 does not own" in found.message()
    assert cluster.writes == []
