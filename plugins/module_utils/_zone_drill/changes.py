# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of a drill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .._plan.change import Change
from .._plan.text.listing import first
from .model import Left

SHOWN = 5


@dataclass(frozen=True)
class PutBack(Change):
    """What an interrupted drill left is restored. By itself: a zone that is in no state for a new drill gets its hosts anyway.

    :ivar hosts: that it disabled.
    """

    action: ClassVar[str] = "put_back"
    alone: ClassVar[bool] = True
    hosts: tuple[str, ...]
    left: Left

    @property
    def target(self) -> str:
        return f"zone {self.zone}"

    @property
    def before(self) -> dict[str, Any]:
        return {"disabled": list(self.hosts), "left": self.left.names}

    @property
    def after(self) -> dict[str, Any]:
        return {"disabled": [], "left": []}

    @property
    def text(self) -> str:
        enabled = [f"enable host {host}" for host in self.hosts]
        removed = [f"delete {name}" for name in self.left.names]
        todo = [*enabled, *removed]
        return f"restore what an interrupted drill left: {first(SHOWN, todo, of=len(todo))}"


@dataclass(frozen=True)
class Rehearse(Change):
    """The loss of a zone as far as scheduling goes. Everything is restored, whatever comes of it.

    :ivar hosts: that are disabled for the time.
    :ivar others: inventory names and availability zones in which servers, volumes and shares have to be created during that time.
    """

    action: ClassVar[str] = "rehearse"
    hosts: tuple[str, ...]
    others: Mapping[str, str]
    seconds: float

    @property
    def target(self) -> str:
        return f"zone {self.zone}"

    @property
    def before(self) -> dict[str, Any]:
        return {"hosts": list(self.hosts), "others": list(self.others), "seconds": self.seconds}

    @property
    def text(self) -> str:
        hosts = first(SHOWN, self.hosts, of=len(self.hosts))
        return f"disable host {hosts} for {self.seconds:g} s, create a server, a volume and a share in {', '.join(self.others)}, and restore everything"
