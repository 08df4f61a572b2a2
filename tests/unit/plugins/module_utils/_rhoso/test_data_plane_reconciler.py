# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs over the data plane of a cluster in memory: what a killed one owes is done by the next."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.observe import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied, Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployments import Deployment
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.guards import Guests, unblocked
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.hashes import config_map_hash
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.reconcile import DataPlane, Options
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import SmallCluster
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes

READY = [{"type": "SetupReady", "status": "True"}]


class Killed(BaseException):
    """The process ended behind a write."""


class Cluster(SmallCluster):
    """With the operator of the data plane, which does at once what it is asked for.

    :ivar blind: it looks at no NodeSet.
    :ivar left: how many more writes there are before the process is killed; None: it is not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.deadline = Deadline(60)
        self.blind = False
        self.left: int | None = None

    def get(self, ref: Ref) -> dict[str, Any] | None:
        found = self.objects.get(ref.path)
        if found is not None and ref.kind == "OpenStackDataPlaneNodeSet" and not self.blind:
            status = found.setdefault("status", {})
            status |= {"observedGeneration": found["metadata"]["generation"], "conditions": READY}
            status["configHash"] = str(found["spec"])
        return copy.deepcopy(found)

    def items(self, ref: Ref, **_filters: str) -> Iterator[dict[str, Any]]:
        yield from (copy.deepcopy(item) for item in self.objects.values() if item["kind"] == ref.kind)

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Any:
        answer = super().apply(ref, body, manager, dry_run=dry_run, force=force)
        if not dry_run:
            self._wrote()
        return answer

    def create(self, ref: Ref, body: Mapping[str, Any], _manager: str) -> None:
        made = copy.deepcopy(dict(body))
        made["metadata"] |= {"creationTimestamp": "2026-01-01T00:00:00Z", "uid": body["metadata"]["name"]}
        made["status"] = {"deployed": True}
        self.objects[f"{ref.path}/{body['metadata']['name']}"] = made
        (config_map,) = self.items(Ref("v1", "ConfigMap"))
        for live in self.objects.values():
            if live["kind"] == "OpenStackDataPlaneNodeSet" and live["metadata"]["name"] in body["spec"]["nodeSets"]:
                live["status"] |= {
                    "deployedConfigHash": live["status"]["configHash"],
                    "configMapHashes": {config_map["metadata"]["name"]: config_map_hash(config_map)},
                }
        self._wrote()

    def _wrote(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed

    def deployments(self) -> dict[str, tuple[list[str], str]]:
        found = {
            item["metadata"]["name"]: item["spec"] for item in self.items(Ref("x", "OpenStackDataPlaneDeployment"))
        }
        return {name: (spec.get("servicesOverride", []), spec.get("ansibleLimit", "")) for name, spec in found.items()}


def run(
    cluster: Cluster,
    hosts: int = 2,
    networkers: int = 0,
    *,
    check: bool = False,
    saved: SavedPlan | None = None,
    **more: Any,
) -> Verdict:
    """With as many compute hosts, and networkers."""
    zone = planes.zone(1, hosts)
    if networkers:
        zone["data_plane"]["networkers"] = [planes.networkers(1, networkers)]
    whole = planes.loaded({"az1": zone}, {"data_plane": more.pop("region", {})})
    how = Options(only=("az1",), seconds=0.1, setup_seconds=0.1, every=0.01, **more)
    reconciler = DataPlane(cluster, whole, how, _asked, lambda _text: None)  # type: ignore[arg-type]
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0, saved=saved).run()["az1"]


def _asked(hosts: Collection[str]) -> Guests:
    assert not [host for host in hosts if "networker" in host], "nova knows no networkers"
    return Guests({})


GROWN = {
    "r1-compute-nodes-1": ([], ""),
    "r1-compute-nodes-2": ([], "r1-compute-2"),
    "r1-compute-nodes-3": (["ssh-known-hosts"], ""),
}


@pytest.mark.parametrize("of_others", [False, True], ids=["own", "of others"])
@pytest.mark.parametrize("left", range(3))
def test_a_new_host_whoever_deployed_the_set_and_wherever_the_run_was_killed(left: int, of_others: bool) -> None:
    cluster = Cluster()
    assert not run(cluster).failed
    if of_others:
        for item in cluster.objects.values():
            item["metadata"].pop("annotations", None)
    cluster.left = left
    with pytest.raises(Killed):
        run(cluster, hosts=3)
    made = run(cluster, hosts=3)
    assert not made.failed, made.message()
    assert cluster.deployments() == GROWN
    again = run(cluster, hosts=3)
    assert (again.failed, again.changed, again.plan) == (False, False, ())


@pytest.mark.parametrize("hosts", [2, 3])
def test_nothing_is_deployed_before_the_set_was_taken_in_by_no_run(hosts: int) -> None:
    cluster = Cluster()
    if hosts == 3:
        assert not run(cluster).failed
    before = cluster.deployments()
    cluster.blind = True
    for _run in range(2):
        assert "its operator has not seen the change yet" in run(cluster, hosts).message()
        assert cluster.deployments() == before
    cluster.blind = False
    assert not run(cluster, hosts).failed
    assert cluster.deployments() == (GROWN if hosts == 3 else {"r1-compute-nodes-1": ([], "")})


FIRST: dict[str, tuple[list[str], str]] = {"r1-compute-nodes-1": ([], ""), "az1-networker-nodes-1": ([], "")}


@pytest.mark.parametrize("left", [None, *range(6)])
def test_networkers_have_a_set_of_their_own(left: int | None) -> None:
    cluster = Cluster()
    cluster.left = left
    if left is not None:
        with pytest.raises(Killed):
            run(cluster, networkers=2)
    assert not run(cluster, networkers=2).failed
    assert cluster.deployments() == FIRST
    assert run(cluster, networkers=2).plan == ()


def test_networkers_are_rolled_out_for_what_concerns_them() -> None:
    cluster = Cluster()
    assert not run(cluster, networkers=2).failed
    # nova's configuration is none of their business, and neither is a new compute host.
    assert not run(cluster, hosts=3, networkers=2).failed
    assert {name for name in cluster.deployments() if "networker" in name} == {"az1-networker-nodes-1"}
    before = cluster.deployments()
    assert not run(cluster, hosts=3, networkers=3).failed
    new = {name: how for name, how in cluster.deployments().items() if name not in before}
    assert new == {
        "az1-networker-nodes-2": ([], "r1-networker-2"),
        "az1-networker-nodes-3": (["ssh-known-hosts"], ""),
    }


def test_a_networker_that_leaves_is_said_and_asks_nova_nothing() -> None:
    cluster = Cluster()
    assert not run(cluster, networkers=2).failed
    for check in (True, False):
        found = run(cluster, networkers=1, check=check)
        assert not found.failed
        assert "node r1-networker-1 leaves NodeSet az1-networker-nodes, and OVN keeps running there" in str(
            found.warnings
        )
    assert cluster.deployments()["az1-networker-nodes-2"] == (["ssh-known-hosts"], "")
    assert run(cluster, networkers=1).plan == ()
    # A set that is taken out of the map stays.
    assert run(cluster).plan == ()


def test_services_of_servers_never_come_to_networkers() -> None:
    cluster = Cluster()
    assert not run(cluster, networkers=2).failed
    region = {"ansible_vars": {"edpm_sshd_allowed_ranges": ["192.168.0.0/16"]}}
    refused = run(cluster, networkers=2, region=region)
    assert "NodeSet az1-networker-nodes changes on hosts that are deployed" in refused.message()
    refused = run(cluster, networkers=2, region=region, services=("libvirt",))
    assert [refusal.items[0]["name"] for refusal in refused.refusals] == ["r1-networker-0"]
    assert not run(cluster, networkers=2, region=region, services=("libvirt", "run-os")).failed
    assert cluster.deployments()["r1-compute-nodes-2"] == (["libvirt", "run-os"], "")
    assert cluster.deployments()["az1-networker-nodes-2"] == (["run-os"], "")


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("left", range(3))
def test_a_killed_run_is_continued_with_the_plan_that_was_saved_before_it(left: int, running: bool) -> None:
    """Also while the deployment that it began is still running."""
    cluster = Cluster()
    assert not run(cluster).failed
    planned = run(cluster, hosts=3, check=True).as_dict()["plan"]
    saved = SavedPlan("plan.yml", "then", changes={"az1": as_entries(planned)})
    cluster.left = left
    with pytest.raises(Killed):
        run(cluster, hosts=3, saved=saved)
    if running:
        for path, item in cluster.objects.items():
            item["status"] = {} if path.endswith(("r1-compute-nodes-2", "r1-compute-nodes-3")) else item.get("status")
    found = run(cluster, hosts=3, check=True, saved=saved)
    assert not found.refusals, found.message()
    if not running:
        made = run(cluster, hosts=3, saved=saved)
        assert not made.failed, made.message()
        assert cluster.deployments() == GROWN


FINAL = {"conditions": [{"type": "Ready", "status": "False", "reason": "BackoffLimitExceeded", "message": "no route"}]}


def grown(status: dict[str, Any], *, annotated: bool = True) -> tuple[Cluster, dict[str, Any]]:
    """A zone where the deployment for a new host has this status."""
    cluster = Cluster()
    assert not run(cluster).failed
    cluster.left = 1
    with pytest.raises(Killed):
        run(cluster, hosts=3)
    (item,) = [item for path, item in cluster.objects.items() if path.endswith("r1-compute-nodes-2")]
    item["status"] = status
    if not annotated:
        del item["metadata"]["annotations"]
    return cluster, item


def test_a_deployment_that_runs_refuses_what_is_still_to_be_rolled_out() -> None:
    """The set itself is as it shall be."""
    cluster, _item = grown({}, annotated=False)
    found = run(cluster, hosts=3, check=True)
    assert [refusal.rule for refusal in found.refusals] == ["deployment_running"]


def test_what_is_foreseen_has_all_deployments_and_each_as_done() -> None:
    cluster, _item = grown({})
    found = run(cluster, hosts=3, check=True)
    assert found.before["deployments"] == {"r1-compute-nodes-1": "done", "r1-compute-nodes-2": "running"}
    assert found.after["deployments"] == dict.fromkeys(GROWN, "done")


def test_a_failed_deployment_is_gone_before_the_next_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API answers before the object is gone."""
    cluster, item = grown(FINAL)
    looks = 3
    (path,) = [path for path, one in cluster.objects.items() if one is item]

    def get(ref: Ref) -> dict[str, Any] | None:
        nonlocal looks
        if ref.path == path and item["metadata"].get("deletionTimestamp"):
            looks -= 1
            if not looks:
                del cluster.objects[path]
        return Cluster.get(cluster, ref)

    def delete(ref: Ref, _uid: str) -> None:
        assert ref.path == path
        item["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"

    def create(ref: Ref, body: Mapping[str, Any], manager: str) -> None:
        assert path not in cluster.objects
        Cluster.create(cluster, ref, body, manager)

    for method in (get, delete, create):
        monkeypatch.setattr(cluster, method.__name__, method, raising=False)
    found = run(cluster, hosts=3)
    assert not found.failed, found.message()
    assert looks == 0


BLOCKED = "admission webhook denied: could not patch openstackdataplanenodeset while deployment x is not ready"


def set_seen(live: dict[str, Any]) -> Seen:
    what = {"apiVersion": "x/v1", "kind": "OpenStackDataPlaneNodeSet", "metadata": {"name": "s"}}
    part = Applied("zoneops-az1", {**what, "spec": {"nodes": {"c1": {}}}}, ("az1",), may_create=True, step="")
    return Seen(part, {"spec": live}, rejected=BLOCKED)


@pytest.mark.parametrize(
    ("live", "node_set", "state", "rejected", "sent"),
    [
        ({"nodes": {"c1": {}, "c2": {}}}, "s", "running", "", False),
        ({}, "s", "running", BLOCKED, False),
        ({}, "s", "done", "", True),
        ({}, "other", "running", "", True),
        ({}, "s", "failed", "", True),
    ],
)
def test_what_a_webhook_refuses_for_a_deployment(
    live: dict[str, Any], node_set: str, state: str, rejected: str, sent: bool
) -> None:
    item = Deployment("d", (node_set,), (), (), state, "", "", "", {})
    found = unblocked(set_seen(live), [item], may_remove=False)
    assert (found.rejected, found.after is not None) == (rejected, sent)
