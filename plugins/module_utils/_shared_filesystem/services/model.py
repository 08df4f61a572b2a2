# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The share services by zone: what was asked for and what was seen. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ..._plan.change import Change
from ..._plan.disabled.reason import by_this_collection, status_of
from ..._types.model import FoundType
from ..api.model import Pool, ShareService


@dataclass(frozen=True)
class Options:
    """What the operator asks of the services.

    :ivar services: these only, as manila names them (`host@backend`); None for all of the zones.
    :ivar status: "enabled" or "disabled", None to compare them with the map.
    :ivar of_zone: the zone is in maintenance: what is disabled already stays as it is, and only what bears the mark of that is enabled.
    :ivar dead: with `of_zone`: the zone is lost, and the mark is that of zone_evacuate.
    """

    only: tuple[str, ...]
    services: tuple[str, ...] | None = None
    status: str | None = None
    reason: str | None = None
    allow: frozenset[str] = frozenset()
    of_zone: bool = False
    dead: bool = False


@dataclass(frozen=True)
class Observed:
    """What was seen; beside the services only where the map is compared.

    :ivar present: whether the cloud has manila.
    :ivar services: by binary and host.
    :ivar default_type: the type of shares that name none; None where manila has none.
    :ivar keeps_reasons: whether this manila keeps why a service is disabled (2.83).
    """

    present: bool = True
    services: Mapping[tuple[str, str], ShareService] = field(default_factory=dict)
    pools: tuple[Pool, ...] = ()
    default_type: FoundType | None = None
    keeps_reasons: bool = True

    def with_service(self, service: ShareService) -> Observed:
        return replace(self, services={**self.services, service.key: service})

    def of(self, binary: str) -> list[ShareService]:
        """The services of a kind, in their order."""
        return [self.services[key] for key in sorted(self.services) if key[0] == binary]

    def pools_of(self, service: ShareService) -> tuple[Pool, ...]:
        return tuple(pool for pool in self.pools if pool.host == service.host)


@dataclass(frozen=True)
class SetService(Change):
    """Enable a manila-share, or disable it; the reason is None where manila keeps none.

    :ivar alone: whether nothing else of its zone has to do with it.
    """

    action: ClassVar[str] = "set_service"
    service: ShareService
    enabled: bool
    reason: str | None
    alone: bool = False

    @property
    def target(self) -> str:
        return self.service.text

    @property
    def before(self) -> dict[str, Any]:
        return status_of(self.service.enabled, self.service.disabled_reason)

    @property
    def after(self) -> dict[str, Any]:
        return status_of(self.enabled, self.reason)

    @property
    def text(self) -> str:
        if self.enabled:
            return f"enable {self.target}"
        return f"disable {self.target}" + (f": {self.reason}" if self.reason else "")


def is_ours(service: ShareService) -> bool:
    return by_this_collection(service.disabled_reason, enabled=service.enabled)
