# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes to Masakari and to what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .._plan.change import Change
from .model import HaHost


@dataclass(frozen=True)
class SetMaintenance(Change):
    """Masakari ignores a host, or no longer does.

    :ivar host: as it was seen.
    :ivar on: what it becomes.
    :ivar reason: with which it is remembered; None where it is forgotten afterwards.
    """

    action: ClassVar[str] = "set_masakari_maintenance"
    host: HaHost
    on: bool
    reason: str | None = None

    @property
    def target(self) -> str:
        return f"host {self.host.name} in Masakari"

    @property
    def before(self) -> dict[str, Any]:
        return {"on_maintenance": self.host.on_maintenance}

    @property
    def after(self) -> dict[str, Any]:
        return {"on_maintenance": self.on}

    @property
    def text(self) -> str:
        where = f"maintenance in Masakari (segment {self.host.segment_name})"
        return f"put host {self.host.name} on {where}" if self.on else f"take host {self.host.name} off {where}"


@dataclass(frozen=True)
class ForgetHost(Change):
    """Others took the host off maintenance, or out of Masakari: nothing is to be put back."""

    action: ClassVar[str] = "forget_masakari_host"
    key: str
    reason: str

    @property
    def target(self) -> str:
        return f"metadata {self.key} of the zone's aggregate"

    @property
    def before(self) -> str:
        return self.reason

    @property
    def text(self) -> str:
        return f"remove {self.key} from the metadata of the zone's aggregate"
