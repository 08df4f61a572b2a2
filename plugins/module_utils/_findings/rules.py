# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules from YAML, checked: unknown keys, expressions that do not compile and examples that do not behave are errors with file and line. Pure."""

from __future__ import annotations

import re
import traceback
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.frame import Library
from .._plan.text.near import nearest
from .expression import Expression, Message
from .model import SEVERITIES, Rule
from .parameters import is_number

error_of_import: str | None = None
try:
    import yaml
except ImportError:
    error_of_import = traceback.format_exc()
YAML = Library("PyYAML", error_of_import)

_MAY_LACK = ("page", "playbook")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_TEXTS = ("id", "title", "severity", "of", "when", "message", "remedy", "source")
_KEYS = (*_TEXTS, *_MAY_LACK, "parameters", "needs", "examples")
_EXAMPLES = ("good", "bad")
# JMESPath has them in backquotes only.
_LITERALS = ("null", "true", "false")


class RuleError(ZoneopsError):
    """A rule cannot be used; the message begins with its file and line."""


def parsed(text: str, file: str, kinds: Mapping[str, Collection[str]], sections: Collection[str]) -> list[Rule]:
    """The rules of a file.

    :param kinds: the kinds of objects, each with the fields that it has.
    :param sections: those of a snapshot.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RuleError(f"{file}, line {mark.line + 1 if mark else 1}: no YAML: {_reason(error)}") from error
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise RuleError(f"{file}, line 1: has to be a list of rules")
    return [_rule(node, file, kinds, sections) for node in root.value]


def _rule(node: Any, file: str, kinds: Mapping[str, Collection[str]], sections: Collection[str]) -> Rule:
    line = node.start_mark.line + 1
    where = f"{file}, line {line}"
    if not isinstance(node, yaml.MappingNode):
        raise RuleError(f"{where}: a rule has to be a mapping")
    seen: set[str] = set()
    for key, _value in node.value:
        name, place = str(key.value), f"{file}, line {key.start_mark.line + 1}"
        if name not in _KEYS:
            raise RuleError(
                f"{place}: a rule has no key '{name}'{nearest(name, _KEYS)}; its keys are {', '.join(_KEYS)}"
            )
        if name in seen:
            # YAML itself would take the last one.
            raise RuleError(f"{place}: '{name}' is there twice: begin the next rule with '- id'")
        seen.add(name)
    try:
        given = yaml.constructor.SafeConstructor().construct_document(node)
    except yaml.YAMLError as error:
        raise RuleError(f"{where}: a rule has to be plain data: {_reason(error)}") from error
    for problem in _problems(given, kinds, sections):
        raise RuleError(f"{where}: rule {given.get('id') or '?'}: {problem}")
    examples = given["examples"]
    rule = Rule(
        **{key: given[key] for key in _TEXTS},
        **{key: given.get(key, "") for key in _MAY_LACK},
        needs=tuple(given.get("needs", ())),
        parameters=given.get("parameters", {}),
        good=tuple(examples["good"]),
        bad=tuple(examples["bad"]),
        file=file,
        line=line,
    )
    _try(rule, kinds[rule.of])
    return rule


def _problems(given: Mapping[str, Any], kinds: Mapping[str, Any], sections: Collection[str]) -> Iterator[str]:
    for key in (*_TEXTS, *_MAY_LACK):
        text = given.get(key, "-" if key in _MAY_LACK else "")
        if not isinstance(text, str) or not text.strip():
            yield f"'{key}' is missing or is no text"
    if not _ID.fullmatch(given["id"]):
        yield "'id' has to be words of small letters and digits with '-' between them"
    if given["severity"] not in SEVERITIES:
        yield f"'severity' is '{given['severity']}'; choose from {', '.join(SEVERITIES)}"
    if given["of"] not in kinds:
        yield f"'of' is '{given['of']}'{nearest(given['of'], kinds)}; choose from {', '.join(kinds)}"
    needs = given.get("needs", [])
    wrong = [one for one in needs if one not in sections] if isinstance(needs, list) else [needs]
    if wrong:
        yield f"'needs' has '{wrong[0]}'; choose from {', '.join(sections)}"
    yield from _of_parameters(given.get("parameters", {}), kinds[given["of"]])
    examples = given.get("examples")
    if not isinstance(examples, dict) or set(examples) != set(_EXAMPLES):
        yield "'examples' has to have 'good' and 'bad'"
    for key in _EXAMPLES:
        found = given["examples"][key]
        if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
            yield f"'examples.{key}' has to be a list of at least one object"


def _of_parameters(given: Any, fields: Collection[str]) -> Iterator[str]:
    if not isinstance(given, dict) or not all(is_number(value) for value in given.values()):
        yield "'parameters' has to be a mapping of names to numbers"
    for name in given:
        if not _NAME.fullmatch(str(name)) or name in fields:
            yield f"parameter '{name}' has to be small letters, digits and '_', and no field of the object"


def _try(rule: Rule, fields: Collection[str]) -> None:
    """A misspelt field is null, and no error of JMESPath: neither expressions nor examples may have other fields than the objects."""
    for example in (*rule.good, *rule.bad):
        if unknown := sorted(str(key) for key in set(example) - set(fields)):
            raise RuleError(
                f"{rule.place}: rule {rule.id}: an example has '{unknown[0]}', which no {rule.of} has{nearest(unknown[0], fields)}; "
                f"its fields are {', '.join(sorted(fields))}"
            )
    try:
        when, message = Expression(rule.when), Message(rule.message)
        used = when.fields | message.fields
        _refuse_unknown(used, rule, [*fields, *rule.parameters])
        if idle := sorted(rule.parameters.keys() - used):
            raise ZoneopsError(f"no expression reads parameter '{idle[0]}': use it, or remove it")
        for example in rule.good:
            if when(rule.view(example)):
                raise ZoneopsError(f"the good example {example} is a finding")
        for example in rule.bad:
            if not when(rule.view(example)):
                raise ZoneopsError(f"the bad example {example} is no finding")
            message(rule.view(example), strict=True)
    except RuleError:
        raise
    except ZoneopsError as error:
        raise RuleError(f"{rule.place}: rule {rule.id}: {error.message}") from error


def _refuse_unknown(names: frozenset[str], rule: Rule, fields: Collection[str]) -> None:
    for name in sorted(names - set(fields)):
        if name in _LITERALS:
            raise ZoneopsError(f"'{name}' is taken for a field: write `{name}`, in backquotes")
        raise ZoneopsError(
            f"no {rule.of} has a field '{name}'{nearest(name, fields)}; its fields are {', '.join(sorted(fields))}"
        )


def refuse_twice(rules: Collection[Rule]) -> None:
    """Raise RuleError where two rules have the same id."""
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in known:
            raise RuleError(f"{rule.place}: rule {rule.id} is in {known[rule.id].place}, too: give one another id")
        known[rule.id] = rule


def _reason(error: Any) -> str:
    return str(getattr(error, "problem", None) or " ".join(str(error).split()))
