# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the zones, in every state that a zone and a look at the region can have."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.columns import width
from ansible_collections.zoneops.openstack.plugins.module_utils._report.table import Report, not_read, report

ZONES = {
    "az1": {"zone_state": "active", "availability_zone": "zone-one"},
    "az2": {"zone_state": "maintenance", "availability_zone": "az2"},
}


def verdict(msg: str = "nothing to change", **values: Any) -> dict[str, Any]:
    return {"changed": False, "failed": False, "msg": msg, "plan": [], "done": [], "warnings": [], **values}


def result(**zones: dict[str, Any]) -> dict[str, Any]:
    return {"changed": False, "failed": False, "msg": "", "zones": zones}


def host(zone: str, state: str = "up", status: str = "enabled", **values: Any) -> dict[str, Any]:
    return {"availability_zone": zone, "state": state, "status": status, **values}


def steps(*texts: str) -> list[dict[str, str]]:
    return [{"text": text} for text in texts]


def look(**values: Any) -> dict[str, Any]:
    services = [
        {"binary": binary, "host": "lab@a", **host("zone-one")}
        for binary in ("cinder-volume", "cinder-volume", "manila-share")
    ]
    services[0]["state"] = "down"
    region = {
        "availability_zones": {"nova": [{"name": "zone-one", "available": True}, {"name": "az2", "available": False}]},
        "hosts": [
            host("zone-one", name="c0"),
            host("zone-one", status="disabled", name="c1"),
            host("zone-one", state="down", name="c2"),
            host("az2", name="c3"),
        ],
        "services": services,
    }
    return {"region": region, "errors": {}, "absent": [], **values}


def row(found: Report, zone: str = "az1") -> dict[str, str]:
    """One line by heading."""
    cells = next(line for line in found.lines[1:] if line.startswith(zone)).split()
    headings = found.lines[0].replace("HOSTS UP", "HOSTS-UP").split()
    if cells[1:3] == ["not", "run"]:
        cells[1:3] = ["not run"]
    return dict(zip(headings, cells, strict=True))


def test_the_whole_table() -> None:
    assert report(ZONES, [result(az1=verdict(), az2=verdict())], look()).lines == [
        "ZONE  RESULT    CHANGES  STATE        AZ        AVAILABLE  HOSTS UP  VOLUME  SHARE  BACKUP",
        "az1   degraded  -        active       zone-one  yes        1/3       1/2     1/1    -",
        "az2   ok        -        maintenance  az2       no         1/1       -       -      -",
        "",
        "az1: note: 1 of 3 compute hosts are up and enabled: c1 is disabled (no reason given); c2 is down",
        "az1: note: 1 of 2 cinder-volumes are up and enabled: lab@a is down",
    ]


def test_images_have_a_column_where_there_is_a_policy() -> None:
    held = verdict(state={"store": "az1", "images": {"cirros": {"in_store": True}, "rhel": {"in_store": False}}})
    found = report(ZONES, [], look(), [result(az1=held, az2=verdict())])
    assert found.lines[0].endswith("BACKUP  IMAGES")
    assert [line.split()[-1] for line in found.lines[1:3]] == ["1/2", "-"]
    assert found.lines[-2:] == [
        "note: image cirros boots from the zone's own store in az1",
        "note: image rhel boots from the zone's own store in no zone; missing in az1",
    ]


UNKNOWN = "note: volumes without a zone go to cinder's storage_availability_zone, which no API shows"
STORE = "note: images without a store go to store az1"


@pytest.mark.parametrize(
    ("region", "absent", "of_map", "notes"),
    [
        ({"gathered": ["defaults"], "defaults": {"glance_store": "az1"}}, [], None, [STORE, UNKNOWN]),
        ({"gathered": ["defaults"], "defaults": {"glance_store": "az1"}}, ["cinder"], None, [STORE]),
        ({"gathered": ["defaults"]}, ["glance"], {"cinder_availability_zone": None}, [UNKNOWN]),
        (
            {"gathered": ["defaults"]},
            [],
            {"cinder_availability_zone": "zone-one"},
            [
                "note: volumes without a zone go to availability zone zone-one, by cinder's storage_availability_zone in the map"
            ],
        ),
        ({"gathered": ["hosts"]}, [], {"cinder_availability_zone": "zone-one"}, []),
    ],
)
def test_what_goes_where_without_naming_a_zone(
    region: dict[str, Any], absent: list[str], of_map: dict[str, Any] | None, notes: list[str]
) -> None:
    """Where the zone that a default points to is lost, these are the requests that fail with it."""
    seen = look(absent=absent)
    seen["region"] |= region
    found = report(ZONES, [], seen, [result(az1=verdict(), az2=verdict())], of_map)
    assert [line for line in found.lines if "note: volumes" in line or "note: images" in line] == notes


