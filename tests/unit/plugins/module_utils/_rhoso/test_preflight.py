# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be right in a cluster beforehand: each single thing that is wrong is named, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.checks import NOTES, Preflight
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.observed import Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import (
    RIGHTS,
    Right,
    missing,
    needed,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small

PAGE = (
    next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
    / "docs"
    / "kubernetes-rights.md"
)
State = dict[str, Any]


def named(kind: str, name: str, spec: Any = None, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **more.pop("metadata", {})}, "spec": spec or {}, **more}


TEMPLATE = {"apiVersion": "s/v1", "kind": "SelfNodeRemediationTemplate", "name": "t", "namespace": "snr"}


def cinder(*fields: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"properties": {"spec": {"properties": {field: {} for field in fields}}}}
    return {"spec": {"versions": [{"name": "v1beta1", "schema": {"openAPIV3Schema": schema}}]}}


def zone_map(**services: Any) -> ZoneMap:
    """`services` are those of the region; an address of None takes it from the zones."""
    zones = planes.zones(0, 1)
    for number in (0, 1):
        zones[f"az{number}"]["kubernetes"] |= {
            "load_balancer_address": f"172.17.0.8{number}",
            "node_label": f"zone{number}",
        }
        zones[f"az{number}"]["volume_backends"] = [{"driver": "x.Y", "config_secrets": [f"array-az{number}"]}]
        if services.get("address", "") is None:
            del zones[f"az{number}"]["kubernetes"]["load_balancer_address"]
        if "manila" in services:
            zones[f"az{number}"]["share_backends"] = [{"name": f"s{number}", "driver": "x.Y"}]
    region = {key: value for key, value in services.items() if key != "address"}
    return planes.loaded(zones, {"kubernetes": {"services": {"ceph_files_secret": "ceph-all", **region}}})


def right_cluster() -> State:
    """Three nodes in each zone, and everything as it should be."""
    nodes = [
        named(
            "Node",
            f"worker-{zone}-{index}",
            metadata={"labels": {"topology.kubernetes.io/zone": f"zone{zone}", "worker": ""}},
        )
        for zone in range(3)
        for index in range(3)
    ]
    master = {"topology.kubernetes.io/zone": "zone1", "node-role.kubernetes.io/master": ""}
    nodes.append(named("Node", "master-1", metadata={"labels": master}))
    check = {"selector": {"matchExpressions": [{"key": "worker", "operator": "Exists"}]}, "minHealthy": "51%"}
    subnets = [{"name": f"subnet{number}", "cidr": f"192.168.{122 + number}.0/24"} for number in (0, 1)]
    service = named("Service", "glance-az1-internal", {"ports": [{"port": 9292}]})
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "172.17.0.81"}]}}
    host = {"ip": "172.17.0.81", "hostnames": ["glance-az1-internal.openstack.svc"]}
    secrets = ["array-az0", "array-az1", "nova-cell1-compute-config", "nova-migration-ssh-key", "combined-ca-bundle"]
    secrets += ["ceph-all", "dataplane-ansible-ssh-private-key-secret"]
    return {
        "Node": nodes,
        "NodeHealthCheck": [named("NodeHealthCheck", "workers", {**check, "remediationTemplate": TEMPLATE})],
        "templates": {"SelfNodeRemediationTemplate snr/t": True},
        "CustomResourceDefinition": [cinder("cinderBackup", "cinderBackups")],
        "OpenStackControlPlane": [named("OpenStackControlPlane", "controlplane", {"storageClass": "fast"})],
        "StorageClass": [
            named("StorageClass", "fast", volumeBindingMode="WaitForFirstConsumer", provisioner="csi.example.org")
        ],
        "OpenStackVersion": [
            named("OpenStackVersion", "c", {"targetVersion": "18.0.6"}, status={"deployedVersion": "18.0.6"})
        ],
        "IPAddressPool": [named("IPAddressPool", "internalapi", {"addresses": ["172.17.0.80-172.17.0.90"]})],
        "Service": [service],
        "NetConfig": [
            named(
                "NetConfig",
                "n",
                {"networks": [{"name": "ctlplane", "dnsDomain": "ctlplane.example.com", "subnets": subnets}]},
            )
        ],
        "DNSData": [named("DNSData", "dns-svc", {"hosts": [host]})],
        "secrets": dict.fromkeys(secrets, True),
        "rules": [right.as_rule() for rights in RIGHTS.values() for right in rights],
        "unread": {},
    }


