# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of rules, such as a number of days, that users set. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.text.near import nearest, refuse_unknown
from .model import Rule

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def with_parameters(rules: Sequence[Rule], given: Mapping[str, Any]) -> list[Rule]:
    """The rules with the numbers of users.

    :param given: by rule, numbers by parameter. Raises ZoneopsError for a rule or a parameter that does not exist.
    """
    refuse_unknown("'parameters'", "rule", given, [rule.id for rule in rules])
    return [_with(rule, given[rule.id]) if rule.id in given else rule for rule in rules]


def _with(rule: Rule, given: Any) -> Rule:
    known = ", ".join(f"{name}: {value}" for name, value in rule.parameters.items())
    where = f"option 'parameters': rule {rule.id}"
    if not isinstance(given, Mapping):
        raise ZoneopsError(f"{where} has '{given}': give a mapping{f', such as {{{known}}}' if known else ''}.")
    numbers = {name: _number(value) for name, value in given.items()}
    for name, value in numbers.items():
        if name not in rule.parameters:
            there = f"its parameters are {known}" if known else "it has none"
            raise ZoneopsError(f"{where} has no parameter '{name}'{nearest(str(name), rule.parameters)}; {there}.")
        if not is_number(value):
            raise ZoneopsError(f"{where}: {name} is '{value}'; give a number, such as {rule.parameters[name]}.")
    return replace(rule, parameters={**rule.parameters, **numbers})


def _number(value: Any) -> Any:
    """Before ansible-core 2.19 a template in a mapping is text, also where it computes a number."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value.strip()):
        return value
    return float(value) if "." in value else int(value)
