# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify and site look at the pods of each map that has something in the control plane."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.managed_parts import parts_of, steps_of
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import COLLECTION, small
from jinja2 import Environment

NFS = {"type": "nfs", "address": "10.0.0.1", "path": "/b"}
# What the small map has in its zones.
BARE = [
    (f"{zone}.{name}", None) for zone in ("az1", "az2") for name in ("image_store", "volume_backends", "share_backends")
]
SHARES = [{"name": "s", "driver": "x.Y", "kubernetes_name": "s"}]


def looked_at(*changes: tuple[str, Any]) -> bool:
    """Whether the condition of the task holds for the map."""
    (task,) = yaml.safe_load((COLLECTION / "playbooks" / "tasks" / "pods.yml").read_text(encoding="utf-8"))
    zone_map = small(*BARE, *changes)
    parts = parts_of(zone_map)
    found = {"parts": [*parts, *steps_of(zone_map, parts)]}
    return bool(Environment().compile_expression(task["when"])(zoneops_map=found, zoneops_limit=list(zone_map.zones)))


@pytest.mark.parametrize(
    "change",
    [
        ("az1.image_store", {}),
        ("az1.volume_backends", [{}]),
        ("az2.share_backends", SHARES),
        ("region.backup", {"zone": "az1", "target": NFS}),
        ("region.kubernetes.services.memcached", {"per_zone": True}),
    ],
    ids=lambda change: change[0],
)
def test_anything_in_the_control_plane_has_pods(change: tuple[str, Any]) -> None:
    assert looked_at(change)


def test_nodes_and_topologies_have_none() -> None:
    assert not looked_at()


def test_a_map_without_kubernetes_has_none() -> None:
    assert not looked_at(
        ("az1.kubernetes", None),
        ("az2.kubernetes", None),
        ("az1.volume_backends", [{"driver": "x.Y"}]),
        ("region.backup", {"zone": "az1", "target": NFS}),
    )
