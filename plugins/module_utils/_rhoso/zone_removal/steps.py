# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a zone leaves the control plane: what has to be stopped before its keys go, and what its Topology keeps afterwards. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._kubernetes.objects import Applied
from ..._plan.errors import ZoneopsError
from ..._zones.errors import MapError
from ..._zones.schema.zone_map import ZoneMap
from ..._zones.validation.rules import broken as broken_map
from ..names import kubernetes_zones
from ..spec import rules
from ..spec.control_plane import body_of, region_part, zone_part

PREFIX = "openstack.org/"
# Finalizers that the operators leave behind, by the word in them, and the kind whose name follows.
KINDS = {
    "cindervolume": ("cinder.openstack.org/v1beta1", "CinderVolume"),
    "cinderbackup": ("cinder.openstack.org/v1beta1", "CinderBackup"),
    "manilashare": ("manila.openstack.org/v1beta1", "ManilaShare"),
    "memcached": ("memcached.openstack.org/v1beta1", "Memcached"),
}


def without(zone_map: ZoneMap, zones: frozenset[str]) -> ZoneMap:
    """The map as it is when these zones are gone."""
    rest = {name: zone for name, zone in zone_map.zones.items() if name not in zones}
    # Types and images are none of the control plane's business, and name the zones that go.
    region = replace(zone_map.region, zones=tuple(rest), volume_types=(), share_types=(), images=())
    return ZoneMap(region=region, zones=rest)


def parts(zone_map: ZoneMap, zones: frozenset[str]) -> list[Applied]:
    """The zones' own keys go first; what is shared shrinks after them."""
    kept = without(zone_map, zones)
    gone = [
        replace(zone_part(zone_map, name), body=body_of(zone_map, {}), step=f"remove {name}")
        for name in kubernetes_zones(zone_map)
        if name in zones
    ]
    return [*gone, *region_part(kept)]


def backups_stopped(
    owned: Mapping[str, Any], orphans: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any] | None:
    """What a zone's manager owns, with its backup services at 0; None where none of them runs.

    A key that is dropped while its service runs leaves pods that nobody knows. Only its key at 0 stops them.

    :param orphans: services whose key was dropped so.
    """
    spec = owned.get("spec") or {}
    cinder = spec.get("cinder") or {}
    template = cinder.get("template") or {}
    services = {**(orphans or {}), **(template.get("cinderBackups") or {})}
    if not orphans and not any(service.get("replicas", 1) for service in services.values()):
        return None
    stopped = {key: {**service, "replicas": 0} for key, service in services.items()}
    return {**spec, "cinder": {**cinder, "template": {**template, "cinderBackups": stopped}}}


def left_over(topology: Mapping[str, Any], there: Mapping[str, frozenset[str]]) -> list[str]:
    """Finalizers of objects that do not exist any more: with one of them the Topology can never be deleted.

    :param there: names of the objects that exist, by kind.
    """
    found = []
    for finalizer in (topology.get("metadata") or {}).get("finalizers") or []:
        kind = KINDS.get(word_of(finalizer), ("", ""))[1]
        if kind in there and str(finalizer).partition("-")[2] not in there[kind]:
            found.append(str(finalizer))
    return found


def word_of(finalizer: object) -> str:
    """What an operator calls its kind in a finalizer; empty where it is none of theirs."""
    text = str(finalizer)
    return text.removeprefix(PREFIX).partition("-")[0] if text.startswith(PREFIX) else ""


def check(zone_map: ZoneMap, zones: frozenset[str]) -> None:
    """Raises where the rest would be no region any more, or still names what goes."""
    kept = without(zone_map, zones)
    if not kubernetes_zones(kept):
        raise ZoneopsError(
            f"{', '.join(sorted(zones))}: no zone would be left. To remove the last zone, delete the control plane itself."
        )
    problems = broken_map(kept) or list(rules.broken(kept))
    if problems:
        raise ZoneopsError(f"without {', '.join(sorted(zones))} the zone map is wrong. {MapError(problems)}")
