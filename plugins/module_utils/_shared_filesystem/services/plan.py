# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which share services to enable or disable, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._plan.change import Note, Plan, Refusal
from ..._plan.disabled.reason import brought_back_by, cause, is_of_zone, marked, until_of, with_its_zone
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
            SetService(name, service, enabled, reason, alone=options.of_zone and (enabled or options.dead))
            for service in services_of(zone, observed, options.services)
            if service.enabled != enabled or (not enabled and service.disabled_reason != reason)
        ]
        if options.of_zone:
            left = [change.service for change in planned if not _is_of_zone(change, observed, options)]
            notes += [Note(name, _left(service, options)) for service in left if not service.enabled]
            planned = [change for change in planned if change.service not in left and not _keeps_mark(change)]
        if not enabled:
            # What is disabled is as it was asked for: nothing stops the others.
            kept = [change.service for change in planned if any(_obstacles(change.service, observed, options))]
            notes += [Note(name, _reason_kept(service)) for service in kept]
            planned = [change for change in planned if change.service not in kept]
        for change in planned:
            obstacles = [Refusal(name, *found) for found in _obstacles(change.service, observed, options)]
            refusals += obstacles
            # What stands by itself is kept where the rest of its zone is refused.
            changes += [] if obstacles and change.alone else [change]
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


def _is_of_zone(change: SetService, observed: Observed, options: Options) -> bool:
    """A manila that keeps no reasons has no marks either: to enable anything there is refused, unless that is allowed."""
    service = change.service
    unknown_by_whom = change.enabled and not observed.keeps_reasons
    return unknown_by_whom or is_of_zone(
        service.disabled_reason, enabled=service.enabled, disables=not change.enabled, dead=options.dead
    )


def _left(service: ShareService, options: Options) -> str:
    reason = service.disabled_reason or "no reason given"
    return f"{service.text} is disabled ({reason}), not {cause(dead=options.dead)}: it is left as it is."


def _keeps_mark(change: SetService) -> bool:
    """Whether it is in maintenance already, and that is to end when it was to end before."""
    service = change.service
    return (
        not (service.enabled or change.enabled)
        and change.reason is not None
        and until_of(change.reason) in ("", until_of(service.disabled_reason))
    )


def _obstacles(service: ShareService, observed: Observed, options: Options) -> Iterator[tuple[str, str]]:
    why = with_its_zone(service.disabled_reason, enabled=service.enabled)
    if why and not options.of_zone:
        yield (
            "maintenance",
            f"{service.text} is disabled {why} ({service.disabled_reason}). It is not changed. End that with {brought_back_by(service.disabled_reason)}.",
        )
        return
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
    if why := with_its_zone(service.disabled_reason, enabled=service.enabled):
        return f"{service.text} is already disabled {why} ({reason}): the reason is kept. {brought_back_by(service.disabled_reason)} ends it."
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
