# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test of parts has to know of the release whose definitions the lab has."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any, Self

from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import Backup, ZoneMap
from zonelab.kube.client import ApiError

from .cluster import Cluster
from .control_planes import PATH, base


@dataclass(frozen=True)
class Release:
    """The release of the definitions in the lab.

    :ivar newer: whether it has a backup service for each zone. The older one has a single one, and its definitions want an image of each glance API.
    """

    newer: bool

    @classmethod
    def of(cls, cluster: Cluster) -> Self:
        """An apply refuses what the definitions do not declare."""
        spec = {"cinder": {"template": {"cinderBackups": {"az1": {"replicas": 0}}}}}
        try:
            cluster.api.apply(PATH, {**base(), "spec": spec}, "asking", dry_run=True)
        except ApiError as error:
            assert "cinderBackups: field not declared in schema" in str(error)
            return cls(newer=False)
        return cls(newer=True)

    def map(self, zone_map: ZoneMap) -> ZoneMap:
        """The same zones as this release can have them."""
        return zone_map if self.newer else _one_backup(zone_map)

    def sent(self, body: dict[str, Any]) -> dict[str, Any]:
        """A body that passes the definitions alone: on a real cluster the older release's webhook fills in the images."""
        if self.newer:
            return body
        body = copy.deepcopy(body)
        template = body.get("spec", {}).get("glance", {}).get("template", {})
        for api in template.get("glanceAPIs", {}).values():
            api["containerImage"] = "registry.example/glance"
        return body


def _one_backup(zone_map: ZoneMap) -> ZoneMap:
    """One backup service, in the first zone, with that zone's target."""
    first, backup = next(iter(zone_map.zones.values())), zone_map.region.backup
    assert backup
    one = Backup(mode="zone", zone=first.name, target=backup.target or first.backup)
    services = replace(zone_map.region.kubernetes.services, release="18.0-fr4")
    kubernetes = replace(zone_map.region.kubernetes, services=services)
    zones = {name: replace(zone, backup=None) for name, zone in zone_map.zones.items()}
    return ZoneMap(region=replace(zone_map.region, backup=one, kubernetes=kubernetes), zones=zones)
