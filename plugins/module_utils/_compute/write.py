# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes to nova and placement: one function per kind of change, each with the way to put it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._plan.apply import UNDO_SECONDS, Undo
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .changes import (
    AddHost,
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
from .model import AZ_KEY, Aggregate, Host, Observed, Occupants
from .nova import Nova
from .options import Options
from .placement import Placement
from .switch import switch
from .zones.guards import Guards


class Writer:
    """Carries out changes. Knows the ids of aggregates, those made on the way included."""

    def __init__(self, nova: Nova, placement: Placement, options: Options, deadline: Deadline) -> None:
        self.deadline = deadline
        self.nova = nova
        self.placement = placement
        self.options = options
        self._ids: dict[str, int] = {}
        self._uuids: dict[int, str] = {}
        self._hosts: Mapping[str, Host] = {}
        self._providers: Mapping[str, tuple[str, ...]] = {}
        self._inhabited: frozenset[int | None] = frozenset()

    def start_from(self, observed: Observed) -> None:
        """Take ids, services and providers from the latest look."""
        self._ids = {aggregate.name: aggregate.id for aggregate in observed.aggregates if aggregate.id is not None}
        self._uuids = {found.id: found.uuid for found in observed.aggregates if found.id is not None and found.uuid}
        self._hosts = observed.hosts
        self._providers = observed.providers
        self._inhabited = frozenset(aggregate.id for aggregate in observed.aggregates if aggregate.hosts)

    def write(self, change: ZoneChange) -> Undo | None:
        """Carry out one change; return how to put it back, None where nova knows no way back."""
        match change:
            case CreateAggregate():
                return self._create(change)
            case DeleteAggregate():
                self.nova.delete_aggregate(self._ids.pop(change.aggregate))
                return None
            case RenameAggregate():
                return self._rename(change.aggregate, change.name)
            case SetMetadata():
                return self._set_metadata(change)
            case MirrorProvider():
                return self._mirror(change.provider, change.uuid, change.member)
            case DisableHost() | EnableHost():
                return self._write_service(change)
            case AddHost() | RemoveHost() | MoveHost():
                return self._write_host(change)

    def _write_service(self, change: DisableHost | EnableHost) -> Undo:
        if isinstance(change, DisableHost):
            self._expect(change.host, change.old_reason)
            self.disable(change.host, change.reason)
            old = change.old_reason
            return lambda: self.enable(change.host) if old is None else self.disable(change.host, old)
        self._expect(change.host, change.reason)
        self.enable(change.host)
        return lambda: self.disable(change.host, change.reason or "")

    def _write_host(self, change: AddHost | RemoveHost | MoveHost) -> Undo:
        if isinstance(change, MoveHost):
            return self._move(change)
        if isinstance(change, RemoveHost):
            return self._remove(change)
        aggregate = self._ids[change.aggregate]
        self._add(aggregate, change.host)

        def undo() -> None:
            self._refuse_to_empty(aggregate, change.host)
            self.nova.remove_host(aggregate, change.host)
            self._mirror_host(aggregate, change.host, member=False)

        return undo

    def _add(self, aggregate: int, host: str) -> None:
        try:
            self.nova.add_host(aggregate, host)
        except ZoneopsError as error:
            # The answer may have been lost after nova acted: what came before must not be rolled back under a host that is in.
            if not error.uncertain or host not in self._members().get(aggregate, ()):
                raise
        self._mirror_host(aggregate, host, member=True)

    def _mirror_host(self, aggregate: int, host: str, *, member: bool) -> None:
        """Of a host with several hypervisors (ironic) nova mirrors only one: the others are brought in line where that is asked for."""
        providers = self._providers.get(host, ())
        if not self.options.mirror or len(providers) < 2 or aggregate not in self._uuids:
            return
        uuid = self._uuids[aggregate]
        for provider in providers:
            self.placement.change_aggregates(provider, lambda found: found | {uuid} if member else found - {uuid})

    def _mirror_trade(self, host: str, source: int, target: int) -> None:
        self._mirror_host(source, host, member=False)
        self._mirror_host(target, host, member=True)

    def enable(self, host: str) -> None:
        self._switch(host, {"status": "enabled"})

    def disable(self, host: str, reason: str) -> None:
        self._switch(host, {"status": "disabled", "disabled_reason": reason})

    def _expect(self, host: str, reason: str | None) -> None:
        """Since the plan was made somebody may have disabled the host for a reason of his own, or enabled it: that is not ours to overwrite."""
        found = self.nova.hosts(host)[0].get(host)
        now = None if found is None or found.enabled else found.disabled_reason or ""
        if found is None or now != reason:
            state = "gone" if found is None else "enabled" if now is None else f"disabled ({now or 'no reason given'})"
            raise ZoneopsError(f"host {host} was changed during this run and is now {state}. Run it again.")

    def _switch(self, host: str, body: Mapping[str, str]) -> None:
        switch(self.nova, self.placement, self._hosts[host], self._providers.get(host, ()), body)

    def _create(self, change: CreateAggregate) -> Undo:
        made = self.nova.create_aggregate(change.aggregate, change.availability_zone)
        created = made.id
        if created is None:
            raise ZoneopsError(
                f"nova's answer to the creation of aggregate {change.aggregate} has no id", uncertain=True
            )
        self._ids[change.aggregate] = created
        if made.uuid is not None:
            self._uuids[created] = made.uuid
        return lambda: self.nova.delete_aggregate(created)

    def _rename(self, old: str, new: str) -> Undo:
        aggregate = self._ids[old]
        self.nova.rename_aggregate(aggregate, new)
        self._ids[new] = self._ids.pop(old)
        return lambda: self.nova.rename_aggregate(aggregate, old)

    def _set_metadata(self, change: SetMetadata) -> Undo | None:
        aggregate = self._ids[change.aggregate]
        self.nova.set_metadata(aggregate, change.new)
        if AZ_KEY in change.new and change.old.get(AZ_KEY) is None:
            return None  # nova cannot take the zone off an aggregate again (400)
        return lambda: self.nova.set_metadata(aggregate, change.old)

    def _mirror(self, provider: str, aggregate_uuid: str, member: bool) -> Undo:
        def put(inside: bool) -> None:
            change = (lambda found: found | {aggregate_uuid}) if inside else (lambda found: found - {aggregate_uuid})
            self.placement.change_aggregates(provider, change)

        put(member)
        return lambda: put(not member)

    def _remove(self, change: RemoveHost) -> Undo:
        aggregate = self._ids[change.aggregate]

        def remove() -> None:
            try:
                self.nova.remove_host(aggregate, change.host)
            except ZoneopsError:
                # The answer may have been lost after nova acted; or somebody put the host into another zone meanwhile.
                if change.host in self._members().get(aggregate, ()) or (
                    change.prove_empty and self._zone_now(change.host) is not None
                ):
                    raise

        self._on_its_way(change.host, change.reason, change.prove_empty, remove)
        self._mirror_host(aggregate, change.host, member=False)

        def undo() -> None:
            self.nova.add_host(aggregate, change.host)
            self._mirror_host(aggregate, change.host, member=True)
            if change.reason:
                self.enable(change.host)

        return undo

    def _move(self, change: MoveHost) -> Undo:
        source, target = self._ids[change.source], self._ids[change.aggregate]
        self._on_its_way(change.host, change.reason, True, lambda: self._trade(change.host, source, target))
        self._mirror_trade(change.host, source, target)
        if change.enable:
            self.enable(change.host)

        was = self._hosts[change.host]

        def undo() -> None:
            self._refuse_to_empty(target, change.host)
            # Users may have put a server there meanwhile: the way back is taken as the way out was.
            reason = (change.reason or was.disabled_reason) if change.enable else None
            self._on_its_way(change.host, reason, True, lambda: self._trade(change.host, target, source))
            self._mirror_trade(change.host, target, source)
            if change.reason:
                self.enable(change.host)

        return undo

    def _refuse_to_empty(self, aggregate: int, host: str) -> None:
        """Others may have left meanwhile: what had hosts before the run keeps its last one."""
        if aggregate in self._inhabited and self._members().get(aggregate) == (host,):
            raise ZoneopsError(f"host {host} is now the last one there")

    def _on_its_way(self, host: str, reason: str | None, prove_empty: bool, step: Undo) -> None:
        """Keep the scheduler away, check once more that nothing is in use there, then take the step."""
        if reason:
            self._expect(host, None)
        try:
            if reason:
                self.disable(host, reason)
            if prove_empty:
                self._prove_empty(host)
            step()
        except ZoneopsError as error:
            if reason:
                self._let_in_again(host, error)
            raise

    def _let_in_again(self, host: str, cause: ZoneopsError) -> None:
        """Enable what we disabled, unless the host is in no zone: there it would take any server."""
        try:
            with self.deadline.grace(UNDO_SECONDS):
                if self._zone_now(host) is not None:
                    self.enable(host)
        except ZoneopsError as error:
            raise ZoneopsError(
                f"{cause.message} nova-compute on {host} stays disabled ({error.message}); a later run enables it.",
                uncertain=True,
            ) from cause

    def _zone_now(self, host: str) -> str | None:
        """The availability zone that aggregates give the host by now. Asked after a failure, which may be that of the deadline."""
        with self.deadline.grace(UNDO_SECONDS):
            return Observed(self.nova.aggregates()).zone_of(host)

    def _members(self) -> dict[int | None, tuple[str, ...]]:
        """Hosts by aggregate id, as they are now. Asked after a failure as well."""
        with self.deadline.grace(UNDO_SECONDS):
            return {found.id: found.hosts for found in self.nova.aggregates()}

    def _prove_empty(self, host: str) -> None:
        """What was looked at while planning may have changed since: only with the service disabled it is proof."""
        servers, incomplete = self.nova.servers(host)
        occupants = occupants_of(host, self._providers.get(host, ()), self.nova, self.placement)
        observed = Observed(hosts=self._hosts, servers=servers, occupants={host: occupants})
        obstacles = [obstacle.message for obstacle in Guards(observed, self.options).leaving(host, "it is in")]
        if obstacles or incomplete:
            raise ZoneopsError(f"host {host} is no longer empty: {' '.join([*obstacles, *incomplete])}")

    def _trade(self, host: str, source: int, target: int) -> None:
        """Out of one aggregate and into another, back to back. Whatever fails, the host is in one of them afterwards where nova lets it be."""
        try:
            self.nova.remove_host(source, host)
            self.nova.add_host(target, host)
        except ZoneopsError as error:
            with self.deadline.grace(UNDO_SECONDS):
                members = self._members_after(host, error)
                if host not in members.get(source, ()) and host in members.get(target, ()):
                    return
                if host not in members.get(source, ()):
                    self._back(host, source, error)
            raise

    def _members_after(self, host: str, cause: ZoneopsError) -> dict[int | None, tuple[str, ...]]:
        """An answer may have been lost after nova acted: look where the host is instead of guessing."""
        try:
            return self._members()
        except ZoneopsError as error:
            raise ZoneopsError(
                f"{cause.message} Where host {host} is now could not be read ({error.message}): it may be in NO zone. Run it again.",
                uncertain=True,
            ) from error

    def _back(self, host: str, source: int, cause: ZoneopsError) -> None:
        zone = self._zone_now(host)
        if zone is not None:
            raise ZoneopsError(
                f"{cause.message} Host {host} was added to availability zone {zone} in the meantime: it is kept there."
            )
        try:
            self.nova.add_host(source, host)
        except ZoneopsError as error:
            raise ZoneopsError(
                f"host {host} is in NO zone: it was removed from its aggregate, could not be added to the new one "
                f"({cause.message}) and could not be added back "
                f"({error.message}). Run it again.",
                uncertain=True,
            ) from error


def occupants_of(host: str, providers: Iterable[str], nova: Nova, placement: Placement) -> Occupants:
    """What else is in use on a host: one call for its migrations, one per resource provider."""
    allocations = [consumer for provider in providers for consumer in placement.consumers(provider)]
    return Occupants(nova.unfinished_migrations(host), tuple(allocations))


def members_of(aggregates: Iterable[Aggregate], placement: Placement) -> dict[str, tuple[str, ...]]:
    """The placement mirror of aggregates: one call for each, whatever the number of hosts."""
    return {aggregate.uuid: placement.members(aggregate.uuid) for aggregate in aggregates if aggregate.uuid is not None}
