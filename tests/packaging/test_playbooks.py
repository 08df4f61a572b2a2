# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory may hold without breaking a playbook, and what the examples may hold without a warning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.checks import SETTINGS
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.of_playbooks import (
    INSTEAD,
    REQUIRED,
    TAKEN,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.playbooks import PLAYBOOKS as NAMES

from .documented import ROOT, load

PLAYBOOKS = [ROOT / "playbooks" / f"{name}.yml" for name in NAMES]
# What Ansible looks for inventory in; it warns of every other file below the folder of an inventory, except of some by their suffix.
READ = {".yml", ".md"}


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_connection_and_become_of_the_inventory_do_not_matter(playbook: Path) -> None:
    """Variables of a play win over those of the inventory; its keyword `connection` does not. Where tasks of users are included, facts of the zones do."""
    plays = [play for play in yaml.safe_load(playbook.read_text()) if "hosts" in play]
    assert plays
    for play in plays:
        local = play["vars"]
        if any("zoneops_work_tasks" in task.read_text() for task in _tasks_of_roles(play)):
            first = play["tasks"][0]["ansible.builtin.import_tasks"]
            (local,) = (task["ansible.builtin.set_fact"] for task in load(playbook.parent / first))
            assert not {"ansible_connection", "ansible_become"} & play["vars"].keys()
            assert "connection" not in play
        assert local["ansible_connection"] == "local", play["name"]
        assert local["ansible_become"] is False, play["name"]


def _tasks_of_roles(play: dict[str, Any]) -> list[Path]:
    names = [role for role, _entry in roles_in(yaml.safe_dump(play["tasks"], sort_keys=False))]
    return [path for name in names for path in (ROOT / "roles" / name / "tasks").glob("*.yml")]


def test_examples_hold_nothing_that_is_no_inventory() -> None:
    folders = [path for path in (ROOT / "examples").iterdir() if path.is_dir() and path.name not in ("aap", "ee")]
    assert folders
    assert [
        path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix not in READ
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_specification_is_what_ansible_reads(name: str) -> None:
    """Ansible's own check, which no play asks for by `validate_argspec`: cores before 2.20 do not know that word."""
    ((play, spec),) = specification(name)["argument_specs"].items()
    assert play == name
    validator = ArgumentSpecValidator(spec["options"])
    given = dict.fromkeys(spec.get("required", {}).keys() - spec.get("instead", {}).keys(), "begin")
    assert validator.validate(given).error_messages == []
    assert bool(validator.validate({}).error_messages) is bool(given)
    plays = yaml.safe_load((ROOT / "playbooks" / f"{name}.yml").read_text())
    assert not [play for play in plays if "validate_argspec" in play]


@pytest.mark.parametrize("name", NAMES)
def test_a_specification_has_what_the_playbook_takes_and_no_more(name: str) -> None:
    """By what the roles say of themselves; the generator looks into their tasks."""
    described = set(specification(name)["argument_specs"][name]["options"])
    assert described == TAKEN[name]
    files = texts_of(ROOT / "playbooks" / f"{name}.yml")
    named = {word for text in files for word in re.findall(r"zoneops_\w+", text)} & set(SETTINGS)
    reached = roles_in("".join(files))
    assert reached or name == "import"
    for role, _entry in list(reached):
        reached |= roles_in("".join(path.read_text() for path in (ROOT / "roles" / role / "tasks").glob("*.yml")))
    assert described <= named | {"zoneops_own_variables"} | {one for role, _entry in reached for one in options(role)}
    # Verifying and removing take fewer, and one that writes nothing keeps no journal.
    whole = [role for role, entry in reached if entry in ("main", "calls")]
    kept = (
        set()
        if ("zone_report", "journal") in reached
        else {one for one in SETTINGS if one.startswith("zoneops_journal_")}
    )
    assert named | {one for role in whole for one in options(role)} - kept <= described | {"zoneops_playbook"}


def texts_of(playbook: Path) -> list[str]:
    """The playbook, and the files of tasks that it includes."""
    found, waiting = {}, [playbook]
    while waiting:
        path = waiting.pop()
        found[path] = path.read_text()
        names = re.findall(r"\b(?:tasks/)?(\w+\.yml)$", found[path], re.MULTILINE)
        waiting += [file for name in names if (file := ROOT / "playbooks" / "tasks" / name) not in found]
    return list(found.values())


def roles_in(text: str) -> set[tuple[str, str]]:
    """The roles of this collection that tasks include, with the file that they start with."""
    found = re.findall(r"name: zoneops\.openstack\.(\w+)\n(?: +tasks_from: (\w+)\n)?", text)
    return {(role, entry or "main") for role, entry in found}


def options(role: str) -> set[str]:
    return set(load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]["main"].get("options", {}))


def specification(name: str) -> Any:
    return load(ROOT / "playbooks" / f"{name}.meta.yml")


def test_every_playbook_has_one() -> None:
    assert {path.name for path in (ROOT / "playbooks").glob("*.yml")} == {
        f"{name}.{ending}" for name in NAMES for ending in ("yml", "meta.yml")
    }
    for name in NAMES:
        spec = specification(name)["argument_specs"][name]
        needed = {one for one, option in spec["options"].items() if option.get("required")}
        assert spec.get("required", {}).keys() == REQUIRED.get(name, {}).keys()
        assert needed == spec.get("required", {}).keys() - spec.get("instead", {}).keys()
        assert set(spec.get("instead", {}).items()) <= INSTEAD.items()
        assert (ROOT / "docs" / spec["page"][1]).exists()
        assert spec["short_description"] == specification(name)["short_description"]
        for one, question in spec.get("survey", {}).items():
            choices = spec["options"][one].get("choices", [])
            assert set(question.get("choices", [])) <= set(choices)


def test_the_command_of_a_playbook_gives_what_it_needs() -> None:
    for name in NAMES:
        spec = specification(name)["argument_specs"][name]
        assert f"zoneops.openstack.{name}" in spec["examples"].split()
        assert {one for one in spec.get("required", {}) if f"-e {one}=" not in spec["examples"]} == set()
        assert f"\n    {spec['examples']}\n" in section(name)[0]


def section(name: str) -> tuple[str, dict[str, str]]:
    """What the page says of a playbook, and what it says of each variable."""
    text = (ROOT / "docs" / "playbooks.md").read_text().split(f"\n## {name}\n")[1].partition("\n## ")[0]
    return text, {row[0]: row[1] for row in re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE)}


