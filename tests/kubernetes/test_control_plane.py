# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones in the control plane object on a real API: what is applied, by whom, what is refused, what is waited for, what goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.gitops.render import wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import RIGHTS, needed
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.integration.harness.play import COLLECTION
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example

from .harness.cluster import TOPOLOGIES, Cluster, core, custom
from .harness.control_planes import PATH, control_plane, install, managers
from .harness.modules import Modules
from .harness.play import KubePlayer, asked, four_ways
from .harness.releases import Release
from .harness.rights import less
from .harness.runs import FORCE, Runs, errors

NAMES = ("rhoso-ceph", "rhoso-third-party")
CEPH = example("rhoso-ceph")
ZONES = tuple(CEPH.zones)
TOPOLOGY_NAMES = ("spread-pods", "spread-quorum-pods", *(f"zone{number}-node-affinity" for number in (1, 2, 3)))
GLANCE = ("spec", "glance", "template", "glanceAPIs")
KINDS = {
    "Node",
    "Topology",
    "OpenStackControlPlane",
    "ConfigMap",
    "OpenStackDataPlaneService",
    "OpenStackDataPlaneNodeSet",
}


def dig(value: Any, *path: str) -> Any:
    for part in path:
        value = value[part]
    return value


@pytest.mark.releases
@pytest.mark.parametrize("name", NAMES)
def test_examples_pass_the_schema_of_the_release(cluster: Cluster, name: str) -> None:
    install(cluster)
    release = Release.of(cluster)
    parts = wanted(release.map(example(name)))
    assert {part.body["kind"] for part in parts} == KINDS
    for part in parts:
        body = release.sent(part.body)
        found = cluster.api.apply(part.ref.path, body, part.manager, dry_run=True, force=True)
        assert contains(found, part.body) == []


