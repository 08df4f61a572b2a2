# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones that are written in parallel lose nothing of each other in the run's bookkeeping."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.bookkeeping import Bookkeeping
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.changes import ApplyFields
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.observe import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied

ZONES = ("az1", "az2", "az3", "az4")
EACH = 200


def change(zone: str, number: int) -> ApplyFields:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{zone}-{number}", "namespace": "openstack"}}
    part = Applied(f"zoneops-{zone}", body, (zone,) if zone else (), may_create=True, step="x")
    return ApplyFields(zone or ZONES[0], Seen(part), ZONES)


def looked_at_again(one: ApplyFields) -> Seen:
    return replace(one.seen, rejected="seen since")


@pytest.fixture(autouse=True)
def threads_that_switch_all_the_time() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_four_zones_at_once() -> None:
    book = Bookkeeping()
    changes = {zone: [change(zone, number) for number in range(EACH)] for zone in ZONES}
    book.start([changes[zone][number] for number in range(EACH) for zone in ZONES])
    together = threading.Barrier(len(ZONES))
    paid: list[ApplyFields] = []

    def write(zone: str) -> list[bool]:
        together.wait(10)
        last = []
        for one in changes[zone]:
            book.begin(one)
            last.append(book.done(one))
            book.wrote(one.applied.ref.path)
            book.saw(looked_at_again(one))
            # Some under one part: threads meet in one list.
            book.owe(zone, partial(paid.append, one))
            book.owe("", partial(paid.append, one))
        return last

    with ThreadPoolExecutor(len(ZONES)) as pool:
        found = list(pool.map(write, ZONES))
    assert found == [[False] * (EACH - 1) + [True]] * len(ZONES)
    assert book.left == ()
    assert book.under_way == set(ZONES)
    every = [one for own in changes.values() for one in own]
    assert all(book.has_written(one.applied.ref.path) for one in every)
    assert book.latest(one.seen for one in every) == tuple(looked_at_again(one) for one in every)
    for zone in ZONES:
        for step in book.owed(zone):
            step()
    assert paid == every
    assert len(book.owed("")) == len(every)

    def end(zone: str) -> None:
        together.wait(10)
        book.fail(changes[zone][0])
        book.settle(zone)

    with ThreadPoolExecutor(len(ZONES)) as pool:
        list(pool.map(end, ZONES))
    assert book.under_way == set()
    assert book.failed in {f"zone {zone}" for zone in ZONES}


def test_what_was_not_looked_at_again_is_as_it_was() -> None:
    book = Bookkeeping()
    first, second = change(ZONES[0], 1).seen, change(ZONES[0], 2).seen
    book.saw(replace(first, rejected="now"))
    assert book.latest([first, second]) == (replace(first, rejected="now"), second)


def test_what_zones_share_is_a_part_of_its_own() -> None:
    book = Bookkeeping()
    shared, own = change("", 1), change(ZONES[0], 2)
    book.start([shared, own])
    assert (shared.part, own.part) == ("", ZONES[0])
    assert book.done(shared)
    assert book.left == (own,)
    book.fail(shared)
    assert book.failed == f"the shared part '{shared.text}'"
