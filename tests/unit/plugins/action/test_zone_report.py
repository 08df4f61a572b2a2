# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_report in real runs: the table is printed whatever happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import ZONES, bulk, play, verdict

ZONE_MAP = {zone: {"zone_state": "active", "availability_zone": zone} for zone in ZONES}
REGION = {
    "region": {
        "availability_zones": {"nova": [{"name": "az1", "available": True}]},
        "hosts": [{"name": "c1", "availability_zone": "az1", "state": "up", "status": "enabled"}],
        "services": [],
    },
    "errors": {},
    "absent": [],
}
HEADING = "ZONE  RESULT"


def reporting(**options: Any) -> dict[str, Any]:
    return {"name": "report", "run_once": True, "zoneops.openstack.zone_report": {"zones": "{{ zone_map }}", **options}}


def test_the_table_is_printed_also_when_every_zone_failed(tmp_path: Path) -> None:
    failed = bulk(**{zone: verdict(f"{zone} may not be touched", failed=True) for zone in ZONES})
    tasks = [
        {
            "block": [{"name": "verdict", "zoneops.openstack.zone_result": {"result": "{{ bulk }}"}}],
            "always": [reporting(results=["{{ bulk }}"], region="{{ region }}")],
        }
    ]
    played = play(tmp_path, tasks, bulk=failed, zone_map=ZONE_MAP, region=REGION)
    assert played.code == 2
    assert set(played.outcomes["verdict"].values()) == {"failed"}
    assert set(played.outcomes["report"].values()) == {"ok"}
    assert HEADING in played.output
    assert "az3: wrong: az3 may not be touched" in played.output
    (report,) = played.results["report"].values()
    assert report["failed_zones"] == list(ZONES)
    assert report["changed_zones"] == []
    assert not report["changed"]


def test_lists_of_zones_and_the_lines_are_returned_and_a_missing_option_is_an_error(tmp_path: Path) -> None:
    changed = verdict("add host c1", changed=True, plan=[{"text": "add host c1"}])
    options = {"results": ["{{ changed }}", {}], "verified": ["{{ differs }}"], "region": "{{ region }}"}
    values = {"changed": bulk(az1=changed), "differs": bulk(az2=changed), "zone_map": ZONE_MAP, "region": REGION}
    incomplete = {"name": "incomplete", "run_once": True, "zoneops.openstack.zone_report": {"results": []}}
    played = play(tmp_path, [reporting(**options), incomplete], "--check", **values)
    assert played.code == 2
    assert "missing required arguments: zones" in played.results["incomplete"]["az1"]["msg"]
    (report,) = played.results["report"].values()
    assert report["changed_zones"] == ["az1"]
    assert report["failed_zones"] == ["az2"]
    assert report["table"][1].split()[1] == "changed"
    assert all(line in played.output for line in report["table"])


