# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words in which the schema is written: a property of a dataclass and the rule its value has to keep."""

from __future__ import annotations

from dataclasses import Field, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REQUIRED: Any = object()


class AllZones(tuple[str, ...]):
    """A list of zones that nobody wrote down: it is shorter where the inventory is, so nothing goes because a zone is missing in it."""

    __slots__ = ()
    WORD = "all"


@dataclass(frozen=True)
class Rule:
    """What a text has to be. `broken` answers with what to do about a value that is not, else with nothing."""

    text: str
    source: str
    broken: Callable[[str], str]


@dataclass(frozen=True)
class Scope:
    """What a default can be made from."""

    zone_name: str
    zone: Mapping[str, Any]
    """The zone's properties that stand before this record in the schema."""
    own: Mapping[str, Any]
    """The record's own properties that stand before this one."""
    given: frozenset[str]
    """The keys that the user wrote in the record."""


@dataclass(frozen=True)
class Derived:
    """A default that follows from other properties."""

    text: str
    value: Callable[[Scope], Any]


@dataclass(frozen=True)
class Prop:
    """Everything the checker and the reference page have to know about one property."""

    description: str
    default: Any
    rule: Rule | None
    key_rule: Rule | None
    choices: tuple[str, ...]
    source: str
    unique: bool
    as_text: bool
    word: str


def prop(
    description: str,
    *,
    default: Any = REQUIRED,
    rule: Rule | None = None,
    key_rule: Rule | None = None,
    choices: tuple[str, ...] = (),
    source: str = "",
    unique: bool = False,
    as_text: bool = False,
    word: str = "",
) -> Any:
    """A property that a user writes.

    `default`: a plain value, a `Derived` one, or a class: a record made of that class's own defaults.
    `unique`: no item twice in the list. `as_text`: whole numbers and truth values become text.
    `word`: a text that asks for the default.
    """
    metadata = {"prop": Prop(description, default, rule, key_rule, choices, source, unique, as_text, word)}
    # pylint: disable=invalid-field-call  # this is what dataclasses call: field() with the documentation required
    if default is REQUIRED or isinstance(default, (Derived, type)):
        return field(metadata=metadata)
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


def prop_of(item: Field[Any]) -> Prop | None:
    """The property behind a field; a field without one is filled from what surrounds the record."""
    found: Prop | None = item.metadata.get("prop")
    return found
