# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A maintenance that a zone's file does not expect, or that lasts longer than planned, is wrong; one that does neither is a note."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.disabled.reason import zone_mark
from ansible_collections.zoneops.openstack.plugins.module_utils._report.table import Report, report

NOW = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
BEFORE, AFTER = "2026-11-29T05:59Z", "2026-11-29T06:01Z"
WAY = "end it with the playbook zone_maintenance (zoneops_maintenance=end)"
LATE = f"az1: wrong: the maintenance of the zone was to end at {BEFORE}: {WAY}, or begin it again with a later zoneops_until"


def compute(name: str, reason: str | None = None, zone: str | None = "az1") -> dict[str, Any]:
    status = "enabled" if reason is None else "disabled"
    return {"name": name, "availability_zone": zone, "state": "up", "status": status, "disabled_reason": reason}


def volume(reason: str | None = None) -> dict[str, Any]:
    found = compute("", reason)
    del found["name"]
    return {**found, "service": "cinder", "binary": "cinder-volume", "host": "lab@az1"}


def found(*entries: dict[str, Any], state: str = "active", **options: Any) -> Report:
    zone = {"zone_state": state, "availability_zone": "az1", "compute": {"hosts": ["c0", "c1"]}}
    region = {
        "availability_zones": {"nova": [{"name": "az1", "available": True}]},
        "hosts": [entry for entry in entries if "name" in entry],
        "services": [entry for entry in entries if "binary" in entry],
    }
    verdict = {"changed": False, "failed": False, "msg": "as wanted", "plan": [], "done": [], "warnings": []}
    look = {"region": region, "errors": {}, "absent": []}
    return report({"az1": zone}, [], look, [{"zones": {"az1": verdict}}], **{"now": NOW, "verify": True, **options})


def unannounced(what: str, state: str = "active") -> str:
    return (
        f"az1: wrong: zone_state is {state}, but a maintenance of the zone keeps {what} disabled: {WAY}, "
        "or write 'zone_state: maintenance' into zoneops_zone in its file"
    )


def wrong(report: Report) -> list[str]:
    return [line for line in report.lines if ": wrong: " in line]


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (compute("c0", f"{zone_mark()}, left: power"), "c0"),
        # Its aggregate has lost it.
        (compute("c0", f"{zone_mark(AFTER)}, stopped: power", zone=None), "c0"),
        (volume(f"{zone_mark(AFTER)}: power"), "lab@az1"),
    ],
)
@pytest.mark.parametrize("state", ["active", "new"])
def test_a_maintenance_that_the_file_does_not_have_fails_the_zone(
    entry: dict[str, Any], named: str, state: str
) -> None:
    said = found(entry, compute("c1"), state=state)
    assert unannounced(named, state) in wrong(said)
    assert (said.failed, said.degraded) == (["az1"], ["az1"])
    assert found(entry, compute("c1"), state=state, verify=False).failed == []


@pytest.mark.parametrize("state", ["active", "maintenance", "down"])
def test_a_maintenance_past_its_end_fails_the_zone_in_every_state(state: str) -> None:
    said = found(compute("c0", f"{zone_mark(BEFORE)}, left: power"), compute("c1"), state=state)
    assert LATE in wrong(said)
    assert said.failed == ["az1"]


@pytest.mark.parametrize(
    "reason",
    [
        f"{zone_mark(AFTER)}, left: power",
        f"{zone_mark()}, stopped: power",
        # Nothing that a person wrote is a time.
        f"{zone_mark('tomorrow')}, stopped: power",
    ],
)
def test_one_that_is_announced_and_not_over_is_expected(reason: str) -> None:
    said = found(compute("c0", reason), volume(reason), state="maintenance")
    assert (wrong(said), said.failed) == ([], [])


@pytest.mark.parametrize(
    "entry",
    [
        compute("c0", "disk is dying"),
        compute("c0", "zoneops: maintenance, emptied: firmware"),
        compute("x", f"{zone_mark(BEFORE)}, left: power", zone="az2"),
        {**compute("c0", f"{zone_mark(BEFORE)}, left: power"), "status": "enabled"},
    ],
)
def test_what_is_no_maintenance_of_this_zone_is_none(entry: dict[str, Any]) -> None:
    assert wrong(found(entry, compute("c1"))) == []


def test_without_a_time_none_is_over() -> None:
    entry = compute("c0", f"{zone_mark(BEFORE)}, left: power")
    assert wrong(found(entry, state="maintenance", now=None)) == []
