# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of cinder by zone: what was asked for and what was seen. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ..._plan.change import Change, part
from ..._plan.disabled.reason import by_this_collection, status_of
from ..._types.model import FoundType
from ..api.model import BACKUP, SCHEDULER, VOLUME, Pool, Service

BINARIES = {"volume": VOLUME, "backup": BACKUP, "scheduler": SCHEDULER}


# Of a cinder-volume in a saved plan: a run of this collection froze it, to enable it.
THAWING = "frozen to be enabled"


@dataclass(frozen=True)
class Options:
    """What the operator asks of the services.

    :ivar binaries: kinds of services.
    :ivar services: these only, as cinder names them; None for all of the zones.
    :ivar status: "enabled" or "disabled", None to compare them with the map.
    :ivar of_zone: the zone is in maintenance: what is disabled already stays as it is, and only what bears the mark of that is enabled.
    :ivar dead: with `of_zone`: the zone is lost, and the mark is that of zone_evacuate.
    :ivar with_nova: compare the availability zones with those of nova too.
    """

    only: tuple[str, ...]
    binaries: tuple[str, ...] = (VOLUME, BACKUP)
    services: tuple[str, ...] | None = None
    status: str | None = None
    reason: str | None = None
    allow: frozenset[str] = frozenset()
    of_zone: bool = False
    dead: bool = False
    with_nova: bool = True


@dataclass(frozen=True)
class Observed:
    """What was seen; beside the services only where the map is compared.

    :ivar zones: availability zones of cinder.
    :ivar nova_zones: those of nova; None where nobody asked.
    :ivar default_type: the type of volumes that name none; None where cinder has none.
    :ivar thawing: hosts of services that a run of this collection froze to enable them; None until a service is seen that is frozen.
    """

    services: Mapping[tuple[str, str], Service] = field(default_factory=dict)
    zones: frozenset[str] = frozenset()
    nova_zones: frozenset[str] | None = None
    pools: tuple[Pool, ...] = ()
    default_type: FoundType | None = None
    thawing: frozenset[str] | None = None

    def with_service(self, service: Service) -> Observed:
        return replace(self, services={**self.services, service.key: service})

    def pools_of(self, service: Service) -> tuple[Pool, ...]:
        return tuple(pool for pool in self.pools if pool.host == service.host)


@dataclass(frozen=True)
class SetService(Change):
    """Enable a service, or disable it with a reason (None stands for enabled).

    :ivar alone: whether nothing else of its zone has to do with it.
    """

    action: ClassVar[str] = "set_service"
    service: Service
    reason: str | None
    alone: bool = False

    @property
    def target(self) -> str:
        return self.service.text

    @property
    def before(self) -> dict[str, Any]:
        return status_of(self.service.enabled, self.service.reason)

    @property
    def after(self) -> dict[str, Any]:
        return status_of(self.reason is None, self.reason)

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """A run that was interrupted has frozen it to enable it: that wipes its reason out."""
        itself = part(self.action, self.target, self.before, self.after, self.text)
        thaws = part(self.action, self.target, THAWING, self.after, self.text)
        if self.reason is not None or self.service.binary != VOLUME:
            return (itself,)
        return (thaws,) if self.service.frozen else (itself, thaws)

    @property
    def text(self) -> str:
        return f"enable {self.target}" if self.reason is None else f"disable {self.target}: {self.reason}"


def is_ours(service: Service) -> bool:
    return by_this_collection(service.reason, enabled=service.enabled)
