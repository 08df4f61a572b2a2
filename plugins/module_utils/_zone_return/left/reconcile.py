# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left behind is read, and what is stray is deleted where that is asked for, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ..._block_storage.api.attachments import Attachment, Attachments
from ..._block_storage.api.volume_model import Volume
from ..._plan.change import Note, Plan
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from ..._plan.listing import first
from ..._servers.maintenance.read import providers_of
from ..._zones.schema.zone_map import ZoneMap
from ..model import Observed
from ..reconcile import Returning
from .findings import left_overs, suspects
from .model import Consumer, DeleteAttachment, Holder, LeftOver, Seen

SHOWN = 5
T = TypeVar("T")


class LeftOvers(Reconciler[Seen, DeleteAttachment]):
    """The reconciler that `_plan.converge` works in.

    :param hosts: of the zones, by zone, that are worked on.
    :param before: the part that looks at the hosts.
    :param attachments: None where the cloud has no block storage.
    :param volumes: of all projects in an availability zone.
    :param repairs: whether stray attachments are deleted.
    :ivar found: what was left behind when it was looked at last.
    """

    def __init__(
        self,
        zone_map: ZoneMap,
        hosts: Mapping[str, Sequence[str]],
        before: Returning,
        attachments: Attachments | None,
        volumes: Callable[[str], list[Volume]],
        *,
        repairs: bool,
    ) -> None:
        self.nova = before.nova
        self.placement = before.placement
        self.calls = before.calls
        self.zone_map = zone_map
        self.attachments = attachments
        self.volumes = volumes
        self.repairs = repairs
        self.found: list[LeftOver] = []
        self._hosts = hosts
        self._before = before

    @property
    def zones(self) -> Sequence[str]:
        return tuple(self._hosts)

    def observe(self) -> Seen:
        """What the part before has seen already is not asked for again."""
        hosts = self._before.observed
        if hosts is None:
            raise ZoneopsError("the hosts were not observed before.")
        places = [self.zone_map.zones[zone].availability_zone for zone in self._hosts]
        unread: list[str] = []

        def ask(what: str, call: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
            try:
                return call()
            except ZoneopsError as error:
                unread.append(f"{what}: {error.message}")
                return ()

        held: tuple[Attachment, ...] = ()
        volumes: tuple[Volume, ...] = ()
        holders: tuple[tuple[str, Holder], ...] = ()
        if self.attachments is not None:
            volumes = ask("volumes", lambda: tuple(one for place in places for one in self.volumes(place)))
            held = ask("attachments of volumes", self.attachments.all)
            who = suspects(held, {one.id for one in volumes}, {one.id for one in hosts.servers})
            holders = ask("servers with volumes", lambda: tuple((server, self._holder(server)) for server in who))
        seen = Seen(
            servers=hosts.servers,
            hosts_up=frozenset(name for name, one in hosts.region.hosts.items() if one.state == "up"),
            evacuations=hosts.evacuations,
            volumes=volumes,
            attachments=held,
            holders=dict(holders),
            consumers=ask("allocations", lambda: self._consumers(hosts)),
        )
        seen = replace(seen, unread=tuple(unread))
        self.found = self._left(seen)
        return seen

    def _holder(self, server: str) -> Holder:
        found = self.calls.server(server)
        return Holder(found, {} if found is None else self.calls.attached(server))

    def _consumers(self, seen: Observed) -> tuple[Consumer, ...]:
        """One call for each host, and one for each that is no server there."""
        asked = {host for hosts in self._hosts.values() for host in hosts if host in seen.region.hosts}
        here = {one.id: one.host for one in seen.servers}
        found = [
            (consumer, host, provider)
            for host, providers in (providers_of(self.nova, self.placement, asked) if asked else {}).items()
            for provider in providers
            if host in asked
            for consumer in self.placement.consumers(provider)
            if here.get(consumer) != host
        ]
        # Until it is confirmed, a migration holds what its server had.
        moving = {one.uuid for one in self.calls.unfinished(all_of_them=True)} if found else set()
        return tuple(self._consumer(*one) for one in found if one[0] not in moving)

    def _consumer(self, number: str, host: str, provider: str) -> Consumer:
        server = self.calls.server(number)
        return Consumer(number, host, provider, None if server is None else server.host or "")

    def observe_details(self, observed: Seen, plan: Plan[DeleteAttachment]) -> Seen | None:
        """All is known already."""
        del observed, plan
        return None

    def plan(self, observed: Seen) -> Plan[DeleteAttachment]:
        found = self._left(observed)
        changes = [
            DeleteAttachment(one.zone, one.stray, one.text.partition(": ")[2])
            for one in found
            if one.stray is not None and self.repairs
        ]
        notes = [Note(zone, text) for zone in self._hosts for text in self._said(zone, found)]
        notes += [
            Note(zone, f"what is left behind is not known of {text}")
            for zone in self._hosts
            for text in observed.unread
        ]
        return Plan.of(changes, (), notes)

    def _said(self, zone: str, found: Iterable[LeftOver]) -> Iterable[str]:
        """What a person has to look at; what this run deletes is in its plan."""
        mine = [one for one in found if one.zone == zone and not (one.stray is not None and self.repairs)]
        if mine:
            texts = (f"{one.text} ({one.command})" for one in mine)
            yield f"left behind: {first(SHOWN, texts, of=len(mine), separator='; ')}."

    def _left(self, seen: Seen) -> list[LeftOver]:
        return [one for zone in self._hosts for one in left_overs(self.zone_map.zones[zone], seen)]

    def write(self, change: DeleteAttachment) -> None:
        """Looked at once more: the server may have come to use it since."""
        if self.attachments is None:
            raise ZoneopsError("the cloud has no block storage.")
        stray = change.stray
        holder = self._holder(stray.server)
        # Empty where this nova does not tell which one it uses.
        if holder.found is not None and holder.held.get(stray.volume) in ("", stray.id):
            raise ZoneopsError(f"attachment {stray.id} is used by server {stray.server} now: it is left.")
        self.attachments.delete(stray.id)

    def simulate(self, observed: Seen, change: DeleteAttachment) -> Seen:
        rest = tuple(one for one in observed.attachments if one.id != change.stray.id)
        return replace(observed, attachments=rest)

    def describe(self, observed: Seen, zone: str) -> Mapping[str, Any]:
        """Stray attachments only: what else is left goes by itself, or by hand."""
        found = left_overs(self.zone_map.zones[zone], observed)
        return {one.id: one.text for one in found if one.stray is not None}
