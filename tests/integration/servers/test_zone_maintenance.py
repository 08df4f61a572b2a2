# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone is taken out of use and put back: services, hosts and servers are then what they were, and what others did meanwhile stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import reported_to
from zonelab.client import LabClient

from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.maintenance import Answer, ZoneMaintenance
from ..harness.mended import zones_of
from ..harness.servers import Servers
from ..harness.shares import Shares

HERE, THERE = hosts_of("az1")
MARK = "zoneops: maintenance of the zone"
SERVICES = {"cinder-volume lab@az1", "cinder-backup lab-az1", "manila-share lab@az1"}
TAG = "zoneops:stopped"
# The tag and the stop; the start and the tag.
WRITES_PER_SERVER = 2


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and a flavor; afterwards everything runs and works again."""
    with zones_of(cloud, lab) as found:
        yield found


@pytest.fixture
def zone(cloud: Cloud, lab: LabClient, servers: Servers) -> ZoneMaintenance:
    return ZoneMaintenance(cloud, lab)


def in_status(cloud: Cloud, volume: str, status: str) -> None:
    BlockStorage(cloud).api.post(f"/volumes/{volume}/action", json={"os-reset_status": {"status": status}})


def reasons(cloud: Cloud) -> dict[str, str]:
    """The reason of everything that is disabled."""
    computes = {
        host: str(found["disabled_reason"]) for host, found in cloud.services().items() if found["status"] == "disabled"
    }
    shares = {
        f"manila-share {host}": str(found["disabled_reason"])
        for host, found in Shares(cloud).services().items()
        if found["status"] == "disabled"
    }
    return {**computes, **BlockStorage(cloud).disabled(), **shares}


def placed(cloud: Cloud) -> dict[str, tuple[str, str]]:
    """Host and status of each server by name."""
    return {name: (one["OS-EXT-SRV-ATTR:host"], one["status"]) for name, one in cloud.servers().items()}


def statuses(cloud: Cloud) -> dict[str, str]:
    return {name: status for name, (_host, status) in placed(cloud).items()}


def plan(answer: Answer) -> list[str]:
    return [change["text"] for change in answer.zone()["plan"]]


def calls(answer: Answer) -> int:
    return len([one for one in answer.requests if one.service != "keystone"])


def foreseen(check: Answer, run: Answer) -> None:
    """Check mode wrote nothing, and the run did what it showed."""
    assert check.written == []
    assert plan(check) == plan(run) != []
    assert check.result["changed"]
    assert check.zone()["diff"] == run.zone()["diff"]


def unchanged(answer: Answer) -> str:
    """What a call says that has nothing to do."""
    verdict = answer.zone()
    assert (verdict["failed"], verdict["changed"], answer.written) == (False, False, []), verdict["msg"]
    return " ".join([verdict["msg"], *verdict["warnings"]])


def succeeds(answer: Answer) -> Answer:
    assert not answer.result["failed"], answer.result["msg"]
    return answer


def test_servers_are_left_and_the_zone_comes_back(
    cloud: Cloud, lab: LabClient, servers: Servers, zone: ZoneMaintenance
) -> None:
    servers.add_many(["one", "other"], "small", host=HERE)
    servers.stop("other")
    cloud.set_service(THERE, status="disabled", disabled_reason="spare")
    before = placed(cloud)
    options: dict[str, Any] = {"reason": "power work", "until": "2039-01-31T06:00Z"}

    data = BlockStorage(cloud).add_volume("data", "__DEFAULT__", "az1")["id"]
    in_status(cloud, data, "creating")
    check = zone.begin(check=True, **options)
    said: list[str] = []

    def made(text: str) -> None:
        """It ends once the run waits for it."""
        if "awaiting volume data" in text:
            said.append(text)
            in_status(cloud, data, "available")

    with reported_to(made):
        begun = succeeds(zone.begin(**options))
    assert len(said) == 1
    foreseen(check, begun)
    assert f"await volume data ({data}) (creating)" in plan(begun)
    assert placed(cloud) == before
    found = reasons(cloud)
    assert found.pop(THERE) == "spare"
    assert found.keys() == {HERE, *SERVICES}
    assert {text.partition(": power work")[0] for name, text in found.items() if name != HERE} == {
        f"{MARK} until 2039-01-31T06:00Z"
    }
    assert found[HERE] == f"{MARK} until 2039-01-31T06:00Z, left: power work"
    assert "the zone is in maintenance already until 2039-01-31T06:00Z" in unchanged(zone.begin(**options))
    later = succeeds(zone.begin(until="2039-02-01T06:00Z"))
    assert later.result["changed"]
    assert all("until 2039-02-01T06:00Z" in text for name, text in reasons(cloud).items() if name != THERE)

    # Everything but the cinder-backup, which no call enables, is back at once.
    check = zone.end(check=True)
    ended = zone.end()
    assert (check.written, plan(check)) == ([], plan(ended))
    assert reasons(cloud).keys() == {THERE, "cinder-backup lab-az1"}
    assert "cinder-manage service remove cinder-backup lab-az1" in ended.zone()["msg"]
    BlockStorage(cloud).new_backup_records(lab)
    assert "zone_state: maintenance" in unchanged(zone.end())
    assert reasons(cloud) == {THERE: "spare"}
    assert placed(cloud) == before


def test_servers_are_stopped_and_only_these_are_started(
    cloud: Cloud, lab: LabClient, servers: Servers, zone: ZoneMaintenance
) -> None:
    servers.add_many(["web", "db", "gone", "mine"], "small", host=HERE)
    servers.add_many(["pinned", "off", "paused"], "small", host=THERE, zone="az1")
    servers.add("elsewhere", "small", host=hosts_of("az2")[0])
    servers.stop("off")
    servers.pause("paused")
    servers.compute.put(f"/servers/{servers.id_of('web')}/tags/mine")
    before = statuses(cloud)

    refused = zone.begin(servers="stop")
    assert (refused.result["failed"], refused.written) == (True, [])
    assert "paused" in refused.zone()["msg"]
    options: dict[str, Any] = {"servers": "stop", "allow": ["stay"]}
    check = zone.begin(check=True, **options)
    begun = succeeds(zone.begin(**options))
    foreseen(check, begun)
    stopped = {"web", "db", "gone", "mine", "pinned"}
    assert statuses(cloud) == {**before, **dict.fromkeys(stopped, "SHUTOFF")}
    assert {name for name, tags in servers.tags().items() if TAG in tags} == stopped
    assert {one["name"]: one["outcome"] for one in begun.result["switched"]} == dict.fromkeys(stopped, "stopped")
    assert f"{MARK}, stopped: " in reasons(cloud)[HERE]
    assert "the zone is in maintenance already" in unchanged(zone.begin(**options))

    # Others delete one, start one, and enable a host.
    cloud.delete_server("gone")
    servers.start("mine")
    cloud.set_service(THERE, status="enabled")
    BlockStorage(cloud).new_backup_records(lab)
    check = zone.end(check=True)
    ended = succeeds(zone.end())
    foreseen(check, ended)
    assert reasons(cloud) == {}
    assert statuses(cloud) == {name: status for name, status in before.items() if name != "gone"}
    assert servers.tags() == {"web": ["mine"]}
    assert ended.result["away"] == []
    assert {one["name"]: one["outcome"] for one in ended.result["switched"]} == dict.fromkeys(
        stopped - {"gone"}, "started"
    )
    unchanged(zone.end())


@pytest.mark.edge
def test_servers_that_may_cross_are_drained(
    cloud: Cloud, lab: LabClient, servers: Servers, zone: ZoneMaintenance
) -> None:
    servers.add_many(["crosses", "crosses-off"], "small", host=HERE)
    servers.add("pinned", "small", host=THERE, zone="az1")
    servers.stop("crosses-off")
    before = statuses(cloud)

    refused = zone.begin(servers="drain", storage_reachable=True)
    assert (refused.result["failed"], refused.written) == (True, [])
    assert servers.id_of("pinned") in refused.zone()["msg"]
    options: dict[str, Any] = {"servers": "drain", "allow": ["stay"], "storage_reachable": True}
    check = zone.begin(check=True, **options)
    begun = succeeds(zone.begin(**options))
    foreseen(check, begun)
    assert statuses(cloud) == before
    hosts = {name: host for name, (host, _status) in placed(cloud).items()}
    assert hosts.pop("pinned") == THERE
    assert not set(hosts.values()) & {HERE, THERE}
    assert begun.moves == {"crosses": ("live", "moved"), "crosses-off": ("cold", "moved")}
    found = reasons(cloud)
    assert (found[HERE].split(":")[1], found[THERE].split(":")[1]) == (
        " maintenance of the zone, emptied",
        " maintenance of the zone, drained",
    )
    unchanged(zone.begin(**options))
    BlockStorage(cloud).new_backup_records(lab)
    succeeds(zone.end())
    assert (reasons(cloud), statuses(cloud)) == ({}, before)


def test_what_is_refused_changes_nothing(cloud: Cloud, lab: LabClient, zone: ZoneMaintenance) -> None:
    def refused(**options: Any) -> tuple[set[str], str]:
        answer = zone.begin(**options)
        assert (answer.zone()["failed"], answer.written) == (True, [])
        return {one["rule"] for one in answer.zone()["refusals"]}, str(answer.zone()["msg"])

    rules, said = refused(files={"az1": {}})
    assert rules == {"zone_state"}
    assert "'zone_state: maintenance'" in said
    rules, said = refused(files={"az2": {"zone_state": "maintenance"}})
    assert rules == {"other_zone"}
    # By its file the other zone works; its hosts say that it does not.
    for host in hosts_of("az2"):
        cloud.set_service(host, status="disabled", disabled_reason=f"{MARK}, left: cooling")
    rules, said = refused()
    assert rules == {"other_zone"}
    assert f"by the disabled reason of {', '.join(hosts_of('az2'))}" in said
    for host in hosts_of("az2"):
        cloud.set_service(host, status="enabled")
    cloud.set_service(HERE, status="disabled", disabled_reason="disk is dying")
    rules, said = refused(servers="stop")
    assert rules == {"foreign_reasons"}
    assert "disk is dying" in said
    cloud.set_service(HERE, status="enabled")
    stores = {"az1": {"zone_state": "maintenance", "image_store": {"type": "file"}}}
    rules, said = refused(files=stores, region={"backup": {"mode": "zone", "zone": "az1"}})
    assert rules == {"defaults"}
    assert "glance's default store" in said
    assert "cinder-backup (backup.zone of the region)" in said
    assert reasons(cloud) == {}


def test_a_manila_that_stores_no_reasons(cloud: Cloud, lab: LabClient, zone: ZoneMaintenance) -> None:
    """The zone's aggregate remembers what was disabled."""
    lab.set_age("antelope")
    try:
        # Signed in anew: what manila offers is asked once.
        shares = Shares(Cloud(lab.clouds_file))
        succeeds(zone.begin())
        assert shares.services()["lab@az1"]["status"] == "disabled"
        ((key, value),) = cloud.aggregates()["az1"].metadata
        assert (key, value) == ("zoneops:manila-share lab_az1", f"{MARK}: zone maintenance")
        unchanged(zone.begin())
        BlockStorage(cloud).new_backup_records(lab)
        check = zone.end(check=True)
        foreseen(check, succeeds(zone.end()))
        assert shares.services()["lab@az1"]["status"] == "enabled"
        assert cloud.aggregates()["az1"].metadata == ()
        unchanged(zone.end())
    finally:
        lab.set_age(os.environ.get("ZONEOPS_CLOUD_AGE", "current"))


