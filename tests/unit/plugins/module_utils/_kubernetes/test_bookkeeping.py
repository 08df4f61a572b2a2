# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones that are written in parallel lose nothing of each other in the run's bookkeeping."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.bookkeeping import Bookkeeping
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.changes import ApplyFields
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.look import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied

ZONES = ("az1", "az2", "az3", "az4")
EACH = 200


def change(zone: str, number: int) -> ApplyFields:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{zone}-{number}", "namespace": "openstack"}}
    part = Applied(f"zoneops-{zone}", body, (zone,) if zone else (), may_create=True, step="x")
    return ApplyFields(zone or ZONES[0], Seen(part), ZONES)


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

    def write(zone: str) -> list[bool]:
        together.wait(10)
        last = []
        for one in changes[zone]:
            book.begin(one)
            last.append(book.done(one))
            book.wrote(one.applied.ref.path)
        return last

    with ThreadPoolExecutor(len(ZONES)) as pool:
        found = list(pool.map(write, ZONES))
    assert found == [[False] * (EACH - 1) + [True]] * len(ZONES)
    assert book.left == ()
    assert book.under_way == set(ZONES)
    assert all(book.has_written(one.applied.ref.path) for own in changes.values() for one in own)

    def end(zone: str) -> None:
        together.wait(10)
        book.fail(changes[zone][0])
        book.settle(zone)

    with ThreadPoolExecutor(len(ZONES)) as pool:
        list(pool.map(end, ZONES))
    assert book.under_way == set()
    assert book.failed in {f"zone {zone}" for zone in ZONES}


def test_what_zones_share_is_a_part_of_its_own() -> None:
    book = Bookkeeping()
    shared, own = change("", 1), change(ZONES[0], 2)
    book.start([shared, own])
    assert (shared.part, own.part) == ("", ZONES[0])
    assert book.done(shared)
    assert book.left == (own,)
    book.fail(shared)
    assert book.failed == f"the shared part '{shared.text}'"
