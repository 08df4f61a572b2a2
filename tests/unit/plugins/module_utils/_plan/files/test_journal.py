# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: on the disk before a write is sent, and never the reason why something is not put back."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files.journal import Journal
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import (
    Put,
    ToyReconciler,
    failing,
    items,
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def run(reconciler: ToyReconciler, journal: Journal) -> Any:
    return Converge(reconciler, check=False, deadline=Deadline(60), journal=journal, settle=0).run()


def test_every_write_is_announced_before_and_noted_after_with_its_requests(tmp_path: Path) -> None:
    path, sent = tmp_path / "journal", list[dict[str, Any]]()

    def send(change: Put) -> None:
        assert lines(path)[-1]["text"] == change.text, "announced"
        sent.append({"path": change.item, "request_id": f"req-{change.item}"})

    run(ToyReconciler(items(az1="a b"), {}, on_write=send), Journal(str(path), sent))
    told = lines(path)
    assert [entry["event"] for entry in told] == ["begin", "write", "write done", "write", "write done"]
    assert told[0]["before"] == {"az1": {"items": []}}
    assert [entry["requests"] for entry in told if entry["event"] == "write done"] == [[sent[0]], [sent[1]]]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_failures_and_undos_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    run(ToyReconciler(items(az1="a b"), {}, on_write=failing("add b to az1")), Journal(str(path), []))
    assert [(entry["event"], entry.get("text")) for entry in lines(path)[1:]] == [
        ("write", "add a to az1"),
        ("write done", "add a to az1"),
        ("write", "add b to az1"),
        ("write failed", "add b to az1"),
        ("undo", "add a to az1"),
        ("undo done", "add a to az1"),
    ]


def test_without_a_journal_nothing_is_written(tmp_path: Path) -> None:
    reconciler = ToyReconciler(items(az1="a"), {})
    with pytest.raises(Exception, match="nothing is written without it"):
        run(reconciler, Journal(str(tmp_path / "missing" / "journal"), []))
    assert not reconciler.log


def test_a_disk_that_fills_up_loses_no_undo(tmp_path: Path) -> None:
    """The write that was made is known, the next one is not begun, and what was done is put back."""
    path = tmp_path / "journal"
    journal = Journal(str(path), [])

    def fill(_change: Put) -> None:
        journal.path = str(tmp_path / "missing" / "journal")

    reconciler = ToyReconciler(items(az1="a b"), {}, on_write=fill)
    verdict = run(reconciler, journal)["az1"]
    assert reconciler.log == ["add a to az1", "remove a from az1"]
    assert [change.text for change in verdict.undone] == ["add a to az1"]
    assert "cannot be written" in verdict.errors[0]
    assert [warning.partition(" is missing")[0] for warning in journal.warnings] == [
        "'write done' of 'add a to az1'",
        "'undo' of 'add a to az1'",
        "'undo done' of 'add a to az1'",
    ]