def test_nothing_known() -> None:
    found = report(ZONES, [], {})
    assert row(found) == {
        "ZONE": "az1",
        "STATE": "active",
        "AZ": "zone-one",
        "AVAILABLE": "?",
        "HOSTS-UP": "?",
        "VOLUME": "?",
        "SHARE": "?",
        "BACKUP": "?",
        "CHANGES": "-",
        "RESULT": "not run",
    }
    assert len(found.lines) == 3
    assert found.changed == found.failed == []


@pytest.mark.parametrize("left_out", [{}, {"skipped": True, "changed": False}])
def test_a_step_that_did_not_run(left_out: dict[str, Any]) -> None:
    assert row(report(ZONES, [left_out], look()))["RESULT"] == "not run"


def test_changes_are_those_of_the_plan() -> None:
    modes: tuple[dict[str, Any], ...] = ({"done": steps("a", "b")}, {"done": []})  # a run, check mode
    for mode in modes:
        found = report(ZONES, [result(az1=verdict(changed=True, plan=steps("a", "b"), **mode), az2=verdict())], look())
        assert (row(found)["CHANGES"], row(found)["RESULT"]) == ("2", "degraded")
        assert found.changed == ["az1"]
        assert found.failed == []


def test_several_steps_are_added_up() -> None:
    step = result(az1=verdict(changed=True, plan=steps("add host c1")))
    assert row(report(ZONES, [step, step], look()))["CHANGES"] == "2"


def test_a_zone_that_failed_half_way_counts_what_stands() -> None:
    half = verdict("nova said no", changed=True, failed=True, plan=steps("a", "b", "c"), done=steps("a"))
    found = report(ZONES, [result(az1=half, az2=verdict())], look())
    assert (row(found)["CHANGES"], row(found)["RESULT"]) == ("1", "FAILED")
    assert found.changed == found.failed == ["az1"]
    assert found.lines[found.lines.index("") + 1] == "az1: wrong: nova said no"


def test_a_zone_that_failed_and_may_have_changed() -> None:
    lost = verdict("the answer was lost", changed=True, failed=True, plan=steps("add host c1"))
    found = report(ZONES, [result(az1=lost)], look())
    assert row(found)["CHANGES"] == "-"
    assert found.changed == ["az1"]


def test_what_a_verification_would_change_is_wrong() -> None:
    differs = result(az1=verdict("add host c1", changed=True, plan=steps("add host c1")), az2=verdict())
    found = report(ZONES, [{}], look(), [differs])
    assert (row(found)["CHANGES"], row(found)["RESULT"]) == ("-", "FAILED")
    assert row(found, "az2")["RESULT"] == "ok"
    assert found.failed == ["az1"]
    assert found.changed == []
    assert "az1: wrong: differs from its file; a run would: add host c1" in found.lines


def test_what_a_step_and_its_verification_both_say_is_said_once() -> None:
    refused = result(az1=verdict("host c1 is unknown", failed=True, warnings=["c2 is down"]))
    assert report(ZONES, [refused], look(), [refused]).lines[4:6] == [
        "az1: wrong: host c1 is unknown",
        "az1: note: c2 is down",
    ]


@pytest.mark.parametrize("where", ["results", "verified"])
def test_a_step_that_broke_for_all_zones(where: str) -> None:
    broken = [{"failed": True, "msg": "keystone refused the credentials"}]
    found = report(ZONES, broken if where == "results" else [], look(), broken if where == "verified" else [])
    assert found.failed == ["az1", "az2"]
    assert found.lines[3:] == ["", "az1, az2: wrong: keystone refused the credentials"]


@pytest.mark.parametrize("where", ["results", "verified"])
def test_what_broke_says_nothing_about_zones_that_are_not_in_the_play(where: str) -> None:
    broken = [{"failed": True, "msg": "keystone refused the credentials"}]
    results, verified = (broken, []) if where == "results" else ([], broken)
    found = report(ZONES, results, look(), verified, only=["az2"])
    assert found.failed == ["az2"]
    assert [row(found, zone)["RESULT"] for zone in ZONES] == ["not run", "FAILED"]


def test_one_reason_a_line_and_each_once() -> None:
    both = result(az1=verdict("no host c1\nno zone", failed=True), az2=verdict("no host c2\nno zone", failed=True))
    assert report(ZONES, [both], {}).lines[3:] == [
        "",
        "az1: wrong: no host c1",
        "az1, az2: wrong: no zone",
        "az2: wrong: no host c2",
    ]


def test_what_the_region_says_as_the_zones_did_is_not_said_again() -> None:
    broken = {"failed": True, "msg": "cloud nowhere was not found"}
    assert report(ZONES, [broken], broken).lines[3:] == ["", "az1, az2: wrong: cloud nowhere was not found"]


