# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of a writer: check and diff mode from the module, the journal from its option, the lock only where something is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan import writer
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import (
    ToyReconciler,
    failing,
    items,
)


def result_of(
    reconciler: ToyReconciler,
    *,
    check: bool = False,
    diff: bool = False,
    journal: Path | None = None,
    lock: Any = None,
    verified: bool = False,
) -> dict[str, Any]:
    params = {"journal": str(journal) if journal else None}
    module = Run(params, check_mode=check, diff=diff)
    cloud: Any = SimpleNamespace(deadline=Deadline(60), writes=[{"method": "POST"}], one_look=nullcontext)
    return writer.converge(module, cloud, reconciler, lock=lock, verified=verified)


@pytest.fixture
def reconciler() -> ToyReconciler:
    return ToyReconciler(items(az1="a", az2="b"), items(az1="a"))


def test_a_verdict_for_each_zone(reconciler: ToyReconciler) -> None:
    result = result_of(reconciler)
    assert reconciler.log == ["add b to az2"]
    assert (result["changed"], result["failed"], result["warnings"]) == (True, False, [])
    assert {zone: verdict["changed"] for zone, verdict in result["zones"].items()} == {"az1": False, "az2": True}
    assert "diff" not in result


def test_what_verifies_is_what_a_check_behind_the_writes_says(reconciler: ToyReconciler) -> None:
    reconciler.wanted |= items(az3="c")
    reconciler.on_write = failing("add c to az3")
    result = result_of(reconciler, verified=True)
    looks = reconciler.observed
    again = result_of(reconciler, check=True)
    assert (looks, reconciler.observed) == (2, 3)
    assert result["verified"]["zones"] == {zone: again["zones"][zone] for zone in ("az1", "az2")}
    assert not result["verified"]["changed"]
    assert "verified" not in result_of(reconciler, check=True, verified=True)


def test_check_and_diff_mode_come_from_the_module(reconciler: ToyReconciler) -> None:
    result = result_of(reconciler, check=True, diff=True)
    assert reconciler.log == []
    assert result["changed"]
    assert [entry["after"] for entry in result["diff"]] == [{"items": ["b"]}]


def test_a_failed_zone_fails_the_module(reconciler: ToyReconciler) -> None:
    reconciler.on_write = failing("add b to az2")
    result = result_of(reconciler)
    assert result["failed"]
    assert "az2: add b to az2: the service said no" in result["msg"]


def test_every_write_is_in_the_journal(reconciler: ToyReconciler, tmp_path: Path) -> None:
    result = result_of(reconciler, journal=tmp_path / "journal")
    lines = [json.loads(line) for line in (tmp_path / "journal").read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["begin", "write", "write done"]
    assert result["warnings"] == []


def test_what_the_journal_could_not_note_is_a_warning(reconciler: ToyReconciler, tmp_path: Path) -> None:
    journal = tmp_path / "journal"

    def lose_the_journal(_change: object) -> None:
        journal.unlink()
        journal.mkdir()

    reconciler.on_write = lose_the_journal
    assert "is missing in the journal" in result_of(reconciler, journal=journal)["warnings"][0]


@pytest.mark.parametrize(("check", "taken"), [(False, 1), (True, 0)])
def test_the_lock_is_held_while_something_is_written(reconciler: ToyReconciler, check: bool, taken: int) -> None:
    held: list[list[str]] = []

    @contextmanager
    def lock() -> Iterator[None]:
        held.append(list(reconciler.log))
        yield
        held[-1] += reconciler.log

    result_of(reconciler, check=check, lock=lock())
    assert held == [["add b to az2"]] * taken


def test_what_concerns_no_zone_alone_is_a_warning() -> None:
    class Remarking(ToyReconciler):
        @property
        def warnings(self) -> list[str]:
            return [*self.log, "after the writes"]

    assert result_of(Remarking(items(az1="a"), {}))["warnings"] == ["add a to az1", "after the writes"]
