# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specification of all variables: it is that of the roles and pages, and no value gets past it."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.kept import MOST_DAYS
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.checks import (
    MAP,
    OWN,
    SETTINGS,
    missing,
    not_kept,
    without_effect,
    wrong_value,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.of_playbooks import OF_PLAYBOOKS, TAKEN
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.of_roles import OF_ROLES
from hypothesis import given
from hypothesis import strategies as st

COLLECTION = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())


@functools.cache
def of_roles() -> dict[str, dict[str, Any]]:
    files = COLLECTION.glob("roles/*/meta/argument_specs.yml")
    specs = [yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"] for file in files]
    return {
        name: option for spec in specs for entry in spec.values() for name, option in entry.get("options", {}).items()
    }


@pytest.mark.parametrize("name", sorted(set(of_roles()) - {"zoneops_playbook"}))
def test_the_roles_say_the_same(name: str) -> None:
    option, setting = of_roles()[name], SETTINGS[name]
    assert (setting.type, setting.elements) == (option["type"], option.get("elements"))
    assert setting.choices == tuple(option.get("choices", ()))
    assert setting.default == option.get("default")


def test_every_setting_of_the_roles_is_one_of_theirs() -> None:
    of_the_map = {"zoneops_playbook", "zoneops_zones_group", "zoneops_own_variables"}
    assert set(OF_ROLES) == set(of_roles()) - of_the_map
    assert set(OF_PLAYBOOKS) > of_the_map - {"zoneops_playbook"}


def test_every_variable_of_roles_and_playbooks_is_known() -> None:
    """What they read, register, set and hand on."""
    files = [*COLLECTION.glob("roles/*/*/*.yml"), *COLLECTION.glob("playbooks/**/*.yml")]
    named = {name for file in files for name in re.findall(r"\bzoneops_\w+", file.read_text(encoding="utf-8"))}
    assert named - {*SETTINGS, *MAP} == OWN


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_stands_on_its_page_with_its_default(name: str) -> None:
    page = (COLLECTION / "docs" / "settings.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{name}` \|.*$", page, re.MULTILINE)
    default = SETTINGS[name].default
    if default not in (None, "", []):
        assert f"| `{str(default).lower() if isinstance(default, bool) else default}` |" in row


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("zoneops_parallel", 0, "has to be a whole number of at least 1"),
        ("zoneops_parallel", "many", "has to be a whole number of at least 1"),
        ("zoneops_parallel", True, "has to be a whole number of at least 1"),
        ("zoneops_images_parallel", 2.5, "has to be a whole number of at least 1"),
        ("zoneops_max_removed_hosts", -1, "has to be a whole number of at least 0"),
        ("zoneops_deadline", 0, "must be a number of seconds above 0"),
        ("zoneops_deadline", -1, "must be a number of seconds above 0"),
        ("zoneops_deadline", "nan", "must be a number of seconds above 0"),
        ("zoneops_deadline", float("nan"), "must be a number of seconds above 0"),
        ("zoneops_deadline", "inf", "must be at most 2592000 seconds, which is 30 days"),
        ("zoneops_deadline", 1e15, "must be at most 2592000 seconds, which is 30 days"),
        ("zoneops_deadline", 10**400, "has to be a number of seconds"),
        ("zoneops_deadline", "soon", "has to be a number of seconds"),
        ("zoneops_deadline", None, "has to be a number of seconds"),
        ("zoneops_purge_hosts", "perhaps", "has to be true or false"),
        ("zoneops_purge_hosts", None, "has to be true or false"),
        ("zoneops_allow", None, "has to be a list"),
        ("zoneops_allow", "host_moves", """has to be a list; on the command line: -e '{"zoneops_allow": ["..."]}'"""),
        ("zoneops_allow", [["host_moves"]], "has a list at place 0, which has to be text"),
        ("zoneops_replaced_images", "hid", "has to be one of keep, hide, delete (did you mean hide?)"),
        ("zoneops_remove", ["az1"], "has to be text"),
        ("zoneops_report_region", [], "has to be a mapping"),
        ("zoneops_report_results", ["x"], "has 'x' at place 0, which has to be a mapping"),
        ("zoneops_journal", ["j.log"], "has to be the path of a file"),
        ("zoneops_journal", "/proc/nowhere/j.log", "cannot be written (No such file or directory)"),
        ("zoneops_journal", "/", "is a folder; name a file"),
        ("zoneops_capacity_threshold", 101, "has to be a number from 0 to 100"),
        ("zoneops_capacity_threshold", -0.5, "has to be a number from 0 to 100"),
        ("zoneops_capacity_threshold", "nan", "has to be a number from 0 to 100"),
        ("zoneops_capacity_threshold", "some", "has to be a number from 0 to 100"),
        ("zoneops_capacity_threshold", True, "has to be a number from 0 to 100"),
        (
            "zoneops_capacity_movable",
            ["pined"],
            "has 'pined' at place 0, which has to be one of pinned, local_disks (did",
        ),
        ("zoneops_capacity_event", "drain", "has to be one of lost, drained"),
        ("zoneops_hosts", 1, "has to be a list"),
        ("zoneops_hosts", "c1,,c2", "has an empty name"),
        ("zoneops_hosts", "", "has an empty name"),
        ("zoneops_maintenance", "start", "has to be one of begin, end, roll"),
        ("zoneops_work_tasks", "/proc/nowhere/work.yml", "cannot be read (No such file or directory)"),
        ("zoneops_work_tasks", "/", "is a folder; name a file"),
        ("zoneops_work_tasks", ["work.yml"], "has to be the path of a file"),
        ("zoneops_serial", 0, "has to be a whole number of at least 1"),
        ("zoneops_journal_container", "a/b", "give 1 to 256 bytes without '/'"),
        ("zoneops_report_container", "ä" * 129, "give 1 to 256 bytes without '/'"),
        ("zoneops_audit_container", "..", "the name may not be . or .."),
        ("zoneops_journal_keep_days", MOST_DAYS + 1, f"has to be a whole number from 0 to {MOST_DAYS}"),
        ("zoneops_journal_keep_days", -1, f"has to be a whole number from 0 to {MOST_DAYS}"),
        ("zoneops_journal_keep_days", "soon", f"has to be a whole number from 0 to {MOST_DAYS}"),
        ("zoneops_import_dir", 3, "has to be the path of a folder"),
    ],
)
def test_wrong_values(name: str, value: Any, said: str) -> None:
    assert wrong_value(name, value).startswith(said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("zoneops_parallel", "4"),
        ("zoneops_deadline", "0.5"),
        ("zoneops_deadline", 2_592_000),
        ("zoneops_purge_hosts", "yes"),
        ("zoneops_purge_hosts", 0),
        ("zoneops_allow", []),
        ("zoneops_journal", ""),
        ("zoneops_hosts", "c1, c2"),
        ("zoneops_work_tasks", __file__),
        ("zoneops_after_tasks", ""),
        ("zoneops_journal", None),
        ("zoneops_journal_container", ""),
        ("zoneops_journal_container", "ä" * 128),
        ("zoneops_journal_keep_days", MOST_DAYS),
        ("zoneops_report_gather", None),
        ("zoneops_report_region", {}),
    ],
)
def test_right_values_also_as_text(name: str, value: Any) -> None:
    assert wrong_value(name, value) == ""


