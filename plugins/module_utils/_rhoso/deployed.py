# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a zone have, and what they shall have: the objects of its data plane in digests. Pure.

The operators keep one hash for a whole NodeSet and take it over from any deployment, also from one of a single service or
a single host. So every deployment of this collection says in an annotation what it rolls out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .deployments import Content, Deployment
from .hashes import config_map_hash

#: On the host is something else than what is wanted; nobody knows what.
OLDER = "older"


def digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Wanted:
    """The zone's objects as they are applied."""

    config_map: Mapping[str, Any]
    service: Mapping[str, Any]
    node_set: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.node_set["metadata"]["name"])

    @property
    def nova_service(self) -> str:
        return str(self.service["metadata"]["name"])

    @property
    def services(self) -> Sequence[str]:
        services: Sequence[str] = self.node_set["spec"]["services"]
        return services

    @property
    def nodes(self) -> Mapping[str, Any]:
        nodes: Mapping[str, Any] = self.node_set["spec"]["nodes"]
        return nodes

    @property
    def shared(self) -> dict[str, Any]:
        return {key: value for key, value in self.node_set["spec"].items() if key != "nodes"}

    def content(self, host: str) -> Content:
        nova = digest(self.config_map["data"], self.service["spec"])
        return Content(nova, digest(self.shared), digest(self.nodes[host]))

    def contents(self) -> dict[str, Content]:
        return {host: self.content(host) for host in self.nodes}


@dataclass(frozen=True)
class Live:
    """The zone's objects as they are before anything is applied; an empty one is not there."""

    config_map: Mapping[str, Any] = field(default_factory=dict)
    service: Mapping[str, Any] = field(default_factory=dict)
    node_set: Mapping[str, Any] = field(default_factory=dict)

    @property
    def nodes(self) -> Mapping[str, Any]:
        nodes: Mapping[str, Any] = (self.node_set.get("spec") or {}).get("nodes") or {}
        return nodes

    @property
    def status(self) -> Mapping[str, Any]:
        return self.node_set.get("status") or {}

    @property
    def deployed(self) -> bool:
        """Whether any deployment ever came to its end."""
        return bool(self.status.get("deployedConfigHash"))

    @property
    def undeployed(self) -> bool:
        """Whether the set has changes that no deployment rolled out."""
        return self.deployed and self.status.get("configHash") != self.status.get("deployedConfigHash")

    def content(self, wanted: Wanted, host: str) -> Content:
        """What a host has, by what the operators say of a set that is deployed as a whole."""
        want = wanted.content(host)
        shared = covers(self.node_set.get("spec"), wanted.shared)
        own = covers(self.nodes.get(host), wanted.nodes[host])
        nova = (
            self._config_map_deployed
            and self.config_map.get("data") == wanted.config_map["data"]
            and covers(self.service.get("spec"), wanted.service["spec"])
        )
        return Content(want.nova if nova else OLDER, want.shared if shared else OLDER, want.own if own else OLDER)

    @property
    def _config_map_deployed(self) -> bool:
        name = (self.config_map.get("metadata") or {}).get("name")
        known = (self.status.get("configMapHashes") or {}).get(name)
        return known is not None and known == config_map_hash(self.config_map)


def covers(live: Any, wanted: Any) -> bool:
    """Whether everything that is wanted is so; what else is there does not count. Lists are compared as a whole."""
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and all(covers(live.get(key), value) for key, value in wanted.items())
    return bool(live == wanted)


def brought(wanted: Wanted, live: Live, deployments: Iterable[Deployment]) -> dict[str, Content]:
    """What each host has by all that is known; a host that is missing was never deployed."""
    ours = [item for item in deployments if item.rolls_out and item.state == "done" and wanted.name in item.node_sets]
    found: dict[str, Content] = {}
    if not ours and live.deployed:
        unknown = Content(OLDER, OLDER, OLDER)
        for host in live.nodes:
            known = host in wanted.nodes and not live.undeployed
            found[host] = live.content(wanted, host) if known else unknown
    for item in sorted(ours, key=lambda item: (item.created, item.name)):
        said = item.rolls_out or {}
        if not item.hosts:
            found = {host: content for host, content in found.items() if host in said}
        for host, new in said.items():
            if item.hosts and host not in item.hosts:
                continue
            before = found.get(host)
            # The zone's nova service alone says nothing about the rest of the host.
            only_nova = bool(item.services) and set(item.services) == {wanted.nova_service}
            found[host] = Content(new.nova, before.shared, before.own) if only_nova and before else new
    return found
