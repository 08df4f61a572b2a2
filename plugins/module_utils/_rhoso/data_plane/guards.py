# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a zone's data plane from being changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..._kubernetes.apply import fields
from ..._kubernetes.apply.observe import Seen
from ..._plan.change import Note, Refusal
from ..._plan.text.listing import first
from ..._zones.overrides import REMOVE_FAILED
from ..._zones.schema.data_plane import ZoneDataPlane
from ..._zones.schema.zone_map import Zone
from ..._zones.validation.data_plane import CONTROL_NETWORK
from .deployed import Live, Wanted, covers
from .deployments import Deployment

# The webhook's words, on every dry run too.
_BLOCKED = "could not patch openstackdataplanenodeset while"
DEPLOYMENT = "openstackdataplanedeployment"


@dataclass(frozen=True)
class Guests:
    """What nova has on hosts that leave, by host; `unknown` says why nobody could look."""

    by_host: Mapping[str, tuple[Mapping[str, Any], ...]]
    unknown: str = ""


def unblocked(seen: Seen, deployments: Iterable[Deployment], *, may_remove: bool) -> Seen:
    """What is applied to a NodeSet, also while its webhook refuses every request because of a deployment.

    Nothing where it is so already. All of it where only failed deployments block it, which are removed before.
    """
    if _BLOCKED not in seen.rejected or seen.live is None:
        return seen
    body = seen.applied.body
    if covers(seen.live.get("spec"), body["spec"]):
        return replace(seen, rejected="", after=None)
    mine = [item for item in deployments if seen.applied.ref.name in item.node_sets and item.state != "done"]
    if all(item.state == "failed" and (item.rolls_out is not None or may_remove) for item in mine):
        return replace(seen, rejected="", after=fields.merged(seen.live, body))
    return seen


def in_the_way(
    zone: Zone, set_changes: bool, deployments: Iterable[Deployment], *, may_remove: bool
) -> Iterator[Refusal]:
    """Deployments of the set that run, or that failed where the set has to change."""
    for item in deployments:
        whose = "of an earlier run" if item.rolls_out is not None else "of others"
        if item.state == "running":
            message = (
                f"deployment {item.name} {whose} is running ({item.message}): wait for its end, then run this again. "
                f"If it can never finish, delete it first (`oc delete {DEPLOYMENT} {item.name}`)."
            )
            yield Refusal(zone.name, "deployment_running", message)
        if item.state == "failed" and item.rolls_out is None and set_changes and not may_remove:
            message = (
                f"deployment {item.name} {whose} has failed ({item.message}), and its NodeSet cannot change while it is there: "
                f"remove it, or add to zoneops_allow (option allow): [{REMOVE_FAILED}]."
            )
            yield Refusal(zone.name, REMOVE_FAILED, message)


def wrong_names(zone: Zone, plane: ZoneDataPlane, wanted: Wanted, live: Live) -> Iterator[Refusal]:
    """nova knows the hosts by the names that the NodeSet has; the map derives them from its domain."""
    for name, names in (live.status.get("allHostnames") or {}).items():
        node = wanted.nodes.get(name)
        full = f"{node['hostName']}.{plane.domain}" if node else None
        known = names.get(CONTROL_NETWORK)
        if full and known and known != full:
            message = f"NodeSet {wanted.name} names {name} {known}, but the map has {full}: correct data_plane.domain."
            yield Refusal(zone.name, "host_names", message)


def twice(zone: Zone, plane: ZoneDataPlane, keys: Mapping[str, Sequence[str]]) -> Iterator[Refusal]:
    """All files of the service's sources are mounted in one folder; nothing but the Job says that two are called alike.

    :param keys: the keys of each Secret, as far as they could be read.
    """
    for secret, names in keys.items():
        if plane.config_key in names:
            message = (
                f"Secret {secret} has a key {plane.config_key} too, and both would write the same file on the hosts: "
                "the deployment could not start. Choose another data_plane.config_key."
            )
            yield Refusal(zone.name, "config_key", message)


def leaving(zone: Zone, plane: ZoneDataPlane, gone: Mapping[str, str], guests: Guests) -> Iterator[Refusal]:
    """Hosts that are taken out of the set while nova has something on them.

    :param gone: what nova calls each of them.
    """
    if gone and guests.unknown:
        message = (
            f"NodeSet {plane.node_set} would lose {', '.join(gone)}, and it is unknown whether they have servers ({guests.unknown}). "
            "Give the cloud's credentials, or add the nodes to the zone file again."
        )
        yield Refusal(zone.name, "nodes_in_use", message)
        return
    for name, host in gone.items():
        found = guests.by_host.get(host, ())
        if found:
            shown = first(5, (f"{item['name']} ({item['id']})" for item in found), of=len(found))
            message = f"node {name} leaves NodeSet {plane.node_set} with {len(found)} servers on it: {shown}. Move them first."
            yield Refusal(zone.name, "nodes_in_use", message, tuple(dict(item) for item in found))


def networkers_leaving(zone: Zone, node_set: str, gone: Iterable[str]) -> Iterator[Note]:
    """Nothing is stopped on a host that leaves its set."""
    for name in gone:
        yield Note(
            zone.name,
            f"node {name} leaves NodeSet {node_set}, and OVN keeps running there: gateways of routers stay on it until its services are stopped.",
            mended=True,
        )
