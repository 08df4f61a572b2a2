# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers of a lost zone are created again, from what, and why others are not. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._block_storage.api.volume_model import Backup, Volume
from .._block_storage.relocate.guards import Guards
from .._block_storage.relocate.model import Wanted as Target
from .._capacity.classify import CROSSES, STATES
from .._capacity.model import Away, Question, Workload
from .._capacity.plan import FITS
from .._compute.model import Host
from .._servers.dead import dead_of, status_in
from .._servers.dead import remembered as evacuation
from .._zone_evacuate.servers.sorting import by_priority, only_rooms
from .backups import NO_BACKUP, copies_of, is_lost, made_before, newest, taken
from .draft import draft
from .model import (
    ACTIVE,
    BACKUP,
    SHUTOFF,
    VOLUMES,
    Copy,
    Details,
    Restoration,
    Restored,
    Seen,
    Wanted,
    working_of,
)

#: What becomes of a server of the zone.
DONE, READY, AGAIN = "restored", "volumes restored", "to restore"
LEFT, CONSENT, REFUSED = "left", "consent missing", "refused"
MAY_BE = ("ACTIVE", "SHUTOFF", "ERROR", "PAUSED", "SUSPENDED", "REBOOT", "HARD_REBOOT")
EVACUATE = "evacuate it (zone_evacuate)"


@dataclass(frozen=True)
class Entry:
    """One server of the zone.

    :ivar what: becomes of it.
    :ivar new: the server that stands for it.
    """

    server: Workload
    what: str
    reason: str = ""
    restoration: Restoration | None = None
    new: Restored | None = None


@dataclass
class Zone:
    """What is the same for all servers of a zone.

    :ivar name: the availability zone that was lost; `target`, the one that servers are created in.
    """

    seen: Seen
    wanted: Wanted
    name: str
    target: str
    names: Mapping[str, int] = field(default_factory=dict)
    ids: Collection[str] = ()

    def __post_init__(self) -> None:
        limits = self.seen.offer.limits
        asked = Target(volumes=(), zone=self.target, allow=self.wanted.allow, type_option="volume_types")
        # What its project may have says cinder itself: an administrator's quota is another one.
        self.guards = Guards(asked, None if limits is None else replace(limits, quota={}))


def out_of_service(host: Host | None) -> bool:
    """As zone_evacuate leaves a host that is known to be cut off."""
    return host is not None and dead_of(host) is not None and host.forced_down


def sort(seen: Seen, wanted: Wanted, hosts: Sequence[str], name: str, target: str) -> list[Entry]:
    """Every server on these hosts of an availability zone."""
    zone, entries = _entries(seen, wanted, hosts, name, target)
    return _with_room(zone, entries)


def asked_for(seen: Seen, wanted: Wanted, hosts: Sequence[str], name: str, target: str) -> list[Entry]:
    """Those that more has to be known of; without regard to room, which one that is refused in the end leaves to another."""
    _zone, entries = _entries(seen, wanted, hosts, name, target)
    found = map(_volumes_only, entries) if wanted.phase == VOLUMES else entries
    return [one for one in found if one.what == AGAIN and one.new is None]


def _entries(seen: Seen, wanted: Wanted, hosts: Sequence[str], name: str, target: str) -> tuple[Zone, list[Entry]]:
    servers = seen.region.facts.servers
    zone = Zone(seen, wanted, name, target, _names(seen), {server.id for server in servers})
    mine = sorted((one for one in servers if one.host in hosts), key=lambda one: (-one.priority, one.id))
    return zone, [_entry(zone, server) for server in mine]


def _names(seen: Seen) -> dict[str, int]:
    """How many servers have a name. One that stands for another, which has it as well, is nobody else."""
    servers = seen.region.facts.servers
    known = {server.id: server.name for server in servers}
    origins = {one.id: one.origin for one in seen.restored}
    return Counter(server.name for server in servers if known.get(origins.get(server.id, "")) != server.name)


def _entry(zone: Zone, server: Workload) -> Entry:
    mine = [one for one in zone.seen.restored if one.origin == server.id and one.project == server.project]
    # Of several, one that works.
    new = min(mine, key=lambda one: (bool(one.failed), one.unfinished, one.id), default=None)
    failed = [one for one in mine if one.failed]
    if new is not None and not new.unfinished and not new.failed:
        keep = f", and keep server {new.id}, which replaces the lost one"
        return Entry(server, DONE, f"{_failed(failed)}{keep}" if failed else "", new=new)
    if new is not None and new.failed:
        again = "then run it again: its volumes are restored again where they went with it, and ports that it got are kept for the next one"
        return Entry(server, REFUSED, f"{_failed(failed)}, {again}")
    if new is not None:
        # Consented to, and begun.
        return Entry(server, AGAIN, restoration=_begun(zone, server, new), new=new)
    if reason := _not_lost(zone, server):
        return Entry(server, REFUSED if _is_named(zone, server) else LEFT, reason)
    if not consents(zone, server):
        return Entry(server, CONSENT, _no_consent(zone, server))
    reason, copies = _copies(zone, server)
    reason = _bar(zone, server) or reason
    if reason:
        return Entry(server, REFUSED, reason)
    return _restoration(zone, server, copies)


