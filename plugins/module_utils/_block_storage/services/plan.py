# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services of cinder to enable or disable, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._plan.change import Note, Plan, Refusal
from ..._plan.disabled.reason import brought_back_by, cause, is_of_zone, marked, until_of, with_its_zone
from ..._zones.schema.zone_map import ZoneMap
from ..api.model import VOLUME, Service
from .model import Observed, Options, SetService, is_ours


def plan_services(zone_map: ZoneMap, observed: Observed, options: Options) -> Plan[SetService]:
    """The services of the zones, set as asked. A service belongs to the zone that it reports."""
    changes: list[SetService] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    # At the end of a zone's maintenance what comes back is kept, whatever else does not.
    alone = options.of_zone and (options.status == "enabled" or options.dead)
    for zone in options.only:
        for service in services_of(zone_map, observed, options, zone):
            reason = None if options.reason is None else marked(options.reason)
            if service.enabled if reason is None else (not service.enabled and service.reason == reason):
                continue
            if options.of_zone and not _is_of_zone(service, observed, options):
                notes += _left(zone, service, options)
                continue
            if options.of_zone and _keeps_mark(service, reason):
                continue
            obstacles = list(_obstacles(service, observed, options))
            if obstacles and reason is not None:
                # It is disabled, which is what was asked for: nothing stops the others.
                notes.append(Note(zone, _reason_kept(service)))
                continue
            refusals += [Refusal(zone, rule, message) for rule, message in obstacles]
            changes.append(SetService(zone, service, reason, alone=alone))
            if not service.up and reason is None:
                notes.append(
                    Note(zone, f"{service.text} is down: once enabled, it serves nothing until it is started.")
                )
    return Plan.of(changes, refusals, notes)


def services_of(zone_map: ZoneMap, observed: Observed, options: Options, zone: str) -> list[Service]:
    """The services of a zone that are worked on, in their order."""
    name = zone_map.zones[zone].availability_zone
    return [
        observed.services[key]
        for key in sorted(observed.services)
        if observed.services[key].zone == name
        and key[0] in options.binaries
        and (options.services is None or key[1] in options.services)
    ]


def unknown(zone_map: ZoneMap, observed: Observed, options: Options) -> str:
    """Why the services that were named cannot be meant; empty where they can."""
    mine = [service for zone in options.only for service in services_of(zone_map, observed, options, zone)]
    everywhere = [
        service
        for zone in options.only
        for service in services_of(zone_map, observed, Options(options.only, options.binaries), zone)
    ]
    missing = sorted(set(options.services or ()) - {service.host for service in mine})
    if not missing:
        return ""
    bare = [name for name in missing if any(service.host.startswith(f"{name}@") for service in everywhere)]
    # Cinder takes a bare host, and disables one of its back ends, whichever it finds first.
    hint = " A cinder-volume is named HOST@BACKEND, never by its host alone." if bare else ""
    return (
        f"option 'services': cinder has no service {', '.join(missing)} in {', '.join(options.only)}. "
        f"It has {', '.join(service.host for service in everywhere) or 'none'}.{hint}"
    )


def frozen_by_whom(zone_map: ZoneMap, observed: Observed, options: Options) -> bool:
    """Whether one of the services is frozen, and it is not known by whom."""
    if observed.thawing is not None:
        return False
    mine = (service for zone in options.only for service in services_of(zone_map, observed, options, zone))
    return any(service.frozen and not is_ours(service) for service in mine)


def _is_of_zone(service: Service, observed: Observed, options: Options) -> bool:
    disables = options.status == "disabled"
    # Frozen to be enabled: freezing wiped the mark out.
    thawing = service.frozen and (is_ours(service) or service.host in (observed.thawing or ()))
    mine = is_of_zone(service.reason, enabled=service.enabled, disables=disables, dead=options.dead)
    return mine or (thawing and not disables)


def _left(zone: str, service: Service, options: Options) -> Iterator[Note]:
    if not service.enabled:
        yield Note(zone, f"{service.text} is {service.state}, not {cause(dead=options.dead)}: it is left as it is.")


def _keeps_mark(service: Service, reason: str | None) -> bool:
    """Whether it is in maintenance already, and that is to end when it was to end before."""
    return not service.enabled and reason is not None and until_of(reason) in ("", until_of(service.reason))


def _obstacles(service: Service, observed: Observed, options: Options) -> Iterator[tuple[str, str]]:
    why = with_its_zone(service.reason, enabled=service.enabled)
    if why and not options.of_zone:
        yield (
            "maintenance",
            f"{service.text} is disabled {why} ({service.reason}): it is not changed. End that with {brought_back_by(service.reason)}.",
        )
        return
    if service.enabled or is_ours(service) or (service.frozen and service.host in (observed.thawing or ())):
        return
    if service.frozen and options.status == "enabled":
        # Only thawing would enable it, and that is never done over a foreign reason.
        message = (
            f"{service.text} was frozen by others, as part of a failover: it is not changed, and no override changes it. "
            f"Ask those who froze it to run 'openstack volume host set --enable {service.host}'."
        )
        yield "foreign_freeze", message
        return
    if "foreign_reasons" in options.allow:
        return
    how = "frozen" if service.frozen else f"disabled ({service.reason or 'no reason given'})"
    yield (
        "foreign_reasons",
        f"{service.text} was {how} by others: it is not changed. To change it anyway: allow [foreign_reasons].",
    )


def _reason_kept(service: Service) -> str:
    if why := with_its_zone(service.reason, enabled=service.enabled):
        return f"{service.text} is already disabled {why} ({service.reason}): the reason is kept. {brought_back_by(service.reason)} ends it."
    how = (
        "frozen, and so already disabled"
        if service.frozen
        else f"already disabled by others ({service.reason or 'no reason given'})"
    )
    return f"{service.text} is {how}: the reason is kept. To replace it: allow [foreign_reasons]."


def may_thaw(service: Service, options: Options) -> str:
    """Why freezing and thawing is no way to enable a service; empty where it is."""
    record = f"'cinder-manage service remove {service.binary} {service.host}' and a restart of it create a new, enabled record"
    if service.binary != VOLUME:
        return f"only a cinder-volume could be frozen and thawed; {record}"
    if service.replicated:
        return f"its back end replicates, and freezing is part of a failover there; {record}"
    if not (service.frozen or is_ours(service)):  # one that is frozen was planned to be thawed only where it is ours
        by = f"others disabled it ({service.reason or 'no reason given'})"
        return f"{by}, and freezing would erase that reason, so no override allows it; {record}"
    if "thaw" not in options.allow:
        return "to enable it by freezing and thawing it: allow [thaw]"
    return ""
