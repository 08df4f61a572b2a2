# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook zone_evacuate for a zone with a Kubernetes side: instance HA is switched off first, and only where something is evacuated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .playing import bulk, verdict
from .standing_in import Playbook, copied

NAME = "zoneops.openstack.zone_evacuate"
CALLED = ("confirm_plan", "fencing_info", "instance_ha", "zone_evacuate")
WORK = [{"text": "work"}]
GOOD: dict[str, Any] = {
    "confirm_plan": {"changed": False, "msg": "confirmed"},
    "fencing_info": {"changed": False, "fencing": [], "signs": []},
    "instance_ha": bulk(az1=verdict(changed=True, plan=WORK, state={"InstanceHa ha": {"disabled": "False"}})),
    "zone_evacuate": bulk(az1=verdict(changed=True, plan=WORK)),
}
OFF = {"instance_ha": bulk(az1=verdict(state={"InstanceHa ha": {"disabled": "True"}}))}
REFUSED = {"zone_evacuate": bulk(az1=verdict("no evidence", failed=True))}
LOOKS = [("instance_ha", True), ("fencing_info", False)]
RUN = [*LOOKS, ("zone_evacuate", True), ("instance_ha", False), ("zone_evacuate", False)]


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("collections"), CALLED)


@pytest.fixture
def playbook(tmp_path: Path, collections: Path) -> Playbook:
    return Playbook(NAME, tmp_path, collections, GOOD)


def test_instance_ha_is_switched_off_once_it_is_known_that_servers_are_evacuated(playbook: Playbook) -> None:
    done = playbook()
    assert (done.code, done.order) == (0, RUN), done.output
    assert "changed=1" in done.output
    options = done.calls[3][2]
    assert (options["limit"], options["state"]) == (["az1"], "begin")
    assert [done.calls[number][2]["instance_ha"] for number in (2, 4)] == [{}, {}]
    # Those whose servers nobody evacuates: all of it is refused, or there is nothing to do.
    for answer in (REFUSED, {"zone_evacuate": bulk(az1=verdict())}, {"zone_evacuate": {"failed": True, "msg": "401"}}):
        left = playbook(answers=answer)
        assert left.order == RUN[:3], left.output
        assert ((left.code != 0), "changed=0" in left.output) == (answer["zone_evacuate"] != bulk(az1=verdict()), True)
    part = {"zone_evacuate": bulk(az1=verdict("one host has no evidence", changed=True, failed=True, plan=WORK))}
    some = playbook(answers=part)
    assert (some.code != 0, some.order) == (True, RUN)


def test_check_mode_looks_at_everything_once(playbook: Playbook) -> None:
    looks = [("instance_ha", True), ("fencing_info", True), ("zone_evacuate", True)]
    plan = str(playbook.folder / "plan.yml")
    check = playbook("--check", zoneops_plan=plan)
    assert (check.code, check.order, "changed=1" in check.output) == (0, looks, True), check.output
    assert Path(plan).read_text().count("text: work") == 2
    carried_out = playbook(zoneops_plan=plan)
    given = [options.get("saved_plan") for _name, _check, options in carried_out.calls]
    assert given == [plan, None, plan, plan, plan]
    # Of what is refused, nothing would be switched off either.
    refused = playbook("--check", answers=REFUSED, zoneops_plan=plan)
    assert (refused.code != 0, refused.order) == (True, looks)
    assert "text: work" not in Path(plan).read_text()


def test_one_that_is_off_is_no_work(playbook: Playbook) -> None:
    done = playbook(answers=OFF)
    assert (done.code, done.order) == (0, [*LOOKS, ("zone_evacuate", False)]), done.output


def test_one_that_cannot_be_switched_off_is_a_reason(playbook: Playbook) -> None:
    """What the evacuation is told then is that nobody knows: it refuses the zone."""
    for answer in ({"failed": True, "msg": "no answer in time"}, bulk(az1=verdict("no field", failed=True))):
        done = playbook(answers={"instance_ha": answer, **REFUSED})
        assert (done.code != 0, done.order) == (True, [*LOOKS, ("zone_evacuate", False)]), done.output
        assert list(done.calls[-1][2]["instance_ha"]["instance HA"]) == ["unread"]
    slow = bulk(az1=verdict("not Ready in 300 s", changed=True, failed=True, plan=WORK))
    done = playbook(answers={"instance_ha": slow})
    assert (done.code != 0, "not Ready in 300 s" in done.output) == (True, True)
    assert list(done.calls[-1][2]["instance_ha"]["instance HA"]) == ["unread"]


def test_it_can_be_left_alone_and_is_refused_then(playbook: Playbook) -> None:
    left = playbook(zoneops_maintenance_instance_ha=False)
    assert left.order == [*LOOKS, ("zone_evacuate", False)], left.output
    options = left.calls[-1][2]
    assert (options["instance_ha"], options["masakari"]) == ({"InstanceHa ha": {"disabled": "False"}}, False)
    allowed = playbook(zoneops_allow=["instance_ha"])
    assert (allowed.code, allowed.order) == (0, [LOOKS[1], ("zone_evacuate", False)]), allowed.output
    assert "instance_ha" not in allowed.calls[-1][2]


def test_a_person_is_asked_before_anything_is_switched_off(playbook: Playbook) -> None:
    looks = [(name, True) for name, _check in RUN]
    done = playbook(zoneops_confirm=True)
    assert (done.code, done.order) == (0, [*looks, ("confirm_plan", False), *RUN]), done.output
    shown = done.calls[len(looks)][2]["results"]
    assert [bool(result.get("zones")) for result in shown] == [False, True, True]
    # What failed before the question says nothing of what is seen behind it.
    failed = {"instance_ha": [GOOD["instance_ha"], {"failed": True, "msg": "no answer in time"}, GOOD["instance_ha"]]}
    seen = [
        options["instance_ha"]
        for name, _check, options in playbook(zoneops_confirm=True, answers=failed).calls
        if name == "zone_evacuate"
    ]
    assert seen == [{}, {"instance HA": {"unread": "no answer in time"}}, {}, {}]
    no = playbook(zoneops_confirm=True, answers={"confirm_plan": {"failed": True, "msg": "not confirmed"}})
    assert (no.code != 0, no.order) == (True, [*looks, ("confirm_plan", False)])
