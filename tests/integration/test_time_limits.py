# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In an emergency something hangs: each run ends in its time, says what did not answer, and keeps what did."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest
from zonelab.client import LabClient

from .harness.cloud import Cloud
from .harness.clouds_file import add_cloud
from .harness.inventory import EXAMPLE, ZONES, hosts_of
from .harness.play import COLLECTION, Player, Run

PLAYBOOKS = COLLECTION / "tests" / "integration" / "playbooks"
SITE = "zoneops.openstack.site"
# What a run takes beside waiting, on a machine that has much else to do; less than a request may wait where a run sets no limit (60 s).
OVERHEAD = 45


@pytest.fixture(autouse=True)
def no_faults_are_left(lab: LabClient) -> Iterator[None]:
    yield
    lab.clear_faults()


def options(**values: object) -> tuple[str, str]:
    return "-e", json.dumps(values)


def look(play: Player, **values: object) -> Run:
    return play(PLAYBOOKS / "region_info.yml", "localhost,", *options(**values))


def test_nova_hangs(play: Player, cloud: Cloud, lab: LabClient) -> None:
    lab.add_fault("hang", service="nova")
    run = play(SITE, EXAMPLE, *options(zoneops_deadline=6, zoneops_report_deadline=6))
    assert run.rc != 0
    assert run.seconds < 6 + 6 + OVERHEAD
    url = f"http://127.0.0.1:{lab.ports['nova']}/v2.1/"
    message = f"the run's deadline of 6 s has passed before: GET {url}. Run it again, or raise the step's deadline (such as zoneops_deadline; option timeout)."
    assert run.failures == dict.fromkeys(ZONES, message)
    assert f"all {len(ZONES)} zones: wrong: {message}" in run.output.splitlines()
    assert run.written == []
    # What answers is in the table all the same.
    assert {zone: [*cells[:2], *cells[3:10]] for zone, cells in run.table.items()} == {
        zone: ["FAILED", "-", "?", "?", "?", zone, "1/1 900G", "1/1 1.2T", "1/1"] for zone in ZONES
    }


@pytest.mark.parametrize(
    ("service", "lost"),
    [
        ("nova", {"nova aggregates", "nova services", "nova availability_zones"}),
        ("cinder", {"cinder services", "cinder availability_zones"}),
        ("manila", {"manila services", "manila availability_zones"}),
        ("neutron", {"neutron services", "neutron availability_zones"}),
    ],
)
def test_a_service_that_hangs_costs_its_sections(
    play: Player, cloud: Cloud, lab: LabClient, service: str, lost: set[str]
) -> None:
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    lab.add_fault("hang", service=service)
    run = look(play, api_timeout=2, deadline=12)
    assert run.rc == 0
    assert run.seconds < 12 + OVERHEAD
    found = run.one("Look").result
    assert set(found["errors"]) == lost
    assert {one["service"] for one in found["region"]["services"]} == {"nova", "cinder", "manila"} - {service}
    assert bool(found["region"]["hosts"]) == (service != "nova")


def test_keystone_hangs(play: Player, cloud: Cloud, lab: LabClient) -> None:
    lab.add_fault("hang", service="keystone")
    run = look(play, api_timeout=1, deadline=3)
    assert run.rc != 0
    assert run.seconds < 3 + OVERHEAD
    assert set(run.failures) == {"localhost"}
    assert "auth" in run.failures["localhost"]


def test_read_timeout(play: Player, cloud: Cloud, lab: LabClient) -> None:
    lab.add_fault("hang", service="nova", path="os-aggregates")
    run = play(PLAYBOOKS / "converge.yml", EXAMPLE, *options(api_timeout=3))
    assert run.rc != 0
    assert run.seconds < 5 + OVERHEAD
    assert run.written == []
    url = f"http://127.0.0.1:{lab.ports['nova']}/v2.1/os-aggregates"
    assert run.failures == {
        "localhost": f"compute API: GET /os-aggregates: no answer in time (Request to {url} timed out)."
    }


@pytest.fixture
def full_socket() -> Iterator[str]:
    """An address where connections are neither taken nor refused: its queue is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _number in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v2.1"
        for one in waiting:
            one.close()


def test_connect_timeout(play: Player, cloud: Cloud, full_socket: str) -> None:
    add_cloud(play.clouds, "full", compute_endpoint_override=full_socket)
    run = play(PLAYBOOKS / "converge.yml", EXAMPLE, *options(cloud="full", connect_timeout=1))
    assert run.rc != 0
    assert run.seconds < 5 + OVERHEAD
    assert run.failures == {
        "localhost": f"compute API: GET /: no answer in time (Request to {full_socket}/ timed out)."
    }


def test_a_hanging_write_ends_with_what_is_known(play: Player, cloud: Cloud, lab: LabClient) -> None:
    """One write of zones that are made side by side: what was begun of that zone is put back, and no other one is lost."""
    lab.add_fault("hang", service="nova", method="POST", path="os-aggregates/.*/action", skip=1, count=1)
    run = play(PLAYBOOKS / "converge.yml", EXAMPLE, *options(api_timeout=4, deadline=40))
    assert run.rc != 0
    assert run.seconds < 40 + OVERHEAD
    zones = run.one("Converge").result["zones"]
    (lost,) = (zone for zone, verdict in zones.items() if verdict["failed"])
    assert "no answer in time" in zones[lost]["msg"]
    assert {zone: found.hosts for zone, found in cloud.aggregates().items()} == {
        zone: tuple(hosts_of(zone)) for zone in zones if zone != lost
    }
