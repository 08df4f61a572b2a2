# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why pods do not come: what the scheduler, the kubelet and the StatefulSet themselves say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .readiness import Object, name_of, owned_by

# What every pod goes through on its way; nothing is wrong with it.
USUAL = {"ContainerCreating", "PodInitializing"}


def reason(stateful_set: Object, pods: Iterable[Object], events: Iterable[Object]) -> str:
    """The first reason that a pod of the set gives, else what the set could not do; empty where nobody gives one."""
    uid = (stateful_set.get("metadata") or {}).get("uid")
    pods = list(pods)
    blocking = stuck(stateful_set, pods)
    if blocking is not None:
        return f"pod {name_of(blocking)}: {_of_pod(blocking)}; {advice(name_of(stateful_set), name_of(blocking))}"
    for pod in pods:
        if owned_by(pod, uid):
            said = _of_pod(pod)
            if said:
                return f"pod {name_of(pod)}: {said}"
    failed = [event for event in events if event.get("reason") == "FailedCreate"]
    latest = max(
        failed, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), default=None
    )
    return f"StatefulSet {name_of(stateful_set)}: {latest.get('message')}" if latest else ""


def stuck(stateful_set: Object, pods: Iterable[Object]) -> Object | None:
    """The pod that an ordered roll-out waits for in vain, None where it does not.

    The set replaces its pods one by one, and only while all of them are ready. One of an earlier revision that cannot become ready is
    waited for, and never replaced by what would mend it.
    """
    metadata, status = stateful_set.get("metadata") or {}, stateful_set.get("status") or {}
    parallel = (stateful_set.get("spec") or {}).get("podManagementPolicy") == "Parallel"
    if parallel or not status.get("updateRevision") or status.get("observedGeneration") != metadata.get("generation"):
        return None
    return next(
        (
            pod
            for pod in pods
            if owned_by(pod, metadata.get("uid"))
            and _revision(pod) != status["updateRevision"]
            and not pod["metadata"].get("deletionTimestamp")
            and _of_pod(pod)
        ),
        None,
    )


def advice(stateful_set: str, pod: str) -> str:
    """What to do about a pod that is stuck."""
    return (
        f"StatefulSet {stateful_set} waits for this pod of an earlier revision and does not replace it: "
        f"delete it (oc delete pod {pod})"
    )


def _revision(pod: Object) -> str:
    return str((pod["metadata"].get("labels") or {}).get("controller-revision-hash") or "")


def _of_pod(pod: Object) -> str:
    status = pod.get("status") or {}
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return str(condition.get("message") or condition.get("reason"))
    states = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    return next((said for said in map(_of_container, states) if said), "")


def _of_container(state: Mapping[str, Any]) -> str:
    waiting = (state.get("state") or {}).get("waiting") or {}
    if not waiting or waiting.get("reason") in USUAL:
        return ""
    message = f" ({waiting['message']})" if waiting.get("message") else ""
    return f"container {state.get('name')} is waiting: {waiting.get('reason')}{message}"
