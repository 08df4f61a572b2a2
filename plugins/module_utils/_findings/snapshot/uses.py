# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What placement has in use on each compute host, and what the servers there need: the rest belongs to no server. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..._capacity.facts.shapes import MEMORY, VCPU, shape_of
from ..._capacity.headroom import COUNTED

Entry = Mapping[str, Any]
Amounts = Mapping[str, int]
FIELDS = ("vcpus_used", "vcpus_needed", "memory_mb_used", "memory_mb_needed", "stray_vcpus", "stray_memory_mb")


@dataclass(frozen=True)
class Use:
    """Of one host, vCPUs and memory: other resources are not those of the flavor alone, or belong to storage that hosts share.

    :ivar used: what placement counts.
    :ivar needed: by the flavors of the servers that nova has there.
    :ivar open: by those of servers that are on no host yet: they may have their allocation here.
    """

    used: Amounts
    needed: Amounts
    open: Amounts

    def stray(self, resource: str) -> int:
        explained = self.needed.get(resource, 0) + self.open.get(resource, 0)
        return max(0, self.used.get(resource, 0) - explained)

    @property
    def is_stray(self) -> bool:
        return any(self.stray(resource) for resource in COUNTED)

    def as_fields(self) -> dict[str, int]:
        values = (
            *(amounts.get(VCPU, 0) for amounts in (self.used, self.needed)),
            *(amounts.get(MEMORY, 0) for amounts in (self.used, self.needed)),
            *(self.stray(resource) for resource in COUNTED),
        )
        return dict(zip(FIELDS, values, strict=True))


def used_of(answer: Entry, hosts: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """By host, what is in use of its own provider, by an answer to GET /allocation_candidates (1.29).

    :param hosts: by provider.
    """
    return {
        hosts[provider]: {name: int(one["used"]) for name, one in summary["resources"].items() if name in COUNTED}
        for provider, summary in answer["provider_summaries"].items()
        if provider in hosts
    }


def lowest(used: Mapping[str, Amounts], later: Mapping[str, Amounts]) -> dict[str, Amounts]:
    """What was in use both times, of the hosts that placement listed both times."""
    return {
        host: {name: min(amount, later[host].get(name, 0)) for name, amount in amounts.items()}
        for host, amounts in used.items()
        if host in later
    }


def uses(used: Mapping[str, Amounts], servers: Iterable[Entry], left_out: Collection[str]) -> dict[str, Use]:
    """The hosts that can be compared.

    :param servers: as nova lists them.
    :param left_out: hosts whose allocations belong to more than their servers, such as those that migrations are from or to.
    """
    needs: dict[str, Amounts] = {}
    on: dict[str, Counter[str]] = {host: Counter() for host in used}
    open_: Counter[str] = Counter()
    for server in servers:
        host = server.get("OS-EXT-SRV-ATTR:host")
        if host in on:
            on[host].update(_need(server, needs))
        elif not host and (server.get("status") == "BUILD" or server.get("OS-EXT-STS:task_state")):
            open_.update(_need(server, needs))
    return {host: Use(amounts, on[host], open_) for host, amounts in used.items() if host not in left_out}


def _need(server: Entry, known: dict[str, Amounts]) -> Amounts:
    flavor = server.get("flavor") or {}
    key = json.dumps(flavor, sort_keys=True)
    if key not in known:
        need = shape_of(flavor, {}, from_volume=True).need
        known[key] = {name: amount for name, amount in need if name in COUNTED}
    return known[key]


def changed(servers: Iterable[Entry], later: Iterable[Entry]) -> tuple[list[Entry], set[str]]:
    """The servers with what became of some of them, and the hosts on which something came, went or changed its size.

    :param later: with those that were deleted. One that was gone before has no allocation: nova frees that first.
    """
    found = {str(server["id"]): server for server in servers}
    hosts: set[str] = set()
    for server in later:
        number, is_gone = str(server["id"]), server.get("status") == "DELETED"
        before = found.pop(number, None)
        if not is_gone:
            found[number] = server
        if before is None and is_gone:
            continue
        if before is None or is_gone or _place(before) != _place(server):
            places = (one.get("OS-EXT-SRV-ATTR:host") for one in (before or server, server))
            hosts |= {str(host) for host in places if host}
    return list(found.values()), hosts


def _place(server: Entry) -> tuple[Any, Any]:
    return server.get("OS-EXT-SRV-ATTR:host"), server.get("flavor")
