# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drill does with a zone, and what blocks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Away, Question
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.plan import Answer, Planner
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Host
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Observed as Compute
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Image
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Change, Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.disabled.reason import drill_mark
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import Share
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill import reconcile
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.changes import PutBack, Rehearse
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.copies import Copies
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.model import (
    Left,
    Observed,
    Wanted,
    Window,
    name_of,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.probes import Kinds, Probes
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.reconcile import Drilling
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.result import outcome
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.model import Defaults
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.regions import facts, server, shape
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    host,
    zone_map,
)

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
MARK = drill_mark("2030-01-31T13:00Z")
SOFT: dict[str, Any] = {"level": "soft"}


def loss(*servers: Any) -> Answer:
    return Planner(facts(*servers), Question()).away(Away(frozenset(("az1-0", "az1-1")), frozenset(("az1",))))


def region(**changes: Any) -> Observed:
    """Two zones of two hosts."""
    hosts = {name: host(name) for name in ("az1-0", "az1-1", "az2-0", "az2-1")}
    found: dict[str, Host] = {**hosts, **changes.pop("hosts", {})}
    values: dict[str, Any] = {
        "hosts": found,
        "zones": {name: name.partition("-")[0] for name in found},
        "aggregates": (aggregate("az1", "az1-0 az1-1"), aggregate("az2", "az2-0 az2-1")),
        "loss": {"az1": loss()},
        **changes,
    }
    return Observed(**values)


def drilling(files: dict[str, Any] | None = None, nova: Any = None, seconds: float = 600.0, **wanted: Any) -> Drilling:
    of_map = zone_map(**{"az1": "az1-0 az1-1", "az2": "az2-0 az2-1", **(files or {})})
    cloud = cast("Any", SimpleNamespace(service=lambda *_args, **_more: None, writes=[], deadline=Deadline(seconds)))
    return Drilling(cloud, nova, of_map, Wanted(only=("az1",), **wanted), Question(), cast("Any", None), NOW)


def drilled(observed: Observed, files: dict[str, Any] | None = None, **wanted: Any) -> Plan[Change]:
    """The plan for the first zone."""
    return drilling(files, **wanted).plan(observed)


def rules(plan: Plan[Change]) -> list[str]:
    return [refusal.rule for refusal in plan.refusals]


def test_a_soft_drill_disables_what_serves_and_names_the_others() -> None:
    plan = drilled(region(hosts={"az1-1": host("az1-1", "disabled", reason="fan")}), **SOFT)
    assert plan.changes == (Rehearse("az1", ("az1-0",), {"az2": "az2"}, 300.0),)
    assert rules(plan) == []


def test_on_paper_nothing_is_planned() -> None:
    plan = drilled(region(), files={"az2": {"zone_state": "down", "compute": {"hosts": ["az2-0"]}}})
    assert (plan.changes, plan.refusals) == ((), ())


def test_on_paper_what_is_in_the_zone_only_is_named() -> None:
    files = {"az1": {"compute": {"hosts": ["az1-0", "az1-1"]}, "image_store": {"type": "file"}}}
    seen = region(copies=Copies((Image("i1", "single", "active", stores=("az1",)),)))
    paper = drilled(seen, files)
    assert (paper.refusals, len(paper.notes)) == ((), 1)
    assert "images are in store az1 only: single (i1)" in paper.notes[0].message
    assert drilled(seen, files, **SOFT).notes == ()


