# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The return of a zone, out of the reconcilers of hosts, volume services, share services and Masakari."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from .._block_storage.api.attachments import Attachments
from .._block_storage.api.cinder import Cinder
from .._block_storage.api.model import BACKUP, Service
from .._block_storage.api.volume_calls import VolumeApi
from .._block_storage.api.volume_model import Volume
from .._block_storage.services.model import Options as VolumeOptions
from .._block_storage.services.model import SetService as SetVolumeService
from .._block_storage.services.reconcile import BlockStorageServices
from .._compute.nova import Nova
from .._masakari.changes import ForgetHost, SetMaintenance
from .._masakari.masakari import Masakari
from .._masakari.model import Wanted as WantedInMasakari
from .._masakari.reconcile import InMasakari
from .._openstack.cloud import Cloud
from .._openstack.errors import ApiError, NoApiError
from .._plan.change import Change, Refusal
from .._plan.disabled.reason import dead_mark
from .._plan.progress import Awaited
from .._servers.maintenance.end.canary import Canary
from .._shared_filesystem.api.manila import Manila
from .._shared_filesystem.api.model import ShareService
from .._shared_filesystem.services.model import Options as ShareOptions
from .._shared_filesystem.services.model import SetService as SetShareService
from .._shared_filesystem.services.reconcile import ShareServices
from .._zone_maintenance.guards import announced, before_end
from .._zone_maintenance.remembered import RememberingManila
from .._zone_maintenance.stages import Part, Seen, Stages
from .._zone_maintenance.watched import INSTANCE_HA, masakari_of
from .._zones.schema.zone_map import ZoneMap
from .changes import Return
from .left.model import DeleteAttachment, ForgetTag
from .left.reconcile import LeftOvers
from .model import PODS, STORAGE, Wanted
from .plan import hosts_of
from .pods import came, of_pods, uneven, waits_for, would_wait
from .reconcile import Returning
from .storage import refuse, unhealthy

COMPUTE, VOLUMES, SHARES, POOLS = "compute", "block storage", "shared file systems", "pools"
LEFT = "left behind"
#: A cinder-backup is last: no API enables one of cinder 28 and 29.
STAGES: Mapping[type[Change], int] = {
    SetVolumeService: 0,
    SetShareService: 0,
    Return: 1,
    ForgetTag: 2,
    DeleteAttachment: 2,
    # What is not back yet would count as failed: these stand only behind a return that is whole.
    SetMaintenance: 4,
    ForgetHost: 4,
}
BACKUPS = 3
#: How long the services of a zone may take to report once their pods have started, and a back end to be known to the scheduler once it is enabled.
POOL_SECONDS, LOOK_SECONDS = 60.0, 1.0


def stage_of(change: Change) -> int:
    backup = isinstance(change, SetVolumeService) and change.service.binary == BACKUP
    return BACKUPS if backup else STAGES[type(change)]


