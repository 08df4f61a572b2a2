# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw data against the schema: every wrong key and value is a problem, what is right is kept and checked further."""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields, is_dataclass
from functools import cache
from typing import Any

from ..._plan.text.near import nearest
from ..errors import Problem, holds_credentials, is_secret_name, show
from ..schema.common import SecretRef
from ..schema.fields import REQUIRED, Derived, Prop, Rule, Scope, prop_of

_BAD: Any = object()
_LARGEST = 10**255  # longer numbers do not fit metadata, and Python refuses to write very long ones
_LARGEST_NUMBER = 2**31  # what the services' databases hold
_OPERATOR_VALUE = re.compile(r"\{\{\s*\.\w+\s*\}\}")
_REFERENCE = "give a reference to a Kubernetes Secret instead: {secret: NAME, key: KEY}"
_ANYTHING = Prop("", None, None, None, (), "", unique=False, as_text=True, word="")
_NO_SECRETS = "looks like a secret, which a zone file must not contain; remove it, and rotate the secret"


@cache
def properties(cls: type) -> dict[str, tuple[Any, Prop | None]]:
    """Type and property of every field of a schema class."""
    hints = typing.get_type_hints(cls)
    items: tuple[Field[Any], ...] = fields(cls)
    return {item.name: (hints[item.name], prop_of(item)) for item in items}


class _Unusable(Exception):
    """A default would be made from a value that is wrong itself, which has been reported."""