def test_every_default_is_right() -> None:
    assert [name for name, one in SETTINGS.items() if one.default is not None and wrong_value(name, one.default)] == []


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=5,
)


@given(st.sampled_from(sorted(set(SETTINGS))), VALUES)
def test_any_value_has_an_answer(name: str, value: Any) -> None:
    assert isinstance(wrong_value(name, value), str)


def test_every_setting_is_read_by_a_playbook() -> None:
    """One that none reads could never be set without a warning."""
    assert set().union(*TAKEN.values()) == set(SETTINGS)


def test_what_a_playbook_needs_and_what_it_does_not_read() -> None:
    needed = missing("zone_remove", lambda _name: False)
    assert needed == {
        "zoneops_remove": (
            "is not set, and the playbook zone_remove needs it; set it to the zone to remove, one that is still in the inventory"
        )
    }
    assert missing("zone_remove", lambda _name: True) == missing("site", lambda _name: False) == {}
    assert without_effect("site", ["zoneops_parallel", "zoneops_hosts", "zoneops_changed_zones", "mine"]) == [
        "zoneops_hosts"
    ]


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        (
            None,
            ("zoneops_journal_container", "no journal is written, because zoneops_journal is empty; set it to a file"),
        ),
        (
            "",
            ("zoneops_journal_container", "no journal is written, because zoneops_journal is empty; set it to a file"),
        ),
        # Lines can be appended to it, but it has none to keep.
        ("/dev/null", ("zoneops_journal", "is a device; name a file, and zoneops_journal_container is to keep it")),
        ("/proc/nowhere", None),
        (__file__, None),
    ],
)
def test_a_journal_that_could_not_be_kept(journal: str | None, said: tuple[str, str] | None) -> None:
    for playbook in ("site", "zone_evacuate", None):
        found = not_kept(playbook, "zoneops", journal)
        assert (found is None) is (said is None)
        if found and said:
            assert (found[0], found[1].startswith(said[1])) == (said[0], True)
        assert not_kept(playbook, "", journal) is None
    # It writes none, whatever the variables of the group are for others.
    assert not_kept("audit", "zoneops", journal) is None
