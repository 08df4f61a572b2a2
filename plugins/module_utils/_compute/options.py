# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of one run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """The options of one run.

    :ivar only: zones that may be touched.
    :ivar state: "present", "without_az" (the aggregate without an availability zone) or "absent".
    :ivar allow: refusals that are lifted, overrides.
    :ivar purge_hosts: take hosts that the map does not name out of the zones' aggregates.
    :ivar max_removed_hosts: the most hosts that one run takes out of one zone.
    :ivar purge_metadata: remove metadata that the map does not name.
    :ivar mirror: bring placement in line with the aggregates.
    :ivar compare_mirror: look whether placement is in line with the aggregates.
    :ivar refused: zones that are not in `only` because another part refuses them.
    """

    only: tuple[str, ...]
    state: str = "present"
    allow: frozenset[str] = frozenset()
    purge_hosts: bool = False
    max_removed_hosts: int = 1
    purge_metadata: bool = False
    mirror: bool = False
    compare_mirror: bool = False
    refused: frozenset[str] = frozenset()
