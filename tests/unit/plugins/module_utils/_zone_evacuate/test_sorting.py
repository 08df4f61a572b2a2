# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers of dead hosts are evacuated where, and why the rest is left: what depends on storage and on the zone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import Shape
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Facts, Host, Volume, Workload
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.packing.model import Group
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.model import Seen, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.servers.sorting import Sorted, sort

SHAPE = Shape("small", (("MEMORY_MB", 64),))
SERVER = Workload("s", "web", "p", "a1", "ACTIVE", SHAPE)
DATA = Volume("data", "az1", host="lab@az1")


def sorted_(
    server: Workload, *, lost: bool, volume: Volume | None = None, others: tuple[Workload, ...] = (), **wanted: Any
) -> Sorted:
    room = {"MEMORY_MB": 1000}
    hosts = {
        "a1": Host("a1", "az1", unusable="is down", room=room, capacity=room),
        **({} if lost else {"a2": Host("a2", "az1", room=room, capacity=room)}),
        "b1": Host("b1", "az2", room=room, capacity=room),
    }
    offers = {SHAPE.request: frozenset(hosts), replace(SHAPE, local=True).request: frozenset(hosts)}
    facts = Facts(hosts, (server, *others), offers=offers, volumes={"v": volume} if volume else {})
    seen = Seen(Region({}, {}, facts=facts))
    return sort(seen, Wanted(("az1",), **wanted), "az1", ["a1"], frozenset(("az2",)), lost=lost)


@pytest.mark.parametrize("reachable", [False, True])
def test_the_storage_of_a_lost_zone_is_reached_from_nowhere(reachable: bool) -> None:
    found = sorted_(replace(SERVER, volumes=("v",)), lost=True, volume=DATA, storage_reachable=reachable)
    ((_server, reason),) = found.left
    assert reason == "its volume data is in zone az1. Wait for the storage, or restore it from a backup"


@pytest.mark.parametrize(("down", "goes"), [("", True), ("cinder-volume lab@az1", False)])
def test_a_volume_whose_back_end_is_down(down: str, goes: bool) -> None:
    found = sorted_(replace(SERVER, volumes=("v",)), lost=False, volume=replace(DATA, down=down))
    assert bool(found.evacuations) is goes
    assert [reason for _server, reason in found.left] == (
        []
        if goes
        else [
            "its volume data is served by cinder-volume lab@az1, which is down. Wait for the storage, or restore it from a backup"
        ]
    )


def test_a_server_that_was_restored_elsewhere_is_left() -> None:
    """Also once its storage is back: it would be started beside the new one."""
    new = replace(SERVER, id="n", host="b1", stands_for="s")
    for other, goes in ((new, False), (replace(new, project="q"), True), (replace(new, stands_for="x"), True)):
        found = sorted_(SERVER, lost=False, others=(other,))
        assert bool(found.evacuations) is goes
        assert all("server web (n) to replace it" in reason for _server, reason in found.left)


def test_a_move_knows_the_back_ends_of_its_volumes() -> None:
    server = replace(SERVER, volumes=("v",))
    (one,) = sorted_(server, lost=False, volume=DATA).evacuations
    assert one.move.back_ends == ("lab@az1",)
    (one,) = sorted_(SERVER, lost=False).evacuations
    assert one.move.back_ends == ()


def test_a_server_without_a_pin_keeps_to_its_zone_where_that_has_room() -> None:
    (one,) = sorted_(SERVER, lost=False).evacuations
    assert (one.move.target, one.zone, one.status) == ("a2", "az1", "ACTIVE")
    (one,) = sorted_(SERVER, lost=True).evacuations
    assert one.zone == "az2"


@pytest.mark.parametrize("first", ["a", "z"])
@pytest.mark.parametrize("group", [None, "g"])
def test_where_room_is_short_the_most_important_ones_get_it(first: str, group: str | None) -> None:
    """Three of four fit on one host; of an anti-affinity group, one."""
    names = [first, "m", "n", "o"]
    shape = Shape("large", (("MEMORY_MB", 300),))
    servers = tuple(replace(SERVER, id=name, shape=shape, group=group, priority=5 * (name == first)) for name in names)
    room = {"MEMORY_MB": 1000}
    hosts = {
        "a1": Host("a1", "az1", unusable="is down", room=room, capacity=room),
        "a2": Host("a2", "az1", room=room, capacity=room),
    }
    groups = {"g": Group(1, Counter({"a1": 4}))}
    facts = Facts(hosts, servers, offers={shape.request: frozenset(hosts)}, groups=groups, group_names={"g": "apart"})
    found = sort(Seen(Region({}, {}, facts=facts)), Wanted(("az1",)), "az1", ["a1"], frozenset(), lost=False)
    going = {one.move.server for one in found.evacuations}
    assert (first in going, len(going)) == (True, 1 if group else 3)
    assert len(found.no_room) + len(found.left) == 4 - len(going)


@pytest.mark.parametrize("consent", [{}, {"may_rebuild": True}])
def test_disks_of_a_lost_zone_are_recreated_with_consent(consent: dict[str, bool]) -> None:
    server = replace(SERVER, shape=replace(SHAPE, local=True), **consent)  # type: ignore[arg-type]
    found = sorted_(server, lost=True)
    assert [one.rebuilt for one in found.evacuations] == ([True] if consent else [])
    # On shared storage nothing is recreated: it is gone with the zone.
    assert not sorted_(server, lost=True, shared_disks=True).evacuations
