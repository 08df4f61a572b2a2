# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume types that the map calls absent: what goes, and what has to stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Volume
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.stand_in import LOST
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.test_types import (
    AZ,
    GOLD,
    failures,
    plans,
    region,
    run,
)

GONE = {**GOLD, "state": "absent"}


def test_a_type_for_each_zone_goes_and_the_second_run_has_nothing_to_do() -> None:
    cinder = region()
    run(cinder, GOLD)
    cinder.add_type("other", {AZ: "az1"})
    assert plans(run(cinder, GONE, check=True)) == {
        zone: [f"delete volume type {zone}-gold"] for zone in ("az1", "az2", "az3")
    }
    verdicts = run(cinder, GONE)
    assert not failures(verdicts)
    assert list(verdicts["az1"].before) == ["az1-gold"]
    assert list(verdicts["az1"].after) == []
    assert set(cinder.named()) == {"other"}
    cinder.calls.clear()
    assert not plans(run(cinder, GONE))
    assert cinder.calls == ["types"]


def test_what_goes_does_so_after_what_comes() -> None:
    cinder = region()
    cinder.add_type("old", {AZ: "az1"})
    kinds = [{"name": "old", "zones": ["az1"], "state": "absent"}, {"name": "new", "zones": ["az1"]}]
    assert [text.split()[0] for text in plans(run(cinder, *kinds))["az1"]] == ["create", "delete"]
    assert set(cinder.named()) == {"new"}


def test_a_limited_run_leaves_the_types_of_other_zones() -> None:
    cinder = region()
    run(cinder, GOLD)
    run(cinder, GONE, only=("az2",))
    assert set(cinder.named()) == {"az1-gold", "az3-gold"}


@pytest.mark.parametrize("volumes", [1, 6])
def test_a_type_that_volumes_have_stays_and_the_others_go(volumes: int) -> None:
    cinder = region()
    run(cinder, GOLD)
    number = cinder.named()["az2-gold"].id
    cinder.volumes[number] = [Volume(f"v{one}", "data", "p1", "in-use") for one in range(volumes)]
    verdicts = run(cinder, GONE)
    message = failures(verdicts)["az2"]
    assert "volume type az2-gold cannot be deleted: in use by data (v0, project p1, in-use)" in message
    assert ("and more" in message) == (volumes > 5)
    assert [refusal.items[0]["id"] for refusal in verdicts["az2"].refusals] == ["v0"]
    assert set(cinder.named()) == {"az2-gold"}


@pytest.mark.parametrize(
    ("kind", "specs", "message"),
    [
        ({"name": "old", "zones": ["az1"]}, {AZ: "az1,az2"}, "also in availability zones az2. Name their zones too"),
        ({"name": "old"}, {AZ: "az1,elsewhere"}, "also in availability zones elsewhere"),
        ({"name": "old", "zones": ["az1"]}, {}, "it is in every availability zone. Leave out `zones`"),
        ({"name": "old"}, {}, ""),
        ({"name": "old"}, {AZ: "az1"}, ""),
    ],
)
def test_a_type_of_zones_that_the_entry_does_not_name_stays(
    kind: dict[str, Any], specs: dict[str, str], message: str
) -> None:
    cinder = region()
    cinder.add_type("old", specs)
    verdicts = run(cinder, {**kind, "state": "absent"})
    assert message in failures(verdicts).get("az1", "")
    assert bool(failures(verdicts)) == bool(message)
    assert ("old" in cinder.named()) == bool(message)


def test_the_default_type_stays() -> None:
    cinder = region()
    cinder.add_type("old", {AZ: "az1"})
    cinder.default = cinder.named()["old"]
    found = failures(run(cinder, {"name": "old", "zones": ["az1"], "state": "absent"}))
    assert "it is cinder's default type" in found["az1"]


def test_a_default_type_that_does_not_exist_is_said_before_cinder_answers_500() -> None:
    cinder = region()
    cinder.add_type("old", {AZ: "az1"})
    cinder.default = None
    found = failures(run(cinder, {"name": "old", "zones": ["az1"], "state": "absent"}))
    assert "cinder's default_volume_type does not exist" in found["az1"]
    assert "old" in cinder.named()


def test_a_type_that_an_image_store_of_the_map_needs_stays() -> None:
    cinder = region()
    cinder.add_type("old", {AZ: "az1"})
    zones = {"az1": {"image_store": {"volume_type": "old"}}, "az2": {}, "az3": {}}
    found = failures(run(cinder, {"name": "old", "zones": ["az1"], "state": "absent"}, zones=zones))
    assert "the map needs it for the image store of zone az1" in found["az1"]


def test_a_successor_that_was_begun_goes_with_its_type() -> None:
    cinder = region()
    for name in ("old", "zoneops:public:old"):
        cinder.add_type(name, {AZ: "az1"})
    assert not failures(run(cinder, {"name": "old", "zones": ["az1"], "state": "absent"}))
    assert cinder.named() == {}


def test_an_answer_that_got_lost_is_no_reason_to_delete_twice() -> None:
    cinder = region()
    cinder.add_type("old", {AZ: "az1"})
    cinder.faults = {0: LOST}
    kind = {"name": "old", "zones": ["az1"], "state": "absent"}
    assert "no answer" in failures(run(cinder, kind))["az1"]
    assert not plans(run(cinder, kind))
    assert cinder.writes == ["delete"]


def test_a_back_end_that_is_gone_does_not_keep_its_types() -> None:
    cinder = region()
    run(cinder, GOLD)
    zones = {zone: {"volume_backends": [{"name": "new"}]} for zone in ("az1", "az2", "az3")}
    cinder.types_by_id = {number: replace(found) for number, found in cinder.types_by_id.items()}
    assert not failures(run(cinder, GONE, zones=zones))
    assert cinder.named() == {}
