# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned for the servers of a lost zone: who is restored from what, who is left and why, and nobody is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Pool, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.relocate.model import Limits
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import Shape
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Facts, Host, Workload
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Host as Service
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import Dead
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence.watching import Watch
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore import reconcile
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.draft import draft
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.model import (
    Attached,
    Details,
    Offer,
    Port,
    Restored,
    Seen,
    Wanted,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.reconcile import Restoring
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.result import account
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud

from .test_backups import SERVICES, VOLUME, backup

MAP = zone_map(az1="a1", az2="b1")
SHAPE = Shape("small", (("MEMORY_MB", 100),))
SERVER = Workload("s", "db", "p", "a1", "ACTIVE", SHAPE, pinned="az1", volumes=("v",))
FLAVOR = {"original_name": "small", "vcpus": 1, "ram": 64, "disk": 0, "ephemeral": 0, "swap": 0, "extra_specs": {}}
LISTED = {"id": "f", "vcpus": 1, "ram": 64, "disk": 0, "OS-FLV-EXT-DATA:ephemeral": 0, "swap": "", "extra_specs": {}}
ENTRY: dict[str, Any] = {
    "id": "s",
    "name": "db",
    "status": "ACTIVE",
    "flavor": FLAVOR,
    "image": "",
    "user_id": "u",
    "metadata": {"role": "db", "zoneops_restored_from": "older"},
    "tags": ["gold", "zoneops:restored", "zoneops:evacuate=a1:ACTIVE"],
}
DETAILS = Details(ENTRY, (Attached("v", "/dev/vda", root=True),))
OFFER = Offer(
    flavors={"small": (LISTED,)},
    images={"i": ""},
    limits=Limits(SERVICES, (Pool("lab@az2#p", "az2", 100.0),), {}, {}),
)


def seen(*servers: Workload, mark: str | None = None, **more: Any) -> Seen:
    room = {"MEMORY_MB": 250}
    hosts = {"a1": Host("a1", "az1", unusable="is down"), "b1": Host("b1", "az2", room=room, capacity=room)}
    listed = servers or (SERVER,)
    shapes = {server.shape.request for server in listed}
    facts = Facts(hosts, listed, offers=dict.fromkeys(shapes, frozenset({"b1"})), volumes={})
    reason = Dead("fire", zone=True).text if mark is None else mark
    down = Service(
        "a1", "1", "az1", "down", "disabled" if reason else "enabled", reason or None, forced_down=bool(reason)
    )
    region = Region({"a1": down, "b1": Service("b1", "2", "az2", "up", "enabled", None)}, {}, facts=facts)
    volume = replace(VOLUME, attached_to=("s",))
    known = {"volumes": {"v": volume}, "backups": (backup(1),), "services": SERVICES, "user": "u", "offer": OFFER}
    details = {server.id: _details(server) for server in listed}
    return Seen(region, **{**known, "details": details, **more})


def _details(server: Workload) -> Details:
    """One without volumes boots from an image."""
    entry = {**ENTRY, "id": server.id, "image": "" if server.volumes else {"id": "i"}}
    return replace(DETAILS, entry=entry)


def restoring(found: Seen, **wanted: Any) -> Restoring:
    """The reconciler of what is known."""
    asked = Wanted(("az1",), **{"to": "az2", "servers": ("s",), **wanted})
    one = object.__new__(Restoring)
    vars(one).update(
        wanted=asked,
        zone_map=MAP,
        fates=[],
        first={},
        observe=lambda: found,
        observe_details=lambda observed, _plan: one._remember(observed),
    )
    return one


def run(found: Seen, **wanted: Any) -> tuple[Verdict, list[dict[str, Any]]]:
    one = restoring(found, **wanted)
    verdict = Converge(one, check=True, deadline=Deadline(60)).run()["az1"]
    return verdict, account(one.first, one.fates, one.wanted)


def outcome(found: Seen, **wanted: Any) -> tuple[str, str]:
    """Of the one server."""
    _verdict, (only,) = run(found, **wanted)
    return only["outcome"], only["reason"]


def test_a_server_is_restored_from_its_newest_backup() -> None:
    verdict, (only,) = run(seen())
    assert (verdict.changed, verdict.failed) == (True, False), verdict.message()
    assert [change.text for change in verdict.plan] == ["restore 1 server in az2: db (s)"]
    taken = "2026-01-01 01:00 UTC"
    (part,) = verdict.plan[0].as_dict()["parts"]
    assert part["text"] == f"restore server db (s) in az2, from backups: data (v) of {taken}"
    assert only["volumes"] == [{"volume": "v", "backup": "b1", "taken": taken, "new": None}]
    assert any("what was written later is lost" in text for text in verdict.warnings)
    assert verdict.before["servers"]["s"]["what"] == "to restore"
    assert verdict.after["servers"]["s"] == {"name": "db", "status": "ACTIVE", "what": "restored"}


@pytest.mark.parametrize(
    ("more", "wanted", "said"),
    [
        ({"servers": ()}, "consent missing", "have its owner set metadata zoneops:may_restore=true"),
        ({"mark": "", "servers": ()}, "left", "is not out of service as zone_evacuate leaves one"),
        ({"mark": ""}, "refused", "is not out of service as zone_evacuate leaves one"),
        ({"evacuating": frozenset({"s"})}, "refused", "nova evacuates or rebuilds it: wait for its end"),
        ({"reporting": {"a1": "12:00"}}, "refused", "host a1 still reports to nova, last at 12:00"),
        (
            {"backups": ()},
            "refused",
            "volume data (v): no backup of it can be restored (it has no backup). Wait for the zone",
        ),
        (
            {"services": (*SERVICES, replace(SERVICES[0], up=True))},
            "refused",
            "its volumes can be reached: evacuate it",
        ),
        ({"volumes": {"v": replace(VOLUME, encrypted=True)}}, "refused", "is encrypted"),
        ({"volumes": {"v": replace(VOLUME, attached_to=("s", "t"))}}, "refused", "several servers have it"),
        ({"volumes": {}}, "refused", "its volume v is unknown to cinder, and so whether its data is lost"),
        ({"offer": replace(OFFER, flavors={})}, "refused", "its flavor small is gone"),
        (
            {"offer": replace(OFFER, flavors={"small": ({**LISTED, "ram": 1},)})},
            "refused",
            "has other values now: delete it",
        ),
        ({"offer": replace(OFFER, projects={"p": "no role"})}, "refused", "no role"),
        ({"details": {"s": replace(DETAILS, ports=None)}}, "refused", "its ports could not be read"),
        ({"details": {"s": replace(DETAILS, attached=())}}, "refused", "nova knows nothing of its volume data (v)"),
        ({"details": {"s": replace(DETAILS, attached=(Attached("v"),))}}, "refused", "it boots from is unknown"),
        ({"restored": (Restored("n", "s", "other", "ACTIVE"),)}, "planned", ""),
        ({"restored": (Restored("n", "s", "p", "ACTIVE"),)}, "restored", ""),
        ({"restored": (Restored("n", "s", "p", "BUILD"),), "backups": (), "servers": ()}, "planned", ""),
        ({"restored": (Restored("n", "s", "p", "ERROR", failed="no host"),)}, "refused", "openstack server delete n"),
    ],
)
def test_every_server_has_an_outcome(more: dict[str, Any], wanted: str, said: str) -> None:
    more = dict(more)
    asked = {"servers": more.pop("servers")} if "servers" in more else {}
    mark = more.pop("mark", None)
    found, reason = outcome(seen(mark=mark, **more), **asked)
    assert (found, said in reason) == (wanted, True), reason


@pytest.mark.parametrize(
    ("server", "wanted", "said"),
    [
        (replace(SERVER, status="VERIFY_RESIZE"), "refused", "its resize waits for a confirmation"),
        (replace(SERVER, task="rebuild_spawning"), "refused", "nova evacuates or rebuilds it"),
        (replace(SERVER, by_hand=("a vTPM",)), "refused", "it has a vTPM"),
        (replace(SERVER, shape=replace(SHAPE, need=(("MEMORY_MB", 300),))), "refused", "zone az2: "),
        (replace(SERVER, networks=frozenset({"n"})), "refused", "its network n could not be read"),
        (replace(SERVER, may_restore=True, id="t", volumes=()), "planned", ""),
    ],
)
def test_what_keeps_a_server(server: Workload, wanted: str, said: str) -> None:
    found, reason = outcome(seen(server))
    assert (found, said in reason) == (wanted, True), reason


def test_only_as_many_as_there_is_room_for() -> None:
    servers = [replace(SERVER, id=f"s{number}", name=f"n{number}", volumes=(), may_restore=True) for number in range(3)]
    most = replace(servers[2], priority=5)
    verdict, found = run(seen(*servers[:2], most))
    outcomes = {one["server"]: one["outcome"] for one in found}
    assert (outcomes["s2"], sorted(outcomes.values())) == ("planned", ["planned", "planned", "refused"])
    # What was asked for and cannot be fails the zone; the rest is restored.
    assert (verdict.failed, len(verdict.plan)) == (True, 1)


def test_a_name_of_several_servers_is_no_consent() -> None:
    twin = replace(SERVER, id="t", volumes=())
    _verdict, found = run(seen(SERVER, twin), servers=("db",))
    assert {one["outcome"] for one in found} == {"consent missing"}
    # A name that is the id of another server is that one's.
    hostile = replace(SERVER, id="t", name="s", volumes=())
    assert [one["outcome"] for one in run(seen(SERVER, hostile))[1]] == ["planned", "consent missing"]
    # The one that stands for another has its name, and is nobody else.
    old = replace(twin, host="b1")
    again = seen(SERVER, old, restored=(Restored("s", "t", "p", "ACTIVE"),))
    assert [one["outcome"] for one in run(again, servers=("db",))[1]] == ["planned"]


def test_a_server_that_was_restored_is_named_as_any_other() -> None:
    # Its old server was deleted, or has another name by now.
    for others in ((), (replace(SERVER, id="x", name="old", host="b1"),)):
        found = seen(SERVER, *others, restored=(Restored("s", "x", "p", "ACTIVE"),))
        assert run(found, servers=("db",))[1][0]["outcome"] == "planned"
    twin = replace(SERVER, id="t", volumes=(), host="b1")
    found = seen(SERVER, twin, restored=(Restored("s", "x", "p", "ACTIVE"),))
    assert run(found, servers=("db",))[1][0]["outcome"] == "consent missing"


def test_one_that_works_counts_before_one_that_failed() -> None:
    failed, works = Restored("a", "s", "p", "ERROR", failed="no host"), Restored("b", "s", "p", "ACTIVE")
    found, reason = outcome(seen(restored=(failed, works)))
    keep = "and keep server b, which replaces the lost one"
    assert (found, reason) == (
        "restored",
        f"server a, which was created for it, failed: no host. Delete that one (openstack server delete a), {keep}",
    )
    both = (failed, replace(failed, id="c", failed="no disk"))
    found, reason = outcome(seen(restored=both))
    assert (
        found,
        "failed: no host, server c, which was created for it, failed: no disk. Delete those (openstack server delete a c), then"
        in reason,
    ) == ("refused", True)
    assert ";" not in outcome(seen(restored=(*both, works)))[1]


def test_more_is_asked_of_those_without_room_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of which that is refused afterwards leaves its room to them."""
    servers = [replace(SERVER, id=f"s{number}", name=f"n{number}", volumes=(), may_restore=True) for number in range(3)]
    found = seen(*servers, details=None, offer=Offer())
    one = restoring(found)
    vars(one).update(cloud=None, calls=None, api=None, sessions=None)
    del vars(one)["observe_details"]
    monkeypatch.setattr(one, "_projects", lambda *_about: {})
    monkeypatch.setattr(
        reconcile, "details_of", lambda _cloud, _calls, mine: {each.id: _details(each) for each in mine}
    )
    monkeypatch.setattr(reconcile, "offer_of", lambda *_about: OFFER)
    closer = one.observe_details(found, one.plan(found))
    assert closer is not None
    assert closer.details is not None
    assert closer.details.keys() == {"s0", "s1", "s2"}


def test_only_the_backups_that_are_used_need_an_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Projects:
        def problem(self, project: str, backups: Any) -> str:
            asked.append((project, backups))
            return ""

    for used, other in (("p", "admin"), ("admin", "p")):
        backups = (backup(3, project_id=used), backup(1, project_id=other))
        found = seen(backups=backups, details=None, offer=Offer())
        one = restoring(found)
        vars(one).update(cloud=None, calls=None, api=None, sessions=Projects())
        del vars(one)["observe_details"]
        monkeypatch.setattr(reconcile, "details_of", lambda *_about: {})
        monkeypatch.setattr(reconcile, "offer_of", lambda *_about: OFFER)
        one.observe_details(found, one.plan(found))
    assert asked == [("p", {"p"}), ("p", {"admin"})]


def test_a_host_that_answers_again_stops_what_is_under_way() -> None:
    one = restoring(seen())
    gone = replace(seen().region.hosts["a1"], written="then")
    known = {"a1": gone}
    watch = Watch(list, FakeCloud().as_cloud())
    vars(one).update(nova=SimpleNamespace(hosts=lambda _name: (known, [])), _watch=watch)
    assert (one._guard("a1"), one._guard("a1")) == ("", "")
    known["a1"] = replace(gone, written="now")
    assert (
        one._guard("a1") == "host a1 answers again, or others write to its service: its servers may run. Power it off"
    )
    known["a1"] = replace(gone, forced_down=False)
    assert one._guard("a1") == "host a1 is no longer out of service: its servers may run"
    known.clear()
    assert "no longer out of service" in one._guard("a1")


def test_a_copy_is_resumed_from_the_backup_that_it_has() -> None:
    begun = Volume("w", "zoneops-restore v b0", 1, "creating", "az2", project_id="p")
    found = seen(volumes={"v": VOLUME, "w": begun}, backups=(backup(0), backup(5)))
    (only,) = run(found)[1]
    assert (only["volumes"][0]["backup"], only["volumes"][0]["taken"]) == ("b0", "2026-01-01 00:00 UTC")
    elsewhere = seen(volumes={"v": VOLUME, "w": replace(begun, availability_zone="az3")})
    assert "its copy w is in zone az3" in outcome(elsewhere)[1]


def test_a_newer_backup_that_is_not_used_is_said() -> None:
    verdict, _found = run(seen(backups=(backup(1), backup(2, status="error"))))
    assert (
        "server db (s): its volume data (v): no newer backup can be restored: backup b2 of 2026-01-01 02:00 UTC is 'error'"
        in verdict.warnings
    )
    marks = {"zoneops_restored_from": "v", "zoneops_restored_backup": "b1", "zoneops_restored_as": "w"}
    whole = Volume("w", "data", 1, "available", "az2", project_id="p", metadata=marks)
    for backups in ((backup(1), backup(2)), (backup(2),)):
        verdict, _found = run(seen(backups=backups, volumes={"v": VOLUME, "w": whole}))
        assert any(
            "volume w, which an earlier run made of backup b1, is used, and not the newer backup b2 of" in text
            for text in verdict.warnings
        ), verdict.warnings
    verdict, _found = run(seen(volumes={"v": VOLUME, "w": whole}))
    assert not any("is used" in text for text in verdict.warnings)
    broken = replace(whole, status="error_deleting")
    assert "its copy w is 'error_deleting'" in outcome(seen(volumes={"v": VOLUME, "w": broken}))[1]


def test_volumes_only() -> None:
    verdict, _found = run(seen(), phase="volumes")
    assert verdict.plan[0].text == "restore the volumes of 1 server in az2: db (s)"
    assert verdict.after["servers"]["s"]["what"] == "volumes restored"


@pytest.mark.parametrize(("mark", "rule"), [("", "not_evacuated"), (Dead("fire").text, None)])
def test_a_zone_that_zone_evacuate_did_not_take_out_is_refused(mark: str, rule: str | None) -> None:
    verdict, _found = run(seen(mark=mark))
    assert [refusal.rule for refusal in verdict.refusals] == ([rule] if rule else [])


def test_a_slip_in_a_name_is_said() -> None:
    verdict, _found = run(seen(), servers=("s", "bd"))
    assert "no server on the hosts of the zone is called bd." in verdict.warnings


def drafted(entry: Mapping[str, Any], status: str = "ACTIVE", **more: Any) -> Any:
    asked = Wanted(("az1",), "az2", ports=more.pop("ports_are", ""))
    found = replace(seen(), offer=replace(OFFER, images={"i": ""}, keys={"k": "12:34"}))
    return draft(found, asked, "az2", replace(DETAILS, entry={**ENTRY, **entry}, **more), status)


def test_the_new_server_is_what_the_old_one_was() -> None:
    body = drafted({}).body
    assert (body["name"], body["flavorRef"], body["availability_zone"], body["networks"]) == ("db", "f", "az2", "none")
    assert body["metadata"] == {"role": "db", "zoneops_restored_from": "s"}
    assert body["tags"] == ["gold", "zoneops:restored"]
    assert "zoneops:restored:stop" in drafted({}, "SHUTOFF").body["tags"]
    assert drafted({}, group="g").hints == {"group": "g"}
    more = {
        "config_drive": "True",
        "OS-EXT-SRV-ATTR:user_data": "eA==",
        "description": "d",
        "OS-EXT-SRV-ATTR:hostname": "db",
    }
    body = drafted(more).body
    assert (body["config_drive"], body["user_data"], body["description"], body["hostname"]) == (True, "eA==", "d", "db")
    assert "eA==" not in str(drafted(more))


def test_a_key_is_given_where_it_is_the_same() -> None:
    assert drafted({"key_name": "k"}, fingerprint="12:34").body["key_name"] == "k"
    lost = drafted({"key_name": "k"}, fingerprint="56:78")
    assert ("key_name" in lost.body, "it has no key" in " ".join(lost.differs)) == (False, True)


def test_ports_are_decided_on() -> None:
    ports = (Port("q", "n", ("10.0.0.4",), ("g1",)), Port("r", "m", (), ("g2",)))
    assert "q (10.0.0.4), r (no address)" in drafted({}, ports=ports).problems[0]
    take = drafted({}, ports=ports, ports_are="take")
    assert (take.body["networks"], take.ports) == ([{"port": "q"}, {"port": "r"}], ports)
    new = drafted({}, ports=ports, ports_are="new")
    assert (new.body["networks"], new.ports) == ([{"uuid": "n"}, {"uuid": "m"}], ())
    assert new.body["security_groups"] == [{"name": "g1"}, {"name": "g2"}]
    # One that was taken already needs no decision.
    kept = replace(ports[0], kept=True)
    again = drafted({}, ports=(kept,))
    assert (again.problems, again.ports, again.body["networks"]) == ((), (kept,), [{"port": "q"}])


def test_interfaces_come_in_the_order_that_nova_lists() -> None:
    ports = (Port("a", "n", ("10.0.0.9",)), Port("b", "m", ("10.1.0.4", "fd::4")), Port("c", "m"))
    addresses = {"m": [{"addr": "fd::4"}, {"addr": "10.1.0.4"}], "n": [{"addr": "10.0.0.9"}]}
    found = drafted({"addresses": addresses}, ports=ports, ports_are="take")
    assert found.body["networks"] == [{"port": "b"}, {"port": "a"}, {"port": "c"}]
    assert any("its 3 network interfaces may come in another order" in text for text in found.differs)
    assert not any("interfaces" in text for text in drafted({}, ports=ports[:1], ports_are="take").differs)


@pytest.mark.parametrize(
    ("kept", "said"), [(False, "detach it from the server"), (True, "remove the tag zoneops:restore:s from it")]
)
def test_a_port_of_another_project_is_not_taken(kept: bool, said: str) -> None:
    port = Port("q", "n", kept=kept, project="other")
    for asked in ("take", "new"):
        (problem,) = drafted({"tenant_id": "p"}, ports=(port,), ports_are=asked).problems
        assert "port q, which counts as its own, belongs to another project (other)" in problem
        assert said in problem
    mine = replace(port, project="p")
    assert drafted({"tenant_id": "p"}, ports=(mine,), ports_are="take").problems == ()


def test_what_is_not_as_it_was_is_said() -> None:
    found = " ".join(drafted({"status": "PAUSED", "user_id": "w", "image": {"id": "i"}}).differs)
    for text in ("it was in status PAUSED", "it belongs to user u", "created from image i"):
        assert text in found
    assert "is unknown" in drafted({"image": {"id": "j"}}).problems[0]
