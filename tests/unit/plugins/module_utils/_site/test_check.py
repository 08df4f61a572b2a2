# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one part refuses, no part writes; what several zones need of each other is refused with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.planner import UNDISCOVERED, UNKNOWN
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Change, Plan, Refusal
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._site.check import Checked, check, undiscovered
from ansible_collections.zoneops.openstack.plugins.module_utils._site.reconcilers import ZONE, Asked
from ansible_collections.zoneops.openstack.plugins.module_utils._types.changes import CreateType
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map


@dataclass(frozen=True)
class Step(Change):
    action: ClassVar[str] = "step"
    target: ClassVar[str] = "thing"
    before: ClassVar[None] = None
    after: ClassVar[str] = "made"
    text: ClassVar[str] = "make thing"


class Part:
    """A reconciler that changes every zone, refuses some, and needs one zone for another."""

    def __init__(
        self,
        asked: Asked,
        refuses: Mapping[str, str] | None = None,
        needs: Mapping[str, str] | None = None,
        makes: Sequence[Change] = (),
    ) -> None:
        self.asked = asked
        self.zones = asked.only
        self.refuses = refuses or {}
        self.needs = needs or {}
        self.makes = makes
        self.warnings = [f"looked at {', '.join(asked.only)}"]

    def observe(self) -> None:
        return None

    def observe_details(self, _observed: None, _plan: Plan[Change]) -> None:
        return None

    def plan(self, _observed: None) -> Plan[Change]:
        refusals = [
            Refusal(zone, rule, f"{rule} in {zone}") for zone, rule in self.refuses.items() if zone in self.zones
        ]
        refusals += [
            Refusal(zone, "depends", f"needs {other}")
            for zone, other in self.needs.items()
            if zone in self.zones and other in self.asked.refused
        ]
        return Plan.of([*(Step(zone) for zone in self.zones), *self.makes], refusals, ())

    def simulate(self, _observed: None, _change: Change) -> None:
        return None

    def describe(self, _observed: None, zone: str) -> Mapping[str, Any]:
        return {zone: self.asked.only}


@dataclass
class Cloud:
    deadline: Deadline = field(default_factory=lambda: Deadline(60))


def asked(*zones: str) -> Asked:
    wanted = load_map({zone: {} for zone in zones}, {"zones": list(zones)})
    return Asked(Cloud(), wanted, zones, {})  # type: ignore[arg-type]


def test_no_part_changes_a_zone_that_another_refuses_nor_one_that_needs_it() -> None:
    def reconcilers(what: Asked) -> dict[str, Any]:
        refusing = Part(what, refuses={"az1": "unknown_zone"})
        return {"one": Part(what, needs={"az2": "az1", "az3": "az2"}), "other": refusing}

    found = check(asked("az1", "az2", "az3", "az4"), reconcilers)
    assert found.refused == ("az1", "az2", "az3")
    assert [len(verdict["plan"]) for verdict in found.verdicts.values()] == [0, 0, 0, 2]
    assert [verdict["changed"] for verdict in found.verdicts.values()] == [False, False, False, True]
    assert [verdict["msg"] for verdict in found.verdicts.values()][:3] == [
        "unknown_zone in az1",
        "needs az1",
        "needs az2",
    ]
    # What the zones share is planned for those that are left, and the warnings are of all.
    assert found.verdicts["az4"]["state"]["one"] == {"az4": ("az4",)}
    assert found.warnings == ["looked at az1, az2, az3, az4"] * 2


class Settled(Part):
    """A reconciler that finds every zone as it should be."""

    def plan(self, _observed: None) -> Plan[Change]:
        return Plan()


def test_parts_with_nothing_to_do_are_not_due_and_keep_their_verdicts() -> None:
    """A part with two reconcilers is due as a whole; of a zone that is refused nothing is."""

    def reconcilers(what: Asked) -> dict[str, Any]:
        return {
            ZONE: Part(what, refuses={"az1": "unknown_zone"}),
            "volume types": Settled(what),
            "volume services": Settled(what),
            "share types": Settled(what),
            "share services": Part(what),
        }

    found = check(asked("az1", "az2"), reconcilers)
    assert found.due == ("compute", "shared_file_systems")
    assert {zone: verdict["parts"] for zone, verdict in found.unchanged.items()} == {
        "az2": ["volume types", "volume services"]
    }
    assert found.unchanged["az2"]["msg"] == "nothing to change"