def look(state: State, zone: str = "az1", **services: Any) -> list[tuple[str, str]]:
    kinds = {kind: tuple(items) for kind, items in state.items() if isinstance(items, list) and kind != "rules"}
    asked = (
        state["unread"],
        state["secrets"],
        state["templates"],
        tuple(state["rules"]),
        state.get("hidden_rules", ""),
    )
    found = Cluster(kinds, *asked)
    whole = zone_map(**services)
    preflight = Preflight(whole, found, tuple(RIGHTS))
    return [*preflight.of_region(), *preflight.of_zone(whole.zones[zone])]


def test_a_cluster_that_is_ready() -> None:
    assert look(right_cluster()) == []


def spec(kind: str, **changes: Any) -> Callable[[State], None]:
    def change(state: State) -> None:
        state[kind][0]["spec"] |= changes

    return change


def taken(port: int = 9292, address: str = "172.17.0.81", **metadata: Any) -> Callable[[State], None]:
    def change(state: State) -> None:
        other = copy.deepcopy(state["Service"][0])
        other["metadata"] |= {"name": "other", **metadata}
        other["spec"]["ports"] = [{"port": port}]
        other["status"]["loadBalancer"]["ingress"] = [{"ip": address}]
        state["Service"].append(other)

    return change


def subnet(**changes: Any) -> Callable[[State], None]:
    def change(state: State) -> None:
        state["NetConfig"][0]["spec"]["networks"][0]["subnets"][1] |= changes

    return change


def gone(kind: str) -> Callable[[State], None]:
    return lambda state: state[kind].clear()


def item(kind: str, **changes: Any) -> Callable[[State], None]:
    return lambda state: state[kind][0].update(changes)


def allowed(*zones: str, key: str = "topology.kubernetes.io/zone") -> dict[str, Any]:
    return {"matchLabelExpressions": [{"key": key, "values": list(zones)}]}


def operator(name: str, replicas: int = 1, available: int = 0) -> dict[str, Any]:
    spec, status = {"replicas": replicas}, {"availableReplicas": available}
    return named("Deployment", name, spec, metadata={"namespace": "openstack-operators"}, status=status)


def test_an_operator_that_shall_not_run_is_not_missed() -> None:
    state = right_cluster()
    state["Deployment"] = [operator("octavia-operator", replicas=0), operator("glance-operator", available=1)]
    assert look(state) == []


