# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports outside their zone, rules that reach beyond it, and what is deleted of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.access.model import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.access.reconcile import ShareAccess
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import (
    Export,
    Instance,
    Rule,
    Share,
    ShareService,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem.test_types import Keystone

ZONES: Mapping[str, Any] = {
    "az1": {"storage_networks": ["172.18.1.0/24"], "client_networks": ["10.1.0.0/16"]},
    "az2": {"storage_networks": ["172.18.2.0/24"]},
    "az3": {},
}
LOCAL = {"name": "local", "zone_local": True}
ALL = tuple(ZONES)


def zone_map(zones: Mapping[str, Any] | None = None, **region: Any) -> ZoneMap:
    zones = zones or ZONES
    return load_map(zones, {"zones": list(zones), "share_types": [LOCAL], **region})


def share(number: str, zone: str, kind: str = "local", project: str = "p") -> Share:
    return Share(number, f"share-{number}", project, kind, "NFS", zone)


def copy(number: str, zone: str, *paths: str) -> Instance:
    return Instance(f"i-{number}-{zone}", number, zone, f"lab@{zone}#pool", paths)


class Manila:
    """manila with shares, and a list of what it was asked."""

    def __init__(self, *shares: Share, copies: tuple[Instance, ...] = (), rules: Any = None) -> None:
        self.shares_there = shares
        self.copies = copies
        self.rules: dict[str, list[Rule]] = rules or {}
        self.admin: set[str] = set()
        self.there = True
        self.refused: int | None = None
        self.calls: list[str] = []
        self.services: list[ShareService] = []

    def present(self) -> bool:
        return self.there

    def shares(self) -> tuple[Share, ...]:
        self.calls.append("shares")
        return self.shares_there

    def instances(self) -> tuple[Instance, ...]:
        self.calls.append("instances")
        return self.copies

    def exports_of(self, number: str) -> tuple[Export, ...]:
        self.calls.append(f"exports {number}")
        (found,) = (one for one in self.copies if one.id == number)
        return tuple(Export(path, path.partition(":")[0] in self.admin) for path in found.paths)

    def rules_of(self, number: str) -> tuple[Rule, ...]:
        self.calls.append(f"rules {number}")
        if number not in self.rules:
            raise ApiError("gone", status=404)
        return tuple(self.rules[number])

    def share_services(self) -> list[ShareService]:
        self.calls.append("services")
        return self.services

    def delete_rule(self, rule: Rule) -> None:
        if self.refused:
            raise ApiError("refused", status=self.refused)
        self.rules[rule.share_id] = [one for one in self.rules[rule.share_id] if one.id != rule.id]


def reconciler(manila: Manila, options: Options | None = None, wanted: ZoneMap | None = None) -> ShareAccess:
    keystone = Keystone(guarded=("guarded",), team=("id-of-team",))
    return ShareAccess(manila, keystone, wanted or zone_map(), options or Options(ALL))  # type: ignore[arg-type]


def looked(found: ShareAccess) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Rules of the refusals and the notes, by zone."""
    plan = found.plan(found.observe())
    refused = {zone: [one.rule for one in plan.refusals if one.zone == zone] for zone in ALL}
    return refused, {zone: [one.message for one in plan.notes if one.zone == zone] for zone in ALL}


def test_an_export_outside_its_zone_fails_the_zone_and_says_whose_network_it_is_in() -> None:
    manila = Manila(share("1", "az1"), copies=(copy("1", "az1", "172.18.1.10:/a", "172.18.2.10:/a"),), rules={"1": []})
    found = reconciler(manila)
    plan = found.plan(found.observe())
    (refusal,) = plan.refusals
    assert (refusal.zone, refusal.rule) == ("az1", "foreign_exports")
    assert "share-1 (1, project p) is exported at 172.18.2.10:/a, in the storage network of zone az2" in refusal.message
    refused, notes = looked(reconciler(manila, Options(ALL, allow=frozenset(["foreign_exports"]))))
    assert refused["az1"] == []
    assert "172.18.2.10" in notes["az1"][0]


def test_an_address_for_administrators_is_none_and_is_asked_for_once() -> None:
    copies = tuple(copy(str(number), "az1", f"192.0.2.1:/{number}", f"172.18.1.1:/{number}") for number in range(50))
    manila = Manila(*(share(str(number), "az1", "other") for number in range(50)), copies=copies)
    manila.admin = {"192.0.2.1"}
    assert looked(reconciler(manila))[0] == {"az1": [], "az2": [], "az3": []}
    assert manila.calls == ["shares", "instances", "exports i-0-az1"]


def test_a_host_name_cannot_be_told_and_a_zone_without_networks_is_not_looked_at() -> None:
    copies = (copy("1", "az1", "nfs.example.org:/a"), copy("2", "az3", "192.0.2.1:/a"))
    manila = Manila(share("1", "az1", "other"), share("2", "az3", "other"), copies=copies)
    refused, notes = looked(reconciler(manila))
    assert refused == {"az1": [], "az2": [], "az3": []}
    assert "nfs.example.org" in notes["az1"][0]
    assert notes["az3"] == []


def test_only_shares_of_zone_local_types_and_projects_are_asked_for_their_rules() -> None:
    shares = (share("1", "az1"), share("2", "az1", "other"), share("3", "az2", "other", "guarded"))
    manila = Manila(*shares, rules={"1": [], "3": [Rule("r", "3", "ip", "0.0.0.0/0", "ro")]})
    _refused, notes = looked(reconciler(manila, wanted=zone_map(zone_local_projects=["guarded"])))
    assert manila.calls[2:] == ["rules 1", "rules 3"]
    assert notes["az2"] == [
        "access rule r of share share-3 (3, project guarded) is for 0.0.0.0/0, which is not within 172.18.2.0/24"
    ]


@pytest.mark.parametrize(
    ("project", "reason"),
    [
        ("guarded", None),
        ("Guarded", "Guarded is no project (did you mean guarded?)."),
        ("team", "team is a name; give the id: id-of-team."),
    ],
)
def test_a_project_that_does_not_exist_is_no_project_whose_shares_keep_to_their_zone(
    project: str, reason: str | None
) -> None:
    wanted = zone_map(zone_local_projects=[project])
    found = reconciler(Manila(share("1", "az1", "other")), wanted=wanted)
    refusals = [one.message for one in found.plan(found.observe()).refusals]
    assert refusals == ([f"zone_local_projects of the region: {reason}"] * 3 if reason else [])
    # It is not in the way of deleting a rule.
    found = reconciler(Manila(share("1", "az1", "other")), Options(ALL, delete_rules=("r",)), wanted)
    assert not found.plan(found.observe()).refusals


def test_nothing_is_asked_where_the_map_asks_for_nothing() -> None:
    manila = Manila()
    wanted = zone_map({"az1": {}, "az2": {}, "az3": {}}, share_types=[])
    assert looked(reconciler(manila, wanted=wanted))[0] == {"az1": [], "az2": [], "az3": []}
    assert manila.calls == []


def test_a_replica_brings_the_networks_of_its_zone() -> None:
    rules = {"1": [Rule("r", "1", "ip", "172.18.2.7", "rw")]}
    one = share("1", "az1")
    assert looked(reconciler(Manila(one, copies=(copy("1", "az1"),), rules=rules)))[1]["az1"] != []
    both = (copy("1", "az1"), copy("1", "az2"))
    assert looked(reconciler(Manila(one, copies=both, rules=rules)))[1]["az1"] == []


def test_rules_that_cannot_be_read_are_said_and_a_share_that_is_gone_is_not() -> None:
    class Locked(Manila):
        def rules_of(self, number: str) -> tuple[Rule, ...]:
            raise ApiError("locked", status=403)

    assert "could not be read: locked" in looked(reconciler(Locked(share("1", "az1"))))[1]["az1"][0]
    assert looked(reconciler(Manila(share("1", "az1"))))[1]["az1"] == []


RULES = {
    "1": [
        Rule("in", "1", "ip", "10.1.2.3", "rw"),
        Rule("out", "1", "ip", "10.0.0.0/8", "rw"),
        Rule("ceph", "1", "cephx", "alice", "rw"),
    ]
}


@pytest.mark.parametrize(
    ("named", "left"),
    [
        (["out"], ["in", "ceph"]),
        (["out", "ceph"], ["in"]),
        ([], ["in", "out", "ceph"]),
        (["gone"], ["in", "out", "ceph"]),
    ],
)
def test_only_named_rules_are_deleted(named: list[str], left: list[str]) -> None:
    manila = Manila(share("1", "az1"), rules={"1": list(RULES["1"])})
    found = reconciler(manila, Options(ALL, delete_rules=tuple(named)))
    observed = found.observe()
    plan = found.plan(observed)
    assert plan.refusals == ()
    after = reduce(found.simulate, plan.changes, observed)
    for change in plan.changes:
        assert found.write(change) is None
    assert [rule.id for rule in manila.rules["1"]] == [rule.id for rule in after.rules["1"]] == left
    assert found.plan(found.observe()).changes == ()
    assert [one["id"] for one in found.describe(observed, "az1")["rules_beyond"]] == ["out", "ceph"]


def test_ids_that_nobody_has_are_named() -> None:
    """Once, by the first look: what the run deletes is gone afterwards, and is no mistake."""
    manila = Manila(share("1", "az1"), rules={"1": list(RULES["1"])})
    found = reconciler(manila, Options(ALL, delete_rules=("out", "typo", "in", "typo")))
    assert found.warnings == []
    for change in found.plan(found.observe()).changes:
        found.write(change)
    manila.rules["1"] = [rule for rule in manila.rules["1"] if rule.id != "out"]
    found.observe()
    (warning,) = found.warnings
    assert warning == (
        "option 'delete_rules' names access rules that no zone-local share in az1, az2, az3 has: typo. "
        "They were deleted, are mistyped, or belong to a share that is not zone-local; nothing was deleted for them."
    )


def test_where_rules_could_not_be_read_an_id_may_be_one_of_them() -> None:
    class Locked(Manila):
        def rules_of(self, number: str) -> tuple[Rule, ...]:
            raise ApiError("locked", status=403)

    found = reconciler(Locked(share("1", "az1")), Options(ALL, delete_rules=("out",)))
    found.observe()
    assert "or of a share whose rules could not be read" in found.warnings[0]


def test_ids_are_named_also_where_the_map_asks_for_nothing_and_not_without_manila() -> None:
    wanted = zone_map({"az1": {}, "az2": {}, "az3": {}}, share_types=[])
    found = reconciler(Manila(), Options(ALL, delete_rules=("out",)), wanted)
    found.observe()
    assert "has: out." in found.warnings[0]
    absent = Manila()
    absent.there = False
    found = reconciler(absent, Options(ALL, delete_rules=("out",)))
    found.observe()
    assert found.warnings == []


def test_a_rule_on_its_way_out_is_waited_for_and_no_finding_any_more() -> None:
    manila = Manila(share("1", "az1"), rules={"1": [replace(rule, going=rule.id == "out") for rule in RULES["1"]]})
    found = reconciler(manila, Options(ALL, delete_rules=("out",)))
    observed = found.observe()
    assert [change.rule.id for change in found.plan(observed).changes] == ["out"]
    assert [one["id"] for one in found.describe(observed, "az1")["rules_beyond"]] == ["ceph"]
    (note,) = looked(reconciler(manila))[1]["az1"]
    assert note.startswith("access rule ceph")
    (change,) = found.plan(observed).changes
    found.write(change)
    assert "out" in [rule.id for rule in manila.rules["1"]]


def test_a_rule_that_is_gone_by_now_is_deleted() -> None:
    manila = Manila(share("1", "az1"), rules=dict(RULES))
    found = reconciler(manila, Options(ALL, delete_rules=("out",)))
    (change,) = found.plan(found.observe()).changes
    manila.refused = 404
    with pytest.raises(ApiError):
        found.write(change)  # the rule is there: 404 was for something else
    manila.rules["1"] = [rule for rule in manila.rules["1"] if rule.id != "out"]
    assert found.write(change) is None
    manila.refused = 500
    with pytest.raises(ApiError):
        found.write(change)


def test_a_rule_of_a_share_whose_service_is_down_is_not_deleted() -> None:
    """manila would accept the request, and whoever shall not use the share still can."""
    manila = Manila(share("1", "az1"), copies=(copy("1", "az1"),), rules=dict(RULES))
    manila.services = [
        ShareService("lab@az1", "manila-share", "az1", up=False),
        ShareService("lab@az2", "manila-share", "az2", up=False),
    ]
    found = reconciler(manila, Options(ALL, delete_rules=("out",)))
    observed = found.observe()
    closer = found.observe_details(observed, found.plan(observed))
    assert closer is not None
    plan = found.plan(closer)
    assert [(one.zone, one.rule) for one in plan.refusals] == [("az1", "service_down")]
    assert "manila-share lab@az1 is down, which share share-1" in plan.refusals[0].message
    assert plan.changes == ()
    manila.services = [replace(one, up=True, enabled=False) for one in manila.services]
    closer = found.observe_details(observed, found.plan(observed))
    assert closer is not None
    assert len(found.plan(closer).changes) == 1


def test_a_rule_that_stays_in_its_zone_is_not_deleted() -> None:
    found = reconciler(Manila(share("1", "az1"), rules=RULES), Options(ALL, delete_rules=("in", "out")))
    plan = found.plan(found.observe())
    assert [one.rule for one in plan.refusals] == ["within_zone"]
    assert plan.changes == ()


def test_a_wrong_export_is_not_in_the_way_of_deleting_a_rule() -> None:
    manila = Manila(share("1", "az1"), copies=(copy("1", "az1", "192.0.2.1:/a"),), rules=RULES)
    plan = reconciler(manila, Options(ALL, delete_rules=("out",))).plan(
        reconciler(manila, Options(ALL, delete_rules=("out",))).observe()
    )
    assert [change.rule.id for change in plan.changes] == ["out"]


def test_many_findings_are_cut_short_in_messages_only() -> None:
    rules = {"1": [Rule(str(number), "1", "cephx", "alice", "rw") for number in range(30)]}
    found = reconciler(Manila(share("1", "az1"), rules=rules))
    observed = found.observe()
    notes = [note.message for note in found.plan(observed).notes]
    assert len(notes) == 21
    assert notes[-1] == "10 more access rules, see the state of the zone"
    assert len(found.describe(observed, "az1")["rules_beyond"]) == 30


def test_without_manila_only_zones_with_share_back_ends_fail() -> None:
    manila = Manila()
    manila.there = False
    wanted = zone_map({"az1": {"share_backends": [{}]}, "az2": {}, "az3": {}})
    refused, notes = looked(reconciler(manila, wanted=wanted))
    assert refused == {"az1": ["no_manila"], "az2": [], "az3": []}
    assert [len(notes[zone]) for zone in ALL] == [0, 1, 1]


def test_a_share_without_a_zone_of_the_map_is_nobody_s() -> None:
    manila = Manila(
        replace(share("1", "az1"), availability_zone="elsewhere"), copies=(copy("1", "elsewhere", "192.0.2.1:/a"),)
    )
    assert looked(reconciler(manila)) == ({zone: [] for zone in ALL}, {zone: [] for zone in ALL})
