# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts in the result of a bulk call, whatever became of it, and the zones with a value in several."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.filter.zones_with import FilterModule
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import verdicts_of

zones_with = FilterModule().filters()["zones_with"]
OK, FAILED = {"failed": False, "plan": []}, {"failed": True, "plan": []}
DUE = {"failed": False, "plan": [{"action": "add_host"}]}


@pytest.mark.parametrize(
    ("result", "verdicts"),
    [
        ({}, {}),
        ({"skipped": True, "msg": "no"}, {}),
        ({"msg": "no cloud", "failed": True}, None),
        ({"zones": {"az1": OK}}, {"az1": OK}),
        ({"zones": {"az1": OK, "az2": FAILED}, "refused": {"az2": FAILED}}, {"az2": FAILED}),
        (
            {"zones": {"az1": DUE, "az2": FAILED}, "refused": {"az2": FAILED}, "unchanged": {"az1": OK}},
            {"az1": OK, "az2": FAILED},
        ),
        ({"zones": {"az1": OK}, "refused": {}, "region": {}, "unchanged": {}}, {"az1": OK}),
    ],
)
def test_verdicts_of_a_call(result: dict[str, Any], verdicts: dict[str, Any] | None) -> None:
    assert verdicts_of(result) == verdicts


def test_zones_with_a_value() -> None:
    results = [{}, {"msg": "no cloud"}, {"zones": {"az1": DUE, "az2": OK}}, {"zones": {"az2": DUE, "az3": FAILED}}]
    assert zones_with(results, "plan") == {"az1": DUE, "az2": DUE}
    assert zones_with(results, "failed") == {"az3": FAILED}
    assert zones_with(results, "changed") == {}


def test_what_is_no_result_has_no_zones() -> None:
    """The verdict of each zone names such a variable."""
    assert zones_with(["text", None], "failed") == {}
