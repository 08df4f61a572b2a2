# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal in the object store: kept by each run that wrote to it, whatever became of the run. What cannot be kept is refused before the first call."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .playing import HOME, bulk, verdict
from .standing_in import Playbook, copied

CALLED = (
    *("availability_zones", "control_plane", "object_store_file", "region_info"),
    *("fencing_info", "instance_ha", "zone_drain", "zone_evacuate"),
)
WORK = verdict(changed=True, plan=[{"text": "work"}], done=[{"text": "work"}])
KEPT = {"changed": True, "found": True, "msg": "stored"}
LOST = {"failed": True, "msg": "the store is away."}
GOOD: dict[str, Any] = {
    "availability_zones": {**bulk(az1=WORK), "writes": True},
    "control_plane": bulk(az1=WORK),
    "object_store_file": KEPT,
    "region_info": {"failed": True, "msg": "no answer in time"},
    "fencing_info": {"changed": False, "fencing": [], "signs": []},
    "instance_ha": bulk(az1=verdict()),
    "zone_drain": {**bulk(az1=WORK), "writes": True},
    "zone_evacuate": {**bulk(az1=WORK), "writes": True},
}
# The home folder is that of the user, as where the lines were written.
JOURNAL = Path(HOME.name, "zones.journal")
KEEP: dict[str, Any] = {"zoneops_journal": "~/zones.journal", "zoneops_journal_container": "kept"}
DRAIN: dict[str, Any] = {**KEEP, "zoneops_drain_to": "az2"}


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("collections"), CALLED)


@pytest.fixture
def book(tmp_path: Path, collections: Path) -> Callable[[str], Playbook]:
    return lambda name: Playbook(f"zoneops.openstack.{name}", tmp_path, collections, GOOD)


def stored(played: Any) -> list[dict[str, Any]]:
    return [options for name, _check, options in played.calls if name == "object_store_file"]


def test_a_journal_is_stored_by_the_runs_that_wrote_to_it(book: Callable[[str], Playbook]) -> None:
    drain = book("zone_drain")
    first, second = drain(**DRAIN), drain(**DRAIN, awx_job_id=47)
    assert (first.code, second.code) == (0, 0), first.output
    ((once,), (again,)) = stored(first), stored(second)
    assert (once["path"], once["container"]) == (str(JOURNAL), "kept")
    assert re.fullmatch(r"zones\.journal-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ-[0-9a-f]{8}", once["name"])
    assert re.fullmatch(r"zones\.journal-[\dT:-]+Z-job-47", again["name"])
    assert f"The journal is in container kept of the object store, as {once['name']}" in first.output
    nothing = {"zone_drain": bulk(az1=verdict())}
    for unchanged in (drain(answers=nothing, **DRAIN), drain("--check", **DRAIN)):
        assert (unchanged.code, stored(unchanged)) == (0, []), unchanged.output
    failed = drain(answers={"zone_drain": {**bulk(az1=verdict("no way", failed=True)), "writes": True}}, **DRAIN)
    assert (failed.code != 0, len(stored(failed))) == (True, 1)


def test_two_playbooks_of_one_run_keep_it_twice(book: Callable[[str], Playbook]) -> None:
    steps = [{"ansible.builtin.import_playbook": "zoneops.openstack.zone_drain"}] * 2
    both = book("zone_drain")(steps=steps, **DRAIN)
    assert (both.code, len(stored(both))) == (0, 2), both.output
    one = book("zone_drain")(
        steps=steps, answers={"zone_drain": [{**bulk(az1=WORK), "writes": True}, bulk(az1=WORK)]}, **DRAIN
    )
    assert (one.code, len(stored(one))) == (0, 1), one.output


def test_a_table_that_fails_loses_no_journal(book: Callable[[str], Playbook]) -> None:
    done = book("zone_remove")(zoneops_remove="az1", **KEEP)
    assert "region could not be read" in done.output
    assert (done.code != 0, len(stored(done))) == (True, 1), done.output


@pytest.mark.parametrize(("name", "fails"), [("zone_drain", True), ("zone_evacuate", False)])
def test_a_store_that_is_away_fails_no_evacuation(book: Callable[[str], Playbook], name: str, fails: bool) -> None:
    values = DRAIN if name == "zone_drain" else KEEP
    lost = book(name)(answers={"object_store_file": LOST}, **values)
    said = f"{JOURNAL}: the journal of this run is not in container kept of the object store: the store is away."
    assert (lost.code != 0, len(stored(lost))) == (fails, 1), lost.output
    assert (said in lost.output, "WARNING: " in lost.output) == (True, not fails), lost.output


def test_what_cannot_be_kept_is_refused_before_the_first_call(book: Callable[[str], Playbook]) -> None:
    nameless = book("zone_drain")(**{**DRAIN, "zoneops_journal": ""})
    wrong = book("zone_drain")(
        "--check", **{**DRAIN, "zoneops_journal_container": "a/b", "zoneops_journal_keep_days": 5000}
    )
    assert [(one.code != 0, one.calls) for one in (nameless, wrong)] == [(True, [])] * 2
    assert (
        "region: zoneops_journal_container = 'kept': no journal is written, because zoneops_journal" in nameless.output
    )
    assert "zoneops_journal_container = 'a/b': give 1 to 256 bytes without '/'" in wrong.output
    assert "zoneops_journal_keep_days = 5000: has to be a whole number from 0 to 3650" in wrong.output
