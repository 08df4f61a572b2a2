# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How region_info shows the back ends and types of manila."""

from __future__ import annotations

from typing import Any

from .._shared_filesystem.api.manila import Manila
from .._shared_filesystem.api.model import SHARE, Pool


def share_backends(manila: Manila) -> list[dict[str, Any]]:
    """Each manila-share, with what its pools say; the scheduler has none of those that do not work."""
    pools = manila.pools()
    entries = []
    for service in manila.share_services():
        if service.binary == SHARE:
            mine = [pool for pool in pools if pool.host == service.host and service.working]
            entries.append(
                {
                    "host": service.host,
                    "backend": service.backend,
                    "availability_zone": service.availability_zone,
                    "names": sorted({pool.backend_name for pool in mine if pool.backend_name}),
                    "free_capacity_gb": _free(mine),
                    "driver_handles_share_servers": next((pool.driver_handles_share_servers for pool in mine), None),
                }
            )
    return entries


def _free(pools: list[Pool]) -> float | None:
    """The free space of all pools, where all of them tell it."""
    told = [pool.free for pool in pools if isinstance(pool.free, (int, float))]
    return sum(told) if told and len(told) == len(pools) else None


def share_types(manila: Manila, *, projects: bool) -> list[dict[str, Any]]:
    """All types; with the projects of private ones for a call each."""
    return [
        {
            "name": found.name,
            "public": found.public,
            "description": found.description,
            "extra_specs": dict(found.specs),
            "projects": sorted(manila.projects_of(found.id)) if projects and not found.public else None,
        }
        for found in manila.types().values()
    ]