def _failed(copies: Sequence[Restored]) -> str:
    """Servers that were created for one and never ran: they are nobody's, and a person deletes them."""
    found = sorted(copies, key=lambda one: one.id)
    said = ", ".join(f"server {one.id}, which was created for it, failed: {one.failed}" for one in found)
    these = "that one" if len(found) == 1 else "those"
    return f"{said}. Delete {these} (openstack server delete {' '.join(one.id for one in found)})"


def _not_lost(zone: Zone, server: Workload) -> str:
    """Why a server need not be restored, whatever its owner says; empty where its data is gone."""
    seen = zone.seen
    host = seen.region.hosts.get(server.host)
    if host is None or not out_of_service(host):
        return f"host {server.host} is not out of service as zone_evacuate leaves one that is cut off: it may run"
    if server.host in seen.reporting:
        return (
            f"host {server.host} still reports to nova, last at {seen.reporting[server.host]}, unless others write to its record: it may run. "
            "Power the host off, then run it again"
        )
    unknown = next((number for number in server.volumes if number not in seen.volumes), None)
    if unknown is not None:
        return f"its volume {unknown} is unknown to cinder, and so whether its data is lost"
    lost = [one for one in _volumes(zone, server) if is_lost(one, seen.services)]
    if lost:
        works = [one for one in _volumes(zone, server) if one not in lost]
        if works:
            return f"its volume {works[0].label} works and is attached to it, so that no other server can have it: wait for the zone"
        return ""
    if server.volumes:
        return f"its volumes can be reached: {EVACUATE}"
    mark = dead_of(host)
    if mark is None or not mark.zone:
        return f"only its host is lost, not the zone with its storage: {EVACUATE}"
    return ""


def _volumes(zone: Zone, server: Workload) -> list[Volume]:
    return [zone.seen.volumes[number] for number in server.volumes if number in zone.seen.volumes]


def consents(zone: Zone, server: Workload) -> bool:
    return server.may_restore or _is_named(zone, server)


def _is_named(zone: Zone, server: Workload) -> bool:
    """A name that another server has as well says nothing: the other one can be another owner's. Nor does one that is the id of another."""
    asked = zone.wanted.servers
    if server.id in asked:
        return True
    return server.name in asked and zone.names[server.name] == 1 and server.name not in zone.ids


def _no_consent(zone: Zone, server: Workload) -> str:
    if server.name in zone.wanted.servers:
        return f"several servers are called {server.name}: give its id"
    return (
        "name it in zoneops_restore_servers (option 'servers'), or have its owner set metadata zoneops:may_restore=true"
    )


def _bar(zone: Zone, server: Workload) -> str:
    if server.id in zone.seen.evacuating or (server.task or "").startswith("rebuild"):
        return "nova evacuates or rebuilds it: wait for its end, and run it again if it stays in the zone"
    if server.status not in MAY_BE:
        return f"{STATES.get(server.status, f'it is in status {server.status}')}: settle that when the zone is back"
    for reason in (*server.shape.by_hand, *server.by_hand):
        return f"it has {reason}, which a new server does not get by itself: its owner creates it"
    return ""


def _copies(zone: Zone, server: Workload) -> tuple[str, tuple[Copy, ...]]:
    """A copy for each of its volumes; or why that cannot be."""
    found: list[Copy] = []
    for volume in _volumes(zone, server):
        reason, copy = _copy(zone, volume)
        if copy is None:
            return f"volume {volume.label}: {reason}", ()
        found.append(copy)
    return "", tuple(found)


def _copy(zone: Zone, volume: Volume) -> tuple[str, Copy | None]:
    if len(volume.attached_to) > 1:
        return "several servers have it, and each would get a copy of its own: its owner restores it", None
    there = copies_of(volume, zone.seen.volumes.values())
    for one in (there.whole, *there.working):
        if one is not None and one.availability_zone != zone.target:
            where = one.availability_zone
            return f"its copy {one.id} is in zone {where}: name that zone (zoneops_restore_to), or delete it", None
    usable, why = newest(volume, zone.seen.backups, zone.seen.services)
    if there.whole is not None:
        return _whole(zone, volume, there.whole, usable)
    begun = next((one for one in there.working if not one.status.startswith("error")), None)
    if begun is not None:
        copy = made_before(volume, begun, working_of(begun)[1], usable, zone.seen.backups)
        return "", replace(copy, begun=begun.id)
    if usable is None:
        start = "" if why == NO_BACKUP else ", or start the cinder-backup of the zone that the backup is in"
        return f"no backup of it can be restored ({why}). Wait for the zone{start}", None
    kind = zone.wanted.volume_types.get(volume.type or "", volume.type)
    problems = zone.guards.problems(replace(volume, type=kind), usable)
    if problems:
        return " ".join(text for _rule, text in problems), None
    passed = f"no newer backup can be restored: {why}" if why else ""
    return "", Copy(volume, usable.id, taken(usable), kind, passed)


