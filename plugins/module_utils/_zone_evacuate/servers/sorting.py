# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers of dead hosts are evacuated where, and why the rest is left. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..._capacity.classify import CROSSES
from ..._capacity.facts.servers import MAY_REBUILD
from ..._capacity.model import Away, Facts, Question, Workload
from ..._capacity.named import is_named
from ..._capacity.plan import FITS, NO_ROOM, Fate, Planner
from ..._servers.dead import ACTIVE, EVACUATE, SHUTOFF, dead_of, evacuation_tag, remembered, status_in
from ..._servers.maintenance.begin.draining import pinned_elsewhere
from ..._servers.model import EVACUATION, Awaited, Move, Record
from ..._servers.ways import move_of
from ..model import Evacuation, Seen, Wanted

ERROR = "ERROR"
#: What a task leads to that its host did not finish. Nova evacuates in any task_state, and ends it so; in none of these is the server on another host.
ENDS_IN = {
    **dict.fromkeys(("powering-off", "suspending", "pausing"), SHUTOFF),
    **dict.fromkeys(("powering-on", "resuming", "unpausing"), ACTIVE),
}
KEEPS = ("rebooting", "reboot_", "image_", "updating_password", "rescuing", "unrescuing")
#: How the status of a running server is called while it reboots.
REBOOTING = ("REBOOT", "HARD_REBOOT")
#: Of a server that is evacuated, or rebuilt by its owner.
REBUILDING = "rebuild"


