# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault of an action plugin itself, in real runs: type, text and place are the reason, and -vvv has the traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import Played, bulk, play, verdict

ACTIONS = Path(__file__).resolve().parents[4] / "plugins" / "action"
NAMES = sorted(path.stem for path in ACTIONS.glob("*.py"))
#: What is broken of a plugin, and where that is noticed; of all others what surrounds the body.
OWN = {
    "zone_map": ("action.zone_map:_answer", "action/zone_map.py"),
    "confirm_plan": ("action.confirm_plan:plain", "action/confirm_plan.py"),
    "save_plan": ("action.save_plan:plain", "action/save_plan.py"),
    "zone_report": ("action.zone_report:report", "action/zone_report.py"),
    "zone_result": ("action.zone_result:_details", "action/zone_result.py"),
}
SHARED = ("plugin_utils.in_process:with_whole_paths", "plugin_utils/in_process.py")
BROKEN = {
    "ANSIBLE_CALLBACKS_ENABLED": "recorder,breaker",
    "BREAK": " ".join({what for what, _at in OWN.values()} | {SHARED[0]}),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "confirm_plan": {"results": []},
    "save_plan": {"path": "plan.yml", "results": [], "zones": {}, "region": {}},
    "zone_report": {"zones": {}},
    "zone_result": {"result": "{{ bulk }}"},
}
VALUES = {"zoneops_zone": {}, "zoneops_region": {"zones": ["az1", "az2", "az3"]}, "bulk": bulk(az1=verdict())}


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Played:
    tasks = [
        {"name": name, f"zoneops.openstack.{name}": OPTIONS.get(name, {}), "run_once": True, "ignore_errors": True}
        for name in NAMES
    ]
    return play(tmp_path_factory.mktemp("crashed"), tasks, "-vvv", environ=BROKEN, **VALUES)


@pytest.mark.parametrize("name", NAMES)
def test_the_reason_is_type_text_and_place(crashed: Played, name: str) -> None:
    _what, place = OWN.get(name, SHARED)
    assert crashed.outcomes[name] == {"az1": "failed"}
    message = crashed.results[name]["az1"]["msg"]
    assert "unexpected TypeError: made to crash at https://********@nowhere/ (at " in message
    assert f"(at {place}:" in message
    assert "report it with the output of -vvv" in message
    shown = crashed.output.partition(f"TASK [{name}]")[2].partition("TASK [")[0]
    assert f"plugins/{place}" in shown
    assert "Traceback (most recent call last)" in shown


def test_the_reason_of_a_report_that_crashes_is_that_of_its_role(tmp_path: Path) -> None:
    role = {"ansible.builtin.import_role": {"name": "zoneops.openstack.zone_report", "rolespec_validate": False}}
    calls: dict[str, list[str]] = {"written": [], "compared": []}
    values: dict[str, Any] = {"zoneops_map": {"zones": {}, "region": {}, "sections": [], "calls": calls}}
    played = play(tmp_path, [role], environ=BROKEN, **VALUES, **values)
    assert played.code == 2
    assert "unexpected TypeError: made to crash" in played.output
    assert "A 'failed_when'" not in played.output


MAP, TABLE = (
    {"ansible.builtin.import_role": {"name": f"zoneops.openstack.{role}", "rolespec_validate": False}}
    for role in ("zone_map", "zone_report")
)
USABLE = {"ansible.builtin.import_role": {**TABLE["ansible.builtin.import_role"], "tasks_from": "usable"}}


def failures(played: Played) -> list[str]:
    return [task for task, outcomes in played.outcomes.items() if "failed" in outcomes.values()]


def test_a_map_that_is_read_again_in_vain_stays_and_the_table_adds_no_error(tmp_path: Path) -> None:
    """The second read looks for another group. On ansible-core 2.16 the failure of a task that is run once ends a play at once, unless it is ignored."""
    again = {**MAP, "vars": {"zoneops_zones_group": "nowhere"}, "ignore_errors": True}
    table = {**TABLE, "vars": {"zoneops_report_gather": []}}
    played = play(tmp_path, [MAP, again, table, USABLE], **VALUES)
    assert played.code == 0
    assert "az3   not run" in played.output
    assert failures(played) == ["zoneops.openstack.zone_map : Read the zone map"]
    assert "The group nowhere is not in the inventory" in played.output
    usable = played.outcomes["zoneops.openstack.zone_report : Verify that the zone can be used"]
    assert usable == dict.fromkeys(("az1", "az2", "az3"), "ok")


def test_without_a_map_the_table_adds_no_error(tmp_path: Path) -> None:
    values = {**VALUES, "zoneops_region": {"zones": "az1"}}
    played = play(tmp_path, [{**MAP, "ignore_errors": True}, TABLE, USABLE], **values)
    assert failures(played) == ["zoneops.openstack.zone_map : Read the zone map"]
    read, *others = played.outcomes.values()
    assert read == {"az1": "failed"}
    assert {outcome for task in others for outcome in task.values()} == {"skipped"}
