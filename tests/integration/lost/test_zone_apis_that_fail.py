# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API dies, or all are slow, while a lost zone comes back or its servers are restored: nothing is done twice, and the next call ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.lost import Lost
from ..harness.maintenance import Answer, ZoneReturn
from ..harness.pauses import slowness
from ..harness.shares import Shares
from ..harness.waiting import until

#: A service, and how many of its requests that check mode does not make are answered before it dies.
DEAD = [("cinder", 0), ("placement", 0), ("nova", 2), ("nova", 6)]
#: What only a zone that comes back is asked of.
DEAD_TOO = [("manila", 0), ("neutron", 0)]
SERVER = "db"
#: Nova has the region's lock, and this process, which could not give it back, is not dead as that of a module would be.
AGAIN = {"break_lock": True}


@pytest.fixture
def lost(cloud: Cloud, lab: LabClient) -> Iterator[Lost]:
    found = Lost.of(cloud, lab)
    yield found
    found.clear()


def dies(lost: Lost, service: str, more: int, looked: Answer) -> int:
    """The service answers what a run asks before its first write, and so many requests more; the fault's number."""
    before = sum(request.service == service for request in looked.requests)
    return lost.lab.add_fault("status", status=503, service=service, skip=before + more)


def lives_again(lost: Lost, fault: int) -> None:
    """It did die."""
    assert [one["hits"] for one in lost.lab.faults() if one["id"] == fault] > [0]
    lost.lab.clear_faults()


def succeeds(answer: Answer) -> None:
    assert not answer.result["failed"], answer.result["msg"]


def started(lost: Lost) -> Callable[..., Answer]:
    """A server stays in the zone, which runs again and is still out of service."""
    lost.add("stays")
    lost.die()
    lost.lab.start_zone("az1")
    BlockStorage(lost.cloud).new_backup_records(lost.lab)
    until(lambda: all(one["state"] == "up" for one in BlockStorage(lost.cloud).services().values()))
    until(lambda: all(one["state"] == "up" for one in Shares(lost.cloud).services().values()))
    canary = {"flavor": "small", "image": lost.cloud.root(None)["imageRef"]}

    def back(**options: Any) -> Answer:
        return ZoneReturn(lost.cloud, lost.lab)(canary_server=canary, **options)

    return back


def hosts(lost: Lost) -> set[tuple[str, bool, str]]:
    services = lost.cloud.services()
    return {(one["status"], one["forced_down"], one["state"]) for one in map(services.get, hosts_of("az1")) if one}


@pytest.mark.parametrize(("service", "more"), DEAD + DEAD_TOO)
def test_an_api_dies_while_a_zone_comes_back(lost: Lost, service: str, more: int) -> None:
    back = started(lost)
    fault = dies(lost, service, more, back(check=True))
    ran = back()
    lives_again(lost, fault)
    assert ran.result["msg"]
    assert all(state == "up" for status, _forced_down, state in hosts(lost) if status == "enabled")
    succeeds(back(**AGAIN))
    assert hosts(lost) == {("enabled", False, "up")}
    assert list(lost.cloud.servers()) == ["stays"]
    assert back().written == []


def test_all_are_slow_while_a_zone_comes_back(lost: Lost) -> None:
    back = started(lost)
    with slowness(lost.lab):
        succeeds(back())
    assert hosts(lost) == {("enabled", False, "up")}
    assert back().written == []


def restored(lost: Lost) -> list[tuple[str, str]]:
    """Name and status of what stands for the old server."""
    listed = lost.cloud.compute.get("/servers/detail?all_tenants=1&tags=zoneops:restored").json()["servers"]
    return [(one["name"], one["status"]) for one in listed]


def backed_up(lost: Lost) -> None:
    """A server that is lost, with a backup of its volume."""
    root = lost.volume("root", b"kept", bootable=True)
    lost.add(SERVER, root=root)
    lost.back_up(root)
    lost.die()


@pytest.mark.parametrize(("service", "more"), DEAD)
def test_an_api_dies_while_a_server_is_restored(lost: Lost, service: str, more: int) -> None:
    backed_up(lost)
    fault = dies(lost, service, more, lost.restore(check=True, servers=[SERVER]))
    ran = lost.restore(servers=[SERVER])
    lives_again(lost, fault)
    assert ran.result["msg"]
    succeeds(lost.restore(servers=[SERVER], **AGAIN))
    assert restored(lost) == [(SERVER, "ACTIVE")]
    copies = [one for one in lost.volumes.all().values() if one["availability_zone"] == "az2"]
    assert [(one["name"], one["status"]) for one in copies] == [("root", "in-use")]
    assert lost.restore(servers=[SERVER]).written == []


def test_all_are_slow_while_a_server_is_restored(lost: Lost) -> None:
    backed_up(lost)
    with slowness(lost.lab):
        succeeds(lost.restore(servers=[SERVER]))
    assert restored(lost) == [(SERVER, "ACTIVE")]
    assert lost.restore(servers=[SERVER]).written == []
