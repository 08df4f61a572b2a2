# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has happened to a zone, by the signs of all sources; and evidence that its hosts are cut off."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import BACKUP, VOLUME, Service
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate import read
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence import watching
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence.diagnosis import (
    ALIVE,
    FAILS,
    HOSTS_DEAD,
    NONE,
    PARTITION,
    STORAGE_ONLY,
    UNKNOWN,
    WORKS,
    ZONE_DEAD,
    blind,
    diagnose,
    heard_after,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence.fencing import Fence, fences
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.model import Seen, Sign
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.read import back_ends, trouble_of
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import host, zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud

ZONE = zone_map(az1="h1 h2", az2="h3").zones["az1"]
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
UP, DOWN = Sign("cinder", "back end one", True, zone="az1"), Sign("cinder", "back end two", False, zone="az1")
ENTRY = {"host": "h1", "kind": "bmc", "by": "ops", "at": "2026-01-01T11:00Z", "what": "power off"}


def seen(states: Mapping[str, str], *signs: Sign) -> Seen:
    hosts = {name: host(name, state=state) for name, state in states.items()}
    return Seen(Region(hosts, dict.fromkeys(hosts, "az1")), signs)


@pytest.mark.parametrize(
    ("states", "signs", "verdict", "storage"),
    [
        (("up", "up"), (UP,), ALIVE, WORKS),
        (("up", "up"), (), ALIVE, NONE),
        (("down", "up"), (UP, DOWN), HOSTS_DEAD, WORKS),
        (("down", "up"), (DOWN,), HOSTS_DEAD, FAILS),
        (("down", "down"), (UP, DOWN), HOSTS_DEAD, WORKS),
        (("down", "down"), (DOWN,), ZONE_DEAD, FAILS),
        (("down", "down"), (), ZONE_DEAD, NONE),
        (("up", "up"), (DOWN,), STORAGE_ONLY, FAILS),
        (("down", "down"), (DOWN, Sign("neutron", "an agent", True, "h1")), PARTITION, FAILS),
        (("down", "down"), (DOWN, Sign("neutron", "an agent", False, "h1")), ZONE_DEAD, FAILS),
        # What says nothing, what lives elsewhere, and the storage of another zone.
        (("down", "down"), (DOWN, Sign("manila", "shares", None, zone="az1")), ZONE_DEAD, FAILS),
        (("down", "down"), (DOWN, Sign("neutron", "an agent", True, "h3")), ZONE_DEAD, FAILS),
        (("down", "down"), (DOWN, replace(UP, zone="az2")), ZONE_DEAD, FAILS),
    ],
)
def test_verdicts(states: tuple[str, str], signs: tuple[Sign, ...], verdict: str, storage: str) -> None:
    found = diagnose(ZONE, seen({"h1": states[0], "h2": states[1], "h3": "up"}, *signs))
    assert (found.verdict, found.storage) == (verdict, storage)
    assert set(found.dead) == {
        name for name, state in zip(("h1", "h2"), states, strict=True) if state == "down" and name not in found.doubtful
    }
    assert found.lost == (verdict == ZONE_DEAD)


@pytest.mark.parametrize(
    ("what", "listed", "works"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"up": False}, True, False),
        ({"enabled": False}, False, True),
        ({"enabled": False, "reason": "zoneops: dead of the zone: fire"}, False, None),
        ({"enabled": False, "up": False, "reason": "zoneops: dead of the zone: fire"}, False, False),
        ({"host": "other@one", "cluster": "lab@one"}, True, True),
    ],
)
def test_back_ends(what: dict[str, Any], listed: bool, works: bool | None) -> None:
    """The pools of one that is disabled are never listed; of others they are the better sign."""
    given = {"binary": VOLUME, "host": "lab@one", "zone": "az1", "reported": "2026-01-01T11:59:00.000000", **what}
    (sign,) = back_ends([Service(**given), Service(BACKUP, "b", "az1")], {"lab@one"} if listed else set())
    assert (sign.alive, bool(sign.backend)) == (works, works is False and what.get("up", True))
    assert sign.at == given["reported"]


def test_a_host_that_is_forced_down_is_silent_and_that_is_no_evidence() -> None:
    found = seen({"h1": "up", "h2": "up", "h3": "up"})
    found.region.hosts["h1"] = replace(host("h1"), forced_down=True)  # type: ignore[index]
    assert diagnose(ZONE, found).dead == ("h1",)


def test_storage_that_cannot_be_read_makes_no_zone_dead() -> None:
    found = replace(seen({"h1": "down", "h2": "down", "h3": "up"}), unheard={"cinder": "503"})
    assert (diagnose(ZONE, found).verdict, diagnose(ZONE, found).storage) == (HOSTS_DEAD, UNKNOWN)
    assert diagnose(ZONE, found).as_dict()["unread"] == {"cinder": "503"}


