# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches reconcilers plan: neither the reconciler nor what was observed may change by it, and the same plan has to come out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields, is_dataclass
from typing import Any
from unittest.mock import patch

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Reconciler

OURS = "ansible_collections.zoneops."


class Same:
    """An object that is compared by what it is: nobody changes it, or it is none of ours."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self.value).__name__} at {id(self.value):x}"


def state(value: Any) -> Any:
    """All that can be changed about a value, to be compared with what it is later."""
    return _state(value, frozenset())


def _state(value: Any, around: frozenset[int]) -> Any:
    if value is None or isinstance(value, (str, bytes, int, float)):
        return value
    if id(value) in around:
        return Same(value)
    inside = around | {id(value)}
    if isinstance(value, Mapping):
        return [(key, _state(item, inside)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [_state(item, inside) for item in value]
    if isinstance(value, (set, frozenset)):
        return set(value)
    kind = type(value)
    frozen = is_dataclass(value) and kind.__dataclass_params__.frozen
    if frozen or not kind.__module__.startswith(OURS) or isinstance(value, type):
        return Same(value)
    return (Same(value), _state(vars(value), inside)) if hasattr(value, "__dict__") else Same(value)


def reconcilers(kind: type = Reconciler) -> Iterator[type]:
    """All that there are by now."""
    found: type
    for found in kind.__subclasses__():
        yield found
        yield from reconcilers(found)


@contextmanager
def watching(*, twice: bool = True) -> Iterator[list[tuple[type, Plan[Any]]]]:
    """Gives what was planned, and by which kind of reconciler.

    :param twice: whether each plan is made once more, which costs as much again.
    """
    made: list[tuple[type, Plan[Any]]] = []
    with ExitStack() as stack:
        for kind in set(reconcilers()):
            if "plan" in vars(kind):
                stack.enter_context(patch.object(kind, "plan", _watched(vars(kind)["plan"], made, twice=twice)))
        yield made


def _values(observed: Any) -> Any:
    """Without what it keeps of its own answers."""
    if not is_dataclass(observed):
        return observed
    return {field.name: getattr(observed, field.name) for field in fields(observed)}


def _watched(
    plan: Callable[[Any, Any], Plan[Any]], made: list[tuple[type, Plan[Any]]], *, twice: bool
) -> Callable[..., Plan[Any]]:
    def watched(reconciler: Any, observed: Any) -> Plan[Any]:
        before = state((vars(reconciler), _values(observed)))
        first = plan(reconciler, observed)
        changed = state((vars(reconciler), _values(observed))) != before
        assert not changed, f"planning changed something in {type(reconciler).__name__} or in what it observed"
        assert not twice or plan(reconciler, observed) == first, f"{type(reconciler).__name__} planned otherwise again"
        made.append((type(reconciler), first))
        return first

    return watched
