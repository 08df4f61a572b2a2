# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning and the end of a zone's maintenance, out of the reconcilers of hosts, volume services, share services and instance HA."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .._block_storage.api.cinder import Cinder
from .._block_storage.api.model import BACKUP
from .._block_storage.services.model import Options as VolumeOptions
from .._block_storage.services.model import SetService as SetVolumeService
from .._block_storage.services.reconcile import BlockStorageServices
from .._compute.nova import Nova
from .._masakari.changes import ForgetHost, SetMaintenance
from .._masakari.masakari import Masakari
from .._openstack.cloud import Cloud
from .._plan.change import Change, Refusal
from .._plan.disabled.reason import PREFIX, zone_mark
from .._plan.progress import Progress
from .._servers.maintenance.begin.run import Begin
from .._servers.maintenance.changes import Close, Disable, Drain, Forget, Renew, Reopen, Start, Stop
from .._servers.maintenance.end.run import End
from .._servers.maintenance.model import STAY, Region, Wanted
from .._servers.mover import Rules
from .._shared_filesystem.api.manila import Manila
from .._shared_filesystem.services.model import Options as ShareOptions
from .._shared_filesystem.services.model import SetService as SetShareService
from .._shared_filesystem.services.reconcile import ShareServices
from .._zones.schema.zone_map import ZoneMap
from .guards import announced, before_begin, before_end, overdue
from .model import DEFAULTS, Defaults, Quorum
from .read import read_defaults, read_under_way
from .remembered import RememberingManila
from .stages import Part, Seen, Stages
from .tasks import Await, AwaitTasks, UnderWay
from .watched import COMPUTE, in_masakari, masakari_of

VOLUMES, SHARES, TASKS = "block storage", "shared file systems", "tasks"
#: Nobody mistakes what follows for a failure, nothing new comes to the zone, what is under way ends, then what is there is moved or stopped.
BEGIN: Mapping[type[Change], int] = {
    SetMaintenance: 0,
    Renew: 1,
    Disable: 1,
    SetVolumeService: 2,
    SetShareService: 2,
    Await: 3,
    Drain: 4,
    Stop: 5,
    Close: 6,
}
#: The other way round. A cinder-backup is last of the services: no API enables one of cinder 28 and 29.
END: Mapping[type[Change], int] = {
    SetVolumeService: 0,
    SetShareService: 0,
    Start: 2,
    Reopen: 2,
    Forget: 3,
    # What is not back yet would count as failed: these stand only behind an end that is whole.
    SetMaintenance: 4,
    ForgetHost: 4,
}


def stage_of_begin(change: Change) -> int:
    return BEGIN[type(change)]


def stage_of_end(change: Change) -> int:
    backup = isinstance(change, SetVolumeService) and change.service.binary == BACKUP
    return 1 if backup else END[type(change)]


