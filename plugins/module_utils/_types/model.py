# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume types and share types as data: what both have in common. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TRUTH = ("true", "false")


@dataclass(frozen=True)
class Kind:
    """What tells the types of two services apart.

    :ivar noun: how messages call one, for example "share type".
    :ivar service: the service that keeps them.
    :ivar binary: the service's part that serves a back end.
    :ivar az_spec: extra spec that lists the availability zones, with commas.
    :ivar backend_spec: extra spec that names the back end.
    :ivar silent: what to do about a back end that works and reports no name.
    """

    noun: str
    service: str
    binary: str
    az_spec: str
    backend_spec: str
    silent: str = ""


@dataclass(frozen=True)
class FoundType:
    """A type as the service has it.

    :ivar projects: ids of those that may use a private type; None where nobody asked, and for public types.
    """

    id: str
    name: str
    public: bool = True
    description: str | None = None
    specs: Mapping[str, str] = field(default_factory=dict)
    projects: frozenset[str] | None = None


@dataclass(frozen=True)
class WantedType:
    """A type as the map says; None and what is left out is unmanaged.

    :ivar zones: inventory names of the zones in which it is.
    :ivar specs: extra specs, that of the availability zones among them; None removes a key.
    :ivar at_creation: extra specs that a new type needs and that are left alone afterwards.
    :ivar projects: ids of projects that may use it.
    """

    name: str
    zones: tuple[str, ...]
    specs: Mapping[str, str | None] = field(default_factory=dict)
    at_creation: Mapping[str, str] = field(default_factory=dict)
    public: bool | None = None
    description: str | None = None
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A back end as the service reports it.

    :ivar host: `host@backend` of its service.
    :ivar working: whether the scheduler uses it: only then its pools say their name.
    :ivar names: back end names of its pools.
    """

    host: str
    availability_zone: str
    working: bool = True
    names: frozenset[str] = frozenset()


def same(one: str | None, other: str | None) -> bool:
    """Whether two values of an extra spec mean the same: the services write truth values in either case."""
    if one is None or other is None:
        return one is other
    return one == other or (one.lower() in TRUTH and one.lower() == other.lower())


def zones_of(value: str | None) -> frozenset[str]:
    """The availability zones in the value of an extra spec."""
    return frozenset(listed_zones(value))


def listed_zones(value: str | None) -> tuple[str, ...]:
    """The same in their order, each once."""
    return tuple(dict.fromkeys(part.strip() for part in (value or "").split(",") if part.strip()))
