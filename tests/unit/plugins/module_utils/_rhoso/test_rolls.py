# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pods restart, from the change of the object."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.restarts.storage import rolling
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import region_spec, zone_spec
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small

NFS = {"type": "nfs", "address": "10.0.0.1", "path": "/b"}
BACKUP = ("region.backup", {"zone": "az2", "target": NFS})


def whole(*changes: tuple[str, Any]) -> dict[str, Any]:
    """`spec` with the parts of all managers."""
    zone_map = small(BACKUP, *changes)
    spec: dict[str, Any] = {}
    for part in (region_spec(zone_map), zone_spec(zone_map, "az1"), zone_spec(zone_map, "az2")):
        spec = _laid_over(spec, copy.deepcopy(part))
    return spec


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _laid_over(below[key], above[key])
        for key in below
        if isinstance(below[key], dict) and isinstance(above.get(key), dict)
    }
    return {**below, **above, **both}


GLANCE = ["glance-az1-edge-api", "glance-az2-edge-api", "glance-default-external-api", "glance-default-internal-api"]
CINDER = ["cinder-api", "cinder-backup-az2", "cinder-scheduler", "cinder-volume-az1", "cinder-volume-az2"]


@pytest.mark.parametrize(
    ("path", "value", "sets"),
    [
        ("az1.image_store.pool", "other", ["glance-az1-edge-api", *GLANCE[2:]]),
        ("az1.volume_backends", [{"pool": "other"}], ["cinder-volume-az1"]),
        ("az1.volume_backends", [], []),
        ("region.kubernetes.services.glance.replicas", 4, []),
        ("region.kubernetes.services.glance.api_timeout", 601, GLANCE),
        ("region.kubernetes.services.glance.zone_replicas", 3, []),
        ("region.kubernetes.services.cinder.config", {"DEFAULT": {"debug": True}}, CINDER),
        ("region.kubernetes.services.cinder.backup_replicas", 2, []),
        ("region.kubernetes.services.manila.default_share_type", "x", ["manila-api"]),
        ("az1.kubernetes.load_balancer_address", "172.17.0.81", ["dnsmasq-dns"]),
        ("region.kubernetes.services.manila.load_balancer_address", "172.17.0.80", ["dnsmasq-dns"]),
        ("az1.kubernetes.services.annotations", {"example.org/x": "y"}, []),
        (
            "az2.kubernetes.topology",
            "t",
            ["cinder-backup-az2", "cinder-volume-az2", "glance-az2-edge-api", "manila-share-az2"],
        ),
        (
            "az1.ceph.files_secret",
            "new",
            ["cinder-volume-az1", "glance-az1-edge-api", "manila-share-az1"],
        ),
        ("region.kubernetes.services.ceph_files_secret", "new", GLANCE[2:]),
        (
            "region.kubernetes.spread_topology",
            "t",
            ["cinder-api", "cinder-scheduler", *GLANCE[2:], "manila-api", "manila-scheduler", "memcached"],
        ),
        (
            "region.kubernetes.quorum_topology",
            "t",
            [
                "OVNDBCluster ovndbcluster-nb",
                "OVNDBCluster ovndbcluster-sb",
                "openstack-cell1-galera",
                "openstack-galera",
                "rabbitmq-cell1-server",
                "rabbitmq-server",
            ],
        ),
        (
            "region.kubernetes.services.mounts",
            [{"name": "m", "secret": "s", "path": "/m", "propagation": ["CinderBackup"]}],
            ["cinder-backup-az2"],
        ),
    ],
)
def test_rolling(path: str, value: Any, sets: list[str]) -> None:
    assert rolling(whole(), whole((path, value))) == sets


def test_a_mount_everywhere_restarts_everything() -> None:
    found = rolling(whole(), whole(("region.kubernetes.services.mounts", [{"name": "m", "secret": "s", "path": "/m"}])))
    assert set(GLANCE + CINDER) < set(found)