def contains(found: Any, wanted: Any, path: str = "") -> list[str]:
    """Where the answer lacks what was sent: the API drops nothing, and changes nothing."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [item for key in wanted for item in contains(found.get(key), wanted[key], f"{path}.{key}")]
    return [] if found == wanted else [path]


@pytest.fixture
def runs(cluster: Cluster) -> Runs:
    install(cluster, TOPOLOGY_NAMES)
    return Runs.on(cluster)


def test_role_four_ways(cluster: Cluster, play: KubePlayer) -> None:
    install(cluster, TOPOLOGY_NAMES)
    options = ("-e", "zoneops_control_plane_wait=false", "-e", '{"zoneops_allow": ["force_conflicts"]}')
    found = four_ways(
        lambda *more: play.role("control_plane", COLLECTION / "examples" / "rhoso-ceph", *options, *more),
        lambda: control_plane(cluster)["spec"],
    )
    assert found.run.changed_hosts == set(ZONES)
    assert len(found.run.written) == 4
    assert asked(found.again) == {"GET": 1}


def test_module_refusals(cluster: Cluster, modules: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    install(cluster, TOPOLOGY_NAMES)
    region = {**as_dict(CEPH)["region"], "cloud": "nowhere"}
    options = {"zones": as_dict(CEPH)["zones"], "region": region, "wait": False}
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "/nonexistent")
    for more, words in (
        (
            {"limit": ["az3"], "state": "absent"},
            "no zone is removed before OpenStack shows that nothing is in use there",
        ),
        ({"state": "absent"}, "state is absent but all of the following are missing: limit"),
        ({"state": "absent", "limit": None}, "name them there"),
        ({"limit": list(ZONES), "state": "absent"}, "no zone would be left"),
        ({"parallel": 0}, "option 'parallel' is 0"),
    ):
        assert words in modules("control_plane", **options, **more).result["msg"]
    wrong = {**options, "region": {**region, "kubernetes": {"services": {}}}}
    assert "kubernetes.services.ceph_files_secret: is missing" in modules("control_plane", **wrong).result["msg"]
    assert modules("control_plane", zones={"az1": {}}, region={"zones": ["az1"]}).requests == ()
    assert managers(cluster) == {"installer"}


# Without a wait the rest of them is not asked for.
UNAWAITED = [right.as_rule() for right in RIGHTS["control_plane"][:3]]


def test_what_is_not_waited_for_takes_few_rights(cluster: Cluster, modules: Modules) -> None:
    install(cluster, TOPOLOGY_NAMES)
    options = {**as_dict(CEPH), "wait": False, "allow": ["force_conflicts"]}
    fewer = cluster.kube.add_user("fewer", UNAWAITED[:1])
    assert "topologies" in modules("control_plane", user=fewer, **options).result["msg"]
    assert managers(cluster) == {"installer"}
    enough = cluster.kube.add_user("enough", UNAWAITED)
    assert modules("control_plane", user=enough, **options).changed == set(ZONES)


MADE = [{"name": "array", "data": [{"key": "k", "variable": "v"}]}]


def test_what_it_makes_besides_takes_rights_and_one_less_is_named(cluster: Cluster, modules: Modules) -> None:
    """A ConfigMap and a Secret. In check mode: a dry run wants the same rights."""
    install(cluster, TOPOLOGY_NAMES)
    region = as_dict(CEPH)["region"]
    region["kubernetes"]["secrets"] = MADE
    region["kubernetes"]["services"]["glance"]["copy_image_rule"] = "role:images"
    options = {"zones": as_dict(CEPH)["zones"], "region": region, "wait": False, "allow": ["force_conflicts"]}
    options |= {"secret_values": {"region": {"v": "x"}}}
    mine = [right for right in needed("control_plane", load_map(options["zones"], region)) if right.when]
    assert [right.resource for right in mine] == ["configmaps", "secrets"]
    user = cluster.kube.add_user("maker", [*UNAWAITED, *(right.as_rule() for right in mine)])
    assert modules("control_plane", user=user, check=True, **options).failures == {}
    for called, granted in less(tuple(mine)):
        user = cluster.kube.add_user("maker", [*UNAWAITED, *granted])
        message = modules("control_plane", user=user, check=True, **options).result["msg"]
        assert called in message, (called, message)


def test_check_run_and_again(cluster: Cluster, runs: Runs) -> None:
    before = control_plane(cluster)
    promised = runs(CEPH, check=True)
    assert control_plane(cluster)["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    made = runs(CEPH)
    assert errors(made) == []
    for zone in ZONES:
        assert [change.as_dict() for change in promised[zone].plan] == [change.as_dict() for change in made[zone].plan]
        assert promised[zone].after == made[zone].after
    assert managers(cluster) == {"installer", "zoneops-region", "zoneops-az1", "zoneops-az2", "zoneops-az3"}
    assert set(dig(control_plane(cluster), *GLANCE)) == {"default", "az1", "az2", "az3"}
    mark, after = cluster.kube.mark(), control_plane(cluster)
    again = runs(CEPH)
    assert [verdict.changed for verdict in again.values()] == [False] * 3
    assert control_plane(cluster)["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"]
    # One look at the object, no dry run of what is in place, and no discovery.
    assert [request.method for request in cluster.kube.requests(mark)] == ["GET"]
    # A change: the look, the dry run of one part, the lists of Topologies and of nodes, one write for one part, and the look afterwards.
    mark = cluster.kube.mark()
    (backend,) = CEPH.zones["az1"].volume_backends
    az1 = replace(CEPH.zones["az1"], volume_backends=(replace(backend, pool="other"),))
    changed = runs(ZoneMap(region=CEPH.region, zones={**CEPH.zones, "az1": az1}))
    assert (errors(changed), [verdict.changed for verdict in changed.values()]) == ([], [True, False, False])
    requests = cluster.kube.requests(mark)
    assert [request.method for request in requests] == ["GET", "PATCH", "GET", "GET", "PATCH", "GET"]
    assert [request.writes for request in requests].count(True) == 1


@pytest.mark.rhoso
def test_first_conflicts_are_named_as_known(cluster: Cluster, runs: Runs) -> None:
    refused = runs(CEPH, apply=replace(FORCE, allow=frozenset()))
    (message,) = {refusal.message for verdict in refused.values() for refusal in verdict.refusals}
    assert (
        message.count("is owned by manager installer") == message.count("(known: a default of the control plane") == 4
    )
    assert managers(cluster) == {"installer"}


def test_an_edit_elsewhere_stays_and_one_of_ours_is_a_conflict(cluster: Cluster, runs: Runs) -> None:
    assert errors(runs(CEPH)) == []
    elsewhere = {"spec": {"keystone": {"template": {"databaseInstance": "openstack", "secret": "osp-secret"}}}}
    cluster.api.merge(PATH, elsewhere, "kubectl-edit")
    cluster.api.merge(
        PATH, {"spec": {"glance": {"template": {"glanceAPIs": {"az2": {"replicas": 1}}}}}}, "kubectl-edit"
    )
    refused = runs(CEPH, apply=replace(FORCE, allow=frozenset()))
    assert [zone for zone, verdict in refused.items() if verdict.failed] == ["az2"]
    assert (
        "field .spec.glance.template.glanceAPIs.az2.replicas is owned by manager kubectl-edit"
        in refused["az2"].message()
    )
    assert errors(runs(CEPH)) == []
    found = control_plane(cluster)["spec"]
    assert (found["glance"]["template"]["glanceAPIs"]["az2"]["replicas"], "keystone" in found) == (2, True)


def test_what_the_api_would_take_is_refused(cluster: Cluster, runs: Runs) -> None:
    cluster.api.delete(f"{TOPOLOGIES}/zone2-node-affinity")
    cluster.api.merge(PATH, {"spec": {"glance": {"template": {"glanceAPIs": {"az3": {"type": "split"}}}}}}, "somebody")
    refused = runs(CEPH, "az2", "az3")
    assert "Topology zone2-node-affinity does not exist in namespace openstack" in refused["az2"].message()
    assert "glance API az3 of OpenStackControlPlane controlplane is split and must be edge" in refused["az3"].message()
    # What they share is right by itself.
    assert managers(cluster) == {"installer", "somebody", "zoneops-region"}
    other = replace(CEPH.region.kubernetes.services.quorum, message_buses=("rabbitmq", "bus"))
    services = replace(CEPH.region.kubernetes.services, quorum=other)
    kubernetes = replace(CEPH.region.kubernetes, services=services)
    wrong = ZoneMap(region=replace(CEPH.region, kubernetes=kubernetes), zones=CEPH.zones)
    before = control_plane(cluster)["metadata"]["resourceVersion"]
    message = runs(wrong)["az1"].message()
    assert "has no rabbitmq bus, and this run creates none; it has rabbitmq, rabbitmq-cell1" in message
    assert control_plane(cluster)["metadata"]["resourceVersion"] == before


def test_a_zone_that_does_not_come_stops_the_next_and_says_why(cluster: Cluster, runs: Runs) -> None:
    shared_only = runs(CEPH)
    assert errors(shared_only) == []
    backends = tuple(replace(backend, pool="other") for backend in CEPH.zones["az1"].volume_backends)
    zones = {
        name: replace(zone, volume_backends=backends) if name == "az1" else zone for name, zone in CEPH.zones.items()
    }
    zones["az2"] = replace(
        zones["az2"], volume_backends=tuple(replace(item, pool="x") for item in zones["az2"].volume_backends)
    )
    # There is no operator here. While a zone is away the shared part is not waited for, which would not come either.
    zones["az3"] = replace(zones["az3"], zone_state="down")
    wanted = ZoneMap(region=CEPH.region, zones=zones)
    found = runs(wanted, wait=True)
    assert "zone az1: not reached after" in found["az1"].message()
    assert "GlanceAPI az1: 0 of 1 created yet; CinderVolume az1: 0 of 1 created yet" in found["az1"].message()
    assert "not begun, since zone az1 failed" in found["az2"].message()
    assert not found["az3"].failed
    assert any("zone az1: GlanceAPI az1: 0 of 1 created yet" in line for line in runs.progress.lines)
    # The next run goes on where this one ended: az1 needs no change any more, and is waited for all the same.
    before = control_plane(cluster)["metadata"]["resourceVersion"]
    again = runs(wanted, wait=True)
    assert [change.action for change in again["az1"].plan] == ["wait"]
    assert "zone az1: not reached after" in again["az1"].message()
    assert "not begun, since zone az1 failed" in again["az2"].message()
    assert not any(verdict.changed for verdict in again.values())
    assert control_plane(cluster)["metadata"]["resourceVersion"] == before
    verified = runs(CEPH, "az3", check=True, verify=True)
    assert "zone az3 is not ready: GlanceAPI az3: 0 of 1 created yet" in verified["az3"].message()


def test_new_zones_are_made_side_by_side(cluster: Cluster, runs: Runs) -> None:
    """What they share changes in the same run, and comes first. No operator makes them ready, so none of them waits for another's turn."""
    zones = {**CEPH.zones, "az3": replace(CEPH.zones["az3"], zone_state="down")}
    wanted = ZoneMap(region=CEPH.region, zones=zones)
    mark = cluster.kube.mark()
    found = runs(wanted, wait=True, at_once=3)
    assert "zone az1: not reached after" in found["az1"].message()
    assert "zone az2: not reached after" in found["az2"].message()
    assert not found["az3"].failed
    assert managers(cluster) == {"installer", "zoneops-region", *(f"zoneops-{zone}" for zone in ZONES)}
    writes = [request for request in cluster.kube.requests(mark) if request.writes]
    assert len(writes) == 4
    # Zones that exist are changed one by one all the same.
    (backend,) = zones["az1"].volume_backends
    other = {zone: replace(zones[zone], volume_backends=(replace(backend, pool="other"),)) for zone in ("az1", "az2")}
    again = runs(ZoneMap(region=CEPH.region, zones={**zones, **other}), wait=True, at_once=3)
    assert "not begun, since zone az1 failed" in again["az2"].message()


