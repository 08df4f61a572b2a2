# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the pods of those who use a Topology follow it: its change restarts them, one StatefulSet after another. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .readiness import Missing, Object, name_of

FINALIZER = "openstack.org/"
GLANCE_API = "glanceapi"


def users_of(topology: Object | None) -> list[str]:
    """Kind and name of who uses a Topology, as the operators write them into its finalizers, such as cindervolume-cinder-volume-az1."""
    found = ((topology or {}).get("metadata") or {}).get("finalizers") or ()
    return sorted(str(name).removeprefix(FINALIZER) for name in found if str(name).startswith(FINALIZER))


def behind(users: Iterable[str], spec: Mapping[str, Any], stateful_sets: Iterable[Object]) -> Iterator[Missing]:
    """The StatefulSets of these users that do not follow the Topology yet, or whose pods do not.

    :param spec: the Topology's. A user without a StatefulSet has no pods that follow anything.
    """
    users = list(users)
    for stateful_set in stateful_sets:
        if any(_is_of(user, stateful_set) for user in users):
            reason = _reason(spec, stateful_set)
            if reason:
                yield Missing(f"StatefulSet {name_of(stateful_set)}: {reason}", stateful_set)


def _is_of(user: str, stateful_set: Object) -> bool:
    kind, _dash, name = user.partition("-")
    for owner in (stateful_set.get("metadata") or {}).get("ownerReferences") or ():
        if str(owner.get("kind")).lower() != kind:
            continue
        # Glance's operator writes the key of the API, which stands in the middle of the names of its one or two objects.
        if owner.get("name") == name or (kind == GLANCE_API and f"-{name}-" in str(owner.get("name"))):
            return True
    return False


def _reason(spec: Mapping[str, Any], stateful_set: Object) -> str:
    wanted, status = stateful_set.get("spec") or {}, stateful_set.get("status") or {}
    pod = (wanted.get("template") or {}).get("spec") or {}
    if _rules(spec) != _rules(pod) or (spec.get("affinity") or {}) != (pod.get("affinity") or {}):
        return "its operator has not processed the changed Topology yet"
    if status.get("observedGeneration") != (stateful_set.get("metadata") or {}).get("generation"):
        return "is about to change"
    replicas = wanted.get("replicas", 1)
    for word, name in (("updatedReplicas", "restarted"), ("readyReplicas", "ready")):
        if (status.get(word) or 0) != replicas:
            return f"{status.get(word) or 0} of {replicas} pods {name}"
    return ""


def _rules(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Without the selector of pods, which the operators add."""
    rules = spec.get("topologySpreadConstraints") or ()
    return [{key: value for key, value in rule.items() if key != "labelSelector"} for rule in rules]
