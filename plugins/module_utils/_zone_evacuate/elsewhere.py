# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How users' defaults are taken to another zone: by the zone map where that decides, else by the service. Said, and never done unasked. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .._zone_maintenance.defaults import pointing_to
from .._zone_maintenance.model import Defaults
from .._zones.schema.zone_map import Zone, ZoneMap

SERVICES = "zoneops_region.kubernetes.services"
RUN = "ansible-playbook -i inventory zoneops.openstack.site --tags control_plane"


def defaults_of(zone_map: ZoneMap, zone: Zone, found: Defaults) -> Iterator[dict[str, str]]:
    """Those that lead to a zone, each with the line that takes it to another one."""
    for name, what in pointing_to(zone_map, zone, found):
        yield {"name": name, "what": what, "change": _change(name, zone_map, zone, found)}


def types_moved(zone: str, name: str) -> str:
    """What gives projects another default volume type than this one."""
    given = json.dumps({"zoneops_evacuate_default_types": {name: "TYPE"}})
    return f"ansible-playbook -i inventory zoneops.openstack.zone_evacuate --limit {zone} -e zoneops_evacuate_phase=defaults -e '{given}'"


def _change(name: str, zone_map: ZoneMap, zone: Zone, found: Defaults) -> str:
    volumes, shares = found.volume_type, found.share_type
    if name == "default_volume_type":
        name = volumes.name if volumes else ""
        return (
            f"set default_volume_type in cinder.conf to another type than {name}, and restart its services; or give projects a type of their own: "
            f"{types_moved(zone.name, name)}, with their ids in zoneops_evacuate_default_type_projects"
        )
    if name == "default_share_type":
        told = f"set another type than {shares.name if shares else ''}"
        return _by_map(f"{SERVICES}.manila.default_share_type", "TYPE", told, zone)
    if name == "backup_zone":
        return _by_map("zoneops_region.backup.zone", _other(zone_map, zone), "", zone)
    if name == "default_schedule_zone":
        return _by_map(f"{SERVICES}.nova.default_schedule_zone", _other(zone_map, zone), "", zone)
    if name == "default_store" and zone.kubernetes is None:
        return "set default_backend in section glance_store of glance-api.conf to the store of another zone, and restart the API"
    return _by_map(f"{SERVICES}.default_zone", _other(zone_map, zone), "", zone)


def _by_map(key: str, value: str, told: str, zone: Zone) -> str:
    run = f", and run {RUN}" if zone.kubernetes is not None else ", and the same in the service"
    return f"{told + ': ' if told else ''}set {key} to {value}{run}"


def _other(zone_map: ZoneMap, zone: Zone) -> str:
    """The first zone that is in service and is what this one is."""
    alike = (
        one.name
        for one in zone_map.zones.values()
        if one.name != zone.name and not one.away and (one.kubernetes is None) == (zone.kubernetes is None)
    )
    return next(alike, "another zone")