def _whole(zone: Zone, volume: Volume, whole: Volume, usable: Backup | None) -> tuple[str, Copy | None]:
    if whole.attached_to:
        return f"its copy {whole.id} is attached to server {whole.attached_to[0]}: detach it, or delete the copy", None
    if whole.status != "available":
        return f"its copy {whole.id} is '{whole.status}': wait until it is available, or delete it", None
    copy = made_before(volume, whole, whole.metadata.get(BACKUP, ""), usable, zone.seen.backups)
    return "", replace(copy, whole=whole.id)


def status_of(server: Workload) -> str:
    """What the new one is to be."""
    if tag := evacuation(server.tags, server.host):
        return status_in(tag)
    return SHUTOFF if server.status == SHUTOFF else ACTIVE


def _begun(zone: Zone, server: Workload, new: Restored | None = None) -> Restoration:
    return Restoration(
        server.id,
        server.name,
        server.project,
        server.host,
        zone.target,
        status_of(server),
        priority=server.priority,
        begun=new,
    )


def _restoration(zone: Zone, server: Workload, copies: tuple[Copy, ...]) -> Entry:
    seen = zone.seen
    details = (seen.details or {}).get(server.id)
    found = replace(_begun(zone, server), copies=copies)
    if details is None:
        return Entry(server, AGAIN, restoration=found)
    about = _with_places(copies, details)
    if isinstance(about, str):
        return Entry(server, REFUSED, about)
    if reason := seen.offer.projects.get(server.project, ""):
        return Entry(server, REFUSED, reason)
    request = draft(seen, zone.wanted, zone.target, details, found.status)
    if request.problems and zone.wanted.phase != VOLUMES:
        return Entry(server, REFUSED, ". ".join(request.problems))
    return Entry(
        server,
        AGAIN,
        restoration=replace(
            found,
            copies=about,
            body=request.body,
            hints=request.hints,
            ports=request.ports,
            differs=request.differs,
        ),
    )


def _with_places(copies: Sequence[Copy], details: Details) -> tuple[Copy, ...] | str:
    """In the order of devices, the one to boot from first."""
    places = {one.volume: one for one in details.attached}
    missing = next((copy for copy in copies if copy.source.id not in places), None)
    if missing is not None:
        return f"nova knows nothing of its volume {missing.source.label}, which cinder says is attached to it: its owner creates the server"
    known = [replace(copy, attached=places[copy.source.id]) for copy in copies]
    roots = [copy for copy in known if copy.attached.root]
    if len(roots) > 1 or (not roots and not (details.entry.get("image") or {})):
        return "which of its volumes it boots from is unknown: its owner creates the server"
    return tuple(sorted(known, key=lambda copy: (not copy.attached.root, copy.attached.device, copy.source.id)))


def _with_room(zone: Zone, entries: list[Entry]) -> list[Entry]:
    """What finds no host is refused; all together, in the room that the target zone has."""
    if zone.wanted.phase == VOLUMES:
        return [_volumes_only(one) for one in entries]
    facts = zone.seen.region.facts
    going = [_fitted(one.server) for one in entries if one.what == AGAIN and one.new is None]
    hosts = frozenset(one.server.host for one in entries)
    fates = by_priority(only_rooms(facts, {zone.target}), going, Question(), Away(hosts, frozenset((zone.name,))))
    reasons = {fate.server.id: fate.reason for fate in fates if fate.outcome not in (CROSSES, FITS)}
    return [
        Entry(one.server, REFUSED, f"zone {zone.target}: {reasons[one.server.id]}") if one.server.id in reasons else one
        for one in entries
    ]


def _fitted(server: Workload) -> Workload:
    """As it would be created: nothing of it binds it to the zone that is lost."""
    shape = replace(server.shape, local=False)
    return replace(server, status=ACTIVE, task=None, volumes=(), pinned=None, shape=shape)


def _volumes_only(one: Entry) -> Entry:
    if one.restoration is None or one.what != AGAIN:
        return one
    left = [copy for copy in one.restoration.copies if not copy.whole]
    return one if left else replace(one, what=READY, restoration=None)
