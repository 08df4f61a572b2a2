# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that zones need in nova, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Union

from .._plan.change import Change, part
from .model import AZ_KEY


@dataclass(frozen=True)
class AggregateChange(Change):
    """A write to one host aggregate."""

    aggregate: str

    @property
    def target(self) -> str:
        return f"aggregate {self.aggregate}"


@dataclass(frozen=True)
class CreateAggregate(AggregateChange):
    action: ClassVar[str] = "create_aggregate"
    begins: ClassVar[bool] = True
    availability_zone: str | None

    @property
    def after(self) -> dict[str, str | None]:
        return {"name": self.aggregate, AZ_KEY: self.availability_zone}

    @property
    def text(self) -> str:
        zone = (
            f"with availability zone {self.availability_zone}"
            if self.availability_zone
            else "without an availability zone"
        )
        return f"create aggregate {self.aggregate} {zone}"


@dataclass(frozen=True)
class DeleteAggregate(AggregateChange):
    action: ClassVar[str] = "delete_aggregate"
    availability_zone: str | None

    @property
    def before(self) -> dict[str, str | None]:
        return {"name": self.aggregate, AZ_KEY: self.availability_zone}

    @property
    def text(self) -> str:
        return f"delete aggregate {self.aggregate}"


@dataclass(frozen=True)
class RenameAggregate(AggregateChange):
    action: ClassVar[str] = "rename_aggregate"
    name: str

    @property
    def before(self) -> str:
        return self.aggregate

    @property
    def after(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        return f"rename aggregate {self.aggregate} to {self.name}"


@dataclass(frozen=True)
class SetMetadata(AggregateChange):
    """Set keys of the metadata, the availability zone among them; None removes a key."""

    action: ClassVar[str] = "set_metadata"
    old: Mapping[str, str | None]
    new: Mapping[str, str | None]

    @property
    def before(self) -> dict[str, str | None]:
        return dict(self.old)

    @property
    def after(self) -> dict[str, str | None]:
        return dict(self.new)

    @property
    def text(self) -> str:
        shown = (f"remove {key}" if value is None else f"{key}={value}" for key, value in sorted(self.new.items()))
        return f"set metadata of aggregate {self.aggregate}: {', '.join(shown)}"


@dataclass(frozen=True)
class AddHost(AggregateChange):
    action: ClassVar[str] = "add_host"
    host: str

    @property
    def after(self) -> str:
        return self.host

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        itself = part(self.action, self.target, self.before, self.after, self.text)
        return (itself, mirrored(self.aggregate, self.host, member=True))

    @property
    def text(self) -> str:
        return f"add host {self.host} to aggregate {self.aggregate}"


@dataclass(frozen=True)
class RemoveHost(AggregateChange):
    """Take a host out of its zone. An enabled host without a zone would take any server that asks for none, so it is disabled first.

    :ivar reason: what the host is disabled with before; None leaves its service alone.
    :ivar prove_empty: whether it leaves the zone, so that nothing may live there.
    """

    action: ClassVar[str] = "remove_host"
    host: str
    reason: str | None = None
    prove_empty: bool = True

    @property
    def before(self) -> str:
        return self.host

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """A run that was interrupted has disabled the host already."""
        both = (self, replace(self, reason=None)) if self.reason else (self,)
        changes = (part(one.action, one.target, one.before, one.after, one.text) for one in both)
        return (*changes, mirrored(self.aggregate, self.host, member=False))

    @property
    def text(self) -> str:
        disabled = "disable and " if self.reason else ""
        return f"{disabled}remove host {self.host} from aggregate {self.aggregate}"


@dataclass(frozen=True)
class MoveHost(AggregateChange):
    """Take an empty host from another zone's aggregate into this one, the two requests back to back.

    :ivar source: the aggregate it leaves.
    :ivar source_zone: inventory name of the zone it leaves.
    :ivar reason: what the host is disabled with on its way; None leaves its service as it is.
    :ivar enable: whether it is enabled afterwards, because we had disabled it.
    """

    action: ClassVar[str] = "move_host"
    host: str
    source: str
    source_zone: str
    reason: str | None
    enable: bool

    @property
    def zones(self) -> tuple[str, ...]:
        return (self.zone, self.source_zone)

    @property
    def before(self) -> str:
        return self.source

    @property
    def after(self) -> str:
        return self.aggregate

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """With what is left of it where a run was interrupted: a saved plan permits that as well."""
        itself = part(self.action, self.target, self.before, self.after, self.text)
        joins = AddHost(self.zone, self.aggregate, self.host)
        back = [EnableHost(self.zone, self.host, self.reason)] if self.enable and self.reason else []
        leaves = mirrored(self.source, self.host, member=False)
        return (itself, *joins.parts, leaves, *(change.as_dict() for change in back))

    @property
    def text(self) -> str:
        return f"move host {self.host} from aggregate {self.source} to aggregate {self.aggregate}"


@dataclass(frozen=True)
class ServiceChange(Change):
    """A write to the nova-compute service of one host."""

    host: str

    @property
    def target(self) -> str:
        return f"nova-compute on {self.host}"


@dataclass(frozen=True)
class DisableHost(ServiceChange):
    action: ClassVar[str] = "disable_host"
    reason: str
    old_reason: str | None = None

    @property
    def before(self) -> str:
        return "enabled" if self.old_reason is None else f"disabled: {self.old_reason}"

    @property
    def after(self) -> str:
        return f"disabled: {self.reason}"

    @property
    def text(self) -> str:
        return f"disable nova-compute on {self.host} ({self.reason})"


@dataclass(frozen=True)
class EnableHost(ServiceChange):
    """Enable a host that we had disabled."""

    action: ClassVar[str] = "enable_host"
    reason: str | None

    @property
    def before(self) -> str:
        return f"disabled: {self.reason}"

    @property
    def after(self) -> str:
        return "enabled"

    @property
    def text(self) -> str:
        return f"enable nova-compute on {self.host}"


@dataclass(frozen=True)
class MirrorProvider(AggregateChange):
    """Bring placement in line with nova: the aggregate's UUID on a provider of its host, or off a provider of another.

    :ivar host: whose provider it is.
    """

    action: ClassVar[str] = "mirror_provider"
    uuid: str
    provider: str
    member: bool
    host: str

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """By its host: a run that was interrupted had changed the host, and not yet all of its providers."""
        return (mirrored(self.aggregate, self.host, member=self.member),)

    @property
    def before(self) -> bool:
        return not self.member

    @property
    def after(self) -> bool:
        return self.member

    @property
    def text(self) -> str:
        how = "add resource provider {} to" if self.member else "remove resource provider {} from"
        return f"{how.format(self.provider)} the placement mirror of aggregate {self.aggregate}"


def mirrored(aggregate: str, host: str, *, member: bool) -> dict[str, Any]:
    """What a saved plan has of a host in placement's mirror of an aggregate."""
    text = f"{'add host {} to' if member else 'remove host {} from'} the placement mirror of aggregate {aggregate}"
    return part(MirrorProvider.action, f"aggregate {aggregate}", not member, member, text.format(host))


# ansible-test's pylint does not know "|" between classes.
ZoneChange = Union[  # noqa: UP007
    CreateAggregate,
    DeleteAggregate,
    RenameAggregate,
    SetMetadata,
    AddHost,
    RemoveHost,
    MoveHost,
    DisableHost,
    EnableHost,
    MirrorProvider,
]
