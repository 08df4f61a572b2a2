# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a region as the packing wants them: alike ones together, and which of them the rules allow a server. Pure, made once for all questions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from .facts.isolation import TENANT, refusal
from .facts.shapes import Shape
from .model import Facts, Host, Workload
from .packing.model import Bin, Item, Vector
from .packing.room import Lists

NO_USABLE_HOST = "no host there is up, enabled and not away"
Alike = tuple[str, frozenset[tuple[str, str]], frozenset[str]]


class Prepared:
    """The hosts by what they are alike in."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._kinds: dict[Alike, str] = {}
        self._admitted: dict[tuple[int, str], list[tuple[str, str]]] = {}
        self._allowed: dict[tuple[frozenset[str], int, str], frozenset[str]] = {}
        self._needs: dict[int, Vector] = {}
        self._keys = frozenset(key for host in facts.hosts.values() for key, _value in host.metadata)
        self._tenants = frozenset(
            tenant.strip()
            for host in facts.hosts.values()
            for key, value in host.metadata
            if key.startswith(TENANT)
            for tenant in value.split(",")
        )
        for _name, host in sorted(facts.hosts.items()):
            if not host.unusable:
                key = (host.zone, host.metadata, host.traits)
                self._kinds.setdefault(key, f"{host.zone}/{len(self._kinds)}")

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """The resource classes that any server needs."""
        return tuple(sorted({name for shape in self._shapes() for name, _amount in shape.need}))

    def _shapes(self) -> Iterable[Shape]:
        return {id(server.shape): server.shape for server in self.facts.servers}.values()

    @cached_property
    def lists(self) -> Lists:
        """The hosts that are room for anything."""
        return Lists(
            [
                Bin(name, self.label(host), tuple(host.room.get(resource, 0) for resource in self.resources))
                for name, host in self.facts.hosts.items()
                if not host.unusable
            ]
        )

    def label(self, host: Host) -> str:
        return self._kinds[host.zone, host.metadata, host.traits]

    def item(self, server: Workload, zones: frozenset[str], *, alone: bool = False) -> Item:
        """The server as something that may go to these zones.

        :param alone: without regard to its affinity group.
        """
        offered = self.facts.offers.get(server.shape.request)
        if server.hosts is not None and not alone:
            offered = server.hosts if offered is None else offered & server.hosts
        home = self.facts.hosts[server.host].zone
        return Item(
            name=server.id,
            need=self.need(server.shape),
            labels=self.allowed(server, zones),
            offered=offered,
            group=server.group,
            home=self.allowed(server, zones & {home}),
        )

    def need(self, shape: Shape) -> Vector:
        if id(shape) not in self._needs:
            amounts = dict(shape.need)
            self._needs[id(shape)] = tuple(amounts.get(resource, 0) for resource in self.resources)
        return self._needs[id(shape)]

    def allowed(self, server: Workload, zones: frozenset[str]) -> frozenset[str]:
        """The labels of hosts that traits and aggregates allow it."""
        # Projects that no aggregate names are alike.
        kind = (id(server.shape), server.project if server.project in self._tenants else "")
        key = (zones, *kind)
        if key not in self._allowed:
            if kind not in self._admitted:
                self._admitted[kind] = [
                    (alike[0], label) for alike, label in self._kinds.items() if not self._bar(server, alike)
                ]
            self._allowed[key] = frozenset(label for zone, label in self._admitted[kind] if zone in zones)
        return self._allowed[key]

    def _bar(self, server: Workload, alike: Alike) -> str:
        _zone, metadata, traits = alike
        shape = server.shape
        if missing := sorted(shape.required - traits):
            return f"lacks {', '.join(missing)}"
        if forbidden := sorted(shape.forbidden & traits):
            return f"has {', '.join(forbidden)}, which it must not have"
        return refusal(server.project, shape, metadata, self._keys)

    def why_none(self, server: Workload, zones: frozenset[str], away: frozenset[str]) -> str:
        """Why no host of the zones may take the server, whatever room there is."""
        for name, host in sorted(self.facts.hosts.items()):
            if host.zone in zones and not host.unusable and name not in away:
                return f"no host of {', '.join(sorted(zones))} may take it: {name} {self._bar(server, (host.zone, host.metadata, host.traits))}"
        return f"{', '.join(sorted(zones))}: {NO_USABLE_HOST}"
