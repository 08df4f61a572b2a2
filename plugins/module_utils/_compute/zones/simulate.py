# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a write does to what nova lists: nova's model for diff, check mode and property tests. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..changes import (
    AddHost,
    AggregateChange,
    CreateAggregate,
    DeleteAggregate,
    DisableHost,
    EnableHost,
    MirrorProvider,
    MoveHost,
    RemoveHost,
    RenameAggregate,
    SetMetadata,
    ZoneChange,
)
from ..model import AZ_KEY, Aggregate, Observed


def simulate(observed: Observed, change: ZoneChange) -> Observed:
    """`observed` after `change` took effect."""
    match change:
        case EnableHost():
            return _serviced(observed, change.host, None)
        case DisableHost():
            return _serviced(observed, change.host, change.reason)
        case CreateAggregate():
            return observed.with_aggregate(Aggregate(change.aggregate, change.availability_zone))
        case DeleteAggregate():
            return observed.without_aggregate(change.aggregate)
        case MirrorProvider():
            mirrored = observed.by_name[change.aggregate]
            return _mirrored(observed, mirrored, (change.provider,), member=change.member)
    return _in_aggregate(observed, change)


def _in_aggregate(observed: Observed, change: AggregateChange) -> Observed:
    aggregate = observed.by_name[change.aggregate]
    match change:
        case RenameAggregate():
            return observed.without_aggregate(aggregate.name).with_aggregate(replace(aggregate, name=change.name))
        case SetMetadata():
            return observed.with_aggregate(_with_metadata(aggregate, change))
        case AddHost():
            return _joined(observed, aggregate, change.host)
        case RemoveHost():
            left = _left(observed, aggregate, change.host)
            return _serviced(left, change.host, change.reason) if change.reason else left
        case MoveHost():
            moved = _joined(_left(observed, observed.by_name[change.source], change.host), aggregate, change.host)
            if change.enable:
                return _serviced(moved, change.host, None)
            return _serviced(moved, change.host, change.reason) if change.reason else moved
    raise TypeError(f"no model of {change!r}")


def _joined(observed: Observed, aggregate: Aggregate, host: str) -> Observed:
    joined = observed.with_aggregate(replace(aggregate, hosts=(*aggregate.hosts, host)))
    return _mirrored(joined, aggregate, observed.providers.get(host, ()), member=True)


def _left(observed: Observed, aggregate: Aggregate, host: str) -> Observed:
    hosts = tuple(other for other in aggregate.hosts if other != host)
    left = observed.with_aggregate(replace(aggregate, hosts=hosts))
    return _mirrored(left, aggregate, observed.providers.get(host, ()), member=False)


def _mirrored(observed: Observed, aggregate: Aggregate, providers: Iterable[str], *, member: bool) -> Observed:
    """With the placement mirror of an aggregate changed, where it was read: nova keeps it in step with what it does itself."""
    if aggregate.uuid is None or aggregate.uuid not in observed.members:
        return observed
    members = set(observed.members[aggregate.uuid])
    members = members.union(providers) if member else members.difference(providers)
    return replace(observed, members={**observed.members, aggregate.uuid: tuple(sorted(members))})


def _serviced(observed: Observed, name: str, reason: str | None) -> Observed:
    """With the host's service enabled (reason None) or disabled."""
    status = "enabled" if reason is None else "disabled"
    return observed.with_host(replace(observed.hosts[name], status=status, disabled_reason=reason))


def _with_metadata(aggregate: Aggregate, change: SetMetadata) -> Aggregate:
    zone = change.new.get(AZ_KEY, aggregate.availability_zone)
    merged = {**aggregate.metadata, **change.new}
    metadata = {key: value for key, value in merged.items() if value is not None and key != AZ_KEY}
    return replace(aggregate, availability_zone=zone, metadata=metadata)
