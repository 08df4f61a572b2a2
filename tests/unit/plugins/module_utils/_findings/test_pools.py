# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools of different zones that are on one storage."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.location import storage_of
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.model import Finding
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.kinds import POOLS

from .regions import NOW, pool, seen, zone_map
from .test_rules import RULES

FSID = "9a1d7a2c-6b0e-4a55-8f39-4d2f6f0c1b11"
OTHER = "1b0e6d5c-0000-4a55-8f39-4d2f6f0c1b11"


def ceph(fsid: str, of: str, conf: str = "/etc/ceph/ceph.conf", user: str = "cinder") -> str:
    return f"ceph:{conf}:{fsid}:{user}:{of}"


def found(*pools: dict[str, Any], services: list[Service] | None = None, **changes: Any) -> list[Finding]:
    about = seen(**changes)
    about.region.volume_pools = list(pools)
    if services is not None:
        about.volume_services = services
    outcome = evaluate(RULES, build(about, zone_map(), NOW))
    return [one for one in outcome.findings if one.rule.id == "zones-share-storage"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # Each cinder-volume chooses names of users and files; fsid and pool are the storage's own.
        (ceph(FSID, "volumes"), ceph(FSID, "volumes", "/etc/ceph/az2.conf", "cinder-az2"), True),
        (ceph(FSID, "volumes-az1"), ceph(FSID, "volumes-az2"), False),
        (ceph(FSID, "volumes"), ceph(OTHER, "volumes"), False),
        ("LVMVolumeDriver:node1:vg:thin:0", "LVMVolumeDriver:node1:vg:thin:0", True),
        ("LVMVolumeDriver:node1:vg:thin:0", "LVMVolumeDriver:node2:vg:thin:0", False),
        ("pool_1|APM00123", "pool_1|APM00123", True),
        ({"storage_id": "8", "pool_id": 1}, {"pool_id": 1, "storage_id": "8"}, True),
        ({"storage_id": "8", "pool_id": 1}, {"storage_id": "8", "pool_id": 2}, False),
        (None, None, False),
        ("", "", False),
    ],
)
def test_what_is_the_same_storage(one: Any, other: Any, same: bool) -> None:
    findings = found(pool("az1", storage_of(one)), pool("az2", storage_of(other)))
    assert [(finding.zone, finding.name) for finding in findings] == [
        ("az1", "lab@az1#p"),
        ("az2", "lab@az2#p"),
    ] * same


def test_both_zones_are_named_with_the_storage() -> None:
    first, _second = found(pool("az1", storage_of(ceph(FSID, "v"))), pool("az2", storage_of(ceph(FSID, "v"))))
    assert first.message == (
        f"it is in zone az1 and on the same storage as lab@az2#p of az2 (Ceph cluster {FSID}, pool v): "
        "if that storage fails, all these zones lose it"
    )


def test_pools_of_one_zone_may_share_their_storage() -> None:
    services = [Service("cinder-volume", f"lab@{name}", "az1") for name in ("az1", "az2")]
    assert found(pool("az1", "array 7"), pool("az2", "array 7"), services=services) == []


def test_a_pool_of_a_cluster_is_in_the_zone_of_its_services() -> None:
    services = [
        Service("cinder-volume", "node1@ceph", "az1", cluster="one@ceph"),
        Service("cinder-volume", "node2@ceph", "az2", cluster="two@ceph"),
    ]
    pools = [pool("az1", "ceph", host="one@ceph"), pool("az2", "ceph", host="two@ceph")]
    assert [finding.name for finding in found(*pools, services=services)] == ["one@ceph#p", "two@ceph#p"]


def test_a_pool_whose_service_nobody_knows_is_compared_with_none() -> None:
    assert found(pool("az1", "array 7"), pool("az2", "array 7"), services=[]) == []


def test_pools_that_may_not_be_read_cost_their_rule_only() -> None:
    outcome = evaluate(RULES, build(seen(unread={POOLS: "nobody may"}), zone_map(), NOW))
    assert outcome.unknown == {"zones-share-storage": "volume_pools could not be read: nobody may"}
