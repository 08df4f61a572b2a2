# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What objects of the cluster say of hosts: evidence that one is cut off, and signs that are none. Pure.

A node or a machine is a compute host by its name, with or without its domain, or as its OpenStackBaremetalSet says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..._compute.host_names import named_as
from ..names import OUT_OF_SERVICE
from .observe import Body, Observed

#: Phases in which Self Node Remediation counts a node as rebooted.
REBOOTED = ("Reboot-Completed", "Fencing-Completed")
#: The node that is meant, where the object is not called as it is.
NODE_NAME = "remediation.medik8s.io/node-name"
FENCED_BY_AGENT = "FenceAgentActionSucceeded"
#: With one of these nobody keeps the object's status up to date.
UNWATCHED = ("baremetalhost.metal3.io/detached", "baremetalhost.metal3.io/paused")
SETS = "OpenStackBaremetalSet"


@dataclass(frozen=True)
class Evidence:
    """A host that an object says is cut off.

    :ivar kind: as in the option `fencing`.
    :ivar by: the object.
    :ivar at: since when.
    """

    host: str
    kind: str
    by: str
    at: str
    what: str

    def as_dict(self) -> dict[str, str]:
        return {"host": self.host, "kind": self.kind, "by": self.by, "at": self.at, "what": self.what}


@dataclass(frozen=True)
class Sign:
    """What an object says of a host that is no evidence.

    :ivar alive: whether it is a sign of life; None for one that says nothing of that.
    :ivar at: when that was last heard of; of a sign that says nothing of life, since when it is so.
    """

    host: str
    what: str
    alive: bool | None
    at: str

    def as_dict(self) -> dict[str, Any]:
        return {"host": self.host, "what": self.what, "alive": self.alive, "at": self.at or None}


def evidence(found: Observed, known: Collection[str], now: datetime) -> Iterator[Evidence]:
    """All that the cluster has of these hosts."""
    yield from (one for one in _all(found, known) if _time(one.at) <= now)


def _all(found: Observed, known: Collection[str]) -> Iterator[Evidence]:
    for item in found.all("SelfNodeRemediation"):
        yield from _self_remediated(item, known)
    for item in found.all("FenceAgentsRemediation"):
        yield from _fenced_by_agent(item, known)
    # Where the sets cannot be read, the machine that is called as a host is may be another host's.
    for host, items in _machines(found, known).items() if SETS not in found.unread else ():
        # Two that are called alike are in two namespaces, and which of them it is is unknown.
        if all(map(_is_off, items)):
            at = min(str(_status(item)["lastUpdated"]) for item in items)
            what = "powered off, as its BMC says, and kept off (spec.online is false)"
            yield Evidence(host, "bmc", _called(items[0]), at, what)


def signs(found: Observed, known: Collection[str]) -> Iterator[Sign]:
    """The rest."""
    for item in found.all("Node"):
        for host in named_as(str(item["metadata"]["name"]), known):
            yield from _of_node(host, item)
    yield from _remediated(found, known)
    for host, items in _machines(found, known).items():
        for item in items:
            if doubt := _doubt(item) or _whose(found):
                yield Sign(host, f"{_called(item)} {doubt}", None, str(_status(item).get("lastUpdated") or ""))


def _remediated(found: Observed, known: Collection[str]) -> Iterator[Sign]:
    for item in found.all("NodeHealthCheck"):
        for node in _status(item).get("unhealthyNodes") or ():
            for host in named_as(str(node.get("name")), known):
                begun = [str(one["started"]) for one in node.get("remediations") or () if one.get("started")]
                yield Sign(host, f"{_called(item)} remediates it", None, max(begun, default=""))
    for item in found.all("SelfNodeRemediation"):
        phase = _status(item).get("phase")
        if phase not in REBOOTED:
            for host in named_as(node_named(item), known):
                yield Sign(host, f"{_called(item)} has not come to its end ({phase or 'not begun'})", None, "")


def _the_one(name: str, known: Collection[str]) -> tuple[str, ...]:
    """The host that is meant; none where it could be one of several."""
    found = named_as(name, known)
    return found if len(found) == 1 else ()


