# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether nova has servers on hosts that are about to leave. Asked only then: a data plane needs no OpenStack credentials else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..._compute.nova import Nova
from ..._openstack import module as openstack
from ..._openstack.cloud import connect
from ..._plan.deadline import Deadline
from ..._plan.errors import ZoneopsError
from ..._zones.schema.zone_map import Region
from .guards import Guests


def look(hosts: Collection[str], region: Region, deadline: Deadline) -> Guests:
    """By the cloud that the zone map names, or that the environment does."""
    if openstack.IMPORT_ERROR:
        return Guests({}, "the package openstacksdk is not installed")
    params: dict[str, Any] = dict.fromkeys(openstack.AUTH_OPTIONS)
    params |= {name: getattr(region, name) for name in ("cloud", "region_name", "interface")}
    params |= {"connect_timeout": 10.0, "api_timeout": 60.0, "timeout": max(1.0, deadline.remaining())}
    found: dict[str, tuple[dict[str, Any], ...]] = {}
    try:
        nova = Nova(connect(params).service("compute"))
        for host in sorted(hosts):
            servers, incomplete = nova.servers(host)
            if incomplete:
                return Guests({}, "; ".join(incomplete))
            unfinished = nova.unfinished_migrations(host)
            found[host] = (*(server.as_item() for server in servers), *(_migration(item) for item in unfinished))
    except ZoneopsError as error:
        return Guests({}, error.message)
    return Guests(found)


def _migration(item: Any) -> dict[str, Any]:
    return {"kind": "migration", "name": f"migration {item.get('status')}", **dict(item)}
