# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masakari beside hosts that are taken out or brought back: first it ignores them, last it watches them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._compute.nova import Nova
from .._masakari.changes import ForgetHost, SetMaintenance
from .._masakari.masakari import Masakari
from .._masakari.model import Wanted as WantedInMasakari
from .._masakari.reconcile import InMasakari
from .._openstack.cloud import Cloud
from .._plan.change import Change
from .._plan.converge import Reconciler
from .._plan.disabled.reason import MAINTENANCE, zone_mark
from .._servers.maintenance.begin.run import Begin
from .._servers.maintenance.changes import Close, Disable, Drain, Reopen
from .._servers.maintenance.end.run import End
from .._servers.maintenance.model import Wanted, hosts_of
from .._zones.schema.zone_map import ZoneMap
from .stages import Part, Seen, Stages

COMPUTE, INSTANCE_HA = "compute", "instance HA"


def masakari_of(cloud: Cloud) -> Masakari | None:
    """Where the catalog has it: that costs no call."""
    service = cloud.service("instance-ha")
    return Masakari(service) if service.present() else None


def in_masakari(
    masakari: Masakari | None, nova: Nova, zone_map: ZoneMap, wanted: Wanted, *, ends: bool
) -> dict[str, Part]:
    """The part of a maintenance, by its name."""
    if masakari is None:
        return {}
    hosts = {zone: tuple(hosts_of(zone_map, zone, wanted)) for zone in wanted.only}
    places = {zone: zone_map.zones[zone].availability_zone for zone in wanted.only}
    mark = zone_mark() if wanted.zone else MAINTENANCE
    asked = WantedInMasakari(hosts, places, ends, mark, wanted.reason, wanted.zone)
    part = Part(InMasakari(masakari, nova, asked), (SetMaintenance, ForgetHost), () if ends else (Disable,))
    return {INSTANCE_HA: part}


def watched(hosts: Begin | End, masakari: Masakari | None) -> Reconciler[Any, Change]:
    """Hosts in a maintenance of their own, with Masakari where the cloud has it."""
    ends = isinstance(hosts, End)
    part = in_masakari(masakari, hosts.nova, hosts.zone_map, hosts.wanted, ends=ends)
    if not part:
        return hosts
    parts = {COMPUTE: Part(hosts, (Disable, Drain, Close, Reopen)), **part}

    def stage(change: Change) -> int:
        return int(isinstance(change, (SetMaintenance, ForgetHost)) == ends)

    def abandon(zone: str) -> None:
        if isinstance(hosts, Begin):
            hosts.abandon(zone)

    return Stages(hosts.zones, parts, stage, lambda _seen, _zone: (), abandon=abandon, shown=_by_host)


def _by_host(states: Mapping[str, Seen]) -> Seen:
    """What Masakari has of a host beside the rest of it."""
    known = states.get(INSTANCE_HA, {})
    hosts = states.get(COMPUTE, {})
    return {name: {**state, **({"masakari": known[name]} if name in known else {})} for name, state in hosts.items()}
