# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action save_plan in real runs: check mode writes the file, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.file import read
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import ZONES, bulk, play, verdict

ZONE_MAP = {zone: {"availability_zone": zone} for zone in ZONES}
ADD = {"action": "add_host", "target": "aggregate az1", "before": None, "after": "c1", "text": "add host c1"}


def saving(**options: Any) -> dict[str, Any]:
    common = {"path": "plan.yml", "zones": "{{ zone_map }}", "region": {"zones": list(ZONES)}}
    return {"name": "save", "run_once": True, "zoneops.openstack.save_plan": {**common, **options}}


def test_check_mode_saves_the_changes_of_all_calls(tmp_path: Path) -> None:
    changed = bulk(az1=verdict("add host c1", changed=True, plan=[ADD]), az2=verdict("no room", failed=True))
    task = saving(results=["{{ changed }}", {}, "{{ more }}"], playbook="site")
    more = bulk(az1=verdict("and", changed=True, plan=[{**ADD, "text": "add host c2", "after": "c2"}]))
    played = play(tmp_path, [task], "--check", changed=changed, more=more, zone_map=ZONE_MAP)
    assert played.code == 0, played.output
    (result,) = played.results["save"].values()
    assert (result["changed"], result["changes"]) == (False, 2)
    assert result["msg"] == f"plan saved to {tmp_path}/plan.yml: 2 changes in az1 (2); refused, so without changes: az2"
    zones = yaml.safe_load((tmp_path / "plan.yml").read_text())["zones"]
    assert [change["text"] for change in zones["az1"]["changes"]] == ["add host c1", "add host c2"]
    assert zones["az2"]["refused"] == ["no room"]
    assert zones["az3"]["changes"] == []
    assert read(str(tmp_path / "plan.yml")).playbook == "site"


def test_a_call_that_failed_as_a_whole_plans_for_no_zone(tmp_path: Path) -> None:
    task = saving(results=[{"failed": True, "msg": "no cloud"}], limit=["az1"])
    assert play(tmp_path, [task], "--check", zone_map=ZONE_MAP).code == 0
    assert yaml.safe_load((tmp_path / "plan.yml").read_text())["zones"].keys() == {"az1"}
    assert yaml.safe_load((tmp_path / "plan.yml").read_text())["zones"]["az1"]["refused"] == ["no cloud"]


def test_a_run_writes_no_file_and_a_file_that_is_no_plan_stays(tmp_path: Path) -> None:
    assert play(tmp_path, [saving(results=[])], zone_map=ZONE_MAP).code == 0
    assert not (tmp_path / "plan.yml").exists()
    (tmp_path / "plan.yml").write_text("mine")
    played = play(tmp_path, [saving(results=[])], "--check", zone_map=ZONE_MAP)
    assert played.code == 2
    assert "is not a plan, so it is not overwritten" in played.output
    assert (tmp_path / "plan.yml").read_text() == "mine"


def test_without_a_file_the_plan_is_handed_over(tmp_path: Path) -> None:
    """As lines for who approves it, with the id that the file has."""
    changed = bulk(az1=verdict("add host c1", changed=True, plan=[ADD]), az2=verdict("no room", failed=True))
    both = [
        saving(results=["{{ changed }}"], playbook="site"),
        {**saving(results=["{{ changed }}"], playbook="site"), "name": "again"},
    ]
    del both[0]["zoneops.openstack.save_plan"]["path"]
    played = play(tmp_path, both, "--check", changed=changed, zone_map=ZONE_MAP)
    (result,), (again,) = (played.results[name].values() for name in ("save", "again"))
    assert result["lines"] == ["az1: add host c1", "az2: refused: no room"]
    assert result["summary"] == "site: 1 change in az1 (1); refused, so without changes: az2"
    assert "path" not in result
    assert result["id"] == again["id"] == yaml.safe_load((tmp_path / "plan.yml").read_text())["id"]
