# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a zone have, and what they shall have: the objects of its data plane in digests. Pure.

The operators keep one hash for a whole NodeSet and take it over from any deployment, also from one of a single service or
a single host. So every deployment of this collection says in an annotation what it rolls out, and what the hosts had before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..._zones.validation.data_plane import KNOWN_HOSTS
from .deployments import HAD, NOTHING, Content, Deployment, Had, annotation
from .hashes import config_map_hash

#: On the host is something else than what is wanted; nobody knows what.
OLDER = "older"
_UNKNOWN = Content(OLDER, OLDER, OLDER)
#: Of a host whose set was recreated: it may have nothing at all, or run with guests.
RECREATED = "recreated"
BLANK = Content(RECREATED, RECREATED, RECREATED)


def digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Wanted:
    """A NodeSet of the zone as it is applied, and what its nova is configured by; both are empty for networkers.

    :ivar secrets: a digest of the values of the Secrets that it names; empty where they are not known.
    """

    config_map: Mapping[str, Any]
    service: Mapping[str, Any]
    node_set: Mapping[str, Any]
    secrets: str = field(default="", kw_only=True)

    @property
    def name(self) -> str:
        return str(self.node_set["metadata"]["name"])

    @property
    def nova_service(self) -> str:
        """Empty where there is none."""
        return str(self.service["metadata"]["name"]) if self.service else ""

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
        nova = digest(self.config_map.get("data"), self.service.get("spec"))
        return Content(nova, digest(self.shared), digest(self.nodes[host]), self.secrets)

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

    def is_older_than(self, deployment: Deployment) -> bool:
        """Whether the set was there when the deployment was made."""
        made = str((self.node_set.get("metadata") or {}).get("creationTimestamp") or "")
        return bool(self.node_set) and made <= deployment.created

    @property
    def undeployed(self) -> bool:
        """Whether the set has changes that no deployment rolled out."""
        return self.deployed and self.status.get("configHash") != self.status.get("deployedConfigHash")

    @staticmethod
    def note(item: Mapping[str, Any]) -> str:
        """What is noted on one of the objects, as it is written there."""
        metadata = item.get("metadata") or {}
        return str((metadata.get("annotations") or {}).get(HAD) or "")

    def content(self, wanted: Wanted, host: str) -> Content:
        """What a host has, by what the operators say of a set that is deployed as a whole."""
        want = wanted.content(host)
        shared = covers(self.node_set.get("spec"), wanted.shared)
        own = covers(self.nodes.get(host), wanted.nodes[host])
        nova = not wanted.service or (
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


def brought(wanted: Wanted, live: Live, deployments: Iterable[Deployment]) -> Had:
    """What the hosts have by all that is known."""
    mine = [item for item in deployments if wanted.name in item.node_sets]
    ours = [item for item in mine if item.rolls_out and item.state == "done"]
    since = [item for item in ours if live.is_older_than(item)]
    if not since and (live.deployed or not ours):
        return _of_others(wanted, live, mine)
    # The set was deleted and created again behind the rest: its hosts may have been reinstalled, or run as they did.
    earlier = _in_turn(wanted, NOTHING, [item for item in ours if item not in since])
    return _in_turn(wanted, Had(dict.fromkeys(earlier.contents, BLANK)), since)


def _in_turn(wanted: Wanted, found: Had, ours: Iterable[Deployment]) -> Had:
    for item in sorted(ours, key=lambda item: item.order):
        if item.had is not None:
            found = Had({**found.contents, **item.had.contents}, item.had.strangers)
        found = after(wanted, found, item.rolls_out or {}, item.services, item.hosts)
    return found


def newest(deployments: Iterable[Deployment]) -> str:
    """The name of the last deployment that may have brought something; empty where there is none.

    One of this collection that has not ended well brought nothing: what was noted before it still holds.
    """
    brought_something = (item for item in deployments if item.rolls_out is None or item.state == "done")
    last = max(brought_something, key=lambda item: item.order, default=None)
    return last.name if last else ""


def noted(live: Live, deployments: Iterable[Deployment]) -> Had | None:
    """What an earlier run noted before its first write; None where it noted nothing, or something was deployed since."""
    last = newest(deployments)
    for item in (live.service, live.node_set):
        found = annotation(item.get("metadata") or {}, HAD)
        if isinstance(found, dict) and found.get("last") == last:
            return Had.of(found)
    return None


def _of_others(wanted: Wanted, live: Live, deployments: Iterable[Deployment]) -> Had:
    """Of a set that others deployed, or nobody yet."""
    if not live.deployed:
        return NOTHING
    known = noted(live, deployments)
    if known is not None:
        return known
    # Changes that nobody rolled out may be of any host.
    return Had(
        {
            host: live.content(wanted, host) if host in wanted.nodes and not live.undeployed else _UNKNOWN
            for host in live.nodes
        }
    )


def after(
    wanted: Wanted, had: Had, brings: Mapping[str, Content], services: Sequence[str], hosts: Sequence[str]
) -> Had:
    """What the hosts have when a deployment has ended, by what they had before."""
    keys = not services or KNOWN_HOSTS in services
    # Hosts that left are known to the others until then.
    settles = not hosts and (keys or KNOWN_HOSTS not in wanted.services)
    contents = {host: content for host, content in had.contents.items() if not settles or host in brings}
    # The zone's nova service alone says nothing about the rest of the host.
    only_nova = bool(services) and set(services) == {wanted.nova_service}
    for host, new in brings.items():
        if not hosts or host in hosts:
            before = contents.get(host)
            contents[host] = replace(before, nova=new.nova) if only_nova and before else new
    # The oldest deployment that is left, without a note of what was before, is taken for one of all hosts.
    strangers = {*had.strangers, *contents.keys() - had.contents.keys()} if had.contents or hosts else set()
    return Had(contents, () if settles else tuple(sorted(strangers & contents.keys())))
