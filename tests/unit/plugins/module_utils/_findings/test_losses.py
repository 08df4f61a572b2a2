# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loss of each zone in a snapshot. A region without servers has room, and what has no hosts is not known."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import MEMORY, VCPU
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Question
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.losses import lost

from .._capacity.regions import facts, server, shape
from .regions import NOW, seen, zone_map
from .test_rules import RULES

WANTED = {"az1": "az1", "az2": "az2", "az3": "az3", "new": "az9"}


def test_a_region_without_servers_has_room() -> None:
    losses, rooms = lost(facts(), Question(), WANTED)
    assert list(losses) == list(rooms) == ["az1", "az2", "az3"]
    assert {answer.left_restored.percent for answer in losses.values()} == {100.0}
    assert rooms["az1"].capacity == rooms["az1"].free == {VCPU: 16, MEMORY: 16384}
    snapshot = build(seen(losses=losses, rooms=rooms, unread={}), zone_map(), NOW)
    found = {one.rule.id for one in evaluate(RULES, snapshot).findings}
    assert not {"zone-loss-leaves-little-room", "zone-loss-does-not-fit"} & found
    assert [zone["vcpus_free"] for zone in snapshot["objects"]["zone"]] == [16, 16, 16]


def test_servers_take_room_and_hosts_that_are_down_have_none() -> None:
    """What a server asks for nothing of is shown all the same."""
    away = {f"az3-{number}": {"unusable": "down"} for number in range(2)}
    about = facts(server("a", shape=shape(4, 1024)), hosts={"az1-0": {"room": {VCPU: 4, MEMORY: 7168}}, **away})
    losses, rooms = lost(about, Question(shared_disks=True), WANTED)
    assert rooms["az1"].free == {VCPU: 12, MEMORY: 15360}
    assert (rooms["az3"].capacity, rooms["az3"].free) == ({}, {})
    assert losses["az1"].left_restored.percent == 75.0
