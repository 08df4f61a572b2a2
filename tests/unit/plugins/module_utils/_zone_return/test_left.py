# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loss of a zone leaves behind: each thing with its command, and only what nothing needs is deleted."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.attachments import Attachment
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

from .lost_zone import Lost, call_of, run


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + max(seconds, 1.0)))
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])


@pytest.fixture
def lost() -> Lost:
    """A zone that is back but for what is left behind."""
    found = Lost()
    found.power_on()
    assert not run(found).failed
    assert found.left_behind == []
    return found


def volume(lost: Lost, name: str, status: str = "in-use", zone: str = "az1") -> None:
    lost.volumes.append(Volume(name, name, 1, status, zone))


def attach(lost: Lost, number: str, on: str, server: str, status: str = "attached", *, used: bool = True) -> None:
    lost.attachments.found[number] = Attachment(number, on, server, status)
    if used:
        held: list[Any] = lost.nova.servers[server]["os-extended-volumes:volumes_attached"]
        held.append({"id": on, "volumeId": on, "attachment_id": number})


def left(lost: Lost) -> dict[str, str]:
    run(lost, check=True)
    return {one.id: f"{one.text} -> {one.command}" for one in lost.left_behind}


def test_what_is_used_is_not_left_behind(lost: Lost) -> None:
    volume(lost, "disk")
    attach(lost, "a", "disk", "waits-0")
    volume(lost, "shelved", "reserved")
    attach(lost, "b", "shelved", "web-1", "reserved")
    assert left(lost) == {}


@pytest.mark.parametrize("repairs", [False, True])
def test_stray_attachments(lost: Lost, repairs: bool) -> None:
    volume(lost, "disk")
    attach(lost, "used", "disk", "waits-0")
    attach(lost, "failed", "disk", "waits-0", "reserved", used=False)
    volume(lost, "kept", "reserved")
    attach(lost, "detached", "kept", "waits-1", "reserved", used=False)
    volume(lost, "orphan")
    attach(lost, "gone", "orphan", "deleted", "reserved", used=False)
    volume(lost, "elsewhere", zone="az2")
    attach(lost, "theirs", "elsewhere", "deleted", used=False)
    found = left(lost)
    assert set(found) == {"failed", "detached", "gone"}
    assert "uses another attachment of it -> openstack --os-volume-api-version 3.27" in found["failed"]
    assert "has no such volume" in found["detached"]
    assert "its server deleted was deleted" in found["gone"]
    planned = run(lost, check=True, repairs=repairs)
    verdict = run(lost, repairs=repairs)
    assert not verdict.failed, verdict.message()
    assert (verdict.changed, planned.changed, verdict.after) == (repairs, repairs, planned.after)
    assert set(lost.attachments.deleted) == (set(found) if repairs else set())
    assert any("left behind" in text for text in verdict.warnings) != repairs
    assert not run(lost, repairs=repairs).changed


@pytest.mark.parametrize(
    "busy",
    [{"OS-EXT-STS:task_state": "rebuild_spawning"}, {"status": "VERIFY_RESIZE"}, {"status": "MIGRATING"}],
)
def test_what_nova_works_on_is_not_touched(lost: Lost, busy: dict[str, str]) -> None:
    volume(lost, "disk")
    attach(lost, "used", "disk", "waits-0")
    attach(lost, "other", "disk", "waits-0", "reserved", used=False)
    lost.nova.servers["waits-0"] |= busy
    assert "other" not in left(lost)
    assert not run(lost, repairs=True).changed
    assert lost.attachments.deleted == []


def test_a_nova_that_does_not_tell_its_attachments(lost: Lost) -> None:
    volume(lost, "disk")
    attach(lost, "used", "disk", "waits-0")
    attach(lost, "other", "disk", "waits-0", "reserved", used=False)
    for one in lost.nova.servers["waits-0"]["os-extended-volumes:volumes_attached"]:
        del one["attachment_id"]
    assert left(lost) == {}


def test_an_attachment_that_is_used_meanwhile_is_left(lost: Lost) -> None:
    volume(lost, "disk")
    attach(lost, "used", "disk", "waits-0")
    attach(lost, "other", "disk", "waits-0", "reserved", used=False)
    left_overs, stages = call_of(lost, repairs=True).stages()
    (change,) = stages.plan(stages.observe()).changes
    lost.nova.servers["waits-0"]["os-extended-volumes:volumes_attached"][0]["attachment_id"] = "other"
    with pytest.raises(ZoneopsError, match="attachment other is used by server waits-0 now"):
        stages.write(change)
    assert (lost.attachments.deleted, [one.id for one in left_overs.found]) == ([], ["other"])