def test_agents_count_for_their_host_whatever_part_of_its_name_they_use(monkeypatch: pytest.MonkeyPatch) -> None:
    agents = [{"host": name, "binary": "ovn", "alive": True} for name in ("h1.zone.example", "h2", "h3.example", "h4")]
    monkeypatch.setattr(read, "Neutron", lambda _service: SimpleNamespace(agents=lambda: agents))
    cloud: Any = SimpleNamespace(service=lambda *_args, **_more: SimpleNamespace(present=lambda: False))
    there: Any = SimpleNamespace(service=lambda *_args, **_more: SimpleNamespace(present=lambda: True))
    hosts = {name: host(name) for name in ("h1", "h2.example", "h3.other")}
    signs, unread = read.read_signs(cloud, Region(hosts, {}))
    assert [sign.host for sign in signs if sign.source == "neutron"] == []
    found = [sign.host for sign in read._agents(there, hosts)]
    assert (found, unread) == (["h1", "h2.example"], {})


def entries(*times: int, host: str = "h1", binary: str = "nova-compute") -> dict[str, Any]:
    return {
        "id": f"{binary} {host}",
        "binary": binary,
        "host": host,
        "updated_at": f"2026-01-01T12:00:{times[0]:02}.000000",
    }


def test_two_report_intervals_of_others_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nova's interval is five seconds here; nobody waits for a minute."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))

    def services() -> list[dict[str, Any]]:
        now = int(clock[0]) // 5 * 5
        return [entries(0), entries(now, host="h2"), entries(now, host="s", binary="nova-scheduler")]

    listed = services()
    assert watching.doubtful(listed, ["h1", "h9"]) == {"h1": listed[0]["updated_at"]}
    assert watching.reporting(services, {"h1": listed[0]["updated_at"]}, FakeCloud().as_cloud()) == {}
    assert 10 <= clock[0] <= 20
    late = watching.reporting(services, {"h2": listed[1]["updated_at"]}, FakeCloud().as_cloud())
    assert late == {"h2": services()[1]["updated_at"]}


def test_own_eyes() -> None:
    assert "no compute host up, of 2" in blind(seen({"h1": "down", "h3": "down"}))
    assert blind(seen({"h1": "down", "h3": "up"})) == ""


@pytest.mark.parametrize(("at", "later"), [("2026-01-01 11:00:01", True), ("2026-01-01 10:59:59", False), ("", False)])
def test_a_sign_of_life_after_the_evidence(at: str, later: bool) -> None:
    fence = Fence("bmc", "ops", datetime(2026, 1, 1, 11, tzinfo=UTC), "power off")
    found = seen({"h1": "down"}, Sign("neutron", "an agent", False, "h1", at=at))
    assert bool(heard_after(fence, found, "h1")) is later
    assert heard_after(fence, found, "h2") == ""


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ({"nova-scheduler": ["up", "down"], "nova-conductor": ["up"]}, ()),
        (
            {"nova-scheduler": ["down"], "nova-conductor": ["down"]},
            ("no nova-scheduler is up", "no nova-conductor is up"),
        ),
        ({}, ()),
    ],
)
def test_what_of_nova_itself_does_not_work(states: dict[str, list[str]], found: tuple[str, ...]) -> None:
    entries = [{"binary": binary, "state": state} for binary, several in states.items() for state in several]
    assert trouble_of(entries) == found


def test_evidence_by_host_the_newest_of_several() -> None:
    several = {**ENTRY, "host": None, "hosts": ["h1", "h2"], "at": "2026-01-01T13:30:00+02:00", "by": "  the\nshift "}
    found = fences([ENTRY, several, {**ENTRY, "host": "h3"}], ["h1", "h2", "h3"], NOW)
    assert found["h1"] == found["h2"]
    assert found["h1"].text == "bmc by the shift at 2026-01-01T11:30:00Z: power off"
    assert found["h3"].at == datetime(2026, 1, 1, 11, tzinfo=UTC)
    assert fences([{**ENTRY, "at": NOW}], ["h1"], NOW)["h1"].at == NOW


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": None}, "entry 1: it names no host"),
        ({"host": "h9"}, "no compute host in the zone files is named h9"),
        ({"kind": ""}, "kind is missing"),
        ({"by": " ", "what": None}, "by, what is missing"),
        ({"at": "yesterday"}, "at is 'yesterday', which is no time"),
        ({"at": "2026-01-01T11:00"}, "without a time zone"),
        ({"at": (NOW + timedelta(minutes=6)).isoformat()}, "which is still to come"),
        ({"why": "x"}, "no key is named why"),
    ],
)
def test_evidence_that_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ZoneopsError, match=r"^option 'fencing', entry 1") as raised:
        fences([{**ENTRY, **changed}], ["h1"], NOW)
    assert said in raised.value.message
