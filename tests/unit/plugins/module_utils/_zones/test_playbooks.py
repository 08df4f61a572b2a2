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
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.parts import KUBERNETES
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.playbooks import (
    EVERY,
    OF_ANSIBLE,
    PLAYBOOKS,
    chosen_parts,
    not_in_map,
    only_preflight,
    wrong_limit,
    wrong_tags,
)

COLLECTION = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
PARTS = ("kubernetes", "compute", "block_storage", "images")


def tags_in(data: Any, folder: Path) -> Iterator[str]:
    """All tags of a file and of the files that it includes."""
    if isinstance(data, list):
        for item in data:
            yield from tags_in(item, folder)
    elif isinstance(data, dict):
        yield from data.get("tags", ())
        for key, value in data.items():
            if key in ("ansible.builtin.include_tasks", "ansible.builtin.import_tasks"):
                # The name may be chosen when it is run: 'this' if something else 'nothing'.
                chosen = value["file"] if isinstance(value, dict) else value
                names = re.findall(r"'(\w+)'(?= if| else| })", chosen) or [Path(chosen).stem]
                for file in [folder / "tasks" / f"{name}.yml" for name in names]:
                    yield from tags_in(yaml.safe_load(file.read_text(encoding="utf-8")), folder)
            yield from tags_in(value, folder) if isinstance(value, (list, dict)) else ()


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_the_tags_are_those_of_the_playbook(name: str) -> None:
    playbook = COLLECTION / "playbooks" / f"{name}.yml"
    found = set(tags_in(yaml.safe_load(playbook.read_text(encoding="utf-8")), playbook.parent)) - set(OF_ANSIBLE)
    tags = PLAYBOOKS[name].tags
    assert found == {*tags, *({KUBERNETES} & set(tags.values()))}


@pytest.mark.parametrize("name", ["site", "verify"])
def test_nothing_is_printed_for_each_zone_before_the_table(name: str) -> None:
    """A task that is skipped, or that only checks the options of a role, is a line for each zone."""
    text = (COLLECTION / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    roles = re.findall(r"_role:\n((?: {8,}.*\n)+)", text)
    assert roles
    assert all("rolespec_validate: false" in role for role in roles)
    assert text.count("when:") <= 1  # a run for Kubernetes alone


@pytest.mark.parametrize("name", ["images_sync", "render", "volume_relocate_check", "zone_remove"])
def test_no_role_is_checked_for_each_zone(name: str) -> None:
    text = (COLLECTION / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    assert text.count("_role:") == text.count("rolespec_validate: false") > 0


def test_every_playbook_is_known_and_says_its_name() -> None:
    files = {file.stem: file.read_text(encoding="utf-8") for file in (COLLECTION / "playbooks").glob("*.yml")}
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
        ("render", ["images"], [], "--tags: the playbook render has no tag images; it has no tags and runs as a whole"),
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
        "the tags choose shared_file_systems, of which the zone map says nothing; it has block_storage, compute, images, kubernetes"
    )
    assert not_in_map("site", ["shared_file_systems", "images"], [], PARTS) == ""
    assert not_in_map("verify", ["preflight"], [], ["compute"]).startswith("the tags choose preflight, of which")
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
        "--limit leaves out localhost, where the playbook render works"
    )
    assert wrong_limit("import", ["az1"], []).startswith("--limit leaves out localhost")


@pytest.mark.parametrize(
    "path", sorted((COLLECTION / "roles").glob("*/meta/main.yml")), ids=lambda path: path.parts[-3]
)
def test_a_role_that_reads_the_map_checks_its_arguments_once(path: Path) -> None:
    """By a dependency this task is run on every zone host, unless it is run once."""
    needed = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    assert all(role["run_once"] for role in needed if role["role"] == "zoneops.openstack.zone_map")


def test_the_first_look_skips_no_zone() -> None:
    look, verdict = yaml.safe_load((COLLECTION / "roles/site_check/tasks/main.yml").read_text(encoding="utf-8"))
    assert look["run_once"]
    assert "when" not in verdict