def test_zones_that_are_away_are_applied_and_not_waited_for(cluster: Cluster, runs: Runs) -> None:
    zones = {name: replace(zone, zone_state="down") if name == "az3" else zone for name, zone in CEPH.zones.items()}
    found = runs(ZoneMap(region=CEPH.region, zones=zones), "az3", wait=True)["az3"]
    assert (found.failed, found.changed) == (False, True)
    assert "zone az3 is in state down: the run applies changes there without waiting for them." in found.warnings
    assert "zoneops-az3" in managers(cluster)


def test_who_may_copy_images(cluster: Cluster, runs: Runs) -> None:
    path = f"{core('configmaps')}/zoneops-glance-policy"
    assert errors(runs(copied_by("role:admin"))) == []
    assert cluster.api.get(path)["data"] == {"zoneops-policy.yaml": '"copy_image": "role:admin"\n'}
    assert not any(verdict.changed for verdict in runs(copied_by("role:admin")).values())

    # A person's other rule is named, and put right where that is allowed.
    cluster.api.merge(path, {"data": {"zoneops-policy.yaml": '"copy_image": ""\n'}}, "kubectl-edit")
    refused = runs(copied_by("role:admin"), apply=replace(FORCE, allow=frozenset()))
    assert "ConfigMap zoneops-glance-policy" in refused["az1"].message()
    assert "is owned by manager kubectl-edit" in refused["az1"].message()
    mended = runs(copied_by("role:admin"))["az1"]
    assert (mended.errors, mended.changed) == ([], True)
    assert any("restart glance's pods for the new rule to take effect" in warning for warning in mended.warnings)
    assert cluster.api.get(path)["data"] == {"zoneops-policy.yaml": '"copy_image": "role:admin"\n'}

    # Without the option glance has its own rule again; that the object stays is said.
    assert "zoneops-glance-policy" in str(control_plane(cluster)["spec"]["extraMounts"])
    without = runs(CEPH)["az1"]
    assert without.errors == []
    assert any("zoneops-glance-policy is no longer used by glance" in warning for warning in without.warnings)
    assert "policy" not in str(control_plane(cluster)["spec"]["extraMounts"])
    assert "policy_file" not in str(dig(control_plane(cluster), *GLANCE))
    assert not runs(CEPH)["az1"].warnings


