# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved plan: a run makes its changes and no others."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import part
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.file import KEY, read, save
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import (
    RULE,
    SavedPlan,
    as_entries,
    digests_of,
    unfit_for,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import (
    Items,
    Put,
    ToyReconciler,
    items,
)

DIGESTS = {"": "r", "az1": "1", "az2": "2"}


def run(reconciler: ToyReconciler, saved: SavedPlan | None = None, *, check: bool = False) -> dict[str, Verdict]:
    return Converge(reconciler, check=check, deadline=Deadline(60), settle=0, saved=saved).run()


def as_data(verdicts: Mapping[str, Verdict]) -> dict[str, dict[str, Any]]:
    return {zone: verdict.as_dict() for zone, verdict in verdicts.items()}


def saved_by(reconciler: ToyReconciler, path: Path) -> SavedPlan:
    """The plan of what is to be done now."""
    save(str(path), "site", as_data(run(reconciler, check=True)), DIGESTS)
    return read(str(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.yml"


def test_a_run_makes_the_changes_of_its_plan(path: Path) -> None:
    reconciler = ToyReconciler(items(az1="a b", az2="c"), items(az1="x", az2="c"))
    plan = saved_by(reconciler, path)
    verdicts = run(reconciler, plan)
    assert reconciler.current == items(az1="a b", az2="c")
    assert not any(verdict.failed for verdict in verdicts.values())


def test_what_is_not_in_the_plan_refuses_its_zone_and_no_other(path: Path) -> None:
    reconciler = ToyReconciler(items(az1="a", az2="b"), {})
    plan = saved_by(reconciler, path)
    reconciler.current = items(az1="other")
    for check in (True, False):
        verdicts = run(reconciler, plan, check=check)
        (refusal,) = verdicts["az1"].refusals
        assert refusal.rule == RULE
        assert refusal.message == (
            f"the plan {path} of {plan.saved} does not have: remove other from az1. Something has changed since it was saved: "
            "check that, then save a new plan with --check."
        )
        assert not verdicts["az1"].plan
        assert verdicts["az2"].changed
    assert reconciler.log == ["add b to az2"]


def test_an_interrupted_run_is_continued_with_the_same_plan(path: Path) -> None:
    reconciler = ToyReconciler(items(az1="a b", az2="c"), {})
    plan = saved_by(reconciler, path)
    reconciler.current = items(az1="a")
    assert not any(verdict.failed for verdict in run(reconciler, plan).values())
    assert reconciler.log == ["add b to az1", "add c to az2"]
    assert not any(verdict.changed or verdict.failed for verdict in run(reconciler, plan).values())


def test_a_change_that_replaces_another_value_is_another_change(path: Path) -> None:
    class Exchange(Put):
        @property
        def before(self) -> Any:
            return before

    class Exchanging(ToyReconciler):
        def plan(self, observed: Items) -> Any:
            plan = super().plan(observed)
            return type(plan)(tuple(Exchange(one.zone, one.item, one.there) for one in plan.changes))

    before = "gold"
    reconciler = Exchanging(items(az1="a"), {})
    plan = saved_by(reconciler, path)
    before = "silver"
    verdict = run(reconciler, plan)["az1"]
    assert 'add a to az1 (before it: "gold" when it was saved, "silver" now)' in verdict.message()
    assert reconciler.log == []


def test_a_change_of_several_things_is_continued_with_those_that_are_left(path: Path) -> None:
    class Several(Put):
        @property
        def parts(self) -> tuple[dict[str, Any], ...]:
            return tuple(part("move", name, None, name, f"move {name}") for name in moving)

    class Moving(ToyReconciler):
        def plan(self, observed: Items) -> Any:
            return type(super().plan(observed))((Several("az1", "a"),))

    moving = ["server one", "server two"]
    reconciler = Moving(items(az1="a"), {})
    plan = saved_by(reconciler, path)
    assert [one["text"] for one in plan.changes["az1"]] == ["move server one", "move server two"]
    moving = ["server two"]
    assert not run(reconciler, plan, check=True)["az1"].failed
    moving = ["server two", "server three"]
    assert "does not have: move server three. " in run(reconciler, plan)["az1"].message()
    assert reconciler.log == []


def test_a_zone_that_shares_a_change_with_a_refused_one_is_refused(path: Path) -> None:
    class Shared(Put):
        @property
        def zones(self) -> tuple[str, ...]:
            return (self.zone, "az2")

    class Sharing(ToyReconciler):
        def plan(self, observed: Items) -> Any:
            plan = super().plan(observed)
            changes = [Shared(one.zone, one.item, one.there) if one.item == "both" else one for one in plan.changes]
            return type(plan)(tuple(changes))

    reconciler = Sharing(items(az1="both", az2="b", az3="c"), {})
    plan = saved_by(reconciler, path)
    reconciler.current = items(az2="new")
    verdicts = run(reconciler, plan)
    assert [refusal.rule for refusal in verdicts["az1"].refusals] == ["depends"]
    assert [refusal.rule for refusal in verdicts["az2"].refusals] == [RULE]
    assert reconciler.log == ["add c to az3"]


def test_what_another_run_writes_before_the_lock_is_noticed(path: Path) -> None:
    reconciler = ToyReconciler(items(az1="a"), {})
    plan = saved_by(reconciler, path)

    class Meanwhile:
        def __enter__(self) -> None:
            reconciler.current = items(az1="other")
            reconciler._seen = dict(reconciler.current)

        def __exit__(self, *_error: object) -> None:
            return None

    flow = Converge(reconciler, check=False, deadline=Deadline(60), settle=0, saved=plan, lock=Meanwhile())
    assert flow.run()["az1"].refusals
    assert reconciler.log == []


def test_the_file_is_for_its_owner_and_people_can_read_it(path: Path) -> None:
    saved_by(ToyReconciler(items(az1="a", az2=""), {}, refused={"az2": "nothing\nhere"}), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = yaml.safe_load(path.read_text())
    assert "same command without --check.\n" in path.read_text()
    assert "zoneops_phase=plan, set prepare or move in place of plan (finish," in path.read_text()
    assert found[KEY] == 1
    assert found["playbook"] == "site"
    assert list(found["zones"]["az1"]["changes"][0]) == ["text", "action", "target", "before", "after"]
    assert found["zones"]["az1"]["changes"][0]["text"] == "add a to az1"
    assert found["zones"]["az2"] == {"digest": "2", "refused": ["nothing", "here"], "changes": []}
    assert found["by"]


def test_a_container_whose_user_has_no_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1000730000")

    monkeypatch.setattr("getpass.getuser", nameless)
    save(str(path), "site", {}, DIGESTS)
    assert yaml.safe_load(path.read_text())["by"].startswith(f"uid {os.getuid()} on ")


def test_a_later_plan_replaces_it_and_no_other_file_is_overwritten(path: Path) -> None:
    save(str(path), "site", {}, DIGESTS)
    assert save(str(path), "site", as_data(run(ToyReconciler(items(az1="a"), {}), check=True)), DIGESTS) == 1
    for text in ("", "zones: {}", "- a", "plain", "\x00"):
        path.write_text(text)
        with pytest.raises(ZoneopsError, match=r"not overwritten|is damaged"):
            save(str(path), "site", {}, DIGESTS)
        assert path.read_text() == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "does not exist. Save one with --check"),
        ("zones: {}", "is not a plan"),
        ("a: [", "is damaged: line 1"),
        (f"{KEY}: 2", "has format 2; this version reads 1"),
        (f"{KEY}: 1", "is damaged (KeyError: 'zones')"),
        (f"{KEY}: 1\nzones: [az1]", "is damaged (AttributeError"),
        (f"{KEY}: 1\nzones: {{az1: {{}}}}\nregion_digest: r", "is damaged (KeyError: 'digest')"),
    ],
)
def test_a_file_that_is_no_plan_is_named(path: Path, text: str | None, said: str) -> None:
    if text is not None:
        path.write_text(text)
    with pytest.raises(ZoneopsError) as raised:
        read(str(path))
    assert str(path) in raised.value.message
    assert said in raised.value.message


def test_a_file_that_cannot_be_looked_at_is_named(tmp_path: Path) -> None:
    """As in a folder of others, here because of its name."""
    path = str(tmp_path / ("long" * 100))
    for call in (lambda: read(path), lambda: save(path, "site", {}, DIGESTS)):
        with pytest.raises(ZoneopsError, match=r"plan \S+ cannot be read \(File name too long\)\."):
            call()


@pytest.mark.parametrize("before", ["2030-01-31", "{1: a, b: c}", "!!binary aGk="])
def test_a_value_of_a_type_that_json_lacks_is_named(path: Path, before: str) -> None:
    saved_by(ToyReconciler(items(az1="a"), {}), path)
    path.write_text(path.read_text().replace("before: null", f"before: {before}"))
    with pytest.raises(ZoneopsError, match=r"plan \S+ is damaged \(TypeError: .*\)\. Save a new one with --check\."):
        read(str(path))


def test_it_is_for_the_zone_files_that_it_was_made_from() -> None:
    zones, region = {"az1": {"a": 1}, "az2": {"b": 1}}, {"zones": ["az1", "az2"]}
    plan = SavedPlan("p", "then", "site", digests_of(zones, region))
    assert unfit_for(plan, "site", digests_of(zones, region), ["az1", "az2"]) == ""
    now = digests_of({**zones, "az2": {"b": 2}}, region)
    assert unfit_for(plan, "site", now, ["az1"]) == ""
    assert "since then the file of zone az2 changed" in unfit_for(plan, "site", now, ["az1", "az2"])
    assert "since then zoneops_region changed" in unfit_for(plan, "site", digests_of(zones, {}), ["az1"])
    assert "is for the playbook site, not for zone_remove" in unfit_for(plan, "zone_remove", now, ["az1"])
    assert unfit_for(plan, "site", {**now, "az3": "x"}, ["az1", "az3"]) == ""


def test_entries_have_what_makes_a_change_itself() -> None:
    change = Put("az1", "a").as_dict()
    assert as_entries([{**change, "more": 1}]) == [change]
