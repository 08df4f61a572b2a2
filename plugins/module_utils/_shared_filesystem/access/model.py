# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the shares of zones are exported and who may use them: what was asked for and what was seen. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..._plan.change import Change
from ..api.model import Instance, Rule, Share, ShareService


@dataclass(frozen=True)
class Options:
    """What the operator asks.

    :ivar delete_rules: ids of access rules to delete, of those that are reported.
    """

    only: tuple[str, ...]
    delete_rules: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Observed:
    """What was seen.

    :ivar present: whether the cloud has manila.
    :ivar shares: by id; empty where nothing of the map asks for them.
    :ivar instances: every copy of every share.
    :ivar rules: of the shares that are meant for their own zone, by share.
    :ivar admin_only: addresses that only administrators are told, as (host@backend, address).
    :ivar unseen: why some rules could not be read, by share.
    :ivar services: None until a rule is to be deleted.
    :ivar strange: what is wrong with some of the projects that the map calls zone-local.
    """

    present: bool = True
    shares: Mapping[str, Share] = field(default_factory=dict)
    instances: tuple[Instance, ...] = ()
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    admin_only: frozenset[tuple[str, str]] = frozenset()
    unseen: Mapping[str, str] = field(default_factory=dict)
    services: tuple[ShareService, ...] | None = None
    strange: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DeleteRule(Change):
    """Take an access rule away."""

    action: ClassVar[str] = "delete_rule"
    share: Share
    rule: Rule

    @property
    def target(self) -> str:
        return f"access rule {self.rule.id}"

    @property
    def before(self) -> dict[str, Any]:
        return self.rule.as_dict()

    @property
    def text(self) -> str:
        return f"delete access rule {self.rule.id} ({self.rule.text}) of share {self.share.shown}"
