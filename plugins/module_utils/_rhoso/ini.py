# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration of a service as data (section, option, value), and as the text that the operators hand to it. Pure."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from typing import Any, Union

# ansible-test's pylint does not know "|" between types outside of annotations.
Value = Union[str, int, float, bool]  # noqa: UP007
Ini = dict[str, dict[str, Value]]
DEFAULT = "DEFAULT"
WORDS = ("true", "false")


def written(config: Mapping[str, Mapping[str, Value]]) -> str:
    """The text. [DEFAULT] comes first, everything else in the order in which it was put in: equal data, equal text.

    `{{ .ServicePassword }}` and its like pass as they are: the operator fills them in.
    """
    sections = sorted((name for name in config if config[name]), key=lambda name: name != DEFAULT)
    lines: list[str] = []
    for name in sections:
        lines.append(f"[{name}]")
        lines += [f"{option} = {value}" for option, value in config[name].items()]
    return "\n".join([*lines, ""])


def read(text: object) -> Ini:
    """Its sections and options; of an option that is there twice the last. Empty where it cannot be read."""
    parser = _parser(strict=False)
    try:
        parser.read_string(text if isinstance(text, str) else "")
    except configparser.Error:
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def same(one: object, other: object) -> bool:
    """Whether two texts mean the same to a service: the order of sections and options, whitespace, comments and the case of true and false do not matter."""
    if one == other:
        return True
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    mine = _meaning(one)
    return mine is not None and mine == _meaning(other)


def with_text_of(wanted: Any, live: Any, key: str) -> Any:
    """What is wanted, with the live text of each field `key` that means the same: pods restart for any other text."""
    if not isinstance(wanted, Mapping) or not isinstance(live, Mapping):
        return wanted
    return {
        name: live[name] if name == key and same(value, live.get(name)) else with_text_of(value, live.get(name), key)
        for name, value in wanted.items()
    }


def _meaning(text: str) -> dict[str, dict[str, str]] | None:
    """Sections and options; None where that is not sure, such as an option that is there twice (it may have several values)."""
    parser = _parser(strict=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    found = {name: {option: _plain(value) for option, value in parser.items(name)} for name in parser.sections()}
    return {name: options for name, options in found.items() if options}


def _parser(*, strict: bool) -> configparser.RawConfigParser:
    """No section is special, and an option keeps its case, as in oslo.config."""
    parser = configparser.RawConfigParser(default_section="", empty_lines_in_values=False, strict=strict)
    setattr(parser, "optionxform", str)  # noqa: B010 - mypy takes it for a method
    return parser


def _plain(value: str) -> str:
    return value.lower() if value.lower() in WORDS else value