def test_a_change_of_what_zones_share_is_one_change() -> None:
    typed = steps("set type any")
    both = result(az1=verdict(changed=True, plan=steps("add c1") + typed), az2=verdict(changed=True, plan=typed))
    found = report(ZONES, [both], {})
    assert [row(found, zone)["CHANGES"] for zone in ZONES] == ["1+1", "0+1"]
    assert found.lines[3:] == ["", "az1, az2: changed together: set type any"]


def test_the_result_is_in_eighty_columns() -> None:
    heading = report(ZONES, [], look()).lines[0]
    assert heading.index("RESULT") + len("FAILED") < 80


def test_columns_stand_below_each_other_where_names_are_wide() -> None:
    zones = {"東京": ZONES["az2"], "az2": {**ZONES["az2"], "availability_zone": "大阪"}}
    heading, *rows = report(zones, [], look()).lines[:3]
    places = {width(line[: found.start()]) for line in rows for found in re.finditer(r"\bno\b", line)}
    assert places == {width(heading[: heading.index("AVAILABLE")])}


def test_lines_know_whose_colour_they_have() -> None:
    found = report(ZONES, [result(az1=verdict("no", failed=True), az2=verdict())], look())
    assert [line.result for line in found.shown] == ["", "FAILED", "ok", "", "FAILED", "", ""]


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        ("nova aggregates", {"HOSTS-UP"}),
        ("nova services", {"HOSTS-UP"}),
        ("nova hosts", {"HOSTS-UP"}),
        ("nova availability_zones", {"AVAILABLE"}),
        ("cinder services", {"VOLUME", "BACKUP"}),
        ("manila services", {"SHARE"}),
        ("neutron services", set()),
    ],
)
def test_what_could_not_be_read_is_not_taken_for_nothing(error: str, unknown: set[str]) -> None:
    found = report(ZONES, [], look(errors={error: "503"}))
    assert {heading for heading, cell in row(found).items() if cell == "?"} == unknown
    assert found.lines[-1] == f"not read: {error}: 503"


def test_a_reason_is_given_once() -> None:
    errors = {"nova aggregates": "503", "nova services": "503", "cinder services": "403"}
    found = report(ZONES, [], look(errors=errors))
    assert found.lines[-2:] == ["not read: nova aggregates, nova services: 503", "not read: cinder services: 403"]
    found = report(ZONES, [result(az1=verdict("503", failed=True))], look(errors=errors))
    assert "az1: wrong: 503" in found.lines
    assert "not read, for the reason above: nova aggregates, nova services" in found.lines


@pytest.mark.parametrize("failed", [True, False])
def test_a_region_that_could_not_be_looked_at(failed: bool) -> None:
    broken = {"failed": failed, "failed_when_result": failed, "msg": "keystone is down"}
    found = report(ZONES, [result(az1=verdict())], broken)
    assert row(found)["HOSTS-UP"] == "?"
    assert row(found)["RESULT"] == "ok"
    assert found.lines[-1] == "not read: keystone is down"
    assert not_read(broken) == "keystone is down"


@pytest.mark.parametrize("fine", [{}, look(), {"skipped": True, "msg": "conditional"}])
def test_a_region_that_is_there_or_was_not_asked_for(fine: dict[str, Any]) -> None:
    assert not_read(fine) is None


def test_a_zone_that_nova_does_not_show_is_not_available() -> None:
    assert row(report({"az9": {**ZONES["az2"], "availability_zone": "az9"}}, [], look()), "az9")["AVAILABLE"] == "no"


def test_zones_that_only_one_service_has_are_named_when_verifying_whatever_the_map_speaks_of() -> None:
    """A map of compute only, too: users give cinder the name that nova has."""
    found = look()
    zones = found["region"]["availability_zones"]
    zones["nova"].append({"name": "internal", "available": True})
    zones |= {"cinder": [{"name": "zone-one"}, {"name": "az1"}], "manila": []}
    checks = [result(az1=verdict(), az2=verdict())]
    lines = report(ZONES, [], found, checks).lines
    assert "note: availability zones of cinder that nova does not have: az1" in lines
    assert "note: availability zones of nova that cinder does not have: az2" in lines
    assert not any("manila" in line for line in lines)
    assert not any("does not have" in line for line in report(ZONES, checks, found).lines)


def test_what_verification_fails_on_is_wrong_and_said_once() -> None:
    odd = verdict(warnings=["look", "mirror"], wrong=["mirror"])
    checked = report(ZONES, [], look(), [result(az1=odd, az2=verdict())])
    assert (row(checked)["RESULT"], checked.failed) == ("FAILED", ["az1"])
    assert [line for line in checked.lines if "mirror" in line] == ["az1: wrong: mirror"]
    assert row(report(ZONES, [result(az1=odd, az2=verdict())], look()))["RESULT"] == "degraded"
