# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the types of shares are planned from: the operator's options, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..._types.model import FoundType, Place
from ..api.model import Pool, Share

# Blockers among the shares that are named.
SHOWN = 5


@dataclass(frozen=True)
class Options:
    """What the module was asked for."""

    only: tuple[str, ...]
    purge_projects: bool = False
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Observed:
    """What was seen.

    :ivar present: whether the cloud has manila.
    :ivar types: all types by name.
    :ivar projects: ids by the names or ids that the map has.
    :ivar hints: what may be meant by those that are no project, as a question.
    :ivar shares: shares by the name of their type, where that was looked at.
    :ivar places: back ends; None where nobody looked.
    :ivar pools: what the scheduler knows of those that work.
    :ivar default: name of the type of shares that name none, where that was looked at and there is one.
    """

    present: bool = True
    types: Mapping[str, FoundType] = field(default_factory=dict)
    projects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, tuple[Share, ...]] = field(default_factory=dict)
    places: tuple[Place, ...] | None = None
    pools: tuple[Pool, ...] = ()
    default: str | None = None