CASES: list[tuple[Callable[[State], None], str, str]] = [
    (
        lambda state: state.update(Deployment=[operator("glance-operator"), operator("nova-operator", available=1)]),
        "operator_down",
        "operator glance-operator in openstack-operators has 0 of 1 pods available",
    ),
    (gone("NodeHealthCheck"), "no_health_check", "Self Node Remediation"),
    (spec("NodeHealthCheck", remediationTemplate=None), "no_remediation", "workers names no remediation"),
    (spec("NodeHealthCheck", pauseRequests=["update"]), "health_check_paused", "update"),
    (
        lambda state: state["templates"].update({"SelfNodeRemediationTemplate snr/t": False}),
        "no_remediation",
        "workers names SelfNodeRemediationTemplate snr/t, which does not exist",
    ),
    (
        spec("NodeHealthCheck", minHealthy="80%"),
        "zone_too_large",
        "allows 1 of its 9 nodes to be unhealthy, and zone az1 has 3",
    ),
    (spec("NodeHealthCheck", minHealthy=7), "zone_too_large", "allows 2 of its 9 nodes"),
    (spec("NodeHealthCheck", maxUnhealthy="20%"), "zone_too_large", "allows 1 of its 9 nodes"),
    (gone("StorageClass"), "no_storage_class", "StorageClass fast"),
    (item("StorageClass", volumeBindingMode="Immediate"), "volume_binding", "WaitForFirstConsumer"),
    (spec("OpenStackControlPlane", storageClass=""), "storage_class_unknown", "names no storageClass"),
    (
        item("StorageClass", allowedTopologies=[allowed("zone0"), allowed("zone2")]),
        "no_volumes_in_zone",
        "zone az1 (label zone1), only in zone0, zone2",
    ),
    (
        item("CustomResourceDefinition", **cinder("cinderBackup")),
        "older_release",
        "says release 18.0-fr6, and the inst",
    ),
    (gone("CustomResourceDefinition"), "release_unknown", "whether OpenStack 18.0.6 is 18.0-fr6"),
    (item("StorageClass", provisioner="topolvm.io"), "local_volumes", "topolvm.io"),
    (spec("OpenStackVersion", targetVersion="18.0.7"), "update_running", "from 18.0.6 to 18.0.7"),
    (
        spec("IPAddressPool", addresses=["172.17.0.0/26"]),
        "address_not_in_pool",
        "172.17.0.81 is not in IPAddressPool internalapi",
    ),
    (lambda state: state["IPAddressPool"][0]["metadata"].update(name="x"), "no_pool", "there are x"),
    (gone("IPAddressPool"), "no_pool", "there is none"),
    (taken(), "address_taken", "Service other on port 9292"),
    (taken(namespace="elsewhere"), "address_taken", "Service elsewhere/other on port 9292"),
    (taken(port=80), "address_taken", "Service other for itself"),
    (gone("NetConfig"), "no_net_config", "NetConfig"),
    (subnet(name="other"), "no_subnet", "no subnet subnet1 of network ctlplane"),
    (subnet(cidr="10.0.0.0/8"), "address_not_in_subnet", "r1-compute-0: address 192.168.123.100 is not in subnet1"),
    (gone("DNSData"), "dns", "answers nothing for glance-az1-internal.openstack.svc"),
    (
        lambda state: state["secrets"].update({"array-az1": False}),
        "no_secret",
        "array-az1 does not exist (volume back end az1)",
    ),
    (lambda state: state["secrets"].update({"ceph-all": False}), "no_secret", "Ceph clusters of all zones"),
    (lambda state: state["rules"].pop(), "rights", "ipaddresspools.metallb.io"),
]


def test_a_check_that_lets_no_node_be_ill_does_nothing_for_a_zone_of_one() -> None:
    state = right_cluster()
    state["Node"] = [item for item in state["Node"] if item["metadata"]["name"] not in ("worker-1-1", "worker-1-2")]
    spec("NodeHealthCheck", minHealthy="100%")(state)
    said = [message for rule, message in look(state) if rule == "zone_too_large"]
    assert [message.partition(":")[0] for message in said] == [
        "NodeHealthCheck workers allows 0 of its 7 nodes to be unhealthy, and zone az1 has 1"
    ]


@pytest.mark.parametrize(
    ("change", "rule", "words"), CASES, ids=[f"{number}-{case[1]}" for number, case in enumerate(CASES)]
)
def test_what_is_wrong_is_named_and_nothing_else(change: Callable[[State], None], rule: str, words: str) -> None:
    state = right_cluster()
    change(state)
    found = look(state)
    assert {name for name, _message in found} == {rule}, found
    assert any(words in message for _name, message in found), found


def test_a_node_of_the_map_that_the_cluster_does_not_have_is_named() -> None:
    whole = zone_map()
    place = replace(whole.zones["az1"].kubernetes, masters=("master-1",), workers=("worker-1-0", "worker-9"))  # type: ignore[type-var]
    zone = replace(whole.zones["az1"], kubernetes=place)
    found = Cluster({"Node": tuple(right_cluster()["Node"])})
    preflight = Preflight(whole, found, tuple(RIGHTS))
    (said,) = (message for rule, message in preflight.of_zone(zone) if rule == "no_node")
    assert said.startswith("the cluster has no node worker-9 of zone az1")
    unread = Preflight(whole, Cluster({}, {"Node": "the user lacks the right to read it"}), tuple(RIGHTS))
    assert "no_node" not in [rule for rule, _message in unread.of_zone(zone)]


