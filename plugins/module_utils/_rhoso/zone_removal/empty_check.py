# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof that a zone is empty, from a module that otherwise needs no OpenStack: with no credentials there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._openstack import lazy_sdk  # noqa: F401  # pylint: disable=unused-import
from ..._openstack.cloud import connect
from ..._plan.errors import ZoneopsError
from ..._zones.schema.zone_map import ZoneMap
from .workloads import Item, workloads_in

IMPORT_ERROR = ""
try:
    import openstack.config  # noqa: F401  # pylint: disable=unused-import
except ImportError as error:
    IMPORT_ERROR = str(error)


def workloads_of(params: Mapping[str, Any], zone_map: ZoneMap, zones: frozenset[str]) -> dict[str, list[Item]]:
    """The workloads of each zone. Raises ZoneopsError where OpenStack cannot be asked."""
    refusal = "no zone is removed before OpenStack shows that nothing is in use there"
    if IMPORT_ERROR:
        raise ZoneopsError(f"{refusal}, and openstacksdk is not installed ({IMPORT_ERROR}).")
    region = zone_map.region
    asked = {name: params.get(name) for name in ("connect_timeout", "api_timeout", "timeout")}
    named = {"cloud": params["cloud"] or region.cloud, "region_name": region.region_name, "interface": region.interface}
    try:
        return workloads_in(connect({**asked, **named}), zone_map, zones)
    except ZoneopsError as error:
        raise ZoneopsError(f"{refusal}: {error.message}") from error