def _self_remediated(item: Body, known: Collection[str]) -> Iterator[Evidence]:
    """The node is down for certain once it must have rebooted itself, by its watchdog at the latest."""
    status = _status(item)
    if status.get("phase") in REBOOTED and status.get("timeAssumedRebooted"):
        for host in _the_one(node_named(item), known):
            what = f"the node has rebooted, or its watchdog has ended it (phase {status['phase']})"
            yield Evidence(host, "self_node_remediation", _called(item), str(status["timeAssumedRebooted"]), what)


def _fenced_by_agent(item: Body, known: Collection[str]) -> Iterator[Evidence]:
    for condition in _status(item).get("conditions") or ():
        if condition.get("type") == FENCED_BY_AGENT and condition.get("status") == "True":
            for host in _the_one(node_named(item), known):
                what = "its fence agent has restarted or switched off the node"
                yield Evidence(host, "fence_agent", _called(item), str(condition["lastTransitionTime"]), what)


def _of_node(host: str, item: Body) -> Iterator[Sign]:
    """A node is not Ready because its kubelet says so, or because that says nothing any more (Unknown)."""
    for condition in _status(item).get("conditions") or ():
        if condition.get("type") == "Ready":
            alive = condition.get("status") != "Unknown"
            ready = condition.get("status") == "True"
            what = "kubelet" if ready else "kubelet, which says that the node is not ready,"
            at = str(condition.get("lastHeartbeatTime") or "")
            yield Sign(host, what if alive else f"the kubelet of {_called(item)}", alive, at)
    for taint in (item.get("spec") or {}).get("taints") or ():
        if taint.get("key") == OUT_OF_SERVICE:
            yield Sign(host, f"{_called(item)} has the taint {OUT_OF_SERVICE}", None, str(taint.get("timeAdded") or ""))


def _machines(found: Observed, known: Collection[str]) -> dict[str, list[Body]]:
    """The machine of each host: the one that its OpenStackBaremetalSet names, else one that is called as it is."""
    named: dict[str, str] = {}
    for item in found.all(SETS):
        for name, one in (_status(item).get("baremetalHosts") or {}).items():
            for host in _the_one(str(one.get("hostname") or name), known):
                named[host] = str(one.get("bmhRef") or "").rpartition("/")[2]
    machines: dict[str, list[Body]] = {}
    for item in found.all("BareMetalHost"):
        name = str(item["metadata"]["name"])
        mine = [host for host, machine in named.items() if machine == name]
        for host in mine or [host for host in _the_one(name, known) if host not in named]:
            machines.setdefault(host, []).append(item)
    return machines


def _is_off(item: Body) -> bool:
    status = _status(item)
    return bool(status.get("lastUpdated")) and not _doubt(item)


def _doubt(item: Body) -> str:
    """Why the machine does not count as cut off; empty where it does."""
    annotations, status = item["metadata"].get("annotations") or {}, _status(item)
    if status.get("poweredOn") is not False:
        return "is powered on" if status.get("poweredOn") else "does not say whether it is powered on"
    if status.get("errorType"):
        return f"is powered off by what it saw last, and has an error since ({status['errorType']})"
    if any(name.startswith(UNWATCHED) for name in annotations):
        return "is powered off by what it saw last, and is not watched (detached or paused)"
    if (item.get("spec") or {}).get("online") is not False:
        return "is powered off, and would be powered on again (spec.online is not false)"
    return ""


def _whose(found: Observed) -> str:
    return (
        f"is off, and may be another host's: {SETS}, which says whose it is, cannot be listed"
        if SETS in found.unread
        else ""
    )


def _status(item: Body) -> Body:
    return item.get("status") or {}


def node_named(item: Body) -> str:
    """The node, or the machine, that a remediation is about."""
    metadata = item["metadata"]
    return str((metadata.get("annotations") or {}).get(NODE_NAME) or metadata["name"])


def _called(item: Body) -> str:
    return f"{item.get('kind') or 'object'} {item['metadata']['name']}"


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
