# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that are named like settings and are none: misspelt ones, which would have no effect, and what the user has of his own. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .checks import MAP, OWN, SETTINGS

OWN_VARIABLES = "zoneops_own_variables"
# The prefix, also as it is often misspelt.
_PREFIX = re.compile(r"(?:zone_?ops?|zonops|zoenops)_*")
# How alike the parts after the prefix are: of a question, and of a misspelt name.
_ALIKE, _MISSPELT = 0.6, 0.8


@dataclass(frozen=True)
class Unknown:
    """A variable that looks like a setting.

    :ivar meant: the setting that is spelt alike; empty for none.
    :ivar misspelt: whether it is that setting, but for a letter or two: what was meant to be set is not.
    """

    name: str
    meant: str = ""
    misspelt: bool = False

    @property
    def rule(self) -> str:
        hint = f" (did you mean {self.meant}?)" if self.meant else ""
        return f"is not a setting of this collection and has no effect{hint}; correct it, or if it is your own, add its name to {OWN_VARIABLES}"


def unknown(names: Iterable[str], own: Iterable[str] = ()) -> list[Unknown]:
    """Those of the names that look like settings and are none, each once.

    :param own: names of the user's own variables, with * for any characters.
    """
    patterns = list(own)
    looking = sorted({name for name in names if name not in _KNOWN and _PREFIX.match(name.casefold())})
    return [_judged(name) for name in looking if not any(fnmatchcase(name, pattern) for pattern in patterns)]


def variables_of(data: Any) -> set[str]:
    """The variables that the map takes values of Secrets from: they may be called as their owner likes."""
    if isinstance(data, dict):
        own = {data["variable"]} if isinstance(data.get("variable"), str) else set()
        return own.union(*(variables_of(value) for value in data.values()))
    return set().union(*(variables_of(item) for item in data)) if isinstance(data, list) else set()


_KNOWN = frozenset((*SETTINGS, *MAP)) | OWN


def _judged(name: str) -> Unknown:
    rest = _rest(name)
    likeness = {known: _likeness(rest, _rest(known)) for known in (*SETTINGS, *MAP)}
    meant = max(likeness, key=likeness.__getitem__)
    if likeness[meant] < _ALIKE:
        return Unknown(name)
    return Unknown(name, meant, likeness[meant] >= _MISSPELT)


def _rest(name: str) -> str:
    return _PREFIX.sub("", name.casefold(), count=1)


def _likeness(one: str, other: str) -> float:
    """From 0 to 1; words in another order are the same name."""
    if sorted(one.split("_")) == sorted(other.split("_")):
        return 1.0
    return difflib.SequenceMatcher(None, one, other).ratio()
