# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the Kubernetes side of a zone is back, by what pod_placement_info returned: nodes, pods, majorities. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._plan.change import Refusal
from .._plan.text.listing import first
from .._zone_maintenance.guards import majorities
from .._zones.schema.zone_map import Zone
from .model import PODS

SHOWN = 5


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
    missing = [*_fenced(zone, nodes), *_missing(zone, pods)]
    if missing and not would_wait(zone, pods, nodes):
        took = ((pods or {}).get("waited") or {}).get(zone.name)
        late = f" after {took:.0f} s" if took else ""
        look = "Look at what holds them (oc describe pod NAME), correct that and run it again. " if took else ""
        yield Refusal(
            zone.name,
            PODS,
            f"the Kubernetes side of zone {zone.name} is not back{late}: {_shown(missing)}. {look}{way}",
        )


def would_wait(zone: Zone, pods: Mapping[str, Any] | None, nodes: Mapping[str, Any] | None) -> float:
    """How many seconds a run waits for the zone at most that is only looked at now; 0 where it does not, as while a node takes no pods."""
    if any(_fenced(zone, nodes)):
        return 0.0
    return float(((pods or {}).get("would_wait") or {}).get(zone.name) or 0)


def came(zone: Zone, pods: Mapping[str, Any] | None) -> bool:
    """Whether it was waited for, and lacks nothing now."""
    return zone.name in ((pods or {}).get("waited") or {}) and not _missing(zone, pods)


def waits_for(
    zone: Zone, pods: Mapping[str, Any] | None, storage: Iterable[str], nodes: Mapping[str, Any] | None
) -> Iterator[str]:
    """For what a run waits that is only looked at now.

    :param storage: what does not work there: its services run in pods.
    :param nodes: what became of nodes that were out of service.
    """
    seconds = would_wait(zone, pods, nodes)
    if seconds:
        missing = [*_missing(zone, pods), *storage]
        yield f"the run first waits until the Kubernetes side of the zone is back, up to {seconds:g} s: {_shown(missing)}."


def _shown(texts: Sequence[str]) -> str:
    return first(SHOWN, (text.rstrip(".") for text in texts), of=len(texts), separator="; ")


def _missing(zone: Zone, pods: Mapping[str, Any] | None) -> list[str]:
    """What its nodes and pods, and the majorities of all zones lack."""
    found = pods or {}
    state = ((found.get("zones") or {}).get(zone.name) or {}).get("state") or {}
    return [*map(str, state.get("missing") or ()), *_lacking(found.get("quorum") or {})]


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


def _lacking(quorum: Mapping[str, Any]) -> Iterator[str]:
    """Every member counts, whichever zone it belongs to: the next loss takes one more."""
    for group in majorities(quorum, "pods"):
        there = sum(len(names) for names in group.members.values())
        if there < group.size:
            yield f"{group.name} has {there} of {group.size} members"


def uneven(pods: Mapping[str, Any] | None) -> Iterator[str]:
    """Services that the loss has left with two pods more in one zone than in another."""
    for text in (pods or {}).get("uneven") or ():
        yield f"{text}: set zoneops_return_spread=true (module pod_spread), or delete one pod of the zone that has more and wait until the new one is ready."
