# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone dies, is evacuated, starts again and comes back: nothing runs twice, nothing moves, and what is not ready stays out of service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import Dead, evacuation_tag
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.maintenance import Answer, ZoneEvacuate, ZoneReturn
from ..harness.mended import zones_of
from ..harness.play import Player, Run
from ..harness.servers import Servers
from ..harness.shares import Shares
from ..harness.volumes import Volumes
from ..harness.waiting import until

PLAYBOOK = "zoneops.openstack.zone_return"
HERE, THERE = hosts_of("az1")
OTHER = hosts_of("az2")[0]
MARK = Dead("fire", zone=True).text
WORKS = ("enabled", False, "up")
AWAY = ("disabled", True, "down")


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and a flavor; afterwards everything runs and works again."""
    with zones_of(cloud, lab) as found:
        yield found


@pytest.fixture
def back(cloud: Cloud, lab: LabClient, servers: Servers) -> ZoneReturn:
    del servers
    return ZoneReturn(cloud, lab)


def lose(cloud: Cloud, lab: LabClient, *hosts: str, reason: str = MARK) -> None:
    """Hosts die, and are taken out of service as zone_evacuate does it."""
    for host in hosts:
        lab.stop_host(host, now=True)
        cloud.set_service(host, status="disabled", disabled_reason=reason, forced_down=True)


def statuses(cloud: Cloud) -> dict[str, tuple[str, bool, str]]:
    return {host: (one["status"], one["forced_down"], one["state"]) for host, one in cloud.services().items()}


def reason(cloud: Cloud, host: str) -> str | None:
    service = cloud.services()[host]
    return None if service["status"] == "enabled" else str(service["disabled_reason"])


def placed(cloud: Cloud) -> dict[str, tuple[str, str]]:
    """Host and status of each server by name."""
    return {name: (one["OS-EXT-SRV-ATTR:host"], one["status"]) for name, one in cloud.servers().items()}


def evacuations(servers: Servers) -> dict[str, str]:
    """The status of each by the id of its server; of several the last one."""
    listed = [one for one in servers.migrations() if one["migration_type"] == "evacuation"]
    return {one["instance_uuid"]: one["status"] for one in sorted(listed, key=lambda one: one["id"])}


def rules(answer: Answer) -> list[str]:
    return [one["rule"] for one in answer.zone()["refusals"]]


def succeeds(answer: Answer) -> Answer:
    assert not answer.result["failed"], answer.result["msg"]
    return answer


def asked(play: Player, inventory: Path, *arguments: str, **values: Any) -> Run:
    return play(PLAYBOOK, inventory, *arguments, "-e", json.dumps(values), "--limit", "az1")


def test_a_zone_that_was_lost_comes_back(
    play: Player, cloud: Cloud, lab: LabClient, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    servers.add_many(["moves", "waits"], "small", host=HERE)
    servers.add("stays", "small", host=THERE)
    cloud.set_service(THERE, status="disabled", disabled_reason="spare")
    lab.stop_zone("az1", now=True)
    lose(cloud, lab, HERE)
    lose(cloud, lab, THERE, reason=Dead("fire", before="spare", zone=True).text)
    volumes, shares = BlockStorage(cloud), Shares(cloud)
    volumes.disable("cinder-volume", "lab@az1", MARK)
    shares.switch("lab@az1", enabled=False, reason=MARK)
    away = servers.evacuate("moves")
    assert away not in (HERE, THERE)
    before = placed(cloud)
    inventory, plan = make_inventory(), tmp_path / "plan.yml"

    dead = asked(play, inventory)
    assert "the storage of zone az1 does not work: cinder-volume lab@az1 is down" in dead.failures["az1"]
    assert f"host {HERE} has not started since servers were evacuated from it" in dead.failures["az1"]
    assert (dead.written, placed(cloud)) == ([], before)

    lab.start_zone("az1")
    until(lambda: evacuations(servers)[servers.id_of("moves")] == "completed")
    until(lambda: all(one["state"] == "up" for one in volumes.services().values()))
    until(lambda: all(one["state"] == "up" for one in shares.services().values()))
    values = {"zoneops_allow": ["thaw"], "zoneops_plan": str(plan)}
    check = asked(play, inventory, "--check", "--diff", **values)
    assert (check.rc, check.written, statuses(cloud)[HERE]) == (0, [], AWAY), check.failures
    run = asked(play, inventory, "--diff", **values)
    assert run.rc == 0, run.failures
    assert (run.plans, run.changed_hosts) == (check.plans, {"az1"})
    assert (statuses(cloud)[HERE], reason(cloud, THERE)) == (WORKS, "spare")
    assert statuses(cloud)[THERE] == ("disabled", False, "up")
    assert set(volumes.disabled()) == set()
    assert shares.services()["lab@az1"]["status"] == "enabled"
    assert placed(cloud) == before
    again = asked(play, inventory, zoneops_allow=["thaw"])
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set()), again.failures
    # The scheduler follows: a server that names no host comes to the only one that is enabled.
    assert cloud.add_server("new", "az1") == HERE


def test_a_host_comes_back_only_after_its_last_evacuation(
    cloud: Cloud, lab: LabClient, servers: Servers, back: ZoneReturn
) -> None:
    servers.add_many(["first", "second"], "small", host=HERE)
    lose(cloud, lab, HERE)
    servers.evacuate("first")
    done = back()
    assert (rules(done), done.written) == (["evacuated"], [])
    assert servers.id_of("first") in done.zone()["msg"]

    # Started while an evacuation is under way: for nova it is over only after another start.
    for host in (*hosts_of("az1"), *hosts_of("az2"), *hosts_of("az3")):
        lab.fail("hypervisor", host, how="hang")
    servers.act("second", evacuate={})
    until(lambda: evacuations(servers)[servers.id_of("second")] == "pre-migrating")
    lab.start_host(HERE)
    until(lambda: set(evacuations(servers).values()) == {"completed"})
    early = back()
    assert (rules(early), early.written) == (["evacuating"], [])
    assert servers.id_of("second") in early.zone()["msg"]
    lab.heal()
    servers.wait({"second": "ACTIVE"})
    until(lambda: evacuations(servers)[servers.id_of("second")] == "done")
    late = back()
    assert (rules(late), late.written) == (["evacuated"], [])

    lab.stop_host(HERE)
    lab.start_host(HERE)
    until(lambda: set(evacuations(servers).values()) == {"completed"})
    check = back(check=True)
    assert check.repeated == {}
    run = succeeds(back())
    assert check.zone()["diff"] == run.zone()["diff"]
    assert statuses(cloud)[HERE] == WORKS
    assert succeeds(back()).written == []


def test_a_host_that_does_not_start_keeps_no_other_away(
    cloud: Cloud, lab: LabClient, servers: Servers, back: ZoneReturn
) -> None:
    servers.add("stays", "small", host=HERE)
    lose(cloud, lab, HERE, THERE)
    lab.start_host(THERE)
    answer = back(up_timeout=3)
    assert answer.result["failed"]
    assert f"host {HERE} is still down" in answer.zone()["msg"]
    assert (statuses(cloud)[HERE], statuses(cloud)[THERE]) == (AWAY, WORKS)
    assert reason(cloud, HERE) == MARK
    lab.start_host(HERE)
    succeeds(back())
    assert statuses(cloud)[HERE] == WORKS


def test_nothing_comes_back_without_its_storage(
    cloud: Cloud, lab: LabClient, servers: Servers, back: ZoneReturn
) -> None:
    del servers
    lab.stop_zone("az1", now=True, services=["cinder"])
    lose(cloud, lab, HERE)
    lab.start_host(HERE)
    answer = back()
    assert (rules(answer), answer.written) == (["storage"], [])
    lab.start_zone("az1", services=["cinder"])
    until(lambda: all(one["state"] == "up" for one in BlockStorage(cloud).services().values()))
    succeeds(back())
    assert statuses(cloud)[HERE] == WORKS


def test_what_the_hypervisors_run_is_compared(cloud: Cloud, lab: LabClient, servers: Servers, back: ZoneReturn) -> None:
    servers.add_many(["moves", "stays"], "small", host=HERE)
    lose(cloud, lab, HERE)
    away = servers.evacuate("moves")
    moves, stays = servers.id_of("moves"), servers.id_of("stays")
    lab.start_host(HERE)
    until(lambda: evacuations(servers)[moves] == "completed")
    answer = back(guests={HERE: [moves, stays]})
    assert (rules(answer), answer.written) == (["guests_elsewhere"], [])
    assert f"server {moves} on {away}" in answer.zone()["msg"]
    answer = back(guests={HERE: [stays], OTHER: [stays]})
    assert (rules(answer), answer.written) == (["guests_twice"], [])
    succeeds(back(guests={HERE: [stays], OTHER: []}))
    assert statuses(cloud)[HERE] == WORKS


def test_what_is_left_behind_is_listed_and_only_what_is_stray_is_deleted(
    cloud: Cloud, lab: LabClient, servers: Servers, back: ZoneReturn
) -> None:
    volumes = Volumes(cloud, lab)
    names = ("disk", "kept", "orphan", "stuck", "written")
    disk, kept, orphan, stuck, written = (volumes.make(name, "az1") for name in names)
    volumes.act(disk, "os-set_bootable", bootable=True)
    servers.add("boots", "small", host=HERE, volume=disk)
    servers.add_many(["gone", "breaks"], "small", host=HERE)
    strays = {attach(cloud, volume, servers.id_of(name)) for volume, name in ((kept, "boots"), (orphan, "gone"))}
    # A host had the volume by it: whether the guest writes there still, only the hypervisor tells.
    used = attach(cloud, written, servers.id_of("gone"), HERE)
    cloud.delete_server("gone")
    tag = evacuation_tag(HERE, "SHUTOFF")
    servers.compute.put(f"/servers/{servers.id_of('boots')}/tags/{tag}")
    set_status(cloud, stuck, "detaching")
    lose(cloud, lab, HERE)
    for host in (THERE, *hosts_of("az2"), *hosts_of("az3")):
        lab.fail("hypervisor", host)
    servers.act("breaks", evacuate={})
    until(lambda: evacuations(servers).get(servers.id_of("breaks")) == "failed")
    lab.heal()
    lab.start_host(HERE)
    until(lambda: placed(cloud)["breaks"] == (HERE, "ERROR"))

    answer = succeeds(back())
    assert servers.tags() == {}
    assert f"remove tag {tag} of server boots" in " ".join(one["text"] for one in answer.zone()["plan"])
    found = {one["id"]: one for one in answer.result["left_behind"]}
    assert set(found) == {*strays, used, stuck, servers.id_of("breaks")}, found
    assert f"whether its guest still runs on {HERE} is unknown" in found[used]["text"]
    assert found[servers.id_of("breaks")]["kind"] == "evacuation"
    assert found[stuck]["command"] == f"openstack volume set --state available {stuck}"
    check = back(check=True, repair=True)
    run = succeeds(back(repair=True))
    assert check.zone()["diff"] == run.zone()["diff"]
    assert {one.rpartition("/")[2] for one in run.written if "/attachments/" in one} == strays
    assert {one["id"] for one in run.result["left_behind"]} == {used, stuck, servers.id_of("breaks")}
    here = [servers.id_of(name) for name in ("boots", "breaks")]
    runs = back(repair=True, guests={HERE: [*here, servers.id_of("gone")]})
    assert f"and its guest runs on {HERE}" in str(runs.result["left_behind"])
    run = succeeds(back(repair=True, guests={HERE: here}))
    assert [one.rpartition("/")[2] for one in run.written if "/attachments/" in one] == [used]
    assert status_of(cloud, kept) == status_of(cloud, orphan) == "available"
    assert status_of(cloud, disk) == "in-use"
    assert succeeds(back(repair=True)).result["changed"] is False


def test_a_zone_that_zone_evacuate_took_out_of_service_comes_back(
    cloud: Cloud, lab: LabClient, servers: Servers, back: ZoneReturn
) -> None:
    servers.add("moves", "small", host=HERE)
    servers.add("waits", "small", host=THERE, zone="az1")
    lab.stop_zone("az1", now=True)
    # Guests without disks: nothing of them is lost with the storage.
    succeeds(ZoneEvacuate(cloud, lab)(to=["az2"], shared_disks=False, rebuild_servers=["moves", "waits"]))
    volumes, shares = BlockStorage(cloud), Shares(cloud)
    away = placed(cloud)
    assert away["moves"][0] in hosts_of("az2")
    assert away["waits"][0] == THERE
    assert (statuses(cloud)[HERE], statuses(cloud)[THERE]) == (AWAY, AWAY)
    assert volumes.disabled().keys() >= {"cinder-volume lab@az1", "cinder-backup lab-az1"}
    refused = back()
    assert ({"storage", "evacuated"} <= set(rules(refused)), refused.written) == (True, [])

    lab.start_zone("az1")
    until(lambda: set(evacuations(servers).values()) == {"completed"})
    until(lambda: all(one["state"] == "up" for one in volumes.services().values()))
    until(lambda: all(one["state"] == "up" for one in shares.services().values()))
    answer = back()
    # The lab's cinder enables no cinder-backup: that is said, and keeps nothing else away.
    assert "cinder-backup lab-az1" in answer.zone()["msg"]
    assert (statuses(cloud)[HERE], statuses(cloud)[THERE]) == (WORKS, WORKS)
    assert volumes.disabled().keys() == {"cinder-backup lab-az1"}
    assert shares.services()["lab@az1"]["status"] == "enabled"
    assert placed(cloud) == away
    volumes.new_backup_records(lab)
    again = succeeds(back())
    assert (again.result["changed"], again.written, again.result["left_behind"]) == (False, [], [])


def attach(cloud: Cloud, volume: str, server: str, host: str = "") -> str:
    """An attachment that nova knows nothing of, by which a host has the volume if one is named; its id."""
    body = {"attachment": {"volume_uuid": volume, "instance_uuid": server}}
    cinder = BlockStorage(cloud).api
    number = str(cinder.post("/attachments", json=body, microversion="3.27").json()["attachment"]["id"])
    if host:
        connector = {"attachment": {"connector": {"host": host, "ip": "192.0.2.1", "initiator": "iqn.test:1"}}}
        cinder.put(f"/attachments/{number}", json=connector, microversion="3.44")
        cinder.post(f"/attachments/{number}/action", json={"os-complete": {}}, microversion="3.44")
    return number


def set_status(cloud: Cloud, volume: str, status: str) -> None:
    BlockStorage(cloud).api.post(f"/volumes/{volume}/action", json={"os-reset_status": {"status": status}})


def status_of(cloud: Cloud, volume: str) -> str:
    return str(BlockStorage(cloud).api.get(f"/volumes/{volume}").json()["volume"]["status"])
