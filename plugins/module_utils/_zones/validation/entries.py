# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the region that are in several zones, such as types and images: what they stand for, and their rules.

`{zone}` in an entry's name makes it stand for one object per zone; `\\{zone}` is the text `{zone}` itself. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..._plan.text.near import nearest
from ..errors import Problem, show
from ..schema.fields import AllZones

if TYPE_CHECKING:
    from ..schema.zone_map import Entry

PLACE = "{zone}"
_PLACE = re.compile(r"(\\*)\{zone\}")
_PLACES = re.compile(r"\{[^{}]*\}|[{}]")

E = TypeVar("E", bound="Entry")


def expanded(entries: Iterable[E]) -> tuple[E, ...]:
    """The objects that the entries stand for: no `{zone}` is left in them but what is text."""
    return tuple(item for entry in entries for item in _objects(entry))


def literal(value: Any) -> Any:
    """An object of the cloud as an entry: its texts come out of `expanded` as they are."""
    return _each_text(value, lambda text: _PLACE.sub(lambda found: f"{found[1] * 2}\\{PLACE}", text))


def _objects(entry: E) -> Iterator[E]:
    if _has_place(entry.name) or len(entry.zones) == 1:
        # A zone's name that is wrong in itself has left its place empty.
        yield from (_filled(entry, zone) for zone in entry.zones if zone is not None)
    else:
        yield _fill(entry, PLACE)


def _filled(entry: E, zone: str) -> E:
    filled: E = _fill(entry, zone)
    # The only zone that is left of all of them is still all of them.
    return (
        filled if isinstance(entry.zones, AllZones) and not _has_place(entry.name) else replace(filled, zones=(zone,))
    )


def _fill(value: Any, zone: str) -> Any:
    def filled(found: re.Match[str]) -> str:
        half, odd = divmod(len(found[1]), 2)
        return "\\" * half + (PLACE if odd else zone)

    return _each_text(value, lambda text: _PLACE.sub(filled, text))


def _has_place(text: str) -> bool:
    return any(len(found[1]) % 2 == 0 for found in _PLACE.finditer(text))


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The value with its texts changed; the keys of a mapping stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, AllZones):
        return value
    if isinstance(value, (tuple, list)):
        return type(value)(_each_text(item, change) for item in value)
    if isinstance(value, dict):
        return {key: _each_text(item, change) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: _each_text(getattr(value, item.name), change) for item in fields(value)})
    return value


def broken_entries(path: str, entries: Iterable[E | None], zones: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with a list of entries. An entry that is wrong in itself has left its place empty."""
    zones = tuple(zones)
    first: dict[str, str] = {}
    for index, entry in enumerate(entries):
        if entry is None:
            continue
        here = f"{path}[{index}]"
        wrong = [*_broken_zones(here, entry, zones), *_broken_places(here, entry)]
        yield from wrong
        if wrong:
            continue
        for item in _objects(entry):
            other = first.setdefault(item.name, here)
            if other != here:
                made = f" makes {show(item.name)}, which" if item.name != entry.name else ""
                yield _problem(
                    f"{here}.name", entry.name, f"{made} is also created by {other}; remove one of them".strip()
                )


def _broken_zones(path: str, entry: E, zones: tuple[str, ...]) -> Iterator[Problem]:
    if not entry.zones:
        yield _problem(f"{path}.zones", None, "is empty; name zones, or leave the key out for all zones")
    for index, name in enumerate(entry.zones):
        if name is not None and name not in zones:
            rule = f"is not a zone of the region{nearest(name, zones)}; name one of them"
            yield _problem(f"{path}.zones[{index}]", name, rule)


def _broken_places(path: str, entry: E) -> Iterator[Problem]:
    unknown = [place for place in _PLACES.findall(_PLACE.sub("", entry.name)) if place != PLACE]
    if unknown:
        yield _problem(f"{path}.name", entry.name, f"has {unknown[0]!r}; only {PLACE} is replaced")
    if _has_place(entry.name) or len(entry.zones) <= 1:
        return
    for item in fields(entry):
        value = getattr(entry, item.name)
        if _fill(value, "") != _fill(value, PLACE):
            rule = f"has {PLACE}, which an object of several zones cannot have: put {PLACE} into the name too"
            yield _problem(f"{path}.{item.name}", None, rule)


def _problem(path: str, value: object, rule: str) -> Problem:
    return Problem("", path, show(value, path) if value is not None else "", rule, "")
