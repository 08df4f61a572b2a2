# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a misspelt one may stand for. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ..errors import ZoneopsError
from .listing import first

# Of all names in a message.
SHOWN = 12


def near(word: str, names: Iterable[str], most: int = 2) -> list[str]:
    """The names closest to a word, the closest first: the same name in other case or without its domain, else what is spelt alike."""
    known = list(dict.fromkeys(names))
    same = [name for name in known if name.casefold() == word.casefold()]
    same = same or [name for name in known if ("." in name) != ("." in word) and _short(name) == _short(word)]
    if same:
        return same[:most]
    spelt: dict[str, list[str]] = {}
    for name in known:
        spelt.setdefault(name.casefold(), []).append(name)
    found = difflib.get_close_matches(word.casefold(), spelt, n=most)
    return [name for match in found for name in spelt[match]][:most]


def nearest(word: str, names: Iterable[str]) -> str:
    """A question that helps with a misspelt word; nothing where no name is close to it."""
    found = near(word, names)
    return f" (did you mean {' or '.join(found)}?)" if found else ""


def unknown(option: str, what: str, given: Iterable[str], names: Iterable[str]) -> str:
    """What is wrong with the names that an option gives, nothing where all of them exist.

    :param what: what the names are to be, for example "zone of the map".
    :param names: those that exist, of which there may be hundreds.
    """
    known = sorted(dict.fromkeys(names))
    wrong = [word for word in dict.fromkeys(given) if word not in known]
    if not wrong:
        return ""
    named = ", ".join(f"{word}{nearest(word, known)}" for word in wrong)
    return f"{option}: no {what} is named {named}. There {_are(known)} {first(SHOWN, known, of=len(known)) or 'none'}."


def refuse_unknown(option: str, what: str, given: Iterable[str], names: Iterable[str]) -> None:
    """Raise ZoneopsError where a name does not exist."""
    reason = unknown(option, what, given, names)
    if reason:
        raise ZoneopsError(f"option {reason}")


def _are(names: list[str]) -> str:
    return "is" if len(names) < 2 else "are"


def _short(name: str) -> str:
    """The host's name without its domain."""
    return name.partition(".")[0].casefold()
