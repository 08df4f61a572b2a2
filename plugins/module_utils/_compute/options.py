# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of one run."""

from __future__ import annotations

from dataclasses import dataclass

# Each word lifts one refusal. Nova's own refusals cannot be lifted.
ALLOW = {
    "host_moves": "Move a host from one zone of the map to another, once it has no workloads.",
    "az_change": "Give the aggregate of a zone another availability zone. Users that name the old one are refused from then on.",
    "recreate_aggregate": "Remove the availability zone from an aggregate by deleting and recreating the aggregate, the only way that nova has.",
    "empty_zone": "Remove the last host of a zone, also for the moment in which two zones exchange their only hosts.",
    "pinned_servers": "Remove an availability zone to which servers are pinned. They keep the pin, and the scheduler then ignores it.",
    "unfinished_migrations": "Remove a host from its zone although migrations from or to it are unfinished, unconfirmed resizes among them.",
    "stray_allocations": "Remove a host from its zone although consumers without a server hold resources of it in placement.",
    "free_hosts_first": "On hosts that are in no zone: add those without instances now, leave the others for a later run.",
}


@dataclass(frozen=True)
class Options:
    """The options of one run.

    :ivar only: zones that may be touched.
    :ivar state: "present", "without_az" (the aggregate without an availability zone) or "absent".
    :ivar allow: refusals that are lifted, words of ALLOW.
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