def copied_by(rule: str) -> ZoneMap:
    services = CEPH.region.kubernetes.services
    services = replace(services, glance=replace(services.glance, copy_image_rule=rule))
    kubernetes = replace(CEPH.region.kubernetes, services=services)
    return ZoneMap(region=replace(CEPH.region, kubernetes=kubernetes), zones=CEPH.zones)


SERVER = {"kind": "server", "id": "1", "name": "vm"}
CINDER_BACKUPS, CINDERS = custom("cinder", "cinderbackups"), custom("cinder", "cinders")


def test_a_zone_leaves(cluster: Cluster, runs: Runs) -> None:
    assert errors(runs(CEPH)) == []
    refused = runs.remove(CEPH, "az3", [SERVER, SERVER])
    assert "zone az3 still has 2 servers: move or delete them first" in refused.message()
    assert refused.refusals[0].items == (SERVER, SERVER)
    assert "az3" in dig(control_plane(cluster), *GLANCE)
    left = ["openstack.org/cindervolume-cinder-volume-az3", "openstack.org/glanceapi-other", "example.org/mine"]
    cluster.api.merge(f"{TOPOLOGIES}/zone3-node-affinity", {"metadata": {"finalizers": left}}, "cinder-operator")
    gone = runs.remove(CEPH, "az3", [SERVER], orphans=True)
    assert (gone.errors, gone.changed) == ([], True)
    assert any("although it has 1 server," in warning for warning in gone.warnings)
    assert set(dig(control_plane(cluster), *GLANCE)) == {"default", "az1", "az2"}
    assert "az3" not in dig(control_plane(cluster), *GLANCE, "default", "customServiceConfig")
    assert "zoneops-az3" not in managers(cluster)
    assert cluster.api.get(f"{TOPOLOGIES}/zone3-node-affinity")["metadata"]["finalizers"] == left[1:]
    assert any(
        "is still in use: openstack.org/glanceapi-other, example.org/mine" in line for line in runs.progress.lines
    )
    assert runs.remove(CEPH, "az3").changed is False


