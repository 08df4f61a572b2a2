# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a zone's maintenance depends on in addition to its hosts and services. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._types.model import FoundType

DEFAULTS, QUORUM = "defaults", "quorum"
#: What is needed of a majority, by its name: `size` and `members` by zone, as pod_placement_info returns it.
Quorum = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Defaults:
    """What requests get that name none, as far as an API shows it.

    :ivar image_store: the id of glance's default store; None where it has no stores.
    :ivar volume_type: None where cinder has none.
    :ivar share_type: None where manila has none.
    :ivar unread: what could not be read, and why.
    """

    image_store: str | None = None
    volume_type: FoundType | None = None
    share_type: FoundType | None = None
    unread: tuple[str, ...] = ()