def test_the_page_says_of_a_playbook_what_it_does_and_what_its_variables_mean_there() -> None:
    text, rows = section("zone_maintenance")
    assert (
        "or bring it back: [Zone maintenance](zone-maintenance.md). Begins or ends the maintenance of the zone" in text
    )
    what = "What is to be done, `begin` or `end` of a maintenance. Without it, `zoneops_phase` says it. Choices: `begin`, `end`."
    assert rows["zoneops_maintenance"] == f"str | none | {what}"
    _text, rows = section("zone_drain")
    assert rows["zoneops_drain_to"].endswith(
        "Without them, all zones but those of the play, as far as they are in service."
    )
    # What it moves servers by comes before what most playbooks read.
    assert list(rows).index("zoneops_drain_to") < list(rows).index("zoneops_allow")
    # Its roles have other choices each.
    _text, rows = section("site")
    assert rows["zoneops_allow"] == "list of str | none | Refusals to lift, one list for all roles and zones."


def test_commands_give_what_the_playbook_reads() -> None:
    """Whoever copies one would be warned of a variable that has no effect."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "roles").glob("*/README.md")]
    texts = {page: page.read_text() for page in [*pages, *(ROOT / "playbooks").glob("*.meta.yml")]}
    commands = [
        (page.name, *found.groups())
        for page, text in texts.items()
        for found in re.finditer(
            r"ansible-playbook [^`\n]*?zoneops\.openstack\.(\w+)([^`\n]*)", text.replace("\\\n", " ")
        )
    ]
    assert len(commands) > len(NAMES)
    unread = [
        (page, playbook, name)
        for page, playbook, options in commands
        for name in re.findall(r"\bzoneops_\w+(?=[=\"':])", options)
        if name not in TAKEN[playbook]
    ]
    assert unread == []


def test_the_settings_name_the_playbooks_that_have_tags() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    named = re.search(r"The playbooks other than (.*) have no tags", page)
    assert named is not None
    assert set(re.findall(r"`(\w+)`", named[1])) == {name for name, playbook in NAMES.items() if playbook.tags}