class _Usable(dict[str, Any]):
    """Properties as defaults may read them."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if value is _BAD:
            raise _Unusable
        return value

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default


class Checker:
    """Reads the data of one zone, or of the region when `zone` is empty, and collects what is wrong with them."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.problems: list[Problem] = []
        self._top: dict[str, Any] = {}

    def read(self, cls: type, raw: object) -> Any:
        """The whole record, made of what is right; None when too little is."""
        found = self._record(cls, raw, "")
        return None if found is _BAD else found

    def _problem(self, path: str, value: object, rule: str, source: str = "") -> Any:
        shown = "" if value is _BAD else show(value, path)
        self.problems.append(Problem(self.zone, path, shown, rule, source))
        return _BAD

    def _record(self, cls: type, raw: object, path: str) -> Any:
        if not isinstance(raw, Mapping):
            return self._problem(path, raw, "has to be a mapping; write {} for the defaults or leave the key out")
        own = _Usable()
        if not path:
            self._top = own
        known = properties(cls)
        self._unknown_keys(raw, [name for name, (_type, prop) in known.items() if prop], path)
        scope = Scope(self.zone, self._top, own, frozenset(key for key in raw if isinstance(key, str)))
        for name, (hint, prop) in known.items():
            own[name] = self._property(hint, prop, raw, name, _join(path, name), scope) if prop else self.zone
        return _BAD if any(value is _BAD for value in own.values()) else cls(**own)

    def _unknown_keys(self, raw: Mapping[Any, object], known: Sequence[str], path: str) -> None:
        for key in raw:
            if not isinstance(key, str):
                self._problem(
                    path, _BAD, f"has the key {show(key)}, which is not text; keys here are {', '.join(known)}"
                )
            elif key not in known:
                where = _join(path, str.__str__(key))
                rule = _NO_SECRETS if is_secret_name(key) else f"is not a key of the zone map{nearest(key, known)}"
                self._problem(where, _BAD, rule)

    def _property(self, hint: Any, prop: Prop, raw: Mapping[str, object], name: str, path: str, scope: Scope) -> Any:
        value: Any = _BAD
        given = name in raw and not (prop.word and raw[name] == prop.word)
        if given:
            value = self._value(hint, prop, raw[name], path)
        elif prop.default is REQUIRED:
            return self._problem(path, _BAD, "is missing; add it")
        if value is not _BAD or prop.default is REQUIRED:
            return value
        if isinstance(prop.default, type):
            return self._record(prop.default, {}, path)
        if not isinstance(prop.default, Derived):
            return prop.default
        try:
            value = prop.default.value(scope)
        except _Unusable:
            return _BAD
        if isinstance(value, type):
            return self._record(value, {}, path)
        reason = "" if given or prop.rule is None or not isinstance(value, str) else prop.rule.broken(value)
        if reason and prop.rule:
            self._problem(path, value, f"(default: {prop.default.text}) {reason}", prop.rule.source)
        return value

    def _value(self, hint: Any, prop: Prop, raw: object, path: str) -> Any:
        if typing.get_origin(hint) in (types.UnionType, typing.Union):
            return self._one_of(typing.get_args(hint), prop, raw, path)
        origin = typing.get_origin(hint)
        if origin is tuple:
            return self._list(typing.get_args(hint)[0], prop, raw, path)
        if origin is dict:
            return self._mapping(typing.get_args(hint)[1], prop, raw, path)
        if is_dataclass(hint):
            return self._record(typing.cast("type", hint), raw, path)
        if hint is object:
            return self._data(raw, path)
        if hint is int:
            return self._number(raw, path)
        return self._text(prop, raw, path) if hint is str else self._truth(raw, path)

    def _one_of(self, hints: tuple[Any, ...], prop: Prop, raw: object, path: str) -> Any:
        if SecretRef in hints:
            return self._free(prop, raw, path)
        if raw is None and not any(is_dataclass(hint) for hint in hints):
            return None
        return self._value(next(hint for hint in hints if hint is not types.NoneType), prop, raw, path)

    def _number(self, raw: object, path: str) -> Any:
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < _LARGEST_NUMBER:
            return int(raw)
        return self._problem(path, raw, "has to be a whole number of at least 0")

    def _truth(self, raw: object, path: str) -> Any:
        return raw if isinstance(raw, bool) else self._problem(path, raw, "has to be true or false")

    def _text(self, prop: Prop, raw: object, path: str) -> Any:
        if prop.as_text and isinstance(raw, bool):
            raw = "true" if raw else "false"
        if prop.as_text and isinstance(raw, int) and abs(raw) < _LARGEST:
            raw = str(int(raw))
        if not isinstance(raw, str):
            hint = "; write it in quotes" if isinstance(raw, (int, float)) else ""
            return self._problem(path, raw, f"has to be text{hint}")
        text = str.__str__(raw)
        if prop.choices and text not in prop.choices:
            rule = f"has to be one of {', '.join(prop.choices)}{nearest(text, prop.choices)}"
            return self._problem(path, text, rule, prop.source)
        if holds_credentials(text):
            return self._problem(path, text, _NO_SECRETS)
        return self._kept(prop.rule, text, path)

    def _kept(self, rule: Rule | None, text: str, path: str) -> Any:
        reason = rule.broken(text) if rule else ""
        return self._problem(path, text, reason, rule.source) if rule and reason else text

    def _list(self, hint: Any, prop: Prop, raw: object, path: str) -> Any:
        if not isinstance(raw, (list, tuple)):
            word = f" or {prop.word}" if prop.word else ""
            return self._problem(path, raw, f"has to be a list{word}; write each item on its own line with '- '")
        items: list[Any] = []
        for index, value in enumerate(raw):
            item = self._value(hint, prop, value, f"{path}[{index}]")
            if prop.unique and item is not _BAD and item in items:
                item = self._problem(f"{path}[{index}]", item, "is in this list twice; remove one of them")
            # A wrong item leaves its place empty, so that the rules still number the others rightly.
            items.append(None if item is _BAD else item)
        return tuple(items)

    def _mapping(self, hint: Any, prop: Prop, raw: object, path: str) -> Any:
        if not isinstance(raw, Mapping):
            return self._problem(path, raw, "has to be a mapping of names to values")
        found: dict[str, Any] = {}
        for key, value in raw.items():
            if not isinstance(key, str):
                self._problem(path, _BAD, f"has the key {show(key)}, which is not text; write it in quotes")
                continue
            name = str.__str__(key)
            where = _join(path, name)
            reason = prop.key_rule.broken(name) if prop.key_rule else ""
            if reason and prop.key_rule:
                self._problem(where, _BAD, reason, prop.key_rule.source)
                continue
            item = self._value(hint, prop, value, where)
            if item is not _BAD and is_secret_name(name) and _is_plain(item):
                self._problem(where, item, _NO_SECRETS if prop.as_text else f"is a secret in plain text; {_REFERENCE}")
            elif item is not _BAD:
                found[name] = item
        return found

    def _free(self, prop: Prop, raw: object, path: str) -> Any:
        """A value of a free option: text, a number, a truth value or a reference to a secret."""
        if isinstance(raw, Mapping):
            inner = Checker(self.zone)
            reference = inner.read(SecretRef, raw)
            # What stands in a reference that is wrong may be the secret itself: nothing of it is repeated.
            return self._problem(path, raw, f"is no value; {_REFERENCE}") if inner.problems else reference
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, int) and abs(raw) < _LARGEST:
            return int(raw)
        if isinstance(raw, float) and math.isfinite(raw):
            return float(raw)
        return self._text(prop, raw, path)

    def _data(self, raw: object, path: str) -> Any:
        """A value of any shape that stands in JSON too, without secrets. Texts may have several lines."""
        if raw is None or isinstance(raw, bool):
            return raw
        if isinstance(raw, int) and abs(raw) < _LARGEST:
            return int(raw)
        if isinstance(raw, float) and math.isfinite(raw):
            return float(raw)
        if isinstance(raw, str):
            text = str.__str__(raw)
            return self._problem(path, text, _NO_SECRETS) if holds_credentials(text) else text
        if isinstance(raw, (list, tuple)):
            items = [self._data(value, f"{path}[{index}]") for index, value in enumerate(raw)]
            return _BAD if _BAD in items else items
        if isinstance(raw, Mapping):
            return self._mapping(object, _ANYTHING, raw, path)
        return self._problem(path, raw, "has to be text, a number, true or false, a list or a mapping of these")


def _is_plain(value: object) -> bool:
    """Whether a secret stands in the open. `{{ .ServicePassword }}` and its like are filled in by the operator."""
    if isinstance(value, str):
        return not _OPERATOR_VALUE.fullmatch(value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
