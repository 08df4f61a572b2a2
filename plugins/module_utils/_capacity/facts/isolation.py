# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts the metadata of their aggregates keeps for others. As nova's filters of aggregates and placement's isolated aggregates have it.

No API shows which filters a cloud has enabled. What an aggregate's metadata says is respected: the cloud may be less strict.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from .shapes import TRAIT, Shape

TENANT = "filter_tenant_id"
FLAVOR_KEY = "instance_type"
SCOPE = "aggregate_instance_extra_specs:"
Values = Mapping[str, set[str]]

# nova.scheduler.filters.extra_specs_ops
_NUMBERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
}
_TEXTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "s==": operator.eq,
    "s!=": operator.ne,
    "s<": operator.lt,
    "s<=": operator.le,
    "s>": operator.gt,
    "s>=": operator.ge,
    "<in>": operator.contains,
}


def refusal(
    project: str, shape: Shape, metadata: frozenset[tuple[str, str]], known: frozenset[str] = frozenset()
) -> str:
    """Why a host with such aggregates does not take the server; empty where it does.

    :param metadata: keys and values of all aggregates of the host.
    :param known: keys that any aggregate of the region has: a spec of a flavor without a scope may mean something else.
    """
    values: dict[str, set[str]] = defaultdict(set)
    for key, value in metadata:
        values[key].add(value)
    return (
        _tenant(project, values)
        or _traits(shape, values)
        or _flavor(shape, values)
        or _specs(shape, values, known)
        or _image(shape, values)
    )


def _tenant(project: str, values: Values) -> str:
    # A key for each project, of aggregates with more than fit into one value.
    tenants = {
        tenant.strip()
        for key, texts in values.items()
        if key.startswith(TENANT)
        for text in texts
        for tenant in text.split(",")
    }
    return f"is reserved for other projects ({TENANT})" if tenants and project not in tenants else ""


def _traits(shape: Shape, values: Values) -> str:
    asked = {key.removeprefix(TRAIT) for key, texts in values.items() if key.startswith(TRAIT) and "required" in texts}
    missing = sorted(asked - shape.required)
    return f"is reserved for servers that require {', '.join(missing)}" if missing else ""


def _flavor(shape: Shape, values: Values) -> str:
    names = {name.strip() for text in values.get(FLAVOR_KEY, ()) for name in text.split(",")}
    return f"is reserved for other flavors ({FLAVOR_KEY})" if names and shape.flavor not in names else ""


def _specs(shape: Shape, values: Values, known: frozenset[str]) -> str:
    for key, wanted in shape.specs:
        name = key.removeprefix(SCOPE)
        if ":" in name or (name == key and key not in known):
            continue
        if not any(matches(value.strip(), wanted) for text in values.get(name, ()) for value in text.split(",")):
            return f"is in no aggregate with {name} as flavor {shape.flavor} requires it"
    return ""


def _image(shape: Shape, values: Values) -> str:
    for key, wanted in shape.image:
        options = {option.strip() for text in values.get(key, ()) for option in text.split(",")}
        if options and wanted not in options:
            return f"is reserved for images with another {key}"
    return ""


def matches(value: str, wanted: str) -> bool:
    """Whether a value of an aggregate is what a flavor wants, which may begin with an operator."""
    words = wanted.split()
    if not words:
        return value == wanted
    sign, rest = words[0], words[1:]
    if sign == "<or>":
        return value in rest[::2]
    if sign == "<all-in>":
        return bool(rest) and all(word in value for word in rest)
    if sign in _TEXTS:
        return bool(rest) and _TEXTS[sign](value, rest[0])
    if sign in _NUMBERS:
        return bool(rest) and _compared(sign, value, rest[0])
    return value == wanted


def _compared(sign: str, value: str, wanted: str) -> bool:
    try:
        return _NUMBERS[sign](float(value), float(wanted))
    except ValueError:
        return False
