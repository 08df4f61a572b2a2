# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left behind, and what to do about each thing. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ..._block_storage.api.attachments import Attachment
from ..._block_storage.api.volume_model import Volume
from ..._plan.text.listing import first
from ..._servers.dead import remembered
from ..._servers.model import BROKEN
from ..._zones.schema.zone_map import Zone
from .model import DeleteAttachment, ForgetTag, LeftOver, Seen

SHOWN = 5

#: A volume is in one of these for seconds, unless the service that works on it was lost.
BETWEEN = ("attaching", "detaching", "reserved")
RESERVED, DETACHING = "reserved", "detaching"
#: Nova does not move the attachments of a server in one of these.
AT_REST = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR", "SHELVED_OFFLOADED")
#: Nova changes the tags of a server in one of these only.
TAKES_TAGS = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")


def suspects(attachments: Iterable[Attachment], volumes: Collection[str], known: Collection[str]) -> list[str]:
    """The servers of which nova is asked what they hold: those that are not on a host of the zone, and those with something beside what is attached.

    :param volumes: ids of those of the zone.
    :param known: ids of the servers on its hosts.
    """
    found: dict[str, list[Attachment]] = {}
    for one in attachments:
        if one.volume in volumes and one.server:
            found.setdefault(one.server, []).append(one)
    return sorted(
        server
        for server, mine in found.items()
        if server not in known
        or any(one.status != "attached" for one in mine)
        or len({one.volume for one in mine}) < len(mine)
    )


def left_overs(zone: Zone, seen: Seen) -> list[LeftOver]:
    """Those of one zone."""
    return [
        *_attachments(zone, seen),
        *_volumes(zone, seen),
        *_servers(zone, seen),
        *_evacuations(zone, seen),
        *_restored(zone, seen),
        *_tags(zone, seen),
        *_allocations(zone, seen),
    ]


def _attachments(zone: Zone, seen: Seen) -> Iterator[LeftOver]:
    volumes = {one.id: one for one in seen.volumes if one.availability_zone == zone.availability_zone}
    for one in seen.attachments:
        if one.volume not in volumes or one.server not in seen.holders:
            continue
        volume = volumes[one.volume]
        why = _stray(one, seen)
        doubt = _doubt(zone, one, volume, seen) if why else ""
        if why:
            text = f"attachment {one.id} ({one.status}) of volume {volume.label}: {why}{doubt}"
            command = f"openstack --os-volume-api-version 3.27 volume attachment delete {one.id}"
            mend = None if doubt else DeleteAttachment(zone.name, one, why)
            command = f"once no hypervisor runs it: {command}" if doubt else command
            yield LeftOver(zone.name, "attachment", one.id, text, command, mend)


def _doubt(zone: Zone, attachment: Attachment, volume: Volume, seen: Seen) -> str:
    """Why something may need it all the same: nova has forgotten a server that was deleted while its host was away, and the host its guest only
    once nova-compute has looked, which it does every half hour. Empty where no host ever had the volume by it.
    """
    if seen.holders[attachment.server].found is not None or attachment.status == RESERVED:
        return ""
    runs = sorted(host for host, guests in seen.guests.items() if attachment.server in guests)
    if runs:
        return f", and its guest runs on {', '.join(runs)}"
    told = volume.attached_on.get(attachment.id, "")
    places = {told} if told else seen.hosts.intersection(zone.compute_hosts)
    unseen = sorted(places - seen.guests.keys())
    if unseen:
        return (
            f", and whether its guest still runs on {first(SHOWN, unseen, of=len(unseen))} is unknown (option guests)"
        )
    return ""


def _stray(attachment: Attachment, seen: Seen) -> str:
    """Why nova does not need it; empty where it may."""
    holder = seen.holders[attachment.server]
    if holder.found is None:
        return f"its server {attachment.server} was deleted"
    held = holder.held.get(attachment.volume)
    # Nova may be about to change what it keeps.
    if holder.found.task or holder.found.status not in AT_REST or _moves(attachment.server, seen):
        return ""
    name = f"server {holder.found.name} ({attachment.server})"
    if held is None:
        return f"{name} has no such volume"
    # Empty where this nova does not tell it.
    return "" if held in ("", attachment.id) else f"{name} uses another attachment of it"


def _moves(server: str, seen: Seen) -> bool:
    return any(one.server == server and one.under_way for one in seen.evacuations)


