# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of a terminal: what is wide takes two, what stands above or below a character takes none."""

from __future__ import annotations

import textwrap

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.columns import left, right, width, wrapped
from hypothesis import given
from hypothesis import strategies as st

WORDS = st.lists(st.text("ab-日本ée\u0301😀❤\ufe0f", min_size=1, max_size=50), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("web-1", 5),
        ("日本語", 6),
        ("\uff46\uff55\uff4c\uff4c", 8),
        ("Köln", 4),
        ("Ko\u0308ln", 4),
        ("한국", 4),
        ("\u1112\u1161\u11ab", 2),
        ("😀", 2),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("😀\ufe0f", 2),
        ("\ufe0f", 0),
        ("🇩🇪", 2),
        ("─│", 2),
    ],
)
def test_the_columns_of_a_text(text: str, columns: int) -> None:
    assert width(text) == columns
    assert width(left(text, 9)) == width(right(text, 9)) == 9
    assert (left(text, 9).rstrip(), right(text, 9).lstrip()) == (text, text)


@given(WORDS)
def test_no_line_is_too_wide_and_nothing_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    found = wrapped(text, 24, "  ")
    assert max(map(width, found)) <= 24
    assert "".join("".join(found).split()) == "".join(words)
    assert found[0].startswith("  ")
    assert all(line.startswith("    ") for line in found[1:])


@given(st.lists(st.text("abc-", min_size=1, max_size=15), min_size=1, max_size=20))
def test_lines_of_short_ascii_words_are_those_of_the_library(words: list[str]) -> None:
    text = " ".join(words)
    kept = textwrap.wrap(text, 24, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    assert wrapped(text, 24, "  ") == kept


def test_spaces_within_a_line_stay() -> None:
    assert wrapped("  web  1 is  down  ", 80) == ["web  1 is  down"]
    assert wrapped("   ", 80) == []