class Maintenance:
    """One call.

    :param now: what time it is.
    :param instance_ha: whether Masakari is to ignore the hosts meanwhile.
    """

    def __init__(
        self,
        cloud: Cloud,
        zone_map: ZoneMap,
        wanted: Wanted,
        rules: Rules,
        progress: Progress,
        quorum: Quorum | None,
        now: datetime,
        *,
        instance_ha: bool = True,
    ) -> None:
        self.cloud = cloud
        self.nova = Nova(cloud.service("compute"))
        self.zone_map = zone_map
        self.wanted = wanted
        self.rules = rules
        self.progress = progress
        self.quorum = quorum
        self.now = now
        self.instance_ha = instance_ha
        self._defaults: Defaults | None = None

    def begin(self) -> tuple[Begin, Stages]:
        """What takes the hosts out, which keeps what became of servers, and the whole."""
        hosts = Begin(self.cloud, self.nova, self.zone_map, self.wanted, self.rules, self.progress)
        stay = STAY in self.wanted.allow
        tasks = AwaitTasks(self.wanted.only, self.under_way, self.cloud.deadline, hosts.warn, stay=stay)
        parts = {
            COMPUTE: Part(hosts, (Renew, Disable, Drain, Stop, Close)),
            **self._services("disabled"),
            TASKS: Part(tasks, (Await,), accompanies=(Disable,)),
            **self._instance_ha(ends=False),
        }

        def guard(seen: Seen, zone: str) -> Iterable[Refusal]:
            region: Region = seen[COMPUTE]
            allow = self.wanted.allow
            return before_begin(self.zone_map, zone, region.hosts, seen[DEFAULTS], self.quorum, allow)

        def notes(seen: Seen, zone: str) -> Iterable[str]:
            defaults: Defaults = seen[DEFAULTS]
            region: Region = seen[COMPUTE]
            late = "" if self.wanted.until else overdue(self.zone_map.zones[zone], region.hosts, self.now)
            yield from (late,) if late else ()
            if DEFAULTS in self.wanted.allow:
                yield from (f"could not be read, and counts as unknown: {text}" for text in defaults.unread)

        def more() -> Seen:
            # Asked once: nothing here changes them.
            self._defaults = self._defaults or self.defaults()
            return {DEFAULTS: self._defaults}

        return hosts, Stages(self.wanted.only, parts, stage_of_begin, guard, more, notes, hosts.abandon)

    def end(self) -> tuple[End, Stages]:
        """What brings the hosts back, which keeps what became of servers, and the whole."""
        hosts = End(self.cloud, self.nova, self.zone_map, self.wanted, None, self.rules, self.progress)
        parts = {
            COMPUTE: Part(hosts, (Start, Reopen, Forget)),
            **self._services("enabled"),
            **self._instance_ha(ends=True),
        }

        def guard(_seen: Seen, zone: str) -> Iterable[Refusal]:
            return before_end(self.zone_map, zone)

        def notes(_seen: Seen, zone: str) -> Iterable[str]:
            text = announced(self.zone_map.zones[zone])
            return (text,) if text else ()

        return hosts, Stages(self.wanted.only, parts, stage_of_end, guard, notes=notes)

    def _services(self, status: str) -> dict[str, Part]:
        """Those of services that the cloud has."""
        wanted = self.wanted
        # The mark's own beginning is put before it.
        reason = (
            f"{zone_mark(wanted.until).removeprefix(PREFIX).strip()}: {wanted.reason}" if status == "disabled" else None
        )
        common: dict[str, Any] = {"status": status, "reason": reason, "allow": wanted.allow, "of_zone": True}
        found: dict[str, Part] = {}
        cinder, manila = self.cinder(), self.manila()
        if cinder is not None:
            volumes = BlockStorageServices(cinder, self.nova, self.zone_map, VolumeOptions(wanted.only, **common))
            found[VOLUMES] = Part(volumes, (SetVolumeService,))
        if manila is not None:
            zones = [self.zone_map.zones[zone].availability_zone for zone in wanted.only]
            manila = RememberingManila(manila, self.nova, zones, ends=status == "enabled")
            shares = ShareServices(manila, self.zone_map, ShareOptions(wanted.only, **common))
            found[SHARES] = Part(shares, (SetShareService,))
        return found

    def _instance_ha(self, *, ends: bool) -> dict[str, Part]:
        """Masakari, unless it is to stay as it is."""
        masakari = self.masakari() if self.instance_ha else None
        return in_masakari(masakari, self.nova, self.zone_map, self.wanted, ends=ends)

    def masakari(self) -> Masakari | None:
        return masakari_of(self.cloud)

    def cinder(self) -> Cinder | None:
        service = self.cloud.service("block-storage")
        return Cinder(service) if service.present() else None

    def manila(self) -> Manila | None:
        service = self.cloud.service("shared-file-system")
        return Manila(service) if service.present() else None

    def defaults(self) -> Defaults:
        return read_defaults(self.cloud)

    def under_way(self, zone: str) -> UnderWay:
        return read_under_way(self.cloud, self.zone_map.zones[zone])
