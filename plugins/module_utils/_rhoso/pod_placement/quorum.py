# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what needs a majority keeps it when a zone is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..._zones.schema.zone_map import Zone
from ..status.pods import QUORUM, Snapshot


@dataclass(frozen=True)
class Group:
    """Members of one majority, by the inventory name of their zone; members outside all zones are under the empty name.

    :ivar size: how many there shall be. The majority is of these, not of those that are there.
    """

    name: str
    size: int
    members: Mapping[str, tuple[str, ...]]

    @property
    def majority(self) -> int:
        return self.size // 2 + 1

    def survives(self, zone: str) -> bool:
        return sum(len(names) for place, names in self.members.items() if place != zone) >= self.majority

    def as_dict(self, zones: Iterable[str]) -> dict[str, Any]:
        return {
            "size": self.size,
            "members": {place: list(names) for place, names in self.members.items()},
            "survives": {zone: self.survives(zone) for zone in zones},
        }


def groups(zones: Iterable[Zone], found: Snapshot) -> list[Group]:
    """etcd by the cluster's masters, then galera, RabbitMQ and the databases of OVN by their pods."""
    places = {zone.kubernetes.node_label: zone.name for zone in zones if zone.kubernetes}
    masters = [node for node in found.nodes.values() if node.master]
    known = [Group("etcd", len(masters), _by_zone(((node.label, node.name) for node in masters if node.ready), places))]
    for workload in found.workloads:
        if workload.kind in QUORUM:
            ready = ((pod.label, pod.name) for pod in workload.pods if pod.ready)
            known.append(Group(workload.text, workload.replicas, _by_zone(ready, places)))
    # A test cluster has no masters of its own, and a service that is switched off no members.
    return [group for group in known if group.size > 0]


def _by_zone(members: Iterable[tuple[str, str]], places: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for label, name in members:
        zone = places.get(label, "")
        found[zone] = (*found.get(zone, ()), name)
    return found


def weak(zone: str, known: Iterable[Group]) -> Iterator[str]:
    """What is wrong with the majorities as this zone is concerned: one message for each that would not survive its loss."""
    for group in known:
        if group.survives(zone):
            continue
        outside = sum(len(names) for place, names in group.members.items() if place != zone)
        shown = ", ".join(f"{len(names)} in {place or 'no zone'}" for place, names in sorted(group.members.items()))
        yield (
            f"{group.name} does not survive the loss of zone {zone}: {outside} of {group.size} members would be left, "
            f"{group.majority} are needed (ready now: {shown or 'none'})."
        )