def test_calls_do_not_grow_with_what_is_left(
    cloud: Cloud, lab: LabClient, servers: Servers, zone: ZoneMaintenance
) -> None:
    """To look costs the same; each server that is stopped costs two writes, and as many when it is started."""
    servers.add_many(["s0", "t0"], "small", host=HERE)

    def look() -> tuple[int, int]:
        BlockStorage(cloud).new_backup_records(lab)
        return calls(zone.begin(check=True, servers="stop")), calls(zone.end(check=True))

    few = look()
    servers.add_many(["s1", "t1"], "small", host=HERE)
    servers.add_many(["s2", "t2"], "small", host=THERE)
    assert look() == few

    begun = succeeds(zone.begin(servers="stop", canary=False))
    of_servers = [one for one in begun.written if "/servers/" in one]
    assert len(of_servers) == 6 * WRITES_PER_SERVER
    reads = [one for one in begun.requests if one.service == "nova" and "/servers/" in one.path and not one.writes]
    assert [one for one in reads if "detail" not in one.path] == []
    assert "in maintenance already" in unchanged(zone.begin(servers="stop"))
    BlockStorage(cloud).new_backup_records(lab)
    ended = succeeds(zone.end(canary=False))
    assert len([one for one in ended.written if "/servers/" in one]) == 6 * WRITES_PER_SERVER
    assert set(statuses(cloud).values()) == {"ACTIVE"}
