# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova in the control plane object: nothing, unless the map says something of it. Pure."""

from __future__ import annotations

from typing import Any

from ...._zones.schema.zone_map import ZoneMap
from ...ini import DEFAULT, Value
from .config import Config, Section


def shared(zone_map: ZoneMap) -> dict[str, Any]:
    """`spec.nova` of the region."""
    parts = {
        "apiServiceTemplate": api_config(zone_map).spec(),
        "schedulerServiceTemplate": scheduler_config(zone_map).spec(),
    }
    template = {name: spec for name, spec in parts.items() if spec}
    return {"template": template} if template else {}


def api_config(zone_map: ZoneMap) -> Config:
    """Configuration of the API, where attachments across zones are refused."""
    services = zone_map.region.kubernetes.services.nova
    general: dict[str, Value] = {}
    if services.default_schedule_zone is not None:
        general["default_schedule_zone"] = zone_map.zones[services.default_schedule_zone].availability_zone
    volumes: dict[str, Value] = {}
    if services.cross_az_attach is not None:
        volumes["cross_az_attach"] = services.cross_az_attach
    sections = (Section(DEFAULT, general), Section("cinder", volumes))
    return Config(sections, services.api_config, "kubernetes.services.nova.api_config")


def scheduler_config(zone_map: ZoneMap) -> Config:
    """Configuration of the scheduler."""
    services = zone_map.region.kubernetes.services.nova
    return Config((), services.scheduler_config, "kubernetes.services.nova.scheduler_config")
