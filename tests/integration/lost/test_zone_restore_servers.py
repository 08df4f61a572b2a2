# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone is lost with its storage: servers are created again in another one, with the data of their newest backups, each once; the rest is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.lost import Lost, disk
from ..harness.maintenance import Answer, ZoneReturn
from ..harness.play import Player, Run
from ..harness.volumes import Volumes

PLAYBOOK = "zoneops.openstack.zone_restore_servers"
THERE = hosts_of("az1")[1]
TARGET = hosts_of("az2")
#: What the region's lock takes: it is created and deleted.
AROUND = 2


@pytest.fixture
def lost(cloud: Cloud, lab: LabClient) -> Iterator[Lost]:
    found = Lost.of(cloud, lab)
    yield found
    found.clear()


def outcomes(answer: Answer) -> dict[str, str]:
    return {one["name"]: one["outcome"] for one in answer.result["servers"]}


def one(answer: Answer, name: str) -> dict[str, Any]:
    (found,) = (one for one in answer.result["servers"] if one["name"] == name)
    return dict(found)


def unchanged(answer: Answer) -> None:
    verdict = answer.zone()
    assert (verdict["failed"], verdict["changed"], answer.written) == (False, False, []), verdict["msg"]


def test_servers_are_restored_from_their_newest_backups(lost: Lost) -> None:
    root, data = lost.volume("root", b"system", bootable=True), lost.volume("data", b"old")
    lost.servers.group("apart", "anti-affinity")
    about: dict[str, Any] = {
        "metadata": {"role": "db"},
        "tags": ["gold"],
        "user_data": "aGVsbG8=",
        "config_drive": True,
    }
    database = lost.add("db", root=root, **about)
    web = lost.add("web", data=data, host=THERE)
    lost.add("other")
    lost.servers.stop("web")
    lost.back_up(data)
    lost.write(data, b"new")
    lost.back_up(root)
    newest = lost.back_up(data)
    lost.write(data, b"lost")
    refused = lost.restore(servers=[database])
    assert [found["rule"] for found in refused.zone()["refusals"]] == ["not_evacuated"]
    lost.die(lately=True)
    asked: dict[str, Any] = {"servers": [database, "web"]}
    looked, ran = lost.restore(check=True, **asked), lost.restore(**asked)
    assert not ran.result["failed"], ran.result["msg"]
    assert (looked.written, looked.zone()["changed"]) == ([], True)
    # Whether hosts that were forced down a moment ago report is watched, and what was listed before that is asked for again.
    assert {call.partition("?")[0]: times > 2 for call, times in looked.repeated.items()} == {
        "nova /v2.1/os-services": True,
        "nova /v2.1/os-server-groups": False,
        "cinder /v3/volumes/detail": False,
        "cinder /v3/os-services": False,
    }
    assert looked.zone()["plan"] == ran.zone()["plan"]
    assert looked.zone()["diff"] == ran.zone()["diff"]
    assert outcomes(looked) == {"db": "planned", "web": "planned", "other": "consent missing"}
    assert outcomes(ran) == {"db": "restored", "web": "restored", "other": "consent missing"}
    found = lost.server(one(ran, "db")["new"])
    assert (found["status"], found["OS-EXT-SRV-ATTR:host"] in TARGET) == ("ACTIVE", True)
    assert found["metadata"] == {"role": "db", "zoneops_restored_from": database}
    assert set(found["tags"]) == {"gold", "zoneops:restored"}
    assert (found["config_drive"], found["OS-EXT-SRV-ATTR:user_data"]) == ("True", "aGVsbG8=")
    assert lost.contents(found["id"]) == [b"system"]
    stopped = lost.server(one(ran, "web")["new"])
    assert (stopped["status"], stopped["tags"]) == ("SHUTOFF", ["zoneops:restored"])
    assert lost.contents(stopped["id"]) == [b"new"]
    assert [volume["backup"] for volume in one(ran, "web")["volumes"]] == [newest]
    copy = lost.volumes.all()[one(ran, "web")["volumes"][0]["new"]]
    marks = {"zoneops_restored_from": data, "zoneops_restored_backup": newest, "zoneops_restored_as": copy["id"]}
    marks |= {"src_backup_id": newest}
    assert (copy["name"], copy["availability_zone"], copy["metadata"]) == ("data", "az2", {"of": "data", **marks})
    # What was there is there, as it was.
    assert (lost.server(database)["status"], lost.server(web)["status"]) == ("ACTIVE", "SHUTOFF")
    assert {number: lost.volumes.all()[number]["status"] for number in (root, data)} == dict.fromkeys(
        (root, data), "in-use"
    )
    assert "what was written later is lost" in " ".join(ran.zone()["warnings"])
    assert "aGVsbG8=" not in json.dumps(ran.result)
    unchanged(lost.restore(**asked))
    # The zone is back: both are named, and nothing is done to either.
    lost.lab.start_zone("az1")
    lost.volumes.until_up()
    pairs = {database: found["id"], web: stopped["id"]}
    before = {number: states(lost.server(number)) for number in (*pairs, *pairs.values())}
    back = ZoneReturn(lost.cloud, lost.lab)()
    assert {host: lost.cloud.services()[host]["status"] for host in hosts_of("az1")} == dict.fromkeys(
        hosts_of("az1"), "enabled"
    ), back.result["msg"]
    named = {entry["id"]: entry["text"] for entry in back.result["left_behind"] if entry["kind"] == "restored"}
    assert {
        number: f"was restored in zone az2 as {name}" in named[number]
        for number, name in ((database, "db"), (web, "web"))
    } == dict.fromkeys(pairs, True)
    assert all(new in named[old] for old, new in pairs.items())
    assert {number: states(lost.server(number)) for number in before} == before