def test_another_domain_is_named() -> None:
    state = right_cluster()
    state["NetConfig"][0]["spec"]["networks"][0]["dnsDomain"] = "other.example.com"
    assert [rule for rule, _message in look(state)] == ["domain"]


def test_the_other_zone_is_not_blamed() -> None:
    state = right_cluster()
    state["secrets"]["array-az1"] = False
    taken()(state)
    assert look(state, "az0") == []


SHARED: dict[str, Any] = {"annotations": {"metallb.universe.tf/allow-shared-ip": "internalapi"}}


def test_an_address_may_have_other_ports_of_services_that_share_it() -> None:
    state = right_cluster()
    taken(port=80, **SHARED)(state)
    assert look(state) == []


def test_the_address_of_manila() -> None:
    state = right_cluster()
    manila = {"load_balancer_address": "172.17.0.80"}
    assert look(state, manila=manila) == []
    taken(port=8786, address="172.17.0.80", **SHARED)(state)
    assert look(state, manila=manila) == [
        ("address_taken", "address 172.17.0.80 has Service other on port 8786 already.")
    ]
    assert look(right_cluster(), manila={"load_balancer_address": "10.0.0.1"}) == [
        ("address_not_in_pool", "address 10.0.0.1 is not in IPAddressPool internalapi (172.17.0.80-172.17.0.90).")
    ]


def test_zones_without_an_address_need_a_free_one() -> None:
    state = right_cluster()
    state["Service"].clear()
    state["DNSData"].clear()
    state["IPAddressPool"][0]["spec"]["addresses"] = ["172.17.0.80/31"]
    assert look(state, address=None) == []
    taken_by = right_cluster()["Service"][0]
    taken_by["metadata"]["name"] = "other"
    state["Service"].append(taken_by)
    (found,) = look(state, address=None)
    assert found[0] == "no_free_address"
    assert "internalapi has 1 free addresses for port 9292, and 2 zones need one (az0, az1)" in found[1]


def test_storage_may_be_limited_by_other_labels() -> None:
    state = right_cluster()
    state["StorageClass"][0]["allowedTopologies"] = [allowed("zone0"), allowed("x", key="example.org/rack")]
    assert look(state) == []


def test_remediations_may_be_several() -> None:
    state = right_cluster()
    spec("NodeHealthCheck", remediationTemplate=None, escalatingRemediations=[{"remediationTemplate": TEMPLATE}])(state)
    assert look(state) == []
    state["templates"].clear()  # may not be read: no word of it here
    assert look(state) == []


def test_a_release_that_the_map_has_not_caught_up_with() -> None:
    (found,) = look(right_cluster(), release="18.0-fr4")
    assert found[0] in NOTES
    assert "the installed one is 18.0-fr5 or newer" in found[1]


def test_a_zone_whose_nodes_have_no_label_yet() -> None:
    """Nobody can tell which nodes are its own."""
    state = right_cluster()
    for node in state["Node"]:
        del node["metadata"]["labels"]["topology.kubernetes.io/zone"]
    state["NodeHealthCheck"][0]["spec"]["selector"] = {"matchLabels": {"worker": "x"}}
    assert look(state) == []


@pytest.mark.parametrize(
    "selector",
    [{"matchLabels": {"worker": "x"}}, {"matchExpressions": [{"key": "worker", "operator": "DoesNotExist"}]}],
)
def test_a_zone_that_no_check_watches(selector: dict[str, Any]) -> None:
    state = right_cluster()
    state["NodeHealthCheck"][0]["spec"] |= {"selector": selector, "minHealthy": 0}
    (found,) = look(state)
    assert found[0] == "not_watched"
    assert "no NodeHealthCheck watches worker-1-0, worker-1-1, worker-1-2: when zone az1 is lost" in found[1]
    # Masters may have a check of their own; a second check may watch the rest.
    second = copy.deepcopy(state["NodeHealthCheck"][0])
    second["spec"] |= {"selector": {"matchLabels": {"worker": ""}}, "minHealthy": "51%"}
    state["NodeHealthCheck"].append(second)
    assert look(state) == []


