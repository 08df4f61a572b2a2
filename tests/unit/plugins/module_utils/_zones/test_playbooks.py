# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags and limits that leave nothing of a playbook to run are refused, and the tags are those of the playbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.calls import (
    CALLS,
    COMPARED,
    REGISTERED,
    REPORT,
    WRITTEN,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.managed_parts import KUBERNETES
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.of_playbooks import TAKEN
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.playbooks import (
    EVERY,
    OF_ANSIBLE,
    PLAYBOOKS,
    chosen_parts,
    not_in_map,
    only_preflight,
    reports,
    wrong_limit,
    wrong_tags,
)

COLLECTION = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
PARTS = ("kubernetes", "compute", "block_storage", "images")


def playbooks() -> list[Path]:
    """Without the specifications beside them."""
    return [path for path in (COLLECTION / "playbooks").glob("*.yml") if not path.name.endswith(".meta.yml")]


def tags_in(data: Any, folder: Path) -> Iterator[str]:
    """All tags of a file and of the files that it includes."""
    if isinstance(data, list):
        for item in data:
            yield from tags_in(item, folder)
    elif isinstance(data, dict):
        yield from data.get("tags", ())
        for key, value in data.items():
            if key in ("ansible.builtin.include_tasks", "ansible.builtin.import_tasks"):
                file = folder / "tasks" / Path(value["file"] if isinstance(value, dict) else value).name
                yield from tags_in(yaml.safe_load(file.read_text(encoding="utf-8")), folder)
            yield from tags_in(value, folder) if isinstance(value, (list, dict)) else ()


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_the_tags_are_those_of_the_playbook(name: str) -> None:
    playbook = COLLECTION / "playbooks" / f"{name}.yml"
    found = set(tags_in(yaml.safe_load(playbook.read_text(encoding="utf-8")), playbook.parent)) - set(OF_ANSIBLE)
    tags = PLAYBOOKS[name].tags
    assert found == {*tags, *({KUBERNETES} & set(tags.values()))}


def tasks_of(name: str) -> Iterator[dict[str, Any]]:
    """All tasks of the play on the zones, with those of the files that it includes, without blocks."""
    folder = COLLECTION / "playbooks"
    waiting = list(yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))[1]["tasks"])
    while waiting:
        task = waiting.pop(0)
        waiting += [*task.get("block", []), *task.get("always", [])]
        included = task.get("ansible.builtin.include_tasks") or task.get("ansible.builtin.import_tasks")
        if included:
            file = folder / "tasks" / Path(included["file"] if isinstance(included, dict) else included).name
            waiting += yaml.safe_load(file.read_text(encoding="utf-8"))
        if "block" not in task:
            yield task


@pytest.mark.parametrize("name", ["site", "verify"])
def test_a_zone_costs_one_task(name: str) -> None:
    """Whatever else there is runs once: a task that is skipped, or that only checks the options of a role, costs as much for each zone as a verdict."""
    alone = [task for task in tasks_of(name) if not task.get("run_once")]
    verdicts = [task for task in alone if "zoneops.openstack.zone_result" in task]
    assert len(verdicts) == 1
    assert "when" not in verdicts[0]
    # Imports are no tasks; those of zone_report are below.
    rest = [task for task in alone if task not in verdicts and "ansible.builtin.import_tasks" not in task]
    assert {task["name"] for task in rest} <= {"Report"}
    report = yaml.safe_load((COLLECTION / "roles/zone_report/tasks/main.yml").read_text(encoding="utf-8"))[0]
    assert all(task["run_once"] for task in report["block"])


