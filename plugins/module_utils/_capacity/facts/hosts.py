# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a region: which of them are room, and how much. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._compute.model import AZ_KEY, Observed, in_lock
from ..._compute.model import Host as Service
from ..._compute.placement import DISABLED
from ..model import Host, Workload

SEVERAL = "has several resource providers, like bare metal: it is not counted"


@dataclass
class Offers:
    """What placement offers, gathered from answers to several requests.

    :ivar hosts: by provider: the roots of trees that are compute hosts.
    :ivar by_request: hosts by what was asked for.
    :ivar shared: hosts that get a resource from a provider outside of their tree, by that provider.
    """

    hosts: Mapping[str, str]
    capacity: dict[str, dict[str, int]] = field(default_factory=dict)
    room: dict[str, dict[str, int]] = field(default_factory=dict)
    traits: dict[str, frozenset[str]] = field(default_factory=dict)
    by_request: dict[Any, frozenset[str]] = field(default_factory=dict)
    shared: dict[str, set[str]] = field(default_factory=dict)

    def add(self, request: Any, answer: Mapping[str, Any]) -> None:
        """An answer to GET /allocation_candidates (1.29)."""
        summaries = answer["provider_summaries"]
        found: set[str] = set()
        for candidate in answer["allocation_requests"]:
            parts = candidate["allocations"]
            roots = {summaries[provider]["root_provider_uuid"] for provider in parts} & self.hosts.keys()
            for root in roots:
                host = self.hosts[root]
                found.add(host)
                self._root(host, summaries[root])
                for provider in parts:
                    if provider != root:
                        self._part(host, provider, parts[provider]["resources"], summaries[provider], root)
        self.by_request[request] = frozenset(found)

    def _root(self, host: str, summary: Mapping[str, Any]) -> None:
        if host not in self.traits:
            self.traits[host] = frozenset(summary["traits"])
            self.capacity[host] = {name: int(one["capacity"]) for name, one in summary["resources"].items()}
            self.room[host] = {name: _free(one) for name, one in summary["resources"].items()}

    def _part(self, host: str, provider: str, resources: Iterable[str], summary: Mapping[str, Any], root: str) -> None:
        """What comes from a part of the host, or from what it shares with others: the part with the most is counted, never their sum."""
        for name in resources:
            one = summary["resources"][name]
            if _free(one) >= self.room[host].get(name, 0):
                self.room[host][name] = _free(one)
                self.capacity[host][name] = int(one["capacity"])
        if summary["root_provider_uuid"] != root:
            self.shared.setdefault(provider, set()).add(host)
        else:
            self.traits[host] |= frozenset(summary["traits"])


def _free(one: Mapping[str, Any]) -> int:
    return max(0, int(one["capacity"]) - int(one["used"]))


def providers_by_name(names: Mapping[str, str], services: Iterable[str]) -> dict[str, str] | None:
    """The compute hosts by provider, where each has a provider of its name; None where nova has to be asked."""
    by_name = {name: provider for provider, name in names.items()}
    wanted = list(services)
    if all(host in by_name for host in wanted):
        return {by_name[host]: host for host in wanted}
    return None


def zone_of(observed: Observed, service: Service) -> str:
    return observed.zone_of(service.name) or service.zone


def hosts_of(
    observed: Observed, offers: Offers, several: Iterable[str], servers: Iterable[Workload]
) -> dict[str, Host]:
    """The compute hosts by name.

    :param several: hosts with more than one provider.
    :param servers: what a host is full of that placement does not list because it is full.
    """
    metadata: dict[str, set[tuple[str, str]]] = {}
    for aggregate in observed.aggregates:
        for host in aggregate.hosts:
            metadata.setdefault(host, set()).update(
                (key, str(value)) for key, value in aggregate.metadata.items() if key != AZ_KEY
            )
    used: dict[str, dict[str, int]] = {}
    for server in servers:
        if server.host not in offers.capacity:
            of_host = used.setdefault(server.host, {})
            for name, amount in server.shape.need:
                of_host[name] = of_host.get(name, 0) + amount
    return {
        name: Host(
            name=name,
            zone=zone_of(observed, service),
            unusable=SEVERAL if name in several else _unusable(service, offers.traits.get(name, frozenset())),
            capacity=offers.capacity.get(name) or used.get(name, {}),
            room=offers.room.get(name, {}),
            traits=offers.traits.get(name, frozenset()),
            metadata=frozenset(metadata.get(name, ())),
            zoned=observed.zone_of(name) is not None,
        )
        for name, service in observed.hosts.items()
    }


def _unusable(service: Service, traits: frozenset[str]) -> str:
    """Why nothing can be put there; a spare is a disabled host until it is needed."""
    if in_lock(service):
        return "is in the aggregate of a run's lock"
    if not service.enabled:
        return f"is disabled ({service.disabled_reason or 'no reason given'})"
    if service.forced_down or service.state != "up":
        return "is down"
    if DISABLED in traits:
        return f"is enabled, but placement still marks it as disabled ({DISABLED})"
    return ""
