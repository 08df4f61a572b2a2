# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes Secrets made from values that stand outside of the zone map: only their places are in it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..._kubernetes.objects import REGION_MANAGER, Applied, zone_manager
from ..._plan.errors import ZoneopsError
from ..._zones.errors import Problem, show
from ..._zones.schema.kubernetes import MadeSecret
from ..._zones.schema.zone_map import ZoneMap
from ..names import kubernetes_zones

#: `region` has the values of variables by name, `zones` the same for each zone.
Values = Mapping[str, Any]


def made(zone_map: ZoneMap) -> dict[str, tuple[MadeSecret, ...]]:
    """The Secrets that are made here, by zone; those of the region, which all zones share, first and without a name."""
    zones = kubernetes_zones(zone_map)
    if not zones:
        return {}
    own = {name: kubernetes.secrets for name, (_zone, kubernetes) in zones.items()}
    return {"": zone_map.region.kubernetes.secrets, **own}


def names(zone_map: ZoneMap) -> frozenset[str]:
    """Their names."""
    return frozenset(secret.name for secrets in made(zone_map).values() for secret in secrets)


def parts(zone_map: ZoneMap, zones: Sequence[str], values: Values) -> list[Applied]:
    """What is applied for the region and these zones. Raises ZoneopsError where a value is missing."""
    wanted = [(zone, item) for zone, secrets in made(zone_map).items() if zone in ("", *zones) for item in secrets]
    missing = [
        f"{item.variable} (key {item.key} of Secret {secret.name}, {f'zone {zone}' if zone else 'all zones'})"
        for zone, secret in wanted
        for item in secret.data
        if item.variable not in _given(values, zone)
    ]
    if missing:
        raise ZoneopsError(
            f"no value is given for {', '.join(missing)}: define each variable for its zone, for example with ansible-vault."
        )
    return [_part(zone_map, zone, secret, _given(values, zone)) for zone, secret in wanted]


def _part(zone_map: ZoneMap, zone: str, secret: MadeSecret, given: Mapping[str, str]) -> Applied:
    # `data`, not `stringData`: of the latter nothing is ever removed again.
    data = {item.key: encoded(given[item.variable]) for item in secret.data}
    metadata = {"name": secret.name, "namespace": zone_map.region.kubernetes.namespace}
    return Applied(
        zone_manager(kubernetes_zones(zone_map)[zone][1].name) if zone else REGION_MANAGER,
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data},
        (zone,) if zone else (),
        may_create=True,
        step=f"Secret {secret.name} of {zone or 'all zones'}",
    )


def _given(values: Values, zone: str) -> Mapping[str, str]:
    of_zones = values.get("zones") or {}
    found: Mapping[str, str] = (of_zones.get(zone) if zone else values.get("region")) or {}
    return found


def encoded(value: str) -> str:
    """As the API keeps it."""
    return base64.b64encode(value.encode()).decode()


def broken(zone_map: ZoneMap) -> Iterator[Problem]:
    """Secrets without a key, keys that come twice, and Secrets that are made twice."""
    first: dict[str, str] = {}
    for zone, secrets in made(zone_map).items():
        for index, secret in enumerate(secrets):
            path = f"kubernetes.secrets[{index}]"
            if secret.name in first:
                other = first[secret.name]
                where = f"zone {other}" if other else "the region"
                rule = f"is also created for {where}; give each Secret another name, or create it once for the region"
                yield Problem(zone, f"{path}.name", show(secret.name), rule, "")
            first.setdefault(secret.name, zone)
            keys = [item.key for item in secret.data]
            if not keys:
                yield Problem(zone, f"{path}.data", "", "is empty; name a key and the variable with its value", "")
            for key in sorted({key for key in keys if keys.count(key) > 1}):
                yield Problem(zone, f"{path}.data", show(key), "is there twice; remove one of them", "")
