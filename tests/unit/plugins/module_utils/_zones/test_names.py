# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that look like settings: misspelt ones are told from those that somebody has of his own."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.checks import MAP, OWN, SETTINGS
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.names import (
    Unknown,
    unknown,
    variables_of,
)
from hypothesis import given
from hypothesis import strategies as st

KNOWN = (*SETTINGS, *MAP)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("zoneops_paralel", "zoneops_parallel"),
        ("zoneops_parallelism", "zoneops_parallel"),
        ("zoneops_deadlin", "zoneops_deadline"),
        ("zoneop_deadline", "zoneops_deadline"),
        ("zone_ops_deadline", "zoneops_deadline"),
        ("zonops_deadlnie", "zoneops_deadline"),
        ("ZONEOPS_JOURNAL", "zoneops_journal"),
        ("zoneops_zones", "zoneops_zone"),
        ("zonops_zone", "zoneops_zone"),
        ("zoneops_purge_host", "zoneops_purge_hosts"),
        ("zoneops_hosts_purge", "zoneops_purge_hosts"),
        ("zoneops_allowed", "zoneops_allow"),
        ("zoneops_control_plane_timeout_wait", "zoneops_control_plane_wait_timeout"),
    ],
)
def test_a_misspelt_name(name: str, meant: str) -> None:
    assert unknown([name]) == [Unknown(name, meant, misspelt=True)]
    assert unknown([name])[0].rule == (
        f"is not a setting of this collection and has no effect (did you mean {meant}?); correct it, or if it is your own, add its name to "
        "zoneops_own_variables"
    )


@pytest.mark.parametrize(
    "name",
    ["zoneops_vault_file", "zoneops_hosts_extra", "zoneops_paralel_zones", "zoneops_cloud_name", "zoneops_acme_notes"],
)
def test_names_that_are_like_no_setting_are_no_mistake(name: str) -> None:
    (found,) = unknown([name])
    assert not found.misspelt
    assert found.rule.startswith("is not a setting of this collection and has no effect")


@given(st.sampled_from(sorted(KNOWN)), st.data())
def test_any_letter_that_is_missing_or_doubled_is_found(name: str, data: st.DataObject) -> None:
    """Of a name with at least six letters after the prefix; what is left of a shorter one may be another word."""
    if len(name) < len("zoneops_") + 6:
        return
    place = data.draw(st.integers(len("zoneops_"), len(name) - 1))
    for wrong in (name[:place] + name[place + 1 :], name[:place] + name[place] + name[place:]):
        assert all(one.misspelt for one in unknown([wrong])), wrong


@given(st.text())
def test_other_names_are_nobodys_business(name: str) -> None:
    assert unknown([f"my_{name}"]) == []


def test_what_the_user_calls_his_own_is_his() -> None:
    names = ["zoneops_zones", "zoneops_acme_parallel", "zoneops_x", "zoneops_paralel"]
    assert [one.name for one in unknown(names, ["zoneops_zones", "zoneops_acme_*", "zoneops_?"])] == ["zoneops_paralel"]


def test_names_come_once_and_those_of_the_map_are_known() -> None:
    assert unknown([*KNOWN, *OWN, "inventory_hostname"]) == []
    assert [one.name for one in unknown(["zoneops_y", "zoneops_x", "zoneops_x"])] == ["zoneops_x", "zoneops_y"]


def test_variables_that_secrets_are_taken_from() -> None:
    secrets = {"zones": {"az1": {"kubernetes": {"secrets": [{"data": [{"variable": "zoneops_mine"}]}]}}}}
    assert variables_of(secrets) == {"zoneops_mine"}
