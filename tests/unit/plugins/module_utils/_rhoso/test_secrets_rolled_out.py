# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed values of Secrets that a NodeSet names: the operators make no deployment for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.guards import Guests
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.reconcile import DataPlane, Options
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.test_data_plane_reconciler import (
    Cluster,
    Killed,
)

FIRST: dict[str, tuple[list[str], str]] = {"r1-compute-nodes-1": ([], "")}


class Vault(Cluster):
    """With Secrets.

    :ivar closed: Secrets may not be read.
    """

    closed = False

    def get(self, ref: Ref) -> dict[str, Any] | None:
        if ref.kind == "Secret" and self.closed:
            raise ApiError(f"secrets {ref.name} is forbidden", status=403)
        return super().get(ref)

    def keep(self, name: str, value: str, uid: str = "1") -> None:
        ref = Ref("v1", "Secret", name, "openstack")
        self.objects[ref.path] = {
            "kind": "Secret",
            "metadata": {"name": name, "namespace": "openstack", "uid": f"{name}-{uid}", "generation": 1},
            "data": {"rhc_auth": value},
        }

    def written(self) -> str:
        return json.dumps([item for item in self.objects.values() if item["kind"] != "Secret"])


def variables(hosts: int = 2) -> ZoneMap:
    zone = planes.zone(1, hosts)
    zone["data_plane"]["ansible_vars_secrets"] = ["subscription", "registry"]
    return planes.loaded({"az1": zone})


def ceph() -> ZoneMap:
    return planes.loaded({"az1": planes.with_ceph(1)})


def run(cluster: Cluster, whole: ZoneMap, *, check: bool = False, **more: Any) -> Verdict:
    how = Options(only=("az1",), seconds=0.1, setup_seconds=0.1, every=0.01, **more)
    reconciler = DataPlane(cluster, whole, how, lambda _hosts: Guests({}), lambda _text: None)  # type: ignore[arg-type]
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0).run()["az1"]


@pytest.fixture
def vault() -> Iterator[Vault]:
    """Where all of it is rolled out."""
    found = Vault()
    for name in ("subscription", "registry", "ceph-az1"):
        found.keep(name, "b2xk")
    yield found
    assert "b2xk" not in found.written(), "values are nobody's who may not read the Secret"


def deployed(cluster: Vault, whole: ZoneMap) -> None:
    assert not run(cluster, whole).failed
    assert cluster.deployments() == FIRST
    assert run(cluster, whole).plan == ()


@pytest.mark.parametrize(("whole", "name"), [(variables(), "registry"), (ceph(), "ceph-az1")], ids=["vars", "ceph"])
def test_a_changed_value_is_owed_until_it_is_rolled_out(vault: Vault, whole: ZoneMap, name: str) -> None:
    deployed(vault, whole)
    vault.keep(name, "bmV3")
    for check in (True, False):
        refused = run(vault, whole, check=check)
        assert name in refused.message()
        assert "NodeSet r1-compute-nodes has not rolled out (r1-compute-0, r1-compute-1)" in refused.message()
        assert "add to zoneops_allow (option allow): [full_deployment]" in refused.message()
    foretold = run(vault, whole, check=True, services=("run-os",))
    done = run(vault, whole, services=("run-os",))
    assert foretold.plan == done.plan
    assert "values of its Secrets changed" in done.plan[0].text
    assert vault.deployments() == FIRST | {"r1-compute-nodes-2": (["run-os"], "")}
    assert run(vault, whole).plan == ()
    vault.keep(name, "b2xk")
    assert run(vault, whole).failed


def test_a_run_that_was_killed_between_two_hosts_owes_it_to_the_other(vault: Vault) -> None:
    whole = variables()
    deployed(vault, whole)
    vault.keep("registry", "bmV3")
    vault.left = 0
    with pytest.raises(Killed):
        run(vault, whole, services=("run-os",), batch=1)
    assert "(r1-compute-1)" in run(vault, whole).message()
    assert not run(vault, whole, services=("run-os",), batch=1).failed
    names = {"r1-compute-nodes-2": (["run-os"], "r1-compute-0"), "r1-compute-nodes-3": (["run-os"], "r1-compute-1")}
    assert vault.deployments() == FIRST | names


def test_what_brings_nova_alone_brings_no_other_value(vault: Vault) -> None:
    deployed(vault, variables())
    zone = planes.zone(1)
    zone["data_plane"] |= {"ansible_vars_secrets": ["subscription", "registry"], "config": {"DEFAULT": {"a": 1}}}
    whole = planes.loaded({"az1": zone})
    assert not run(vault, whole).failed
    assert vault.deployments() == FIRST | {"r1-compute-nodes-2": (["nova-custom-az1"], "")}
    vault.keep("registry", "bmV3")
    assert run(vault, whole).failed


def test_other_metadata_of_a_secret_is_no_change(vault: Vault) -> None:
    whole = variables()
    deployed(vault, whole)
    for item in vault.objects.values():
        if item["kind"] == "Secret":
            item["metadata"] |= {"annotations": {"refreshed": "now"}, "resourceVersion": "99"}
    assert run(vault, whole).plan == ()


def test_a_digest_tells_nothing_to_those_who_may_not_read_the_secret(vault: Vault) -> None:
    """Equal values in two Secrets of two uids have different digests, so values cannot be tried out."""
    other = Vault()
    for name in ("subscription", "registry"):
        other.keep(name, "b2xk", uid="2")
    for cluster in (vault, other):
        assert not run(cluster, variables()).failed
    notes = [
        item["metadata"]["annotations"]["zoneops.openstack/rolls-out"]
        for cluster in (vault, other)
        for item in cluster.objects.values()
        if item["kind"] == "OpenStackDataPlaneDeployment"
    ]
    assert len(notes) == len(set(notes)) == 2


@pytest.mark.parametrize("gone", [False, True], ids=["not to be read", "not there"])
def test_what_cannot_be_compared_is_said_and_owes_nothing(vault: Vault, gone: bool) -> None:
    whole = variables()
    deployed(vault, whole)
    if gone:
        del vault.objects[Ref("v1", "Secret", "registry", "openstack").path]
    else:
        vault.closed = True
    found = run(vault, whole)
    assert (found.failed, found.plan) == (False, ())
    assert "it is unknown whether NodeSet r1-compute-nodes has the current values of Secret" in str(found.warnings)


def test_any_other_error_is_an_error(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = variables()

    def refuse(self: Vault, ref: Ref) -> dict[str, Any] | None:
        if ref.kind == "Secret":
            raise ApiError("etcd is slow", status=500)
        return Cluster.get(self, ref)

    monkeypatch.setattr(Vault, "get", refuse)
    with pytest.raises(ApiError, match="etcd is slow"):
        run(vault, whole)


def test_networkers_have_their_own() -> None:
    zone = planes.zone(1)
    own = {"node_set": "networkers", "ansible_vars_secrets": ["nets"]}
    zone["data_plane"]["networkers"] = [{**planes.networkers(1), **own}]
    whole, vault = planes.loaded({"az1": zone}), Vault()
    vault.keep("nets", "b2xk")
    assert not run(vault, whole).failed
    vault.keep("nets", "bmV3")
    (refusal,) = run(vault, whole).refusals
    assert "Secret nets has values that NodeSet networkers has not rolled out (r1-networker-0" in refusal.message
