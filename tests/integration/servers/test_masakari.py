# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone and a host in maintenance in a cloud with Masakari: it ignores the hosts, and only what the maintenance set is set back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from zonelab.client import LabClient

from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.maintenance import Answer, Maintenance, ZoneMaintenance
from ..harness.masakari import Masakari
from ..harness.mended import zones_of

HERE, THERE = hosts_of("az1")
ELSEWHERE = hosts_of("az2")[0]
MEMORY = "zoneops: maintenance of the zone: zone maintenance"


@pytest.fixture
def zone(cloud: Cloud, lab: LabClient) -> Iterator[ZoneMaintenance]:
    with zones_of(cloud, lab):
        yield ZoneMaintenance(cloud, lab)


@pytest.fixture
def masakari(cloud: Cloud, lab: LabClient) -> Iterator[Masakari]:
    """Both hosts of the zone and one of another one, in one segment."""
    found = Masakari(cloud)
    for name in (HERE, THERE, ELSEWHERE):
        found.add(name)
    yield found
    found.empty(lab)


def memory(cloud: Cloud) -> dict[str, str]:
    return dict(cloud.aggregates()["az1"].metadata)


def texts(answer: Answer) -> list[str]:
    return [change["text"] for change in answer.zone()["plan"]]


def test_masakari_ignores_the_hosts_of_a_zone_in_maintenance(
    cloud: Cloud, lab: LabClient, zone: ZoneMaintenance, masakari: Masakari
) -> None:
    masakari.set(THERE, on=True)
    check = zone.begin(check=True)
    assert (check.written, masakari.on_maintenance()) == ([], {THERE})
    begun = zone.begin()
    assert not begun.result["failed"], begun.result["msg"]
    assert texts(begun) == texts(check)
    assert texts(begun)[0] == f"put host {HERE} on maintenance in Masakari (segment racks)"
    assert check.zone()["diff"] == begun.zone()["diff"]
    assert masakari.on_maintenance() == {HERE, THERE}
    assert memory(cloud) == {f"zoneops:masakari {HERE}": MEMORY}
    # Before anything is disabled.
    first, second = (one.split(" /")[0] for one in begun.written[:2])
    assert (first, second) == ("nova POST", "masakari PUT")
    again = zone.begin()
    assert (again.result["changed"], again.written) == (False, [])

    # The cinder-backup, which cinder 29 does not enable, is not back: nor is Masakari.
    assert zone.end().result["failed"]
    assert masakari.on_maintenance() == {HERE, THERE}
    BlockStorage(cloud).new_backup_records(lab)
    check = zone.end(check=True)
    ended = zone.end()
    assert not ended.result["failed"], ended.result["msg"]
    assert texts(check) == texts(ended) == [f"take host {HERE} off maintenance in Masakari (segment racks)"]
    assert (masakari.on_maintenance(), memory(cloud)) == ({THERE}, {})
    assert zone.end().written == []


def test_what_a_person_changes_in_masakari_meanwhile_is_left(
    cloud: Cloud, lab: LabClient, zone: ZoneMaintenance, masakari: Masakari
) -> None:
    assert not zone.begin().result["failed"]
    masakari.set(HERE, on=False)
    BlockStorage(cloud).new_backup_records(lab)
    ended = zone.end()
    assert not ended.result["failed"], ended.result["msg"]
    assert f"host {HERE}, which an earlier run put on maintenance in Masakari, is not" in " ".join(
        ended.zone()["warnings"]
    )
    assert (masakari.on_maintenance(), memory(cloud)) == (set(), {})
    assert not [one for one in ended.written if one.startswith("masakari") and HERE in one]


def test_a_segment_in_which_masakari_works_is_refused(cloud: Cloud, zone: ZoneMaintenance, masakari: Masakari) -> None:
    masakari.report(ELSEWHERE)
    refused = zone.begin()
    assert ({one["rule"] for one in refused.zone()["refusals"]}, refused.written) == ({"instance_ha"}, [])
    assert (
        f"Masakari works on failures in segment racks, and changes none of its hosts until then: COMPUTE_HOST of {ELSEWHERE} (new)"
        in str(refused.zone()["msg"])
    )
    left_on = zone.begin(instance_ha=False)
    assert not left_on.result["failed"], left_on.result["msg"]
    assert [one for one in left_on.requests if one.service == "masakari"] == []
    assert (masakari.on_maintenance(), memory(cloud)) == (set(), {})


def test_masakari_ignores_a_host_in_maintenance(
    cloud: Cloud, lab: LabClient, zone: ZoneMaintenance, masakari: Masakari
) -> None:
    del zone
    hosts = Maintenance(cloud, lab)
    masakari.add(hosts_of("az2")[1], reserved=True)
    check = hosts.begin(HERE, check=True)
    begun = hosts.begin(HERE)
    assert not begun.result["failed"], begun.result["msg"]
    assert (check.written, texts(check)) == ([], texts(begun))
    assert check.zone()["diff"] == begun.zone()["diff"]
    assert masakari.on_maintenance() == {HERE}
    assert begun.host(HERE)["masakari"] == {"segment": "racks", "on_maintenance": True, "remembered": True}
    assert memory(cloud) == {f"zoneops:masakari {HERE}": "zoneops: maintenance: host maintenance"}
    assert hosts.begin(HERE).written == []
    check = hosts.end(HERE, check=True)
    ended = hosts.end(HERE)
    assert not ended.result["failed"], ended.result["msg"]
    assert texts(check) == texts(ended)
    assert texts(ended) == [f"enable host {HERE}", f"take host {HERE} off maintenance in Masakari (segment racks)"]
    assert (masakari.on_maintenance(), memory(cloud)) == (set(), {})
    assert hosts.end(HERE).written == []
    spare = hosts.begin(hosts_of("az2")[1], limit=["az2"])
    assert ([one["rule"] for one in spare.zone("az2")["refusals"]], spare.written) == (["ha_host"], [])
