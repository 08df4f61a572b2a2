# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan for who approves it: short whatever there is to change, and with an id that changes with the plan only."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.file import identifier
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.handed import (
    MOST_CHARACTERS,
    MOST_LINES,
    lines,
    summary,
)


def verdict(*texts: str, failed: bool = False) -> dict[str, Any]:
    return {"failed": failed, "msg": "no room\nno quota", "plan": [{"action": "add", "text": text} for text in texts]}


def test_many_changes_are_counted() -> None:
    many = {"az1": verdict(*map(str, range(MOST_LINES + 5)))}
    found = lines(many)
    assert (len(found), found[0], found[-1]) == (MOST_LINES, "az1: 0", "and 6 more")
    assert len(lines({"az1": verdict(*map(str, range(MOST_LINES)))})) == MOST_LINES
    assert [len(line) for line in lines({"az1": verdict("x" * 1000)})] == [MOST_CHARACTERS]
    assert summary("site", many) == "site: 205 changes in az1 (205)"
    zones = {f"az{number}": verdict("a") for number in range(12)}
    assert summary("site", zones).endswith("az9 (1) and 2 more")


def test_refused_zones_change_nothing() -> None:
    found = {"az1": verdict("a"), "az2": verdict("b", failed=True), "az3": verdict()}
    assert lines(found) == ["az1: a", "az2: refused: no room", "az2: refused: no quota"]
    assert summary(None, found) == "1 change in az1 (1); refused, so without changes: az2"
    assert summary("site", {"az3": verdict()}) == "site: 0 changes"


def test_another_plan_has_another_id() -> None:
    maps = {"": "r", "az1": "m"}
    first = identifier("site", {"az1": verdict("a")}, maps)
    assert first == identifier("site", {"az1": verdict("a")}, dict(maps))
    others = [
        identifier("zone_drain", {"az1": verdict("a")}, maps),
        identifier("site", {"az1": verdict("b")}, maps),
        identifier("site", {"az1": verdict("a", failed=True)}, maps),
        identifier("site", {"az1": verdict("a")}, {**maps, "az1": "n"}),
        identifier("site", {"az1": verdict("a")}, {**maps, "": "s"}),
    ]
    assert len({first, *others}) == 6
    refused = {**verdict("a", failed=True), "msg": "no answer to request req-1"}
    assert identifier("site", {"az1": refused}, maps) == others[2], "a message may name what is of one run only"
