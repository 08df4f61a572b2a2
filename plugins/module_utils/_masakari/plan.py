# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts Masakari is to ignore while they are in maintenance or lost, and what blocks that. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .._compute.zones.agents import MASAKARI_PREFIX, masakari_key
from .._plan.change import Change, Note, Plan, Refusal
from .._plan.text.listing import first
from .changes import ForgetHost, SetMaintenance
from .model import HaHost, Observed, Wanted

RULE = "instance_ha"
SHOWN = 5
LEAVE_ON = "To leave it out of this: zoneops_maintenance_instance_ha=false (option instance_ha)."


def plan_masakari(observed: Observed, wanted: Wanted) -> Plan[Change]:
    """The changes of all zones."""
    changes: list[Change] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for zone in wanted.hosts:
        if observed.unread:
            if message := _unread(observed, wanted, zone):
                refusals.append(Refusal(zone, RULE, message))
            continue
        found = list(_ended(observed, wanted, zone) if wanted.ends else _begun(observed, wanted, zone))
        changes += found
        notes += [Note(zone, text, mended=True) for change in found if (text := _said(observed, change))]
        refusals += [Refusal(zone, RULE, message) for message in _blocked(observed, wanted, zone, found)]
        refusals += [Refusal(zone, "ha_host", message) for message in _spares(observed, wanted, zone)]
    return Plan.of(changes, refusals, notes)


def _begun(observed: Observed, wanted: Wanted, zone: str) -> Iterator[Change]:
    for name in wanted.hosts[zone]:
        host = observed.hosts.get(name)
        if host is not None and not host.on_maintenance:
            yield SetMaintenance(zone, host, on=True, reason=f"{wanted.mark}: {wanted.reason}")


def _ended(observed: Observed, wanted: Wanted, zone: str) -> Iterator[Change]:
    """What this kind of maintenance remembers."""
    by_key = {masakari_key(name): host for name, host in observed.hosts.items()}
    for key, reason in sorted(of_maintenance(observed, wanted, zone).items()):
        host = by_key.get(key)
        if host is not None and host.on_maintenance:
            yield SetMaintenance(zone, host, on=False)
        else:
            yield ForgetHost(zone, key, reason)


def of_maintenance(observed: Observed, wanted: Wanted, zone: str) -> dict[str, str]:
    """What is remembered for it, by key."""
    memory = observed.remembered.get(wanted.places[zone], {})
    asked = {masakari_key(name) for name in wanted.hosts[zone]}
    return {
        key: reason
        for key, reason in memory.items()
        if key.startswith(MASAKARI_PREFIX) and reason.startswith(f"{wanted.mark}: ") and (wanted.whole or key in asked)
    }


def _spares(observed: Observed, wanted: Wanted, zone: str) -> Iterator[str]:
    """A single host that Masakari may need at any time is not taken from it; of a zone it is not to take any."""
    if wanted.ends or wanted.whole:
        return
    for name in wanted.hosts[zone]:
        host = observed.hosts.get(name)
        if host is not None and host.reserved:
            yield f"host {name} is a spare of segment {host.segment_name} in Masakari (reserved). Release it there first."


def _said(observed: Observed, change: Change) -> str:
    """What others changed is left, and told."""
    if not isinstance(change, ForgetHost):
        return ""
    name = change.key.removeprefix(MASAKARI_PREFIX)
    known = any(masakari_key(host) == change.key for host in observed.hosts)
    state = "is not on maintenance in Masakari any more" if known else "is in no segment of Masakari any more"
    return f"host {name}, which an earlier run put on maintenance in Masakari, {state}: it is left so."


def _blocked(observed: Observed, wanted: Wanted, zone: str, changes: list[Change]) -> Iterator[str]:
    hosts = [change.host for change in changes if isinstance(change, SetMaintenance)]
    if not hosts:
        return
    place = wanted.places[zone]
    if place not in observed.remembered:
        shown = first(SHOWN, sorted(host.name for host in hosts), of=len(hosts))
        yield (
            f"availability zone {place} has no host aggregate, which would remember that Masakari ignores {shown} for the maintenance. "
            f"Put them on maintenance there by hand, and take them off after the end. {LEAVE_ON}"
        )
    names = {host.segment: host.segment_name for host in hosts}
    for segment, name in sorted(names.items(), key=lambda item: item[1]):
        yield from _at_work(observed, wanted, segment, name)


def _at_work(observed: Observed, wanted: Wanted, segment: str, name: str) -> Iterator[str]:
    if found := work_in(observed, segment):
        advice = "Wait until it has finished, and run the same command again."
        yield (
            f"Masakari works on failures in segment {name}, and changes none of its hosts until then: {found}. "
            f"{advice}{'' if wanted.ends else ' ' + LEAVE_ON}"
        )


def work_in(observed: Observed, segment: str) -> str:
    """What Masakari works on in a segment; empty where it does not. It answers 409 to a change of any host of it until then."""
    found = [one for one in observed.recoveries or () if one.segment == segment]
    by_uuid = {host.uuid: host.name for host in observed.hosts.values()}
    texts = (f"{one.kind} of {by_uuid.get(one.host, one.host)} ({one.status})" for one in found)
    return first(SHOWN, texts, of=len(found), separator="; ")


def _unread(observed: Observed, wanted: Wanted, zone: str) -> str:
    if not wanted.ends:
        return f"Masakari could not be read, so it is unknown whether it would act on hosts of the zone: {observed.unread} {LEAVE_ON}"
    mine = [key.removeprefix(MASAKARI_PREFIX) for key in sorted(of_maintenance(observed, wanted, zone))]
    if not mine:
        return ""
    shown = first(SHOWN, mine, of=len(mine))
    return f"Masakari could not be read, so {shown} stay on maintenance there: {observed.unread} Run the same command again once it answers."


def state(observed: Observed, wanted: Wanted, zone: str) -> dict[str, dict[str, object]]:
    """The hosts of a zone that Masakari knows."""
    memory = of_maintenance(observed, wanted, zone)
    known: list[HaHost] = [observed.hosts[name] for name in wanted.hosts[zone] if name in observed.hosts]
    return {
        host.name: {
            "segment": host.segment_name,
            "on_maintenance": host.on_maintenance,
            "remembered": masakari_key(host.name) in memory,
        }
        for host in known
    }
