# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be right in a cluster beforehand: each single thing that is wrong is named, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight import NOTES, Cluster, Preflight
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.rights import RIGHTS, Right, missing, needed
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema import ZoneMap
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


def zone_map() -> ZoneMap:
    zones = planes.zones(0, 1)
    for number in (0, 1):
        zones[f"az{number}"]["kubernetes"] |= {
            "load_balancer_address": f"172.17.0.8{number}",
            "node_label": f"zone{number}",
        }
        zones[f"az{number}"]["volume_backends"] = [{"driver": "x.Y", "config_secrets": [f"array-az{number}"]}]
    return planes.loaded(zones)


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
    check = {"selector": {"matchExpressions": [{"key": "worker", "operator": "Exists"}]}, "minHealthy": "51%"}
    subnets = [{"name": f"subnet{number}", "cidr": f"192.168.{122 + number}.0/24"} for number in (0, 1)]
    service = named("Service", "glance-az1-internal", {"ports": [{"port": 9292}]})
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "172.17.0.81"}]}}
    host = {"ip": "172.17.0.81", "hostnames": ["glance-az1-internal.openstack.svc"]}
    secrets = ["array-az0", "array-az1", "nova-cell1-compute-config", "nova-migration-ssh-key", "combined-ca-bundle"]
    secrets += ["ceph-all", "dataplane-ansible-ssh-private-key-secret"]
    return {
        "Node": nodes,
        "NodeHealthCheck": [named("NodeHealthCheck", "workers", {**check, "remediationTemplate": {"name": "t"}})],
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


def look(state: State, zone: str = "az1") -> list[tuple[str, str]]:
    kinds = {kind: tuple(items) for kind, items in state.items() if isinstance(items, list) and kind != "rules"}
    found = Cluster(kinds, state["unread"], state["secrets"], tuple(state["rules"]), state.get("hidden_rules", ""))
    whole = zone_map()
    preflight = Preflight(whole, found, tuple(RIGHTS))
    return [*preflight.of_region(), *preflight.of_zone(whole.zones[zone])]


def test_a_cluster_that_is_ready() -> None:
    assert look(right_cluster()) == []


def spec(kind: str, **changes: Any) -> Callable[[State], None]:
    def change(state: State) -> None:
        state[kind][0]["spec"] |= changes

    return change


def taken(state: State) -> None:
    other = copy.deepcopy(state["Service"][0])
    other["metadata"]["name"] = "other"
    state["Service"].append(other)


def subnet(**changes: Any) -> Callable[[State], None]:
    def change(state: State) -> None:
        state["NetConfig"][0]["spec"]["networks"][0]["subnets"][1] |= changes

    return change


def gone(kind: str) -> Callable[[State], None]:
    return lambda state: state[kind].clear()


def item(kind: str, **changes: Any) -> Callable[[State], None]:
    return lambda state: state[kind][0].update(changes)


CASES: list[tuple[Callable[[State], None], str, str]] = [
    (gone("NodeHealthCheck"), "no_health_check", "Self Node Remediation"),
    (spec("NodeHealthCheck", remediationTemplate=None), "no_remediation", "workers names no remediation"),
    (spec("NodeHealthCheck", pauseRequests=["update"]), "health_check_paused", "update"),
    (spec("NodeHealthCheck", minHealthy="80%"), "zone_too_large", "lets 1 of its 9 nodes be ill, and zone az1 has 3"),
    (spec("NodeHealthCheck", minHealthy=7), "zone_too_large", "lets 2 of its 9 nodes"),
    (spec("NodeHealthCheck", maxUnhealthy="20%"), "zone_too_large", "lets 1 of its 9 nodes"),
    (gone("StorageClass"), "no_storage_class", "StorageClass fast"),
    (item("StorageClass", volumeBindingMode="Immediate"), "volume_binding", "WaitForFirstConsumer"),
    (item("StorageClass", provisioner="topolvm.io"), "local_volumes", "topolvm.io"),
    (spec("OpenStackVersion", targetVersion="18.0.7"), "update_running", "from 18.0.6 to 18.0.7"),
    (
        spec("IPAddressPool", addresses=["172.17.0.0/26"]),
        "address_not_in_pool",
        "172.17.0.81 is not in IPAddressPool internalapi",
    ),
    (lambda state: state["IPAddressPool"][0]["metadata"].update(name="x"), "no_pool", "there are x"),
    (taken, "address_taken", "Service other on port 9292"),
    (gone("NetConfig"), "no_net_config", "NetConfig"),
    (subnet(name="other"), "no_subnet", "no subnet subnet1 of network ctlplane"),
    (subnet(cidr="10.0.0.0/8"), "address_not_in_subnet", "r1-compute-0: address 192.168.123.100 is not in subnet1"),
    (gone("DNSData"), "dns", "says nothing for glance-az1-internal.openstack.svc"),
    (
        lambda state: state["secrets"].update({"array-az1": False}),
        "no_secret",
        "array-az1 does not exist (volume back end az1)",
    ),
    (lambda state: state["secrets"].update({"ceph-all": False}), "no_secret", "Ceph clusters of all zones"),
    (lambda state: state["rules"].pop(), "rights", "ipaddresspools.metallb.io"),
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


def test_another_domain_is_named() -> None:
    state = right_cluster()
    state["NetConfig"][0]["spec"]["networks"][0]["dnsDomain"] = "other.example.com"
    assert [rule for rule, _message in look(state)] == ["domain"]


def test_the_other_zone_is_not_blamed() -> None:
    state = right_cluster()
    state["secrets"]["array-az1"] = False
    taken(state)
    assert look(state, "az0") == []


def test_a_check_of_other_nodes_says_nothing_of_the_zone() -> None:
    for selector in (
        {"matchLabels": {"worker": "x"}},
        {"matchExpressions": [{"key": "worker", "operator": "DoesNotExist"}]},
    ):
        state = right_cluster()
        state["NodeHealthCheck"][0]["spec"] |= {"selector": selector, "minHealthy": "100%"}
        assert look(state) == []


def test_what_cannot_be_seen_costs_only_its_own_checks() -> None:
    state = right_cluster()
    for kind in ("NodeHealthCheck", "NetConfig", "DNSData", "IPAddressPool", "StorageClass"):
        del state[kind]
        state["unread"][kind] = "may not be read"
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
    assert "list ipaddresspools.metallb.io, which may be granted: the cluster cannot" in found[1]


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
