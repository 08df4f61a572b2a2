# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a map speaks of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.managed_parts import parts_of, steps_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

VOLUMES: dict[str, Any] = {"volume_backends": [{}]}
SHARES: dict[str, Any] = {"share_backends": [{"type": "vendor"}]}


@pytest.mark.parametrize(
    ("zone", "region", "more"),
    [
        ({}, {}, []),
        (VOLUMES, {}, ["block_storage"]),
        ({}, {"volume_types": [{"name": "gold"}]}, ["block_storage"]),
        (SHARES, {}, ["shared_file_systems"]),
        ({}, {"share_types": [{"name": "gold"}]}, ["shared_file_systems"]),
        (
            {"image_store": {}},
            {"images": [{"name": "all", "zones": ["az2"], "select": "visibility == 'public'"}]},
            ["images"],
        ),
        ({**VOLUMES, **SHARES}, {}, ["block_storage", "shared_file_systems"]),
    ],
)
def test_parts(zone: dict[str, Any], region: dict[str, Any], more: list[str]) -> None:
    wanted = load_map({"az1": {}, "az2": zone}, {"zones": ["az1", "az2"], **region})
    assert parts_of(wanted) == ("compute", *more)


def test_a_backup_is_block_storage() -> None:
    target = {"type": "nfs", "address": "10.0.0.1", "path": "/backups"}
    wanted = load_map({"az1": {}}, {"zones": ["az1"], "backup": {"mode": "zone", "zone": "az1", "target": target}})
    assert parts_of(wanted) == ("compute", "block_storage")


def test_a_zone_of_rhoso_has_a_kubernetes_side() -> None:
    wanted = load_map({"az1": {}, "az2": {"kubernetes": {}}}, {"zones": ["az1", "az2"]})
    assert parts_of(wanted) == ("kubernetes", "compute")


STORE: dict[str, Any] = {"image_store": {}}
MEMCACHED = {"kubernetes": {"services": {"memcached": {"per_zone": True}}}}


def with_nodes(wanted: ZoneMap, zone: str) -> ZoneMap:
    """The map with a Kubernetes side of one zone, whatever rules it has for what the zone has else."""
    nodes = load_map({"az1": {"kubernetes": {}}}, {"zones": ["az1"]}).zones["az1"].kubernetes
    return replace(wanted, zones={**wanted.zones, zone: replace(wanted.zones[zone], kubernetes=nodes)})


@pytest.mark.parametrize(
    ("zone", "region", "nodes", "steps"),
    [
        ({}, {}, "", []),
        ({}, {}, "az2", []),
        (STORE, {}, "az2", ["pods"]),
        (STORE, {}, "az1", []),
        (STORE, {}, "", []),
        (VOLUMES, {}, "az2", ["pods"]),
        (SHARES, {}, "az2", ["pods"]),
        ({}, MEMCACHED, "az2", ["pods"]),
        ({}, MEMCACHED, "", []),
    ],
)
def test_steps(zone: dict[str, Any], region: dict[str, Any], nodes: str, steps: list[str]) -> None:
    wanted = load_map({"az1": {}, "az2": zone}, {"zones": ["az1", "az2"], **region})
    wanted = with_nodes(wanted, nodes) if nodes else wanted
    assert list(steps_of(wanted, parts_of(wanted))) == ["openstack", *steps]


def test_steps_are_those_of_the_parts_that_are_left() -> None:
    wanted = with_nodes(load_map({"az1": STORE}, {"zones": ["az1"]}), "az1")
    assert steps_of(wanted, ["kubernetes"]) == ("pods",)
    assert steps_of(wanted, ["compute"]) == ("openstack",)
