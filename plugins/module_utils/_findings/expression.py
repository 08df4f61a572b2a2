# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JMESPath in a rule: its condition, and the expressions in its message. Pure."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.frame import Library
from .model import Object

error_of_import: str | None = None
try:
    import jmespath
    from jmespath.exceptions import JMESPathError
except ImportError:
    error_of_import = traceback.format_exc()
JMESPATH = Library("jmespath", error_of_import)
# What is in these, beyond the first part, is about something that the first part found.
_INWARDS = {
    *("subexpression", "index_expression", "pipe"),
    *("projection", "value_projection", "filter_projection", "flatten"),
}
_PLACES = re.compile(r"\{([^{}]*)\}")


class Expression:
    """One expression. Raises ZoneopsError where it cannot be understood or evaluated."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._compiled = jmespath.compile(text)
        except JMESPathError as error:
            raise ZoneopsError(f"'{text}' is no JMESPath expression: {_sentence(error)}") from error

    def __call__(self, about: Object) -> Any:
        try:
            return self._compiled.search(about)
        except (JMESPathError, TypeError) as error:
            # The library itself stumbles where a number is compared with text.
            raise ZoneopsError(f"'{self.text}' cannot be evaluated: {_sentence(error)}") from error

    @property
    def fields(self) -> frozenset[str]:
        """Those of the object itself that it reads."""
        return frozenset(_fields(self._compiled.parsed))

    @property
    def numbers(self) -> frozenset[float]:
        """Those that it has in backquotes."""
        return frozenset(_numbers(self._compiled.parsed))


class Message:
    """A text with expressions in braces."""

    def __init__(self, text: str) -> None:
        pieces = _PLACES.split(text)
        self._texts = pieces[::2]
        self._expressions = [Expression(piece) for piece in pieces[1::2]]
        if any("{" in one or "}" in one for one in self._texts):
            raise ZoneopsError(f"message '{text}' has a brace that opens or closes nothing")

    @property
    def fields(self) -> frozenset[str]:
        return frozenset[str]().union(*(one.fields for one in self._expressions))

    def __call__(self, about: Object, *, strict: bool = False) -> str:
        """The text about an object.

        :param strict: raise ZoneopsError where an expression has no value: a misspelt name is null, and no error of JMESPath.
        """
        values = [self._shown(expression, about, strict=strict) for expression in self._expressions]
        return "".join(text + value for text, value in zip(self._texts, [*values, ""], strict=True))

    @staticmethod
    def _shown(expression: Expression, about: Object, *, strict: bool) -> str:
        value = expression(about)
        if value is None and strict:
            raise ZoneopsError(f"'{expression.text}' in the message has no value")
        if value is None:
            return "unknown"
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return f"{value:g}" if isinstance(value, float) else str(value)


def _fields(node: Mapping[str, Any]) -> Iterator[str]:
    """The names in a parsed expression that are looked up in the object, and not in something that is in it."""
    if node["type"] == "field":
        yield str(node["value"])
    elif node["type"] != "expref":
        for child in node["children"][: 1 if node["type"] in _INWARDS else None]:
            yield from _fields(child)


def _numbers(node: Mapping[str, Any]) -> Iterator[float]:
    if node["type"] == "literal":
        yield from _in_literal(node["value"])
    # Those of a slice are no nodes.
    for child in node["children"] if node["type"] != "slice" else ():
        yield from _numbers(child)


def _in_literal(value: Any) -> Iterator[float]:
    if isinstance(value, list):
        for one in value:
            yield from _in_literal(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())