def test_a_volume_that_a_server_gets_meanwhile_is_left_where_nova_does_not_tell_its_attachments(lost: Lost) -> None:
    volume(lost, "disk")
    attach(lost, "other", "disk", "waits-0", "reserved", used=False)
    _left_overs, stages = call_of(lost, repairs=True).stages()
    (change,) = stages.plan(stages.observe()).changes
    lost.nova.servers["waits-0"]["os-extended-volumes:volumes_attached"] = [{"id": "disk", "volumeId": "disk"}]
    with pytest.raises(ZoneopsError, match="attachment other is used by server waits-0 now"):
        stages.write(change)
    assert lost.attachments.deleted == []


def test_volumes_between_two_states(lost: Lost) -> None:
    volume(lost, "stuck", "detaching")
    attach(lost, "a", "stuck", "waits-0")
    volume(lost, "free", "attaching")
    volume(lost, "held", "reserved")
    volume(lost, "other", "detaching", zone="az2")
    assert left(lost) == {
        "stuck": "volume stuck (stuck) is detaching, and attached -> openstack volume set --state in-use stuck; then detach it again",
        "free": "volume free (free) is attaching, and not attached -> openstack volume set --state available free",
        "held": "volume held (held) is reserved, and not attached -> openstack volume set --state available held",
    }


def test_servers_and_their_evacuations(lost: Lost) -> None:
    lost.nova.servers["waits-0"]["OS-EXT-STS:task_state"] = "powering-off"
    lost.nova.evacuate("waits-1", "az2-0", status="failed")
    lost.nova.servers["waits-1"]["status"] = "ERROR"
    found = left(lost)
    assert (
        "nova works on it (powering-off) -> if that lasts: openstack server set --state active waits-0"
        in found["waits-0"]
    )
    assert (
        "is in status ERROR on az1-1 since its evacuation failed -> openstack server reboot --hard" in found["waits-1"]
    )
    lost.nova.servers["waits-1"]["status"] = "ACTIVE"
    assert set(left(lost)) == {"waits-0"}


def test_servers_that_were_restored_elsewhere(lost: Lost) -> None:
    """By both marks, and of the same project; the old one is left as it is."""
    marks: dict[str, Any] = {"metadata": {"zoneops_restored_from": "waits-0"}, "tags": ["zoneops:restored"]}
    lost.nova.add("again", "az2-0")
    lost.nova.servers["again"] |= marks
    lost.nova.servers["waits-0"]["tenant_id"] = "other"
    assert left(lost) == {}
    lost.nova.servers["waits-0"] |= {"tenant_id": "p", "status": "SHUTOFF"}
    found = left(lost)
    assert set(found) == {"waits-0"}
    assert "(waits-0), SHUTOFF on az1-0, was restored in zone az2 as again (again), ACTIVE -> " in found["waits-0"]
    assert "delete waits-0, which can take ports from the new one" in found["waits-0"]
    assert found["waits-0"].endswith("or openstack server delete again")
    before = lost.picture()
    done = run(lost, repairs=True)
    assert (done.changed, lost.picture()) == (False, before)
    assert any("was restored in zone az2" in text for text in done.warnings)
    lost.nova.servers["again"]["tags"] = []
    assert left(lost) == {}