def states(server: dict[str, Any]) -> tuple[Any, ...]:
    """What a return could change."""
    keys = ("status", "OS-EXT-SRV-ATTR:host", "OS-EXT-AZ:availability_zone", "OS-EXT-STS:task_state", "tags")
    return (*(server[key] for key in keys), server.get("pinned_availability_zone"))


def test_what_cannot_be_restored_says_why(lost: Lost) -> None:
    without, here, shared = (lost.volume(name, b"x") for name in ("without", "here", "plain"))
    lost.add("no-backup", data=without)
    lost.add("in-its-zone", data=here)
    fine = lost.add("fine", data=shared)
    lost.add("twin")
    lost.add("twin-2")
    lost.servers.pause("twin-2")
    lost.back_up(here, "az1")
    lost.back_up(shared)
    second = lost.back_up(shared, incremental=True)
    lost.die()
    ran = lost.restore(servers=["no-backup", "in-its-zone", fine, "nobody"])
    reasons = {one["name"]: one["reason"] for one in ran.result["servers"]}
    assert "it has no backup" in reasons["no-backup"]
    assert "is in zone az1, where no cinder-backup is up and enabled" in reasons["in-its-zone"]
    assert outcomes(ran) == {
        "no-backup": "refused",
        "in-its-zone": "refused",
        "fine": "restored",
        "twin": "consent missing",
        "twin-2": "consent missing",
    }
    # What was asked for and cannot be fails the zone; the rest is done.
    assert (ran.zone()["failed"], [one["rule"] for one in ran.zone()["refusals"]]) == (True, ["cannot_restore"] * 2)
    assert [volume["backup"] for volume in one(ran, "fine")["volumes"]] == [second]
    assert "called nobody" in " ".join(ran.zone()["warnings"])
    # Its owner's consent is at the server; it has no volume, and is created from its image.
    lost.cloud.compute.post(
        f"/servers/{one(ran, 'twin')['server']}/metadata", json={"metadata": {"zoneops:may_restore": "true"}}
    )
    ran = lost.restore(check=True)
    assert outcomes(ran)["twin"] == "planned"
    assert "what was on the old one is lost" in " ".join(one(ran, "twin")["differs"])


