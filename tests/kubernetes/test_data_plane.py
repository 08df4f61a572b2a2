# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane on a real API server: what is sent, what is seen, what goes on after a run that was ended."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.access.connect import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.module import AUTH_OPTIONS
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.guards import Guests
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.reconcile import DataPlane, Options
from ansible_collections.zoneops.openstack.tests.integration.harness.inventory import write
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes

from .harness.cluster import DATA_PLANE_SERVICES, DEPLOYMENTS, NODE_SETS, Cluster, core
from .harness.data_plane import DataPlaneOperator
from .harness.play import KubePlayer, asked, four_ways

NOBODY = Guests({})


class Region:
    """Runs over the zone map as it is now."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.zones = planes.zones(0, 1)
        self.asked: list[str] = []
        self.guests = NOBODY

    def plane(self, name: str = "az1") -> dict[str, Any]:
        found: dict[str, Any] = self.zones[name]["data_plane"]
        return found

    def run(self, *, check: bool = False, **options: Any) -> dict[str, Verdict]:
        params: dict[str, Any] = {**dict.fromkeys(AUTH_OPTIONS), "connect_timeout": 5.0, "api_timeout": 20.0}
        params |= {"timeout": 60.0, "kubeconfig": str(self.cluster.kube.kubeconfig)}
        connection = connect(params)
        whole = planes.loaded(self.zones)
        how = Options(**{"only": tuple(whole.zones), "seconds": 20.0, "every": 0.1, **options})
        reconciler = DataPlane(connection, whole, how, self._look, lambda _text: None)
        return Converge(reconciler, check=check, deadline=connection.deadline, settle=2.0).run()

    def _look(self, hosts: Collection[str]) -> Guests:
        self.asked += sorted(hosts)
        return self.guests

    def deployments(self) -> dict[str, tuple[list[str], str]]:
        """What each rolls out, and to which hosts."""
        found = {item["metadata"]["name"]: item["spec"] for item in self.cluster.api.list(DEPLOYMENTS)}
        return {name: (spec.get("servicesOverride", []), spec.get("ansibleLimit", "")) for name, spec in found.items()}


def said(verdicts: dict[str, Verdict]) -> dict[str, str]:
    return {name: verdict.message() for name, verdict in verdicts.items()}


@pytest.fixture
def operator(cluster: Cluster) -> Iterator[DataPlaneOperator]:
    with DataPlaneOperator(cluster).running() as found:
        yield found


@pytest.fixture
def region(cluster: Cluster, operator: DataPlaneOperator) -> Region:
    """A region whose data planes are deployed."""
    found = Region(cluster)
    verdicts = found.run()
    assert not [item for item in verdicts.values() if item.failed], said(verdicts)
    return found


@pytest.mark.releases
def test_from_nothing_to_deployed_and_then_nothing_to_do(cluster: Cluster, operator: DataPlaneOperator) -> None:
    region = Region(cluster)
    predicted = region.run(check=True)
    assert cluster.api.list(NODE_SETS) == []
    made = region.run()
    assert [change.as_dict()["action"] for change in made["az1"].done] == ["apply", "apply", "apply", "roll_out"]
    assert said(predicted) == said(made)
    assert region.deployments() == {"r0-compute-nodes-1": ([], ""), "r1-compute-nodes-1": ([], "")}
    mark = cluster.kube.mark()
    assert said(region.run()) == {"az0": "nothing to change", "az1": "nothing to change"}
    requests = cluster.kube.requests(mark)
    assert len(requests) == 7, "a GET for each of three objects of two zones, and one list"
    assert not [one for one in requests if one.writes]


def test_role_four_ways(cluster: Cluster, operator: DataPlaneOperator, play: KubePlayer, tmp_path: Path) -> None:
    def all_of_it() -> list[Any]:
        paths = (core("configmaps"), DATA_PLANE_SERVICES, NODE_SETS, DEPLOYMENTS)
        return [item["spec"] if "spec" in item else item["data"] for path in paths for item in cluster.api.list(path)]

    inventory = write(tmp_path / "inventory", planes.zones(0, 1))
    found = four_ways(lambda *more: play.role("data_plane", inventory, *more), all_of_it)
    assert found.run.changed_hosts == {"az0", "az1"}
    assert len(found.run.written) == 8, "three objects and a deployment of each zone"
    assert asked(found.again) == {"GET": 7}
    assert play.role("data_plane", inventory, "-e", "part=verify").rc == 0


def test_the_zones_configuration_brings_nova_only_and_to_its_own_zone(region: Region) -> None:
    region.plane()["config"] = {"DEFAULT": {"reserved_host_memory_mb": 4096}}
    made = region.run()
    assert (made["az0"].changed, made["az1"].changed) == (False, True)
    assert region.deployments()["r1-compute-nodes-2"] == (["nova-custom-az1"], "")
    assert len(region.deployments()) == 3


def test_changed_values_of_a_secret_with_variables(region: Region) -> None:
    def keep(value: str) -> None:
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "registry", "namespace": "openstack"}}
        region.cluster.api.apply(f"{core('secrets')}/registry", body | {"stringData": {"edpm_x": value}}, "ops")

    keep("old")
    region.plane()["ansible_vars_secrets"] = ["registry"]
    assert not region.run(services=("run-os",))["az1"].failed
    before = region.deployments()
    assert said(region.run()) == {"az0": "nothing to change", "az1": "nothing to change"}
    keep("new")
    refused = region.run()["az1"]
    assert "Secret registry has values that NodeSet r1-compute-nodes has not rolled out" in refused.message()
    assert region.deployments() == before
    predicted = region.run(check=True, services=("run-os",))
    assert said(region.run(services=("run-os",))) == said(predicted)
    assert region.deployments() == before | {"r1-compute-nodes-3": (["run-os"], "")}
    assert said(region.run()) == {"az0": "nothing to change", "az1": "nothing to change"}


def test_a_recreated_set_is_not_taken_for_deployed(region: Region) -> None:
    time.sleep(1.1)  # the API tells seconds
    region.cluster.api.delete(f"{NODE_SETS}/r1-compute-nodes")
    refused = region.run()["az1"]
    assert "NodeSet r1-compute-nodes was recreated after its deployments" in refused.message()
    allowed = frozenset({"full_deployment"})
    predicted = region.run(check=True, allow=allowed)
    assert said(region.run(allow=allowed)) == said(predicted)
    assert region.deployments()["r1-compute-nodes-2"] == ([], "")
    assert said(region.run()) == {"az0": "nothing to change", "az1": "nothing to change"}


def test_new_hosts(region: Region) -> None:
    region.plane()["nodes"]["r1-compute-2"] = planes.node(1, 2)
    verdict = region.run()["az1"]
    assert not verdict.failed, verdict.message()
    assert region.deployments()["r1-compute-nodes-2"] == ([], "r1-compute-2")
    assert region.deployments()["r1-compute-nodes-3"] == (["ssh-known-hosts"], "")


def test_networkers(region: Region) -> None:
    before = region.deployments()
    region.plane()["networkers"] = [planes.networkers(1)]
    verdict = region.run()["az1"]
    assert not verdict.failed, verdict.message()
    assert region.deployments() == {**before, "az1-networker-nodes-1": ([], "")}
    node_set = region.cluster.api.get(f"{NODE_SETS}/az1-networker-nodes")["spec"]
    assert not [name for name in node_set["services"] if "nova" in name or "libvirt" in name]
    assert said(region.run()) == {"az0": "nothing to change", "az1": "nothing to change"}
    region.plane()["networkers"][0]["nodes"]["r1-networker-2"] = planes.networkers(1, 3)["nodes"]["r1-networker-2"]
    assert not region.run()["az1"].failed
    assert region.deployments()["az1-networker-nodes-2"] == ([], "r1-networker-2")
    assert not [host for host in region.asked if "networker" in host], "nova knows no networkers"


def test_a_change_of_the_set_is_refused_and_nothing_is_applied(region: Region) -> None:
    region.plane()["ansible_vars"] = {"edpm_x": 1}
    before = region.cluster.api.get(f"{NODE_SETS}/r1-compute-nodes")["metadata"]["resourceVersion"]
    verdict = region.run()["az1"]
    assert [refusal.rule for refusal in verdict.refusals] == ["full_deployment"]
    assert region.cluster.api.get(f"{NODE_SETS}/r1-compute-nodes")["metadata"]["resourceVersion"] == before
    assert not region.run(services=("run-os",))["az1"].failed
    assert region.deployments()["r1-compute-nodes-2"] == (["run-os"], "")


def test_batches(region: Region) -> None:
    region.plane()["config"] = {"DEFAULT": {"a": 1}}
    assert not region.run(batch=1)["az1"].failed
    assert [region.deployments()[f"r1-compute-nodes-{number}"][1] for number in (2, 3)] == [
        "r1-compute-0",
        "r1-compute-1",
    ]


def test_a_zone_that_fails_stops_those_behind_it_and_the_next_run_finishes(
    region: Region, operator: DataPlaneOperator
) -> None:
    operator.failing = {"nova-custom-az0": "nova-custom-az0: unreachable r0-compute-0"}
    for name in ("az0", "az1"):
        region.plane(name)["config"] = {"DEFAULT": {"a": 1}}
    made = region.run()
    assert "deployment r0-compute-nodes-2 failed: nova-custom-az0: unreachable r0-compute-0" in made["az0"].message()
    assert "not begun, since zone az0 failed" in made["az1"].message()
    assert "r1-compute-nodes-2" not in region.deployments()
    operator.failing = {}
    region.plane("az0")["nodes"]["r0-compute-0"]["ansible_vars"] = {"edpm_y": 1}
    made = region.run(services=("run-os",))
    assert not [item for item in made.values() if item.failed], said(made)
    assert "remove deployment r0-compute-nodes-2, which failed" in made["az0"].message()
    assert said(region.run(services=("run-os",))) == {"az0": "nothing to change", "az1": "nothing to change"}


def test_a_run_that_ended_while_its_deployment_ran_waits_for_it(region: Region, operator: DataPlaneOperator) -> None:
    region.plane()["config"] = {"DEFAULT": {"a": 1}}
    operator.idle = True
    ended = region.run(seconds=1.0)["az1"]
    assert "deployment r1-compute-nodes-2: not reached after" in ended.message()
    operator.idle = False
    made = region.run()["az1"]
    assert not made.failed, made.message()
    assert len(region.deployments()) == 3


def test_an_error_that_passes_is_waited_for_and_its_deployment_stays(
    cluster: Cluster, operator: DataPlaneOperator
) -> None:
    """A certificate that is late, on a first roll-out: rhoso-operators-behaviour.md, measured 2026-11-28."""
    operator.late = 'TLSInput error occured in TLS sources Secret "cert-ovn-r0-compute-0" not found'
    region = Region(cluster)
    ended = region.run(seconds=1.0)["az0"]
    assert f"deployment r0-compute-nodes-1: not reached after 1 s: {operator.late}" in ended.message()
    uid = cluster.api.get(f"{DEPLOYMENTS}/r0-compute-nodes-1")["metadata"]["uid"]
    region.plane("az0")["config"] = {"DEFAULT": {"a": 1}}
    refused = region.run()["az0"]
    assert [refusal.rule for refusal in refused.refusals] == ["deployment_running"]
    assert "`oc delete openstackdataplanedeployment r0-compute-nodes-1`" in refused.message()
    del region.plane("az0")["config"]
    operator.late = ""
    made = region.run()
    assert not [item for item in made.values() if item.failed], said(made)
    assert cluster.api.get(f"{DEPLOYMENTS}/r0-compute-nodes-1")["metadata"]["uid"] == uid
    assert region.deployments() == {"r0-compute-nodes-1": ([], ""), "r1-compute-nodes-1": ([], "")}


def test_a_set_that_cannot_be_set_up_says_why(cluster: Cluster, operator: DataPlaneOperator) -> None:
    operator.blind = True
    region = Region(cluster)
    ended = region.run(setup_seconds=0.5)["az0"]
    assert "NodeSet r0-compute-nodes is set up: not reached after" in ended.message()
    assert "its operator has not seen the change yet" in ended.message()
    refused = "spec.networks[0].fixedIP: Invalid value: address not in IP address prefix (CIDR)"
    since = {"lastTransitionTime": "2026-01-01T00:00:00Z"}
    conditions = [
        {"type": "NodeSetIPReservationReady", "status": "False", "reason": "Error", "message": refused, **since},
        {"type": "SetupReady", "status": "False", "reason": "Requested", "message": "Setup started", **since},
    ]
    path = f"{NODE_SETS}/r0-compute-nodes"
    generation = cluster.api.get(path)["metadata"]["generation"]
    cluster.api.merge(f"{path}/status", {"status": {"observedGeneration": generation, "conditions": conditions}})
    again = region.run(setup_seconds=0.5)["az0"]
    assert f"NodeSetIPReservationReady: {refused}" in again.message()
    assert region.deployments() == {}, "nothing is rolled out before the set is set up, by no run"


def test_a_deployment_of_somebody_else(region: Region, operator: DataPlaneOperator) -> None:
    operator.idle = True
    body = {"apiVersion": "dataplane.openstack.org/v1beta1", "kind": "OpenStackDataPlaneDeployment"}
    spec = {"nodeSets": ["r1-compute-nodes"]}
    region.cluster.api.create(DEPLOYMENTS, {**body, "metadata": {"name": "by-hand"}, "spec": spec})
    assert said(region.run())["az1"] == "nothing to change"
    region.plane()["config"] = {"DEFAULT": {"a": 1}}
    assert [refusal.rule for refusal in region.run()["az1"].refusals] == ["deployment_running"]


def test_a_host_leaves_only_when_nova_has_nothing_on_it(region: Region) -> None:
    del region.plane()["nodes"]["r1-compute-1"]
    server = {"kind": "server", "id": "4711", "name": "web"}
    region.guests = Guests({"r1-compute-1.ctlplane.example.com": (server,)})
    refused = region.run()["az1"]
    assert refused.refusals[0].items == (server,)
    assert region.asked == ["r1-compute-1.ctlplane.example.com"]
    region.guests = Guests({}, "no credentials")
    assert "no credentials" in region.run()["az1"].message()
    region.guests = NOBODY
    made = region.run()["az1"]
    assert not made.failed, made.message()
    assert list(region.cluster.api.get(f"{NODE_SETS}/r1-compute-nodes")["spec"]["nodes"]) == ["r1-compute-0"]
    assert region.deployments()["r1-compute-nodes-2"] == (["ssh-known-hosts"], "")


def test_a_file_of_the_same_name_beside_the_zones(cluster: Cluster, operator: DataPlaneOperator) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "nova-cell1-compute-config"}}
    cluster.api.create(core("secrets"), {**secret, "stringData": {"25-nova-extra.conf": "x"}})
    refused = Region(cluster).run()["az1"]
    assert [refusal.rule for refusal in refused.refusals] == ["config_key"]
    assert cluster.api.list(NODE_SETS) == []


def test_a_person_who_changed_an_owned_field_is_named(region: Region) -> None:
    path = f"{DATA_PLANE_SERVICES}/nova-custom-az1"
    region.cluster.api.merge(path, {"spec": {"caCerts": "mine"}}, "kubectl-edit")
    refused = region.run()["az1"]
    assert "field .spec.caCerts is owned by manager kubectl-edit" in refused.message()
    assert not region.run(allow=frozenset({"force_conflicts"}))["az1"].failed
    assert region.cluster.api.get(path)["spec"]["caCerts"] == "combined-ca-bundle"


def test_a_domain_that_is_not_the_nodesets(region: Region) -> None:
    region.plane()["domain"] = "other.example.com"
    refused = region.run()["az1"]
    assert [refusal.rule for refusal in refused.refusals] == ["host_names", "host_names"]
    assert "correct data_plane.domain" in refused.message()
