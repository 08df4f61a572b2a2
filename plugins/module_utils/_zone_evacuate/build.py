# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evacuation of a zone, out of the reconcilers of hosts, volume services and share services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._block_storage.api.cinder import Cinder
from .._block_storage.services.model import Options as VolumeOptions
from .._block_storage.services.model import SetService as SetVolumeService
from .._block_storage.services.reconcile import BlockStorageServices
from .._compute.nova import Nova
from .._openstack.cloud import Cloud
from .._plan.change import Change, Refusal
from .._plan.disabled.reason import PREFIX, dead_mark
from .._plan.progress import Progress
from .._servers.mover import Rules
from .._shared_filesystem.api.manila import Manila
from .._shared_filesystem.services.model import Options as ShareOptions
from .._shared_filesystem.services.model import SetService as SetShareService
from .._shared_filesystem.services.reconcile import ShareServices
from .._zone_maintenance.remembered import RememberingManila
from .._zone_maintenance.stages import Part, Seen, Stages
from .._zones.schema.zone_map import ZoneMap
from .changes import Evacuate, TakeOut
from .model import Wanted
from .plan import is_lost
from .reconcile import Evacuating

COMPUTE, VOLUMES, SHARES = "compute", "block storage", "shared file systems"
#: Nothing new comes to what is dead; then servers leave it.
ORDER: dict[type[Change], int] = {TakeOut: 0, SetVolumeService: 1, SetShareService: 1, Evacuate: 2}


def build(
    cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted, rules: Rules, progress: Progress
) -> tuple[Evacuating, Stages]:
    """What evacuates, which keeps what became of servers, and the whole."""
    hosts = Evacuating(cloud, nova, zone_map, wanted, rules, progress)

    def applies(seen: Seen, zone: str) -> bool:
        return is_lost(zone_map, seen[COMPUTE], wanted, zone)

    common: dict[str, Any] = {
        "status": "disabled",
        # The mark's own beginning is put before it.
        "reason": f"{dead_mark(zone=True).removeprefix(PREFIX).strip()}: {wanted.reason}",
        "of_zone": True,
        "dead": True,
    }
    parts = {COMPUTE: Part(hosts, (TakeOut, Evacuate))}
    volumes, shares = cloud.service("block-storage"), cloud.service("shared-file-system")
    if volumes.present():
        services = BlockStorageServices(Cinder(volumes), nova, zone_map, VolumeOptions(wanted.only, **common))
        parts[VOLUMES] = Part(services, (SetVolumeService,), applies=applies, optional=True)
    if shares.present():
        zones = [zone_map.zones[name].availability_zone for name in wanted.only]
        manila = RememberingManila(Manila(shares), nova, zones, ends=False)
        found = ShareServices(manila, zone_map, ShareOptions(wanted.only, **common))
        parts[SHARES] = Part(found, (SetShareService,), applies=applies, optional=True)

    def guard(_seen: Seen, _zone: str) -> Iterable[Refusal]:
        # What blocks a zone as a whole is refused where its hosts are planned.
        return ()

    return hosts, Stages(wanted.only, parts, lambda change: ORDER[type(change)], guard)