def test_what_could_not_be_read_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are asked for by two parts of the look."""
    found = drilling()
    silent = "glance images: 503"
    monkeypatch.setattr(found, "_look", lambda _zones: (Compute(), {"az1": loss()}, (silent,), ()))
    monkeypatch.setattr(found, "probes", SimpleNamespace(left=Left, unread=()))
    monkeypatch.setattr(reconcile, "read_defaults", lambda _cloud: Defaults())
    monkeypatch.setattr(reconcile, "read_copies", lambda _cloud: Copies(None, (), (silent,)))
    assert found.observe().unread == (silent,)


def test_what_an_interrupted_drill_left_is_put_back_also_where_the_next_is_blocked() -> None:
    left = Left({"s": name_of("az1", "az2")}, {"v": name_of("az1-b", "az2")})
    seen = region(hosts={"az1-0": host("az1-0", "disabled", reason=MARK)}, left=left)
    plan = drilled(seen, **SOFT)
    assert plan.changes[0] == PutBack("az1", ("az1-0",), Left({"s": name_of("az1", "az2")}))
    assert plan.changes[1].hosts == ("az1-0", "az1-1")  # type: ignore[attr-defined]
    blocked = drilled(seen, **SOFT, blocked=(Window(NOW, NOW.replace(hour=13)),))
    assert [type(change) for change in blocked.changes] == [PutBack]
    assert rules(blocked) == ["blocked"]
    paper = drilled(seen)
    assert paper.changes == ()
    assert "host az1-0 is disabled" in paper.notes[0].message


@pytest.mark.parametrize(
    ("changes", "files", "wanted", "rule"),
    [
        ({"loss": {}}, {}, {}, "capacity"),
        ({"loss": {"az1": loss(server("big", shape=shape(vcpus=999)))}}, {}, {}, "capacity"),
        ({"loss": {"az1": loss(server("big", shape=shape(vcpus=999)))}}, {}, {"allow": frozenset(("capacity",))}, ""),
        (
            {"defaults": Defaults(image_store="az1")},
            {"az1": {"compute": {"hosts": ["az1-0"]}, "image_store": {"type": "file"}}},
            {},
            "defaults",
        ),
        ({}, {}, {"findings": ({"severity": "critical", "zone": "az1", "message": "x"},)}, "findings"),
        ({}, {}, {"findings": ({"severity": "critical", "zone": "az2", "message": "x"},)}, ""),
        ({}, {}, {"findings": ({"severity": "critical", "zone": "az1", "message": "x", "muted": "known"},)}, ""),
        ({"hosts": {"az1-0": host("az1-0", state="down")}}, {}, {}, "host_down"),
        ({"hosts": {"az2-0": host("az2-0", "disabled", reason=MARK)}}, {}, {}, "other_zone"),
        ({}, {"az2": {"zone_state": "down", "compute": {"hosts": ["az2-0"]}}}, {}, "other_zone no_other_zone"),
        ({}, {"az1": {"zone_state": "maintenance", "compute": {"hosts": ["az1-0"]}}}, {}, "zone_state"),
        ({"incomplete": ("cell c1 does not answer",)}, {}, {}, "incomplete_listing"),
        ({"hosts": {name: host(name, "disabled", reason="fan") for name in ("az1-0", "az1-1")}}, {}, {}, "no_host"),
    ],
)
def test_what_blocks_it(changes: dict[str, Any], files: dict[str, Any], wanted: dict[str, Any], rule: str) -> None:
    plan = drilled(region(**changes), files, **SOFT, **wanted)
    assert " ".join(rules(plan)) == rule
    assert bool(plan.changes) is (not rule)


def test_a_majority_that_would_be_lost() -> None:
    files = {"az1": {"compute": {"hosts": ["az1-0"]}, "kubernetes": {}}}
    quorum = {"etcd": {"size": 3, "members": {"az1": ["m1", "m2"], "az2": ["m3"]}}}
    assert rules(drilled(region(), files, quorum=quorum)) == ["quorum"]
    assert rules(drilled(region(), files, quorum=quorum, allow=frozenset(("quorum",)))) == []


@pytest.mark.parametrize(
    ("refused", "failed", "paper", "said"),
    [
        ([], False, True, "SUCCEEDED"),
        ([], False, False, None),
        ([], True, False, "FAILED"),
        (["capacity"], True, True, "CAPACITY_CHECK_FAILED"),
        (["capacity", "host_down"], True, False, "BLOCKED"),
        (["defaults"], True, True, "FAILED"),
    ],
)
def test_outcomes_of_what_was_not_begun(refused: list[str], failed: bool, paper: bool, said: str | None) -> None:
    verdict = {"failed": failed, "refusals": [{"rule": rule} for rule in refused]}
    assert outcome(verdict, paper=paper) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"az1-1": host("az1-1", "disabled", reason="fan")}, "host az1-1 is disabled or down now"),
        ({"az1-0": host("az1-0", state="down")}, "host az1-0 is disabled or down now"),
        ({name: host(name, state="down") for name in ("az2-0", "az2-1")}, "zone az2 has no compute host that is up"),
    ],
)
def test_a_drill_begins_only_where_all_is_still_as_it_was_seen(now: dict[str, Host], said: str) -> None:
    """The drill of another zone was before it: what a person disabled meanwhile would be enabled at the end."""
    seen = region()
    nova = SimpleNamespace(hosts=lambda: ({**seen.hosts, **now}, ()))
    found = drilling(nova=nova, **SOFT)
    (change,) = found.plan(seen).changes
    found.start_from(seen, Plan())
    with pytest.raises(ZoneopsError, match=f"{said}: no drill was begun. Run it again."):
        found.write(change)
    assert (found.done, found.probed) == ({}, {})


@pytest.mark.parametrize(("host_seconds", "needed"), [(2.0, 300), (100.0, 440)])
def test_a_drill_that_the_deadline_would_end_is_not_begun(
    monkeypatch: pytest.MonkeyPatch, host_seconds: float, needed: int
) -> None:
    """With what restoring many hosts takes."""
    monkeypatch.setattr(reconcile, "HOST_SECONDS", host_seconds)
    seen = region()
    found = drilling(nova=SimpleNamespace(hosts=lambda: (seen.hosts, ())), seconds=needed - 10.0, **SOFT)
    (change,) = found.plan(seen).changes
    found.start_from(seen, Plan())
    with pytest.raises(
        ZoneopsError, match=f"takes {needed} s and more, and {needed - 10} s are left of the run's dead"
    ):
        found.write(change)


def test_a_drill_that_breaks_off_is_remembered_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = region(aggregates=(replace(aggregate("az1", "az1-0 az1-1"), id=1),))
    kept: list[dict[str, str]] = []
    nova = SimpleNamespace(hosts=lambda: (seen.hosts, ()), set_metadata=lambda _number, found: kept.append(found))
    found = drilling(nova=nova, **SOFT)
    found.probes = cast("Any", SimpleNamespace(left=Left, clean=lambda _left: None))

    def breaks(*_given: Any) -> None:
        raise ZoneopsError("nova does not answer.")

    monkeypatch.setattr(found, "_disable", breaks)
    (change,) = found.plan(seen).changes
    found.start_from(seen, Plan())
    with pytest.raises(ZoneopsError, match="FAILED: nova does not answer"):
        found.write(change)
    assert found.done["az1"].outcome == "FAILED"
    assert [one["zoneops:drill"].partition(",")[0] for one in kept] == ['{"outcome":"FAILED"']


def test_a_drill_ends_early_while_there_is_time_to_restore_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "HOST_SECONDS", 100.0)
    seen = region()
    nova = SimpleNamespace(hosts=lambda: (seen.hosts, ()))
    found = drilling(nova=nova, seconds=481.0, **SOFT)
    begun: list[str] = []
    restored: list[Any] = []

    def begin(_drilled: str, zone: str, _place: str) -> list[Any]:
        begun.append(zone)
        return []

    found.probes = cast("Any", SimpleNamespace(left=Left, clean=restored.append, run=begin))

    def disable(*_given: Any) -> None:
        found.cloud.deadline = Deadline(139.0)

    monkeypatch.setattr(found, "_disable", disable)
    (change,) = found.plan(seen).changes
    found.start_from(seen, Plan())
    with pytest.raises(ZoneopsError, match=r"FAILED: 139 s are left of the run's deadline.*the drill ended early"):
        found.write(change)
    assert (begun, len(restored)) == ([], 1)


def test_shares_of_an_earlier_drill_are_found_also_where_this_one_creates_none() -> None:
    cloud = cast("Any", SimpleNamespace(service=lambda *_args: SimpleNamespace(present=lambda: False), writes=[]))
    share = Share("s", name_of("az1", "az2"), "p", "gold", "NFS", "az2", {"zoneops": "drill"})

    def silent() -> tuple[Share, ...]:
        raise ZoneopsError("manila does not answer.")

    found = []
    for shares, kind in ((lambda: (share,), None), (silent, None), (silent, "gold")):
        probes = Probes(cloud, Kinds(share_type=kind))
        probes._manila = cast("Any", SimpleNamespace(shares=shares))
        probes.nova = cast("Any", SimpleNamespace(named=lambda _name: ()))
        if kind:
            with pytest.raises(ZoneopsError, match="manila does not answer"):
                probes.left()
        else:
            found.append((dict(probes.left().shares), probes.unread))
    assert found == [
        ({"s": name_of("az1", "az2")}, ()),
        ({}, ("shares of an earlier drill: manila does not answer.",)),
    ]


def test_a_share_of_that_name_is_not_of_a_drill_by_its_name_alone() -> None:
    cloud = cast("Any", SimpleNamespace(service=lambda *_args: SimpleNamespace(present=lambda: False), writes=[]))
    probes = Probes(cloud, Kinds(share_type="gold"))
    name = name_of("az1", "az2")
    ours = Share("ours", name, "p", "gold", "NFS", "az2", {"zoneops": "drill"})
    theirs = Share("theirs", name, "q", "gold", "NFS", "az2")
    probes._manila = cast("Any", SimpleNamespace(shares=lambda: (ours, theirs)))
    probes.nova = cast("Any", SimpleNamespace(named=lambda _name: ()))
    assert probes.left().of("az1") == Left(shares={"ours": name})
