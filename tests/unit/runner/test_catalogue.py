# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test file belongs to a suite, and a name chooses what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from runner.catalogue import SUITES
from runner.unit import OF_CORE, OF_NEWEST, PLAYED

TESTS = Path(__file__).resolve().parents[2]


def test_every_test_file_is_in_the_folder_of_a_suite() -> None:
    """The suites name their folders; a folder that none names would never run, and nobody would notice."""
    sources = "\n".join(path.read_text() for path in (TESTS / "runner").glob("*.py"))
    for path in TESTS.rglob("test_*.py"):
        folders = [str(parent.relative_to(TESTS.parent)) for parent in path.parents if TESTS in parent.parents]
        assert any(f'"{folder}"' in sources for folder in folders), f"no suite runs {path.relative_to(TESTS.parent)}"


@pytest.mark.parametrize("part", sorted({*OF_CORE, *OF_NEWEST, *PLAYED}))
def test_what_a_leg_names_has_tests(part: str) -> None:
    """pytest ends with an error, and runs nothing at all, when one of its folders is gone."""
    path = TESTS / "unit" / "plugins" / part
    assert path.is_file() or [*path.rglob("test_*.py")]


def test_the_newest_core_runs_every_folder_of_plugins() -> None:
    """Of the actions it runs some files; a new folder has to be named."""
    folders = {path.name for path in (TESTS / "unit" / "plugins").iterdir() if any(path.rglob("test_*.py"))}
    assert folders == {part.partition("/")[0] for part in OF_NEWEST}


@pytest.mark.parametrize(
    "part", ["block_storage", "calls", "images", "import", "shared_file_systems", "site", "volumes"]
)
def test_every_part_has_a_test_on_an_older_cloud(part: str) -> None:
    """That cloud refuses newer microversions: a part that makes no request there could ask for one, and nobody would notice."""
    assert "@pytest.mark.aged\n" in (TESTS / "integration" / f"test_{part}.py").read_text()


def test_names_are_unique() -> None:
    assert len({suite.name for suite in SUITES}) == len(SUITES)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([], [suite.name for suite in SUITES if "-full" not in suite.name]),
        (["faults"], ["faults"]),
        (["faults-full"], ["faults-full"]),
        (["docs"], ["docs"]),
        (["unit:core-2.19", "docs"], ["docs", "unit:core-2.19"]),
        (["sanity:importer"], ["sanity:importer"]),
        (
            ["sanity"],
            ["sanity:core-2.16", "sanity:core-2.18", "sanity:core-2.20", "sanity:core-newest", "sanity:importer"],
        ),
        (["uni"], []),
    ],
)
def test_names_choose(names: list[str], chosen: list[str]) -> None:
    assert [suite.name for suite in SUITES if suite.chosen_by(names)] == chosen
