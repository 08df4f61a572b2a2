# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the Kubernetes side of a zone is back, by what pod_placement_info returned: nodes, pods, majorities. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._plan.change import Refusal
from .._plan.listing import first
from .._zone_maintenance.guards import majorities
from .._zones.schema.zone_map import Zone
from .model import PODS

SHOWN = 5
#: What no list of pods shows. Where the pods are placed is no matter of the hosts.
MISSING = ("no_nodes", "missing_service", "no_pods", "stuck_rollout")


def of_pods(zone: Zone, pods: Mapping[str, Any] | None, nodes: Mapping[str, Any] | None = None) -> Iterator[Refusal]:
    """What keeps the hosts of a zone away.

    :param pods: None where nobody has asked Kubernetes.
    :param nodes: what became of nodes that were out of service; None where nobody has looked.
    """
    if zone.kubernetes is None:
        return
    way = "To return the hosts anyway: allow [pods]."
    verdict = ((pods or {}).get("zones") or {}).get(zone.name)
    if not isinstance(verdict, Mapping):
        said = "option 'pods' is not set" if pods is None else f"option 'pods' has no zone {zone.name}"
        message = f"it is unknown whether the nodes and pods of zone {zone.name} are back: {said}. Pass the result of pod_placement_info. {way}"
        yield Refusal(zone.name, PODS, message)
        return
    wrong = [*_fenced(zone, nodes), *_nodes_and_pods(verdict), *_lacking((pods or {}).get("quorum") or {})]
    if wrong:
        shown = first(SHOWN, (text.rstrip(".") for text in wrong), of=len(wrong), separator="; ")
        yield Refusal(zone.name, PODS, f"the Kubernetes side of zone {zone.name} is not back: {shown}. {way}")


def _fenced(zone: Zone, nodes: Mapping[str, Any] | None) -> Iterator[str]:
    """Nodes that take no pods since they were lost. Those that are not Ready are named by their own state."""
    verdict = ((nodes or {}).get("zones") or {}).get(zone.name)
    if not isinstance(verdict, Mapping):
        yield from (f"whether nodes are out of service is unknown: {nodes.get('msg')}",) if nodes else ()
    elif verdict.get("failed"):
        refusals = verdict.get("refusals") or ()
        owned = [item["node"] for one in refusals if one["rule"] == "remediated" for item in one["items"]]
        yield from (f"node {name} is out of service" for name in owned)
        yield from () if refusals else (f"nodes are out of service: {verdict.get('msg')}",)


def _nodes_and_pods(verdict: Mapping[str, Any]) -> Iterator[str]:
    state = verdict.get("state") or {}
    for name, ready in sorted((state.get("nodes") or {}).items()):
        if not ready:
            yield f"node {name} is not ready"
    for pod in state.get("pods") or ():
        if not pod["ready"]:
            yield f"pod {pod['pod']} is not ready"
    for refusal in verdict.get("refusals") or ():
        if refusal["rule"] in MISSING:
            yield str(refusal["message"])


def _lacking(quorum: Mapping[str, Any]) -> Iterator[str]:
    """Every member counts, whichever zone it belongs to: the next loss takes one more."""
    for group in majorities(quorum, "pods"):
        there = sum(len(names) for names in group.members.values())
        if there < group.size:
            yield f"{group.name} has {there} of {group.size} members"


def uneven(pods: Mapping[str, Any] | None) -> Iterator[str]:
    """Services that the loss has left with two pods more in one zone than in another."""
    for text in (pods or {}).get("uneven") or ():
        yield f"{text}: delete one pod of the zone that has more, and wait until the new one is ready."
