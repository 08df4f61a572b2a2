# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links in the Markdown pages lead somewhere, and their commands are run by a test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.tests.pages.steps import FOLLOWED, TASKS, commands

from .documented import ROOT, load

PAGES = sorted(
    path for pattern in ("*.md", "docs/*.md", "roles/*/README.md", "examples/**/*.md") for path in ROOT.glob(pattern)
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
RUN_BY: dict[str, str] = load(ROOT / "tests" / "packaging" / "commands.yml")


def anchors(page: Path) -> set[str]:
    """The anchors a git host gives to headings: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(CODE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, anchor = [*target.split("#", 1), ""][:2]
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.relative_to(ROOT)} links to {target}: no such file"
        if anchor:
            assert anchor in anchors(file), f"{page.relative_to(ROOT)} links to {target}: no such heading"


def test_index_names_every_page() -> None:
    linked = set(LINK.findall((ROOT / "docs" / "index.md").read_text()))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"} <= linked


def test_every_page_has_a_title_of_its_own() -> None:
    """Only the titles tell two pages apart in the list of all pages and in what a search finds."""
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "docsite").glob("*.md")]
    titles = {page.name: re.findall(r"^# (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE) for page in pages}
    assert {name: found for name, found in titles.items() if len(found) != 1} == {}
    often = Counter(title.lower() for (title,) in titles.values())
    assert [title for title, times in often.items() if times > 1] == []


def listed_commands() -> list[str]:
    """What the pages tell the reader to type, apart from those pages that are followed as a whole."""
    others = [page for page in PAGES if str(page.relative_to(ROOT)) not in {*FOLLOWED, *TASKS}]
    return sorted({command for page in others for command in commands(page)})


def test_the_readme_is_followed() -> None:
    assert "README.md" in FOLLOWED
    assert {"make demo", "make test"} <= set(commands(ROOT / "README.md"))


@pytest.mark.parametrize("command", listed_commands())
def test_every_command_is_run_somewhere(command: str) -> None:
    """tests/packaging/commands.yml names the file that runs it; the command stands there word by word."""
    assert command in RUN_BY, f"`{command}` is in a page, but commands.yml does not say which test runs it"
    assert command in (ROOT / RUN_BY[command]).read_text(), f"{RUN_BY[command]} does not run `{command}`"


def test_no_command_is_listed_in_vain() -> None:
    assert sorted(RUN_BY) == listed_commands()
