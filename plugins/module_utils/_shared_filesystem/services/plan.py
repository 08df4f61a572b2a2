# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which share services to enable or disable, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._plan.change import Note, Plan, Refusal
from ..._plan.disabled_reason import marked
from ..._zones.schema.zone_map import Zone, ZoneMap
from ..api.model import SHARE, ShareService
from .model import Observed, Options, SetService, is_ours

NO_REASONS = "this manila stores no reasons (from 2.83)"


def plan_services(zone_map: ZoneMap, observed: Observed, options: Options) -> Plan[SetService]:
    """The services of the zones, set as asked. A service belongs to the zone that it reports."""
    changes: list[SetService] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    enabled = options.status == "enabled"
    reason = marked(options.reason) if options.reason is not None and observed.keeps_reasons else None
    for name in options.only:
        zone = zone_map.zones[name]
        planned = [
            SetService(name, service, enabled, reason)
            for service in services_of(zone, observed, options.services)
            if service.enabled != enabled or (not enabled and service.disabled_reason != reason)
        ]
        if not enabled:
            # What is disabled is as it was asked for: nothing stops the others.
            kept = [change.service for change in planned if any(_obstacles(change.service, observed, options))]
            notes += [Note(name, _reason_kept(service)) for service in kept]
            planned = [change for change in planned if change.service not in kept]
        changes += planned
        for change in planned:
            refusals += [Refusal(name, *found) for found in _obstacles(change.service, observed, options)]
            if enabled and not change.service.up:
                notes.append(
                    Note(name, f"{change.target} is down: once enabled, it serves nothing until it is started.")
                )
        notes += [Note(name, message, mended=True) for message in _consequences(zone, planned, observed)]
    return Plan.of(changes, refusals, notes)


def services_of(zone: Zone, observed: Observed, named: tuple[str, ...] | None = None) -> list[ShareService]:
    """Each manila-share that reports the zone; those named, where some are."""
    return [
        service
        for service in observed.of(SHARE)
        if service.availability_zone == zone.availability_zone and (named is None or service.host in named)
    ]


def unknown(zone_map: ZoneMap, observed: Observed, options: Options) -> str:
    """Why the services that were named cannot be meant; empty where they can."""
    hosts = [service.host for name in options.only for service in services_of(zone_map.zones[name], observed)]
    missing = sorted(set(options.services or ()) - set(hosts))
    if not missing:
        return ""
    bare = any(host.startswith(f"{name}@") for name in missing for host in hosts)
    hint = " A manila-share is named HOST@BACKEND, never by its host alone." if bare else ""
    return (
        f"option 'services': manila has no service {', '.join(missing)} in {', '.join(options.only)}. "
        f"It has {', '.join(hosts) or 'none'}.{hint}"
    )


def _obstacles(service: ShareService, observed: Observed, options: Options) -> Iterator[tuple[str, str]]:
    if service.enabled or is_ours(service) or "foreign_reasons" in options.allow:
        return
    if observed.keeps_reasons:
        how = f"was disabled ({service.disabled_reason or 'no reason given'}) by others"
    else:
        how = f"is disabled, and it is unknown by whom: {NO_REASONS}"
    yield (
        "foreign_reasons",
        f"{service.text} {how}. It is not changed. To change it anyway: allow [foreign_reasons].",
    )


def _reason_kept(service: ShareService) -> str:
    reason = service.disabled_reason or "no reason given"
    return f"{service.text} is already disabled by others ({reason}): the reason is kept. To replace it: allow [foreign_reasons]."


def _consequences(zone: Zone, planned: list[SetService], observed: Observed) -> Iterator[str]:
    going = {change.service.host for change in planned if not change.enabled and change.service.enabled}
    if going and not observed.keeps_reasons:
        yield f"{NO_REASONS}: later runs cannot see that this run disabled {', '.join(sorted(going))}"
    if going and all(service.host in going or not service.enabled for service in services_of(zone, observed)):
        yield vanishes(zone)


def vanishes(zone: Zone) -> str:
    """What manila makes of a zone without an enabled service."""
    return (
        f"manila does not list availability zone {zone.availability_zone} while no manila-share of it is enabled, and answers 404 to requests that name it; "
        "existing shares can still be used"
    )
