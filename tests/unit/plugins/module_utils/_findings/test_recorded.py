# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report that the first version wrote about a lab, with compute-az2-0 disabled, stays readable. Never write it anew: add one beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._findings.audit import Report
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.compare import compared
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.files import earlier
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.render import html
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import SINCE, build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.kinds import FIELDS

from .regions import ZONES, host, seen, zone_map
from .test_rules import RULES

FILE = Path(__file__).with_name("audit-format-1.json")


def recorded() -> dict[str, Any]:
    found = earlier(str(FILE))
    assert found is not None
    return found


def test_a_recorded_snapshot_has_no_field_that_is_gone() -> None:
    """Fields are added to a format; one that is removed needs a new one."""
    for kind, objects in recorded()["snapshot"]["objects"].items():
        for one in objects:
            assert one.keys() - {SINCE} <= set(FIELDS[kind]), kind


def test_an_audit_of_today_goes_on_from_it() -> None:
    before, found = recorded(), seen()
    # The same hosts a month later, of which another one is disabled.
    found.region.hosts = [
        host(one["name"], one["zone"], reason="" if one["name"] in ("compute-az2-0", "compute-az1-1") else None)
        for one in before["snapshot"]["objects"]["host"]
    ]
    taken = datetime.fromisoformat(before["taken"])
    snapshot = build(found, zone_map(), taken + timedelta(hours=721), before["snapshot"])
    outcome = evaluate(RULES, snapshot)
    assert [one.name for one in outcome.findings if one.rule.id == "host-disabled-for-long"] == ["compute-az2-0"]
    changes = compared(outcome, before["findings"], ZONES, before["zones"])
    new = [one["name"] for one in changes["new"] if one["rule"] == "host-disabled-without-reason"]
    assert new == ["compute-az1-1"]
    report = replace(Report(snapshot, RULES, outcome, ZONES), before=before, changes=changes)
    assert "compute-az1-1" in html(report).partition("up → disabled")[2]
