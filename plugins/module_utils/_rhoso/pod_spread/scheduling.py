# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the scheduler may put the pod that replaces another one. Pure.

Room for its requests is not looked at, and neither are rules between pods: they can only forbid more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..._kubernetes.selectors import any_term, selects
from ..names import ZONE_LABEL
from ..status.node_rules import Body, barriers, has_affinity, labels_of
from ..status.pods import is_true


@dataclass(frozen=True)
class Places:
    """Values of the nodes' zone label.

    :ivar may: where it may go.
    :ivar unbound: where it might, were it not for its volumes.
    :ivar spreads: whether a rule keeps pods of a service apart by zone, whatever else is full.
    """

    may: frozenset[str]
    unbound: frozenset[str]
    spreads: bool


def places(pod: Body, pods: Iterable[Body], nodes: Sequence[Body], volumes: Sequence[Sequence[Body]]) -> Places:
    """Of the pod that comes in place of this one.

    :param pods: all of the namespace.
    :param volumes: for each volume that it has, the terms by which its nodes are chosen.
    """
    rules = [rule for rule in _spec(pod).get("topologySpreadConstraints") or () if _is_hard(rule)]
    name = pod["metadata"]["name"]
    others = [one for one in pods if one["metadata"]["name"] != name and not is_going(one)]
    near = [node for node in nodes if _near(pod, node)]
    free = [node for node in nodes if takes(pod, node)]
    for rule in rules:
        open_values = set(_open(rule, pod, others, near, nodes))
        free = [node for node in free if labels_of(node).get(rule["topologyKey"]) in open_values]
    bound = [node for node in free if all(any_term(terms, labels_of(node)) for terms in volumes)]
    return Places(_zones(bound), _zones(free), any(rule["topologyKey"] == ZONE_LABEL for rule in rules))


def is_going(pod: Body) -> bool:
    """Whether it ends, or has ended: the scheduler does not count it."""
    ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return ended or bool(pod["metadata"].get("deletionTimestamp"))


def _is_hard(rule: Body) -> bool:
    return bool(rule.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule")


def _zones(nodes: Iterable[Body]) -> frozenset[str]:
    return frozenset(labels_of(node).get(ZONE_LABEL, "") for node in nodes)


def _spec(item: Body) -> Body:
    found: Body = item.get("spec") or {}
    return found


def _near(pod: Body, node: Body) -> bool:
    """By what the pod says of its nodes' labels."""
    chosen = selects({"matchLabels": _spec(pod).get("nodeSelector")}, labels_of(node))
    return chosen and has_affinity(_spec(pod), node)


def takes(pod: Body, node: Body) -> bool:
    """Whether the node takes it, whatever other pods there are."""
    able = is_true(node, "Ready") and not _spec(node).get("unschedulable")
    return able and _near(pod, node) and not _repelled(pod, node)


def _repelled(pod: Body, node: Body) -> bool:
    """By a taint of the node that the pod does not tolerate."""
    tolerations = _spec(pod).get("tolerations") or ()
    return any(not any(_tolerates(one, taint) for one in tolerations) for taint in barriers(node))


def _tolerates(toleration: Body, taint: Body) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return toleration.get("key") == taint.get("key") and (toleration.get("value") or "") == (taint.get("value") or "")


def _open(rule: Body, pod: Body, others: Sequence[Body], near: Sequence[Body], nodes: Sequence[Body]) -> Iterator[str]:
    """The values of the rule's label that may have one more, as its nodes and their pods are."""
    key = rule["topologyKey"]
    counted = nodes if rule.get("nodeAffinityPolicy") == "Ignore" else near
    if rule.get("nodeTaintsPolicy") == "Honor":
        counted = [node for node in counted if not _repelled(pod, node)]
    values = {node["metadata"]["name"]: labels_of(node)[key] for node in counted if key in labels_of(node)}
    alike = [one for one in others if _alike(rule, pod, one)]
    counts: Counter[str] = Counter(dict.fromkeys(values.values(), 0))
    for one in alike:
        value = values.get(_spec(one).get("nodeName") or "")
        if value is not None:
            counts[value] += 1
    least = min(counts.values(), default=0) if len(counts) >= int(rule.get("minDomains") or 0) else 0
    for value, count in counts.items():
        if count + int(_alike(rule, pod, pod)) - least <= int(rule.get("maxSkew", 1)):
            yield value


def _alike(rule: Body, pod: Body, other: Body) -> bool:
    """Whether the rule counts the other one for this one."""
    selector = rule.get("labelSelector")
    same = all(labels_of(pod).get(key) == labels_of(other).get(key) for key in rule.get("matchLabelKeys") or ())
    # A rule without a selector counts none.
    return selector is not None and same and selects(selector, labels_of(other))
