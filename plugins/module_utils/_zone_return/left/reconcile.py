# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left behind is read; tags are forgotten, and what is stray is deleted where that is asked for, in the flow of a writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ..._block_storage.api.attachments import Attachment, Attachments
from ..._block_storage.api.volume_model import Volume
from ..._capacity.facts.servers import RESTORED_TAG
from ..._plan.change import Change, Note, Plan
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from ..._plan.text.listing import first
from ..._servers.maintenance.read import providers_of
from ..._servers.migrations import Found
from ..._zones.schema.zone_map import ZoneMap
from ..model import Observed
from ..reconcile import Returning
from .findings import left_overs, suspects
from .model import Consumer, DeleteAttachment, ForgetTag, Holder, LeftOver, Seen

SHOWN = 5
#: More servers than this are asked for in one list of all.
ONE_BY_ONE = 10
T = TypeVar("T")


class LeftOvers(Reconciler[Seen, Change]):
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
        known = {one.id: one for one in hosts.servers}
        if self.attachments is not None:
            volumes = ask("volumes", lambda: tuple(one for place in places for one in self.volumes(place)))
            held = ask("attachments of volumes", self.attachments.all)
            mine = {one.id for one in volumes}
            holders = ask("servers with volumes", lambda: tuple(self._holders(held, mine, known)))
        asked = {name for mine in self._hosts.values() for name in mine}
        up = frozenset(name for name, one in hosts.region.hosts.items() if one.state == "up")
        seen = Seen(
            servers=hosts.servers,
            hosts_up=up,
            back=asked & up.union(change.host for change in self._before.plan(hosts).changes),
            hosts=frozenset(hosts.region.hosts),
            guests=self._before.wanted.guests or {},
            evacuations=hosts.evacuations,
            volumes=volumes,
            attachments=held,
            holders=dict(holders),
            consumers=ask("allocations", lambda: self._consumers(hosts, known)),
            restored=ask("servers that were restored", lambda: self.calls.tagged((RESTORED_TAG,))),
            places=hosts.region.zones,
        )
        seen = replace(seen, unread=tuple(unread))
        self.found = self._left(seen)
        return seen

    def _holders(
        self, held: Iterable[Attachment], volumes: Collection[str], known: Mapping[str, Found]
    ) -> Iterator[tuple[str, Holder]]:
        """Nova is asked for each server with two attachments of one volume: only so it tells which one it uses."""
        mine = [one for one in held if one.volume in volumes]
        who = suspects(mine, volumes, known)
        found = self._servers(who, known)
        for server in who:
            one = found.get(server)
            twice = Counter(entry.volume for entry in mine if entry.server == server).most_common(1)[0][1] > 1
            if one is not None and twice:
                yield server, Holder(one, self.calls.attached(server))
            else:
                yield server, Holder(one, {} if one is None else dict.fromkeys(one.volumes, ""))

    def _servers(self, wanted: Collection[str], known: Mapping[str, Found]) -> dict[str, Found]:
        """Those that nova knows, by id: of many by one list."""
        found = {number: known[number] for number in wanted if number in known}
        missing = [number for number in wanted if number not in known]
        if len(missing) > ONE_BY_ONE:
            listed = {one.id: one for one in self.calls.everywhere()}
            return found | {number: listed[number] for number in missing if number in listed}
        asked = {number: self.calls.server(number) for number in missing}
        return found | {number: one for number, one in asked.items() if one is not None}

    def _consumers(self, seen: Observed, known: Mapping[str, Found]) -> tuple[Consumer, ...]:
        """One call for each host."""
        asked = {host for hosts in self._hosts.values() for host in hosts if host in seen.region.hosts}
        found = [
            (consumer, host, provider)
            for host, providers in (providers_of(self.nova, self.placement, asked) if asked else {}).items()
            for provider in providers
            if host in asked
            for consumer in self.placement.consumers(provider)
            if consumer not in known or known[consumer].host != host
        ]
        # Until it is confirmed, a migration holds what its server had.
        moving = {one.uuid for one in self.calls.unfinished(all_of_them=True)} if found else set()
        left = [one for one in found if one[0] not in moving]
        servers = self._servers({consumer for consumer, _host, _provider in left}, known)
        return tuple(
            Consumer(consumer, host, provider, (servers[consumer].host or "") if consumer in servers else None)
            for consumer, host, provider in left
        )

    def observe_details(self, observed: Seen, plan: Plan[Change]) -> Seen | None:
        """All is known already."""
        del observed, plan
        return None

    def plan(self, observed: Seen) -> Plan[Change]:
        found = self._left(observed)
        changes = [one.mend for one in found if one.mend is not None and self._mends(one)]
        notes = [Note(zone, text) for zone in self._hosts for text in self._said(zone, found)]
        notes += [
            Note(zone, f"what is left behind is not known of {text}")
            for zone in self._hosts
            for text in observed.unread
        ]
        return Plan.of(changes, (), notes)

    def _mends(self, one: LeftOver) -> bool:
        """Tags are this collection's own; attachments are deleted where that is asked for."""
        return isinstance(one.mend, ForgetTag) or (one.mend is not None and self.repairs)

    def _said(self, zone: str, found: Iterable[LeftOver]) -> Iterable[str]:
        """What a person has to look at; what this run ends is in its plan."""
        mine = [one for one in found if one.zone == zone and not self._mends(one)]
        if mine:
            texts = (f"{one.text} ({one.command})" for one in mine)
            yield f"left behind: {first(SHOWN, texts, of=len(mine), separator='; ')}."

    def _left(self, seen: Seen) -> list[LeftOver]:
        return [one for zone in self._hosts for one in left_overs(self.zone_map.zones[zone], seen)]

    def write(self, change: Change) -> None:
        if isinstance(change, ForgetTag):
            self._forget(change)
        elif isinstance(change, DeleteAttachment):
            self._delete(change.stray)

    def _forget(self, change: ForgetTag) -> None:
        """Looked at once more: it counts where the server is evacuated after all."""
        server = change.server
        now = self.calls.server(server.id)
        if now is None or change.tag not in now.tags:
            return
        host = self.nova.hosts(now.host)[0].get(now.host) if now.host == server.host and now.host else None
        if host is None or host.state != "up":
            raise ZoneopsError(
                f"server {server.name} ({server.id}) keeps the tag {change.tag}: host {server.host} is not back, or the server is not there any more."
            )
        if not self.calls.forget(server.id, change.tag):
            raise ZoneopsError(f"nova does not remove the tag {change.tag} of server {server.name} ({server.id}) now.")

    def _delete(self, stray: Attachment) -> None:
        """Looked at once more: the server may have come to use it since."""
        if self.attachments is None:
            raise ZoneopsError("the cloud has no block storage.")
        now = self.calls.server(stray.server)
        # Empty where this nova does not tell which one it uses.
        if now is not None and self.calls.attached(stray.server).get(stray.volume) in ("", stray.id):
            raise ZoneopsError(f"attachment {stray.id} is used by server {stray.server} now: it is left.")
        self.attachments.delete(stray.id)

    def simulate(self, observed: Seen, change: Change) -> Seen:
        if isinstance(change, ForgetTag):
            number = change.server.id
            servers = tuple(
                replace(one, tags=tuple(tag for tag in one.tags if tag != change.tag)) if one.id == number else one
                for one in observed.servers
            )
            return replace(observed, servers=servers)
        if isinstance(change, DeleteAttachment):
            rest = tuple(one for one in observed.attachments if one.id != change.stray.id)
            return replace(observed, attachments=rest)
        return observed

    def describe(self, observed: Seen, zone: str) -> Mapping[str, Any]:
        """What can be ended here: what else is left goes by itself, or by hand."""
        found = left_overs(self.zone_map.zones[zone], observed)
        return {one.id: one.text for one in found if one.mend is not None}
