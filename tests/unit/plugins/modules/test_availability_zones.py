# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module availability_zones: options in, one JSON object out. What it plans and writes has its own tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import OVERRIDES
from ansible_collections.zoneops.openstack.plugins.modules import availability_zones
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    PASSWORD,
    Answer,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

ALLOW = OVERRIDES["availability_zones"]

Run = Callable[..., dict[str, Any]]
# What the small region has.
ZONE = {"compute": {"hosts": ["compute-2"]}}
# Its other host joins; nova answers nothing to the closer look that this needs.
BOTH = {"compute": {"hosts": ["compute-2", "compute-1"]}}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cloud: StandIn) -> Run:
    """Run the module on the small region."""
    fill(cloud)

    def run(zone: dict[str, Any], *, diff: bool = False, check: bool = False, **options: Any) -> dict[str, Any]:
        asked = {"zones": {"az1": zone}, "region": {"zones": ["az1"]}, **options}
        asked |= {"_ansible_check_mode": check, "_ansible_diff": diff}
        warnings = hand(monkeypatch, cloud.params(**asked))
        with pytest.raises(SystemExit):
            availability_zones.main()
        written = capsys.readouterr()
        assert PASSWORD not in written.out + written.err
        answer: dict[str, Any] = json.loads(written.out)
        return {**answer, "said": warnings}

    return run


def writes(cloud: StandIn) -> list[tuple[str, str]]:
    return [seen for seen in cloud.seen if seen[0] != "GET"]


def test_nothing_to_change(run: Run, cloud: StandIn) -> None:
    answer = run(ZONE)
    assert (answer["changed"], answer["failed"], answer["msg"]) == (False, False, "nothing to change")
    assert answer["zones"]["az1"]["state"]["hosts"] == ["compute-2"]
    assert len(cloud.seen) == 3
    assert len(answer["said"]) == 1, "the host that is in no zone"
    assert "compute-1" in answer["said"][0]


def test_a_refusal_fails_and_returns_the_zones(run: Run, cloud: StandIn) -> None:
    answer = run({"compute": {"hosts": ["compute-3"]}})
    assert answer["failed"]
    assert answer["zones"]["az1"]["refusals"][0]["rule"] == "unknown_host"
    assert not writes(cloud)


def closer(cloud: StandIn) -> None:
    hypervisor = {"id": "provider-1", "service": {"host": "compute-1"}}
    cloud.on_get("/compute/os-hypervisors/detail", {"hypervisors": [hypervisor]})
    cloud.on_get("/compute/servers/detail", {"servers": []})


def test_check_mode_shows_and_writes_nothing(run: Run, cloud: StandIn) -> None:
    closer(cloud)
    answer = run(BOTH, check=True, diff=True)
    assert (answer["changed"], answer["failed"]) == (True, False)
    assert [change["text"] for change in answer["zones"]["az1"]["plan"]] == ["add host compute-1 to aggregate az1"]
    assert answer["diff"][0]["after"]["hosts"] == ["compute-1", "compute-2"]
    assert not writes(cloud)


def test_a_write_is_made_under_the_lock_and_noted(run: Run, cloud: StandIn, tmp_path: Any) -> None:
    closer(cloud)
    lock = {"id": 9, "uuid": "l", "name": "zoneops:lock", "availability_zone": "lock"}
    cloud.on("POST", "/compute/os-aggregates", Answer(body={"aggregate": lock}))
    cloud.on("POST", "/compute/os-aggregates/1/action", Answer(409, {"conflictingRequest": {"message": "no"}}))
    cloud.on("DELETE", "/compute/os-aggregates/9", Answer())
    answer = run(BOTH, journal=str(tmp_path / "journal"))
    assert answer["failed"]
    assert "409 no" in answer["msg"]
    assert writes(cloud) == [
        ("POST", "/compute/os-aggregates"),
        ("POST", "/compute/os-aggregates/1/action"),
        ("DELETE", "/compute/os-aggregates/9"),
    ]
    events = [json.loads(line)["event"] for line in (tmp_path / "journal").read_text().splitlines()]
    assert events == ["begin", "write", "write failed"]


def test_the_words_of_allow_are_those_of_the_rules(run: Run) -> None:
    answer = run(ZONE, allow=["everything"])
    assert answer["failed"]
    for word in ALLOW:
        assert word in answer["msg"]
        assert f"V({word})" in availability_zones.DOCUMENTATION


def test_a_map_that_is_wrong_is_a_message(run: Run, cloud: StandIn) -> None:
    answer = run({"compute": {"host": []}})
    assert answer["failed"]
    assert "hosts" in answer["msg"]
    assert not cloud.seen
