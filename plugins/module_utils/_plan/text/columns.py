# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text on a terminal, where a character takes no column, one or two. Pure.

The C library's answer, which Ansible's own displays use, depends on the locale, and ansible-core has it for the controller only.
"""

from __future__ import annotations

import re
import unicodedata

# Marks above and below other characters, and characters that only say something about others.
_NO_COLUMN = ("Mn", "Me", "Cf")
# Vowels and endings of a Korean syllable that is written in parts: they stand within its first part.
_JAMO = range(0x1160, 0x1200)
_WIDE = ("W", "F")
# Shows the character before it as an emoji, which has two columns.
_AS_EMOJI = "\ufe0f"
_WORDS = re.compile(r"( *)([^ ]+)")


def width(text: str) -> int:
    """The columns that a text takes. Terminals differ in emoji that are made of several: it is the most that any of them needs."""
    if text.isascii():
        return len(text)
    found = before = 0
    for char in text:
        own = 2 - before if char == _AS_EMOJI and before else _width(char)
        found, before = found + own, 0 if char == " " else own
    return found


def _width(char: str) -> int:
    if unicodedata.category(char) in _NO_COLUMN or ord(char) in _JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def left(text: str, columns: int) -> str:
    """The text at the left of so many columns."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    return " " * (columns - width(text)) + text


def wrapped(text: str, most: int, indent: str = "") -> list[str]:
    """Lines of at most so many columns, from the second on with two more of indent. A word that no line can hold is broken."""
    further = f"{indent}  "
    found, line = list[str](), indent
    for gap, word in _WORDS.findall(text):
        fits = width(word) <= most - len(further)
        if line in (indent, further):
            gap = ""
        elif fits and width(line) + len(gap) + width(word) > most:
            found.append(line)
            line, gap = further, ""
        line += gap
        for piece in [word] if fits else word:
            if width(line + piece) > most:
                found.append(line)
                line = further
            line += piece
    return [one.rstrip() for one in (*found, line)] if line.strip() else []