def test_allocations(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, dict[str, Any]] = {"az1-0": {"waits-0": {}, "web-0": {}, "m-1": {}, "nobody": {}}}
    service = type(lost.nova.service("placement"))
    original = service._placement

    def placement(self: Any, path: str, params: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/allocations"):
            return {"allocations": held.get(path.split("/")[2], {})}
        return original(self, path, params)

    monkeypatch.setattr(service, "_placement", placement)
    lost.nova.migrations.append(
        {**lost.nova.migrations[0], "uuid": "m-1", "status": "running", "migration_type": "live-migration"}
    )
    found = left(lost)
    assert set(found) == {"web-0", "nobody"}
    assert "is on az2-0 -> openstack resource provider allocation unset --provider az1-0 web-0" in found["web-0"]
    assert "nova-manage placement audit --resource_provider az1-0" in found["nobody"]


def test_what_cannot_be_read_is_said(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> tuple[Attachment, ...]:
        raise ApiError("GET /attachments: 503", status=503)

    monkeypatch.setattr(lost.attachments, "all", fail)
    verdict = run(lost, check=True)
    assert not verdict.failed
    assert any("not known of attachments of volumes: GET /attachments: 503" in text for text in verdict.warnings)


@pytest.mark.parametrize(
    ("on", "guests", "doubt"),
    [
        ("", {}, "whether its guest still runs on az1-0, az1-1 is unknown"),
        ("az1-1", {"az1-0": ()}, "whether its guest still runs on az1-1 is unknown"),
        ("", {"az1-0": (), "az1-1": ("deleted",)}, "and its guest runs on az1-1"),
        ("az1-1", {"az1-1": (), "az2-0": ("deleted",)}, "and its guest runs on az2-0"),
        ("az1-1", {"az1-1": ("waits-1",)}, ""),
        ("", {"az1-0": (), "az1-1": ()}, ""),
    ],
)
def test_the_guest_of_a_deleted_server_may_still_write(
    lost: Lost, on: str, guests: dict[str, tuple[str, ...]], doubt: str
) -> None:
    """Nova forgets a server that is deleted while its host is away; its hypervisor does not."""
    lost.volumes.append(Volume("disk", "disk", 1, "in-use", "az1", attached_on={"gone": on} if on else {}))
    attach(lost, "gone", "disk", "deleted", used=False)
    verdict = run(lost, repairs=True, guests=guests)
    assert not verdict.failed, verdict.message()
    assert lost.attachments.deleted == ([] if doubt else ["gone"])
    said = [one.text for one in lost.left_behind] if doubt else []
    assert all(doubt in text for text in said) and bool(said) is bool(doubt)
    assert verdict.changed is not bool(doubt)


def test_calls_do_not_grow_with_what_is_found(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    service = type(lost.nova.service("compute"))
    original = service._get

    def get(self: Any, path: str, params: dict[str, Any]) -> dict[str, Any]:
        asked.append(path)
        return original(self, path, params)

    monkeypatch.setattr(service, "_get", get)

    def found(count: int) -> int:
        for number in range(count):
            volume(lost, f"disk-{count}-{number}")
            attach(
                lost, f"a-{count}-{number}", f"disk-{count}-{number}", f"gone-{count}-{number}", "reserved", used=False
            )
        asked.clear()
        assert len(left(lost)) >= count
        return len(asked)

    assert found(30) == found(60)


def test_tags_of_servers_that_were_not_evacuated(lost: Lost) -> None:
    tag = "zoneops:evacuate=az1-0:SHUTOFF"
    for name in ("waits-0", "waits-1"):
        lost.nova.servers[name]["tags"] = [tag, "own"]
    planned = run(lost, check=True)
    assert (lost.nova.servers["waits-0"]["tags"], planned.changed) == ([tag, "own"], True)
    verdict = run(lost)
    assert not verdict.failed, verdict.message()
    assert [change.text for change in verdict.plan] == [
        f"remove tag {tag} of server waits-0 (waits-0), which was not evacuated"
    ]
    assert verdict.after == planned.after
    # That of another host says nothing of this one.
    assert [lost.nova.servers[name]["tags"] for name in ("waits-0", "waits-1")] == [["own"], [tag, "own"]]
    assert (run(lost).changed, lost.left_behind) == (False, [])


def test_a_tag_goes_once_its_host_is_back() -> None:
    lost = Lost()
    tag = "zoneops:evacuate=az1-0:ACTIVE"
    lost.nova.servers["waits-0"]["tags"] = [tag]
    lost.power_on(hosts=("az1-1",))
    away = run(lost)
    assert (away.failed, lost.nova.servers["waits-0"]["tags"]) == (True, [tag])
    lost.nova.start("az1-0")
    planned = run(lost, check=True)
    verdict = run(lost)
    assert not verdict.failed, verdict.message()
    assert (verdict.after, lost.nova.servers["waits-0"]["tags"]) == (planned.after, [])
    assert [change.action for change in verdict.plan] == ["return_host", "forget_tag"]


@pytest.mark.parametrize("busy", [{"status": "ERROR"}, {"OS-EXT-STS:task_state": "powering-off"}])
def test_a_tag_that_nova_does_not_remove_now_is_named(lost: Lost, busy: dict[str, str]) -> None:
    lost.nova.servers["waits-0"] |= {"tags": ["zoneops:evacuate=az1-0:SHUTOFF"], **busy}
    verdict = run(lost)
    assert (verdict.failed, verdict.changed) == (False, False)
    said = {one.kind: one for one in lost.left_behind}
    assert "was not evacuated from az1-0, and has the tag zoneops:evacuate=az1-0:SHUTOFF" in said["tag"].text


def test_a_server_that_left_since_keeps_its_tag(lost: Lost) -> None:
    tag = "zoneops:evacuate=az1-0:SHUTOFF"
    lost.nova.servers["waits-0"]["tags"] = [tag]
    _left_overs, stages = call_of(lost).stages()
    (change,) = stages.plan(stages.observe()).changes
    lost.nova.servers["waits-0"]["OS-EXT-SRV-ATTR:host"] = "az2-0"
    with pytest.raises(ZoneopsError, match=r"keeps the tag .*: host az1-0 is not back, or the server is not there"):
        stages.write(change)
    assert lost.nova.servers["waits-0"]["tags"] == [tag]