def test_a_stop_point_and_calls_for_each_server(lost: Lost) -> None:
    numbers = [lost.volume(f"data-{number}", b"%d" % number) for number in range(2)]
    names = [f"web-{number}" for number in range(2)]
    for name, number in zip(names, numbers, strict=True):
        lost.add(name, data=number)
        lost.back_up(number)
    lost.die()
    ran = lost.restore(servers=names, phase="volumes")
    assert not ran.result["failed"], ran.result["msg"]
    assert set(outcomes(ran).values()) == {"volumes restored"}
    # The volume, and its marks.
    assert len(ran.written) == 2 * len(names) + AROUND
    copies = {volume["new"] for one in ran.result["servers"] for volume in one["volumes"]}
    assert {lost.volumes.all()[number]["status"] for number in copies} == {"available"}
    unchanged(lost.restore(servers=names, phase="volumes"))
    ran = lost.restore(servers=names)
    assert not ran.result["failed"], ran.result["msg"]
    assert len(ran.written) == len(names) + AROUND
    assert {volume["new"] for one in ran.result["servers"] for volume in one["volumes"]} == copies
    assert sorted(lost.contents(one["new"])[0] for one in ran.result["servers"]) == [b"0", b"1"]


@contextmanager
def role(cloud: Cloud, project: str, user: str, name: str) -> Iterator[None]:
    """A role of a user in a project, while this lasts."""
    keystone = Adapter(cloud.region.get_session(), service_type="identity")
    (number,) = (one["id"] for one in keystone.get("/roles").json()["roles"] if one["name"] == name)
    path = f"/projects/{project}/users/{user}/roles/{number}"
    keystone.put(path)
    try:
        yield
    finally:
        keystone.delete(path)


def test_a_server_belongs_to_its_project(lost: Lost) -> None:
    member = Cloud(lost.lab.clouds_file, "lab-member")
    session = member.region.get_session()
    user = str(lost.cloud.region.get_session().get_user_id())
    data = Volumes(member, lost.lab)
    body = {"volume": {"name": "theirs", "size": 1, "availability_zone": "az1"}}
    number = str(data.cinder.post("/volumes", json=body).json()["volume"]["id"])
    assert lost.volumes.settled("volume", number)["status"] == "available"
    lost.write(number, b"theirs")
    wanted: dict[str, Any] = {"name": "theirs", "flavorRef": lost.servers.flavor_id("small"), "networks": "none"}
    wanted |= {"availability_zone": "az1", "block_device_mapping_v2": [disk(number, 0)]}
    lost.volumes.act(number, "os-set_bootable", bootable=True)
    member.compute.post("/servers", json={"server": wanted})
    lost.servers.wait({"theirs": "ACTIVE"})
    # By the administrator, as a service does it for all.
    lost.back_up(number)
    lost.die()
    refused = lost.restore(servers=["theirs"])
    project = str(session.get_project_id())
    assert f"openstack role add --project {project} --user {user} member" in one(refused, "theirs")["reason"]
    with role(lost.cloud, project, user, "member"):
        refused = lost.restore(servers=["theirs"])
        assert f"openstack role add --project {project} --user {user} admin" in one(refused, "theirs")["reason"]
    with role(lost.cloud, project, user, "admin"):
        ran = lost.restore(servers=["theirs"])
    assert not ran.result["failed"], ran.result["msg"]
    found = lost.server(one(ran, "theirs")["new"])
    assert (found["tenant_id"], found["status"], lost.contents(found["id"])) == (project, "ACTIVE", [b"theirs"])
    assert any("it belongs to user" in text for text in one(ran, "theirs")["differs"])


def test_the_playbook_and_its_saved_plan(
    play: Player, lost: Lost, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    number = lost.volume("data", b"kept")
    lost.add("web", data=number)
    lost.back_up(number)
    lost.die()
    inventory, saved = make_inventory(), tmp_path / "plan.yml"

    def run(*arguments: str, **values: Any) -> Run:
        given = {"zoneops_restore_to": "az2", "zoneops_plan": str(saved), **values}
        return play(PLAYBOOK, inventory, "--limit", "az1", *arguments, "-e", json.dumps(given))

    nobody = run("--check", zoneops_plan="")
    assert (nobody.rc, nobody.written, nobody.changed_hosts) == (0, [], set())
    assert "not restored, for want of consent: web" in nobody.output
    check = run("--check", zoneops_restore_servers=["web"])
    assert (check.rc, check.written, check.changed_hosts) == (0, [], {"az1"})
    ran = run(zoneops_restore_servers=["web"])
    assert (ran.rc, ran.changed_hosts) == (0, {"az1"}), ran.output
    again = run(zoneops_plan="", zoneops_restore_servers=["web"])
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())
    unnamed = play(PLAYBOOK, inventory, "--limit", "az1")
    assert "set it to the zone in which servers are created" in next(iter(unnamed.failures.values()))