def cinder_object(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "openstack"}
    return {"apiVersion": "cinder.openstack.org/v1beta1", "kind": kind, "metadata": metadata, "spec": spec}


@pytest.mark.rhoso
def test_backups_stop_before_their_key_goes(cluster: Cluster, runs: Runs) -> None:
    """The service of the backups is still there: the key stays, at 0, and the message names it."""
    third = example("rhoso-third-party")
    install(cluster, ["default-spread-pods", *(f"{letter}zone-node-affinity" for letter in "abc")])
    assert errors(runs(third)) == []
    image = {"containerImage": "registry.example/cinder"}
    cinder = {
        "databaseInstance": "d",
        "secret": "s",
        "memcachedInstance": "m",
        "cinderAPI": image,
        "cinderScheduler": image,
    }
    cluster.api.apply(f"{CINDERS}/cinder", cinder_object("Cinder", "cinder", cinder), "operator")
    backup = {**image, "databaseHostname": "d", "secret": "s", "serviceAccount": "a", "transportURLSecret": "t"}
    path = f"{CINDER_BACKUPS}/cinder-backup-cinder-backup-az1"
    cluster.api.apply(path, cinder_object("CinderBackup", "cinder-backup-cinder-backup-az1", backup), "operator")
    stuck = runs.remove(third, "az1")
    assert "backup services of az1: not reached after" in stuck.message()
    assert "CinderBackup cinder-backup-cinder-backup-az1 is still there" in stuck.message()
    template = control_plane(cluster)["spec"]["cinder"]["template"]
    assert {key: item["replicas"] for key, item in template["cinderBackups"].items()} == {
        "cinder-backup-az0": 2,
        "cinder-backup-az1": 0,
        "cinder-backup-az2": 2,
    }
    assert set(dig(control_plane(cluster), *GLANCE)) == {"default", "az0", "az1", "az2"}
    # Its key is at 0 already, and is waited for all the same.
    assert "CinderBackup cinder-backup-cinder-backup-az1 is still there" in runs.remove(third, "az1").message()
    cluster.api.delete(path)
    assert runs.remove(third, "az1").errors == []
    template = control_plane(cluster)["spec"]["cinder"]["template"]
    assert set(template["cinderBackups"]) == {"cinder-backup-az0", "cinder-backup-az2"}
    # Where somebody has dropped the key before, only the key stops it.
    cluster.api.apply(path, cinder_object("CinderBackup", "cinder-backup-cinder-backup-az1", backup), "operator")
    stuck = runs.remove(third, "az1")
    assert "stop the backup service cinder-backup-az1, whose key is gone" in stuck.message()
    template = control_plane(cluster)["spec"]["cinder"]["template"]
    assert template["cinderBackups"]["cinder-backup-az1"]["replicas"] == 0
    cluster.api.delete(path)
    assert runs.remove(third, "az1").errors == []
    template = control_plane(cluster)["spec"]["cinder"]["template"]
    assert set(template["cinderBackups"]) == {"cinder-backup-az0", "cinder-backup-az2"}


def test_a_zone_that_left_the_inventory_keeps_its_place_in_what_zones_share(cluster: Cluster, runs: Runs) -> None:
    assert errors(runs(CEPH)) == []
    before = shared_of(cluster)
    region = {**as_dict(CEPH)["region"], "zones": ["az1", "az2"]}
    for section in ("volume_types", "share_types", "images"):
        region.pop(section, None)
    smaller = load_map({name: zone for name, zone in as_dict(CEPH)["zones"].items() if name != "az3"}, region)
    found = runs(smaller)
    assert errors(found) == []
    assert not any(verdict.plan for verdict in found.values())
    assert shared_of(cluster) == before
    noted = " ".join(found["az1"].warnings)
    assert "image stores az3 are kept in it" in noted
    assert "zone_remove" in noted
    # The playbook that removes the zone is what takes it out, of what it is in.
    assert not runs.remove(CEPH, "az3").failed
    after = shared_of(cluster)
    assert "az3" in before[0]
    assert "az3" not in after[0]
    assert [entry for entry in before[1] if "az3" not in str(entry)] == after[1]
    assert not any(verdict.plan for verdict in runs(smaller).values())


def shared_of(cluster: Cluster) -> tuple[str, list[Any]]:
    spec = control_plane(cluster)["spec"]
    (mounts,) = spec["extraMounts"]
    return spec["glance"]["template"]["glanceAPIs"]["default"]["customServiceConfig"], mounts["extraVol"]