class Call:
    """One call.

    :param canary: None where hosts come back without one.
    """

    def __init__(self, cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted, canary: Canary | None) -> None:
        self.cloud = cloud
        self.nova = nova
        self.zone_map = zone_map
        self.wanted = wanted
        self.canary = canary
        # Zones whose storage was awaited in vain, once for all their hosts.
        self._late: set[str] = set()

    @cached_property
    def hosts(self) -> Returning:
        """What brings the hosts back, and knows which zones are away."""
        return Returning(self.cloud, self.nova, self.zone_map, self.wanted, self.canary, self.until_known)

    def stages(self) -> tuple[LeftOvers, Stages]:
        """What keeps what is left behind, and the whole."""
        cinder = self.cinder()
        left = self.left_overs(self.hosts)
        parts = {
            COMPUTE: Part(self.hosts, (Return,)),
            **self._services(cinder),
            LEFT: Part(left, (ForgetTag, DeleteAttachment)),
            **self._instance_ha(),
        }

        def guard(seen: Seen, zone: str) -> Iterable[Refusal]:
            yield from before_end(self.zone_map, zone)
            found = self.zone_map.zones[zone]
            if PODS not in self.wanted.allow:
                yield from of_pods(found, self.wanted.pods, self.wanted.nodes)
            # Its services run in pods: a run that waits for these waits for them as well.
            if STORAGE not in self.wanted.allow and not self._would_wait(zone):
                yield from refuse(found, self._wrong(seen, zone))

        def notes(seen: Seen, zone: str) -> Iterable[str]:
            found = self.zone_map.zones[zone]
            text = announced(found)
            yield from (text,) if text else ()
            if self._would_wait(zone):
                yield from waits_for(found, self.wanted.pods, self._wrong(seen, zone), self.wanted.nodes)
            yield from uneven(self.wanted.pods) if found.kubernetes else ()

        def more() -> Seen:
            return {POOLS: () if cinder is None else tuple(cinder.pools())}

        return left, Stages(self.wanted.only, parts, stage_of, guard, more, notes)

    def _would_wait(self, zone: str) -> bool:
        return PODS not in self.wanted.allow and bool(
            would_wait(self.zone_map.zones[zone], self.wanted.pods, self.wanted.nodes)
        )

    def _wrong(self, seen: Seen, zone: str) -> list[str]:
        """What is wrong with the storage of a zone."""
        if STORAGE in self.wanted.allow:
            return []
        return list(unhealthy(self.zone_map.zones[zone], _volumes(seen), _shares(seen), seen[POOLS]))

    def until_up(self) -> None:
        """Where pods of a zone have just started, its storage services report a moment later: until then they are down. What is still wrong is refused."""
        waited = [zone for zone in self.wanted.only if came(self.zone_map.zones[zone], self.wanted.pods)]
        if waited:
            self._until_healthy(waited, POOL_SECONDS)

    def until_known(self, zone: str) -> str:
        """What is wrong with the storage of a zone once its services are enabled: they are given a while to be known to the scheduler."""
        wrong = self._until_healthy([zone], 0.0 if zone in self._late else POOL_SECONDS)
        if not wrong:
            return ""
        self._late.add(zone)
        return f"the storage of zone {zone} does not work: {wrong}{'' if wrong.endswith(('.', '?')) else '.'}"

    def _until_healthy(self, zones: Sequence[str], seconds: float) -> str:
        """What is still wrong with the storage of zones when the time is over, by their volume services and their share services; empty where nothing is."""
        if STORAGE in self.wanted.allow:
            return ""
        cinder, manila = self.cinder(), self._remembering()
        awaited = Awaited("storage")
        while True:
            with self.cloud.deadline.look():
                wrong = "; ".join(self._wrong_now(zones, cinder, manila))
            if not wrong or awaited.seconds >= seconds or not self.cloud.deadline.remaining():
                return wrong
            awaited.is_now(wrong)
            time.sleep(LOOK_SECONDS)

    def _wrong_now(self, zones: Iterable[str], cinder: Cinder | None, manila: Manila | None) -> list[str]:
        """What is wrong with the storage of zones: an API that is away for a moment is part of that."""
        try:
            services, pools = ([], ()) if cinder is None else (cinder.found_services(), tuple(cinder.pools()))
            shares = () if manila is None else manila.share_services(reasons=True)
        except (ApiError, NoApiError) as error:
            if isinstance(error, ApiError) and error.status is not None and error.status < 500:
                raise
            # Each answer has an id of its own: with it, every look would be reported.
            return [error.message.partition(" (request ")[0]]
        return [text for zone in zones for text in unhealthy(self.zone_map.zones[zone], services, shares, pools)]

    def _remembering(self) -> RememberingManila | None:
        """Manila with what nova remembers for it: before 2.83 it does not say itself that zone_evacuate disabled a service."""
        manila = self.manila()
        if manila is None:
            return None
        zones = [self.zone_map.zones[zone].availability_zone for zone in self.wanted.only]
        return RememberingManila(manila, self.nova, zones, ends=True)

    def _services(self, cinder: Cinder | None) -> dict[str, Part]:
        """Those of services that the cloud has."""
        common: dict[str, Any] = {"status": "enabled", "allow": self.wanted.allow, "of_zone": True, "dead": True}
        found: dict[str, Part] = {}
        if cinder is not None:
            volumes = BlockStorageServices(cinder, self.nova, self.zone_map, VolumeOptions(self.wanted.only, **common))
            found[VOLUMES] = Part(volumes, (SetVolumeService,))
        manila = self._remembering()
        if manila is not None:
            shares = ShareServices(manila, self.zone_map, ShareOptions(self.wanted.only, **common))
            found[SHARES] = Part(shares, (SetShareService,))
        return found

    def _instance_ha(self) -> dict[str, Part]:
        """Masakari, unless it is to stay as it is."""
        masakari = self.masakari() if self.wanted.masakari else None
        if masakari is None:
            return {}
        only = self.wanted.only
        hosts = {zone: tuple(hosts_of(self.zone_map, zone, self.wanted)) for zone in only}
        places = {zone: self.zone_map.zones[zone].availability_zone for zone in only}
        asked = WantedInMasakari(hosts, places, True, dead_mark(zone=False), whole=self.wanted.hosts is None)
        return {INSTANCE_HA: Part(InMasakari(masakari, self.nova, asked), (SetMaintenance, ForgetHost))}

    def left_overs(self, hosts: Returning) -> LeftOvers:
        asked = {zone: hosts_of(self.zone_map, zone, self.wanted) for zone in self.wanted.only}
        return LeftOvers(self.zone_map, asked, hosts, self.attachments(), self.volumes, repairs=self.wanted.repairs)

    def attachments(self) -> Attachments | None:
        service = self.cloud.service("block-storage")
        return Attachments(service) if service.present() else None

    def volumes(self, zone: str) -> list[Volume]:
        return VolumeApi(self.cloud.service("block-storage"), self.cloud.deadline).volumes(all_projects=True, zone=zone)

    def masakari(self) -> Masakari | None:
        return masakari_of(self.cloud)

    def cinder(self) -> Cinder | None:
        service = self.cloud.service("block-storage")
        return Cinder(service) if service.present() else None

    def manila(self) -> Manila | None:
        service = self.cloud.service("shared-file-system")
        return Manila(service) if service.present() else None


def _volumes(seen: Seen) -> Iterable[Service]:
    services: Mapping[Any, Service] = seen[VOLUMES].services if VOLUMES in seen else {}
    return services.values()


def _shares(seen: Seen) -> Iterable[ShareService]:
    services: Mapping[Any, ShareService] = seen[SHARES].services if SHARES in seen else {}
    return services.values()
