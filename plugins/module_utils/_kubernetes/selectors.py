# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Selectors of the Kubernetes API: what is about which labels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector is about something with these labels; an empty one is about everything."""
    equal = all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())
    return equal and _all_fit(selector.get("matchExpressions") or (), labels)


def any_term(terms: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> bool:
    """Whether one of the terms by which nodes are chosen is about a node with these labels."""
    return any(_all_fit(term.get("matchExpressions") or (), labels) for term in terms)


def _all_fit(expressions: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> bool:
    return all(_fits(one, labels) for one in expressions)


def _fits(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or ()
    known = {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    # Others compare numbers, which nobody says of a zone: they are taken to fit, in selectors of pods as well, which have none.
    return known.get(expression["operator"], True)