def test_results_are_handed_over_by_name_as_well_as_by_value(tmp_path: Path) -> None:
    changed = verdict("add host c1", changed=True, plan=[{"text": "add host c1"}])
    values = {"changed": bulk(az1=changed), "differs": bulk(az2=changed), "zone_map": ZONE_MAP, "region": REGION}
    by_name = {"results": ["changed", "zoneops_images"], "verified": ["differs"], "region": "region"}
    by_value = {"results": ["{{ changed }}", {}], "verified": ["{{ differs }}"], "region": "{{ region }}"}
    tasks = [{**reporting(**options), "name": name} for name, options in (("name", by_name), ("value", by_value))]
    played = play(tmp_path, tasks, "--check", **values)
    (named,), (given,) = (played.results[name].values() for name in ("name", "value"))
    assert named == given
    assert (named["changed_zones"], named["failed_zones"], named["region_read"]) == (["az1"], ["az2"], True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"verified": ["zoneops_misspelt"]}, "option verified: there is no variable zoneops_misspelt"),
        ({"results": ["words"]}, "option results: variable words holds a template or something else that is not"),
        ({"results": [7]}, "option results: 7 is not the result of a module"),
        ({"region": "no result"}, "option region: 'no result' is not the result of a module"),
    ],
)
def test_what_is_no_result(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    played = play(tmp_path, [reporting(**options)], words="{{ zone_map }}", zone_map=ZONE_MAP)
    (report,) = played.results["report"].values()
    assert report["msg"].startswith(said)
    assert report["msg"].endswith(": give the result of a module, or the name of the registered variable that holds it")


def test_a_result_as_text_is_read(tmp_path: Path) -> None:
    played = play(tmp_path, [reporting(region=json.dumps(REGION))], zone_map=ZONE_MAP)
    (report,) = played.results["report"].values()
    assert report["region_read"]


def test_what_a_look_foresaw_and_nothing_did_is_no_change_of_a_run(tmp_path: Path) -> None:
    """The first look of site runs in check mode: a zone that is refused then has its plan and no change."""
    step = {"text": "add host c1"}
    seen = bulk(az1=verdict(changed=True, plan=[step]))
    # A change of two zones is done for one of them.
    did = bulk(az2=verdict(changed=True, plan=[step], done=[step]), az3=verdict(changed=True, plan=[step]))
    task = reporting(results=["{{ seen }}", "{{ did }}"], region="{{ region }}")
    values = {"seen": seen, "did": did, "zone_map": ZONE_MAP, "region": REGION}
    (report,) = play(tmp_path, [task], **values).results["report"].values()
    assert report["changed_zones"] == ["az2", "az3"]


def test_a_region_that_could_not_be_looked_at_fails_after_the_table_is_printed(tmp_path: Path) -> None:
    look = {
        "name": "look",
        "zoneops.openstack.region_info": {"cloud": "nowhere"},
        "run_once": True,
        "register": "look",
        "failed_when": "look.msg is not defined and look.region is not defined",
    }
    values: dict[str, Any] = {"zone_map": ZONE_MAP, "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    played = play(tmp_path, [look, reporting(region="{{ look }}")], **values)
    assert played.code == 2
    assert set(played.outcomes["look"].values()) == {"ok"}
    assert HEADING in played.output
    (report,) = played.results["report"].values()
    assert report["msg"].startswith("the region could not be read: cloud 'nowhere': ")
    assert report["table"][-1].startswith("not read: cloud 'nowhere': Cloud nowhere was not found.")


def test_what_a_program_reads_stays_json_and_has_the_table_in_the_result(tmp_path: Path) -> None:
    environ = {"ANSIBLE_STDOUT_CALLBACK": "lines_of_json"}
    played = play(tmp_path, [reporting(region="{{ region }}")], environ=environ, zone_map=ZONE_MAP, region=REGION)
    (line,) = map(json.loads, played.output.splitlines())
    assert played.code == 0
    assert line["table"][0].startswith(HEADING)


DEAD = {
    **REGION,
    "region": {
        "availability_zones": {"nova": [{"name": zone, "available": True} for zone in ZONES]},
        "hosts": [
            {"name": f"c-{zone}", "availability_zone": zone, "state": state, "status": "enabled"}
            for zone, state in (("az1", "up"), ("az2", "down"), ("az3", "up"))
        ],
        "services": [],
    },
}


def test_a_zone_without_a_host_that_is_up_fails_verify_and_no_other_zone(tmp_path: Path) -> None:
    own = {"msg": "x", "zones": "{{ {inventory_hostname: report.zones[inventory_hostname]} }}"}
    tasks = [
        {**reporting(verified=["{{ bulk }}"], region="{{ region }}", verify=True), "register": "report"},
        {"name": "usable", "zoneops.openstack.zone_result": {"result": own}},
    ]
    fine = bulk(**{zone: verdict() for zone in ZONES})
    played = play(tmp_path, tasks, bulk=fine, zone_map=ZONE_MAP, region=DEAD)
    (report,) = played.results["report"].values()
    assert (report["failed_zones"], report["down_zones"], report["degraded_zones"]) == (["az2"], ["az2"], [])
    assert [line.split()[1] for line in report["table"][1:4]] == ["ok", "down", "ok"]
    assert played.code == 2
    assert played.outcomes["usable"] == {"az1": "ok", "az2": "failed", "az3": "ok"}
    assert played.results["usable"]["az2"]["msg"] == "the only compute host is not up and enabled: c-az2 is down"


def test_colours_are_those_of_the_user_and_only_where_they_are_wanted(tmp_path: Path) -> None:
    coloured = {"ANSIBLE_NOCOLOR": "false", "ANSIBLE_FORCE_COLOR": "true", "ANSIBLE_COLOR_ERROR": "bright red"}
    failed = bulk(az1=verdict("no", failed=True), az2=verdict(), az3=verdict())
    tasks = [reporting(results=["{{ bulk }}"], region="{{ region }}")]
    values = {"bulk": failed, "zone_map": ZONE_MAP, "region": REGION}
    bright = play(tmp_path, tasks, environ=coloured, **values).output
    assert "\x1b[1;31maz1: wrong: no\x1b[0m" in bright
    assert "\x1b" not in play(tmp_path, tasks, **values).output