def test_an_endpoint_that_comes_or_goes_restarts_the_hosts_name_server() -> None:
    """It knows the endpoints of all zones: rhoso-operators-behaviour.md, measured 2026-11-28."""
    both = whole()
    one = copy.deepcopy(both)
    del one["glance"]["template"]["glanceAPIs"]["az2"]
    assert rolling(one, both) == rolling(both, one) == ["dnsmasq-dns"]
    for spec in (both, one):
        spec["dns"] = {"enabled": False}
    assert rolling(one, both) == []


def test_names_have_the_suffix_of_unique_pod_names() -> None:
    before, after = whole(), whole(("az1.volume_backends", [{"pool": "other"}]))
    for spec in (before, after):
        spec["cinder"]["serviceName"] = "cinder-1a2b3"
    assert rolling(before, after) == ["cinder-1a2b3-volume-az1"]


def test_what_comes_or_does_not_change_restarts_nothing() -> None:
    assert rolling(whole(("az2.volume_backends", [])), whole()) == []
    assert rolling(whole(), whole()) == []
    assert rolling({}, whole()) == []


def installed() -> dict[str, Any]:
    """A control plane with more services than those of the map, as an installation brings them."""
    own = {"topologyRef": {"name": "own"}}
    proxies = {"noVNCProxyServiceTemplate": {}, "metadataServiceTemplate": {"enabled": False}}
    cells = {"cell0": {"conductorServiceTemplate": {}}, "cell1": {**proxies, **own}}
    nova = {"schedulerServiceTemplate": {}, "metadataServiceTemplate": {}, "cellTemplates": cells}
    return {
        "topologyRef": {"name": "spread-pods"},
        "nova": {"template": nova},
        "keystone": {"template": {}},
        "placement": {"template": {"replicas": 3}},
        "neutron": {"template": dict(own)},
        "heat": {"enabled": False, "template": {}},
        "galera": {"templates": {"openstack": {}, "cells": dict(own)}},
        "ovn": {"template": {"ovnDBCluster": {"nb": {}, "sb": dict(own)}, "ovnNorthd": {}}},
    }


def changed(*path: str, value: Any) -> list[str]:
    before, after = installed(), installed()
    part = after
    for name in path[:-1]:
        part = part.setdefault(name, {})
    part[path[-1]] = value
    return rolling(before, after)


def test_everything_that_inherits_the_topology_of_the_control_plane_is_named() -> None:
    assert changed("topologyRef", value={"name": "other"}) == [
        "OVNDBCluster nb",
        "keystone",
        "nova's metadata service",
        "nova-api",
        "nova-cell0-conductor",
        "nova-scheduler",
        "openstack-galera",
        "ovnNorthd",
        "placement",
    ]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("apiServiceTemplate", {"customServiceConfig": "x"}, ["nova-api"]),
        ("schedulerServiceTemplate", {"customServiceConfig": "x"}, ["nova-scheduler"]),
        ("metadataServiceTemplate", {"customServiceConfig": "x"}, ["nova's metadata service"]),
        ("apiServiceTemplate", {"replicas": 5}, []),
        ("cellTemplates.cell1.conductorServiceTemplate", {"customServiceConfig": "x"}, ["nova-cell1-conductor"]),
    ],
)
def test_services_of_nova(path: str, value: Any, named: list[str]) -> None:
    assert changed("nova", "template", *path.split("."), value=value) == named


def test_what_is_general_in_nova_restarts_all_of_it() -> None:
    found = changed("nova", "template", "nodeSelector", value={"a": "b"})
    assert {"nova-api", "nova-scheduler", "nova-cell0-conductor", "nova-cell1-conductor"} < set(found)
    assert changed("nova", "template", "cellTemplates", "cell1", "nodeSelector", value={"a": "b"}) == [
        "nova's console proxy of cell1",
        "nova-cell1-conductor",
    ]


def test_databases_of_ovn() -> None:
    assert changed("ovn", "template", "ovnDBCluster", "nb", "topologyRef", value={"name": "x"}) == ["OVNDBCluster nb"]