def test_a_part_that_could_not_be_read_is_due() -> None:
    class Unread(Part):
        def observe(self) -> None:
            raise ZoneopsError("no answer")

    def reconcilers(what: Asked) -> dict[str, Any]:
        return {ZONE: Settled(what), "images": Unread(what)}

    found = check(asked("az1"), reconcilers)
    assert (found.due, found.refused) == (("images",), ())


def both(what: Asked) -> dict[str, Any]:
    return {"part": Part(what, refuses={"az1": "one", "az2": "two"})}


def test_zones_that_are_all_refused_are_all_told() -> None:
    found = check(asked("az1", "az2"), both)
    assert found.refused == ("az1", "az2")
    assert [verdict["msg"] for verdict in found.verdicts.values()] == ["one in az1", "two in az2"]


def test_what_an_earlier_step_makes_is_awaited() -> None:
    found = check(asked("az1", "az2"), both, ["az1"])
    assert found.refused == ("az2",)
    assert "checked again when the Kubernetes side is created; now: one in az1" in found.verdicts["az1"]["warnings"]


def test_a_default_type_that_is_missing_does_not_refuse_the_run_that_makes_types() -> None:
    made = CreateType("az1", "volume type", "gold", ("az1",), specs={}, public=True, description=None)
    for makes, refused in (([made], ()), ([], ("az1", "az2"))):
        assert check(asked("az1", "az2"), partial(without_default_type, makes)).refused == refused


def without_default_type(makes: Sequence[Change], what: Asked) -> dict[str, Any]:
    refusing = Part(what, refuses={"az1": "default_type", "az2": "default_type"})
    return {"types": Part(what, makes=makes), "services": refusing}


def test_a_zone_that_is_still_to_come_is_refused_only_for_what_no_earlier_step_brings() -> None:
    """The Kubernetes side brings back ends, stores and hosts; a host that nova has elsewhere, or with servers, it does not mend."""
    for part, rule, refused in (
        ("volume services", "missing_service", ()),
        ("images", "no_store", ()),
        (ZONE, UNKNOWN, ()),
        (ZONE, UNDISCOVERED, ()),
        (ZONE, "az_change", ("az1",)),
        (ZONE, "host_elsewhere", ("az1",)),
    ):
        checked = check(asked("az1"), partial(refusing_part, part, rule), ["az1"])
        assert checked.refused == refused, rule
        assert checked.verdicts["az1"]["failed"] is bool(refused)


def refusing_part(part: str, rule: str, what: Asked) -> dict[str, Any]:
    return {part: Part(what, refuses={"az1": rule})}


def test_hosts_are_waited_for_only_where_they_are_all_that_is_missing() -> None:
    """Not those of a zone that is refused for something else, and not those that no data plane of the zone brings."""
    node = {"address": "192.0.2.1", "networks": [{"name": "ctlplane", "subnet": "subnet1"}]}
    plane = {
        "kubernetes": {},
        "image_store": {"type": "cinder", "volume_type": "v"},
        "data_plane": {"nodes": {"c1": node}},
    }
    wanted = load_map({"az1": plane}, {"zones": ["az1"]})
    what = Asked(Cloud(), wanted, ("az1",), {})  # type: ignore[arg-type]
    mine, other = "c1.ctlplane.example.com", "c9.ctlplane.example.com"
    for rule, names, refused, expected in (
        (UNDISCOVERED, [mine], (), {"az1": [mine]}),
        (UNKNOWN, [mine], (), {"az1": [mine]}),
        ("host_elsewhere", [mine], (), {}),
        (UNDISCOVERED, [mine], ("az1",), {}),
        (UNDISCOVERED, [other], (), {}),
        (UNDISCOVERED, [mine, other], (), {}),
        (UNDISCOVERED, [], (), {}),
    ):
        refusal = {"rule": rule, "items": [{"name": name} for name in names]}
        assert undiscovered(what, Checked({"az1": {"refusals": [refusal]}}, refused)) == expected, (
            rule,
            names,
            refused,
        )