def _volumes(zone: Zone, seen: Seen) -> Iterator[LeftOver]:
    for volume in seen.volumes:
        if volume.availability_zone != zone.availability_zone or volume.status not in BETWEEN:
            continue
        mine = [one for one in seen.attachments if one.volume == volume.id]
        if volume.status == RESERVED and mine:
            # Of a server that is shelved, or its attachment is stray: that is said above.
            continue
        attached = any(one.status == "attached" for one in mine)
        state = "in-use" if attached else "available"
        more = "; then detach it again" if volume.status == DETACHING and attached else ""
        text = f"volume {volume.label} is {volume.status}, and {'attached' if attached else 'not attached'}"
        yield LeftOver(zone.name, "volume", volume.id, text, f"openstack volume set --state {state} {volume.id}{more}")


def _servers(zone: Zone, seen: Seen) -> Iterator[LeftOver]:
    """What was asked of a server while its host was away is done when that is back, or never."""
    for one in seen.servers:
        if one.task and one.host in zone.compute_hosts and one.host in seen.hosts_up:
            text = f"server {one.name} ({one.id}) on {one.host} is {one.status}, and nova works on it ({one.task})"
            yield LeftOver(
                zone.name, "server", one.id, text, f"if that lasts: openstack server set --state active {one.id}"
            )


def _evacuations(zone: Zone, seen: Seen) -> Iterator[LeftOver]:
    """Of servers that are still where they were."""
    here = {one.id: one for one in seen.servers}
    said: set[str] = set()
    for record in seen.evacuations:
        server = here.get(record.server)
        failed = record.status in BROKEN and record.source in zone.compute_hosts
        if (
            not failed
            or server is None
            or server.host != record.source
            or server.status != "ERROR"
            or server.id in said
        ):
            continue
        said.add(server.id)
        text = f"server {server.name} ({server.id}) is in status ERROR on {server.host} since its evacuation failed"
        yield LeftOver(
            zone.name, "evacuation", server.id, text, f"openstack server reboot --hard {server.id} (it boots)"
        )


def _restored(zone: Zone, seen: Seen) -> Iterator[LeftOver]:
    """Servers of which there are two now. Anybody can give a server of their own the marks of one that stands for another project's."""
    new = {(one.project, one.stands_for): one for one in seen.restored}
    for one in seen.servers:
        other = new.get((one.project, one.id))
        if other is not None and one.host in zone.compute_hosts:
            where = seen.places.get(other.host or "")
            where = f"in zone {where}" if where else "elsewhere"
            text = f"server {one.name} ({one.id}), {one.status} on {one.host}, was restored {where} as {other.name} ({other.id}), {other.status}"
            command = (
                f"its owner decides which one stays: openstack server delete {one.id}, which can take ports from the new one, see 'When the zone is back' "
                f"in zone-restore-servers; or openstack server delete {other.id}"
            )
            yield LeftOver(zone.name, "restored", one.id, text, command)


def _tags(zone: Zone, seen: Seen) -> Iterator[LeftOver]:
    """Of servers that were to be evacuated and were not. Nova removes none while a server is in status ERROR."""
    for one in seen.servers:
        if one.host in zone.compute_hosts and one.host in seen.back and (tag := remembered(one.tags, one.host)):
            text = f"server {one.name} ({one.id}) was not evacuated from {one.host}, and has the tag {tag}, by which the next loss would go"
            rests = one.status in TAKES_TAGS and not one.task and not _moves(one.id, seen)
            mend = ForgetTag(zone.name, one, tag) if rests else None
            yield LeftOver(zone.name, "tag", one.id, text, f"openstack server unset --tag {tag} {one.id}", mend)


def _allocations(zone: Zone, seen: Seen) -> Iterator[LeftOver]:
    for one in seen.consumers:
        if one.host not in zone.compute_hosts or one.where == one.host:
            continue
        if one.where is None:
            text = f"in placement {one.id} holds resources of host {one.host}, and is no server that nova knows"
            command = f"nova-manage placement audit --resource_provider {one.provider} (with --delete to remove it)"
        else:
            text = (
                f"in placement server {one.id} holds resources of host {one.host}, and is on {one.where or 'no host'}"
            )
            command = f"openstack resource provider allocation unset --provider {one.provider} {one.id}"
        yield LeftOver(zone.name, "allocation", one.id, text, command)