@dataclass(frozen=True)
class Sorted:
    """What becomes of the servers of dead hosts.

    :ivar left: those that are not evacuated, with the reason.
    :ivar no_room: those that could be and find no host.
    :ivar awaited: evacuations that are under way already.
    :ivar watched: what is remembered of those.
    :ivar landed: servers that an earlier run evacuated, and that are not yet as they are to be.
    """

    evacuations: tuple[Evacuation, ...] = ()
    left: tuple[tuple[Workload, str], ...] = ()
    no_room: tuple[Fate, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    watched: tuple[Evacuation, ...] = ()
    landed: tuple[Evacuation, ...] = ()


def sort(seen: Seen, wanted: Wanted, zone: str, hosts: Collection[str], to: frozenset[str], *, lost: bool) -> Sorted:
    """What becomes of all servers on these dead hosts of an availability zone, together.

    :param to: the zones that servers without a pin may go to as well.
    :param lost: the zone is gone, with its storage.
    """
    facts = _served(seen)
    awaited = tuple(_awaited(seen.region.migrations, facts, hosts))
    moving = {one.record.server for one in awaited}
    mine = [server for server in facts.servers if server.host in hosts and server.id not in moving]
    doubles = {(one.project, one.stands_for): one for one in facts.servers if one.stands_for}
    bars = {server.id: _double(server, doubles) or _bar(server, facts, zone, wanted) for server in mine}
    going = [_prepared(server, wanted) for server in mine if not bars[server.id]]
    rooms = only_rooms(facts, {zone} | to)
    away = Away(frozenset(hosts), frozenset((zone,) if lost else ()))
    originals = {server.id: server for server in mine}
    found = by_priority(rooms, going, _question(wanted, lost=lost), away)
    fates = [replace(fate, server=originals[fate.server.id]) for fate in found]
    left = [(server, bars[server.id]) for server in mine if bars[server.id]]
    left += [(fate.server, _advised(fate)) for fate in fates if fate.outcome not in (FITS, CROSSES, NO_ROOM)]
    return Sorted(
        evacuations=tuple(
            _evacuation(fate, seen, wanted) for fate in fates if fate.outcome in (FITS, CROSSES) and fate.target
        ),
        left=tuple(sorted(left, key=lambda one: (one[0].host, one[0].id))),
        no_room=tuple(fate for fate in fates if fate.outcome == NO_ROOM),
        awaited=awaited,
        watched=tuple(_watched(seen, awaited)),
    )


def _served(seen: Seen) -> Facts:
    """Where a cinder-volume is up and does not reach its storage, its volumes are as those of one that is down: an evacuation would end in status ERROR."""
    facts = seen.region.facts
    failing = {sign.backend for sign in seen.signs if sign.backend}
    volumes = {
        number: replace(volume, down=volume.down or f"cinder-volume {volume.host}")
        if volume.host in failing
        else volume
        for number, volume in (facts.volumes or {}).items()
    }
    return facts if not failing or facts.volumes is None else replace(facts, volumes=volumes)


def by_priority(facts: Facts, going: Sequence[Workload], question: Question, away: Away) -> list[Fate]:
    """All together, over as many hosts as take them, where that finds room for all: few go to one host at a time. Else the most important ones first, each
    priority into what is left of the room.
    """
    levels = sorted({server.priority for server in going}, reverse=True)
    found = list(Planner(replace(facts, servers=tuple(going)), question).away(away, spreads=True).fates)
    if len(levels) < 2 or all(fate.outcome != NO_ROOM for fate in found):
        return found
    found = []
    for level in levels:
        mine = tuple(server for server in going if server.priority == level)
        fates = Planner(replace(facts, servers=mine), question).away(away).fates
        facts = _filled(facts, fates)
        found += fates
    return found


def _filled(facts: Facts, fates: Iterable[Fate]) -> Facts:
    """With less room where servers are placed, and members of groups there."""
    hosts, groups = dict(facts.hosts), dict(facts.groups)
    for fate in fates:
        if fate.target is None:
            continue
        host, server = hosts[fate.target], fate.server
        less = dict(server.shape.need)
        hosts[host.name] = replace(host, room={name: left - less.get(name, 0) for name, left in host.room.items()})
        if server.group in groups:
            group = groups[server.group]
            groups[server.group] = replace(group, there=Counter(group.there) + Counter((host.name,)))
    return replace(facts, hosts=hosts, groups=groups)


def _question(wanted: Wanted, *, lost: bool) -> Question:
    # What is gone is reached from nowhere.
    return Question(shared_disks=wanted.shared_disks, storage_reachable=wanted.storage_reachable and not lost)


def only_rooms(facts: Facts, zones: Collection[str]) -> Facts:
    hosts = {
        name: host if host.zone in zones else replace(host, unusable=host.unusable or f"is in zone {host.zone}")
        for name, host in facts.hosts.items()
    }
    return replace(facts, hosts=hosts)


def _double(server: Workload, doubles: Mapping[tuple[str, str], Workload]) -> str:
    """Of a server that was restored in another zone: evacuated and started, it would work beside the new one."""
    other = doubles.get((server.project, server.id))
    if other is None:
        return ""
    return (
        f"zone_restore_servers has created server {other.label} to replace it, and both would run. Its owner decides which one stays: "
        "delete the new one, or leave this one to zone_return"
    )


def _bar(server: Workload, facts: Facts, zone: str, wanted: Wanted) -> str:
    """Why a server is left whatever room there is; empty where it may go."""
    if reason := pinned_elsewhere(server, facts, zone):
        return reason
    if server.task and server.task not in ENDS_IN and not server.task.startswith(KEEPS):
        return f"a task is under way ({server.task})"
    if server.shape.local and not wanted.shared_disks and not consents(server, facts, wanted):
        if server.name in wanted.rebuild_servers:
            return f"several servers are called {server.name}, and whose disk may be recreated is unknown: give its id in option 'rebuild_servers'"
        return (
            f"its disk is on host {server.host}, and would be recreated from its image: what is on it now would be lost. Wait for the host, restore it, "
            f"or have its owner's consent (metadata {MAY_REBUILD}=true, or option 'rebuild_servers')"
        )
    return ""


def consents(server: Workload, facts: Facts, wanted: Wanted) -> bool:
    """Whether its disk may be recreated."""
    return server.may_rebuild or is_named(server, wanted.rebuild_servers, facts.servers)


def _prepared(server: Workload, wanted: Wanted) -> Workload:
    """As nova evacuates it: it ends whatever the dead host was doing, and a server whose disks are recreated has nothing to lose."""
    status = ACTIVE if server.status in REBOOTING else server.status
    shape = server.shape
    if shape.local and not wanted.shared_disks:
        shape = replace(shape, local=False)
    return replace(server, status=status, task=None, shape=shape)


def _advised(fate: Fate) -> str:
    """With what can be done for data that does not answer."""
    gone = "which is down" in fate.reason or fate.outcome == "restore"
    return f"{fate.reason}. Wait for the storage, or restore it from a backup" if gone else fate.reason


def _evacuation(fate: Fate, seen: Seen, wanted: Wanted) -> Evacuation:
    facts, server, target = seen.region.facts, fate.server, fate.target or ""
    boots = server.status == ERROR
    kept, others = _kept(server, seen)
    status = status_in(kept) if kept else ACTIVE if boots else _status(server)
    tag = kept if boots else evacuation_tag(server.host, status)
    return Evacuation(
        move=move_of(server, facts, target, EVACUATION, named=True),
        zone=facts.hosts[target].zone,
        tag=tag,
        tagged=tag in server.tags,
        stale=tuple(one for one in others if one != tag),
        status=status,
        boots=boots,
        rebuilt=server.shape.local and not wanted.shared_disks,
        priority=server.priority,
    )


def _kept(server: Workload, seen: Seen) -> tuple[str, tuple[str, ...]]:
    """The tag that says what the server was before, empty where what it is now says that; and all that it has.

    One of this host counts once the host is out of service: before, it is of an earlier loss. One of another host counts if the server was evacuated
    from there, and is not yet as it was.
    """
    tags = tuple(tag for tag in server.tags if tag.startswith(EVACUATE))
    mine, hosts = remembered(tags, server.host), seen.region.hosts
    if mine and (server.status == ERROR or dead_of(hosts[server.host]) is not None):
        return mine, tags
    left = (source for one, source in sorted(seen.evacuated) if one == server.id and source != server.host)
    return next((tag for source in left if (tag := remembered(tags, source))), ""), tags


def _status(server: Workload) -> str:
    """What it is to be afterwards: what it was, or was about to be."""
    if server.task in ENDS_IN:
        return ENDS_IN[server.task]
    return SHUTOFF if server.status == SHUTOFF else ACTIVE


def _awaited(records: Iterable[Record], facts: Facts, hosts: Collection[str]) -> Iterator[Awaited]:
    names = {server.id: server.name for server in facts.servers}
    for record in records:
        if record.kind == EVACUATION and record.under_way and record.source in hosts:
            yield Awaited(record, names.get(record.server, ""))


def _watched(seen: Seen, awaited: Iterable[Awaited]) -> Iterator[Evacuation]:
    servers = {server.id: server for server in seen.region.facts.servers}
    for record in (one.record for one in awaited):
        earlier = sorted(source for server, source in seen.evacuated if server == record.server)
        server = servers.get(record.server)
        if server is not None and (found := _left(server, seen, (record.source, *earlier))) is not None:
            yield replace(found, move=replace(found.move, source=record.source))


def landed(seen: Seen, origins: Collection[str], dead: Collection[str]) -> tuple[Evacuation, ...]:
    """Servers that an earlier run evacuated from one of the hosts, whatever the host is now, and that are not yet as they are to be.

    :param dead: hosts that are evacuated now.
    """
    region = seen.region
    moving = {record.server for record in region.migrations if record.under_way}
    # Nova takes a request to start a server on a host that is down, and never ends it.
    out = {*dead, *(name for name, host in region.hosts.items() if host.state != "up")}
    ready = (one for one in region.facts.servers if one.id not in moving and one.host not in out)
    found = (_left(one, seen, _sources(one, seen, origins)) for one in ready)
    return tuple(one for one in found if one is not None)


def _sources(server: Workload, seen: Seen, origins: Iterable[str]) -> list[str]:
    return [host for host in origins if host != server.host and (server.id, host) in seen.evacuated]


def _left(server: Workload, seen: Seen, sources: Iterable[str]) -> Evacuation | None:
    """What is remembered of a server that leaves one of these hosts, or has left it: one entry, however many tags it has."""
    tags = tuple(tag for tag in server.tags if tag.startswith(EVACUATE))
    found = [(host, tag) for host in sources if tags and (tag := remembered(tags, host))]
    if not found:
        return None
    host, tag = found[0]
    return Evacuation(
        move=Move(server.id, server.name, host, server.host, EVACUATION, named=True),
        zone=seen.region.facts.hosts[server.host].zone,
        tag=tag,
        tagged=True,
        stale=tuple(one for one in tags if one != tag),
        status=status_in(tag),
        priority=server.priority,
    )
