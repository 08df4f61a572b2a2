# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `hosts` of modules that work on compute hosts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .._plan.errors import ZoneopsError
from .._plan.text.near import nearest
from .schema.zone_map import ZoneMap


def refuse_unnamed_hosts(hosts: Sequence[str] | None, zone_map: ZoneMap, only: Sequence[str]) -> None:
    """Raise ZoneopsError for an empty option, and for hosts that no zone file of these zones names."""
    if hosts is not None and not hosts:
        raise ZoneopsError("option 'hosts' is empty: leave it out for all compute hosts of the zones, or name some.")
    named = {host for name in only for host in zone_map.zones[name].compute_hosts}
    unknown = [f"{host}{nearest(host, named)}" for host in sorted(set(hosts or ()) - named)]
    if unknown:
        raise ZoneopsError(f"option 'hosts': the zone files of {', '.join(only)} do not name {', '.join(unknown)}.")