def test_what_cannot_be_seen_costs_only_its_own_checks() -> None:
    state = right_cluster()
    for kind in ("NodeHealthCheck", "NetConfig", "DNSData", "IPAddressPool", "StorageClass"):
        del state[kind]
        state["unread"][kind] = "the user lacks the right to read it"
    state["secrets"] = dict.fromkeys(state["secrets"])
    assert look(state) == []
    unseen = Preflight(zone_map(), Cluster({}, state["unread"], state["secrets"]), ()).unseen()
    assert len(unseen) == 6
    assert "array-az0, array-az1" in unseen[-1]


@pytest.mark.parametrize(
    ("rule", "enough"),
    [
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, True),
        ({"apiGroups": [""], "resources": ["nodes"], "verbs": ["list", "patch", "get"]}, True),
        ({"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}, False),
        ({"apiGroups": ["apps"], "resources": ["nodes"], "verbs": ["*"]}, False),
        ({"apiGroups": [""], "resources": ["nodes"], "verbs": ["*"], "resourceNames": ["a"]}, False),
    ],
)
def test_rights(rule: dict[str, list[str]], enough: bool) -> None:
    lacking = list(missing(["node_zones"], zone_map(), [rule]))
    assert (not lacking) is enough
    if rule["verbs"] == ["list"]:
        assert [right.text for _step, right in lacking] == ["patch nodes"]


def test_rights_that_cannot_be_listed_are_a_note() -> None:
    state = right_cluster()
    state["rules"].pop()
    state["hidden_rules"] = "the cluster cannot list all rights of the user (webhook)"
    (found,) = look(state)
    assert found[0] in NOTES
    assert "list ipaddresspools.metallb.io, and it is unknown whether the user has it: the cluster cannot" in found[1]


MADE = [{"name": "array", "data": [{"key": "k", "variable": "v"}]}]
ALL = ("get", "create", "patch")


@pytest.mark.parametrize(
    ("path", "value", "step", "right"),
    [
        ("region.kubernetes.services.glance.copy_image_rule", "role:x", "control_plane", Right("", "configmaps", ALL)),
        ("region.kubernetes.services.glance.copy_image_rule", "role:x", "zone_remove", Right("", "configmaps", ALL)),
        ("region.kubernetes.secrets", MADE, "control_plane", Right("", "secrets", ALL)),
        ("az1.kubernetes.secrets", MADE, "control_plane", Right("", "secrets", ALL)),
        (
            "region.kubernetes.services.memcached",
            {"per_zone": True},
            "pod_placement_info",
            Right("memcached.openstack.org", "memcacheds", ("list",)),
        ),
    ],
)
def test_what_the_map_has_takes_further_rights(path: str, value: Any, step: str, right: Right) -> None:
    """One right less than all is named, and it is none without that part of the map."""
    whole = small((path, value))
    granted = [one.as_rule() for one in needed(step, whole) if one.resource != right.resource]
    assert [one for _step, one in missing([step], whole, granted)] == [right]
    assert list(missing([step], small(), granted)) == []


def test_a_map_without_hosts_takes_no_rights_for_them() -> None:
    assert needed("data_plane", small()) == ()
    assert len(needed("data_plane", zone_map())) == 4


def test_to_take_a_zone_away_takes_its_topology() -> None:
    whole = small()
    rules = [right.as_rule() for right in needed("control_plane", whole)]
    assert [right.text for _step, right in missing(["zone_remove"], whole, rules)] == [
        "get, patch topologies.topology.openstack.org"
    ]


def test_the_page_has_every_right_and_no_other() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    wanted = [
        f"| `{step}` | `{right.resource}{'.' + right.group if right.group else ''}` | {', '.join(right.verbs)} "
        f"| {right.when or '-'} |"
        for step, rights in RIGHTS.items()
        for right in rights
    ]
    assert rows == wanted