def leaves(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks that are no blocks, at any depth."""
    for task in tasks:
        parts = [task[part] for part in ("block", "rescue", "always") if part in task]
        for part in parts:
            yield from leaves(part)
        if not parts:
            yield task


@pytest.mark.parametrize("name", ["site", "verify"])
def test_what_runs_once_is_run_by_calls_alone(name: str) -> None:
    """In a role that is included once, a verdict would be that of the first zone only."""
    chosen = [task["ansible.builtin.include_role"] for task in tasks_of(name) if "ansible.builtin.include_role" in task]
    assert chosen
    for role in chosen:
        assert role["rolespec_validate"] is False
        folder = COLLECTION / "roles" / role["name"].rsplit(".", 1)[1] / "tasks"
        calls = yaml.safe_load((folder / f"{role['tasks_from']}.yml").read_text(encoding="utf-8"))
        tasks = list(leaves(calls))
        assert tasks and all(task["run_once"] for task in tasks)


@pytest.mark.parametrize(("name", "also"), [("site", ["zoneops_refused"]), ("verify", ["zoneops_report"])])
def test_the_verdict_and_what_is_left_know_every_call(name: str, also: list[str]) -> None:
    """A call that is missing in one of them would be a failure that nobody sees, or a zone that is written to all the same."""
    registered = set(also)
    for task in tasks_of(name):
        role = task.get("ansible.builtin.include_role")
        if role:
            folder = COLLECTION / "roles" / role["name"].rsplit(".", 1)[1] / "tasks"
            calls = yaml.safe_load((folder / f"{role['tasks_from']}.yml").read_text(encoding="utf-8"))
            registered |= {call["register"] for call in calls if "register" in call}
    assert set(CALLS[name].variables) == registered
    play = yaml.safe_load((COLLECTION / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))[1]
    assert "zoneops_map.calls.variables" in play["vars"]["zoneops_results"]
    assert "zoneops_results" in play["vars"]["zoneops_limit"]
    (verdict,) = [task for task in tasks_of(name) if "zoneops.openstack.zone_result" in task]
    options = verdict["zoneops.openstack.zone_result"]
    assert options == {key: f"{{{{ zoneops_map.calls.{key} }}}}" for key in ("of", "verified")}


def test_every_result_is_cleared_before_a_playbook_calls() -> None:
    (start,) = yaml.safe_load((COLLECTION / "playbooks/tasks/no_results.yml").read_text(encoding="utf-8"))
    assert start["ansible.builtin.set_fact"] == {name: {} for name in REGISTERED}


def test_the_report_has_every_call() -> None:
    """Those that write by what they wrote, those that compare by what is wrong; what the report itself registers is none of them."""
    assert {*WRITTEN, *COMPARED, REPORT} == REGISTERED
    assert not set(WRITTEN) & set(COMPARED)
    (block,) = yaml.safe_load((COLLECTION / "roles/zone_report/tasks/main.yml").read_text(encoding="utf-8"))
    (report,) = [
        task["zoneops.openstack.zone_report"] for task in block["block"] if "zoneops.openstack.zone_report" in task
    ]
    assert report["results"] == "{{ zoneops_report_results or zoneops_map.calls.written }}"
    assert report["verified"] == "{{ zoneops_report_verified or zoneops_map.calls.compared }}"


@pytest.mark.parametrize(
    "name",
    [
        "host_maintenance",
        "images_sync",
        "render",
        "volume_relocate_test",
        "zone_capacity",
        "zone_drain",
        "zone_evacuate",
        "zone_maintenance",
        "zone_remove",
        "zone_restore_servers",
        "zone_drill",
        "zone_return",
    ],
)
def test_no_role_is_checked_for_each_zone(name: str) -> None:
    text = (COLLECTION / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    assert text.count("_role:") == text.count("rolespec_validate: false") > 0


def test_every_playbook_is_known_and_says_its_name() -> None:
    files = {file.stem: file.read_text(encoding="utf-8") for file in playbooks()}
    assert files.keys() == PLAYBOOKS.keys()
    for name, text in files.items():
        assert f"playbook: {name}\n" in text, name


@pytest.mark.parametrize(
    ("name", "run", "skip", "said"),
    [
        ("site", ["all"], [], ""),
        ("site", ["images"], [], ""),
        ("site", ["kubernetes"], ["pods"], ""),
        ("site", ["tagged"], [], ""),
        ("site", ["all"], ["images"], ""),
        ("site", ["all"], ["molecule-notest", "notest"], ""),
        ("verify", ["preflight"], [], ""),
        ("verify", ["all", "preflight"], [], ""),
        (
            "site",
            ["image"],
            [],
            "--tags: the playbook site has no tag image (did you mean images?); its tags are node_zones, ",
        ),
        (
            "site",
            ["all"],
            ["nodezones"],
            "--skip-tags: the playbook site has no tag nodezones (did you mean node_zones",
        ),
        ("site", ["preflight"], [], "--tags: the playbook site has no tag preflight"),
        ("site", ["images"], ["images"], "the tags leave nothing of the playbook site to run"),
        ("site", ["untagged"], [], "the tags leave nothing"),
        ("site", ["always"], [], "the tags leave nothing"),
        ("site", ["node_zones"], ["kubernetes"], "the tags leave nothing"),
        ("site", ["all"], ["all"], "the tags leave nothing"),
        (
            "render",
            ["images"],
            [],
            "--tags: the playbook render has no tag images; it has no tags and always runs completely",
        ),
        ("zone_remove", ["all"], ["images"], "--skip-tags: the playbook zone_remove has no tag images"),
        ("zone_remove", ["all"], [], ""),
    ],
)
def test_tags(name: str, run: list[str], skip: list[str], said: str) -> None:
    found = wrong_tags(name, run, skip)
    assert found.startswith(said)
    assert bool(found) is bool(said)


def test_what_the_tags_leave() -> None:
    assert chosen_parts("site", ["all"], [], PARTS) == list(PARTS)
    assert chosen_parts("site", ["images", "pods"], [], PARTS) == ["kubernetes", "images"]
    assert chosen_parts("site", ["all"], ["images", "kubernetes"], PARTS) == ["compute", "block_storage"]
    assert chosen_parts("verify", ["preflight"], [], PARTS) == ["kubernetes"]
    assert chosen_parts("zone_remove", ["all"], [], PARTS) == list(PARTS)


def test_parts_that_the_map_does_not_have() -> None:
    said = not_in_map("site", ["shared_file_systems"], [], PARTS)
    assert said == (
        "the tags choose shared_file_systems, which the zone map does not have; it has block_storage, compute, images, kubernetes"
    )
    assert not_in_map("site", ["shared_file_systems", "images"], [], PARTS) == ""
    assert not_in_map("verify", ["preflight"], [], ["compute"]).startswith("the tags choose preflight, which")
    assert not_in_map("zone_remove", ["all"], [], ["compute"]) == ""


def test_preflight_alone() -> None:
    assert only_preflight(["preflight"])
    assert not any(
        only_preflight([*tags]) for tags in (["all"], ["all", "preflight"], ["preflight", "kubernetes"], [*EVERY])
    )


def test_limits() -> None:
    assert wrong_limit("site", ["az2", "localhost"], ["az1", "az2"]) == ""
    assert (
        wrong_limit("site", ["localhost"], ["az1", "az2"])
        == "--limit leaves no zone to work on; the zones are az1, az2"
    )
    assert wrong_limit("render", ["az1", "localhost"], ["az1"]) == ""
    assert wrong_limit("render", ["az1"], ["az1"]).startswith(
        "--limit excludes localhost, on which the playbook render runs"
    )
    assert wrong_limit("import", ["az1"], []).startswith("--limit excludes localhost")


@pytest.mark.parametrize(
    "path", sorted((COLLECTION / "roles").glob("*/meta/main.yml")), ids=lambda path: path.parts[-3]
)
def test_a_role_that_reads_the_map_checks_its_arguments_once(path: Path) -> None:
    """By a dependency this task is run on every zone host, unless it is run once."""
    needed = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    assert all(role["run_once"] for role in needed if role["role"] == "zoneops.openstack.zone_map")


def test_a_look_by_its_role_skips_no_zone() -> None:
    calls, verdict = yaml.safe_load((COLLECTION / "roles/site_info/tasks/main.yml").read_text(encoding="utf-8"))
    assert "ansible.builtin.import_tasks" in calls
    assert "when" not in verdict


def test_a_playbook_reports_if_it_ends_with_the_table() -> None:
    """What is left to the report would be lost where there is none."""
    files = {path.stem: path.read_text() for path in playbooks()}
    assert set(files) == set(PLAYBOOKS)
    # The table, and not only the journal, which the same role keeps.
    table = re.compile(r"zoneops\.openstack\.zone_report\n(?! +tasks_from: journal)")
    assert {name for name, text in files.items() if table.search(text)} == {name for name in files if reports(name)}
    assert not reports("mine")


def lists_of_tasks(data: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every list of tasks of a playbook, with the key that it stands under."""
    for play_or_task in data:
        for part in ("tasks", "block", "rescue", "always"):
            if part in play_or_task:
                yield part, play_or_task[part]
                yield from lists_of_tasks(play_or_task[part])


JOURNAL = "zoneops_journal_container"
WRITERS = sorted(name for name in PLAYBOOKS if JOURNAL in TAKEN[name])
# The object store can be lost with the zone that they are about.
OPTIONAL = {"zone_evacuate", "zone_return", "zone_restore_servers"}


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_comes_between_a_failure_and_the_journal(name: str) -> None:
    """What stands before it in the same list ends the list where it fails, such as a table for which the region cannot be read."""
    data = yaml.safe_load((COLLECTION / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))
    found = [
        (part, tasks) for part, tasks in lists_of_tasks(data) if any(one["name"] == "Keep the journal" for one in tasks)
    ]
    assert [(part, len(tasks)) for part, tasks in found] == [("always", 1)]
    (keep,) = found[0][1]
    assert keep.get("vars") == ({"zoneops_journal_optional": True} if name in OPTIONAL else None)
