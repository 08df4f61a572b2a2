# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Export locations outside their zone, and access rules that reach beyond it. Pure.

Shares may be used across zones, as the article of the distributed zones has it. Only those of a type or a project that is called zone-local are looked at
for their access rules; and only rules that the operator names are ever deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..._plan.change import Note, Plan, Refusal
from ..._plan.text.listing import first
from ..._zones.schema.zone_map import Zone, ZoneMap
from ..._zones.validation.entries import expanded
from ..api.model import SHARE, Instance, Rule, Share
from ..services.findings import NO_MANILA, without_manila
from .model import DeleteRule, Observed, Options
from .reach import hosts_of, lies_in, networks, reach

# Findings of a zone that are named one by one; all of them are in its state.
SHOWN = 20


@dataclass(frozen=True)
class Outside:
    """An export location that is not in its zone's storage networks."""

    share: Share | None
    instance: Instance
    path: str
    host: str
    owner: str | None

    @property
    def key(self) -> tuple[str, str]:
        return (self.instance.host or "").partition("#")[0], self.host

    @property
    def text(self) -> str:
        name = self.share.shown if self.share else self.instance.share_id
        where = f", in the storage network of zone {self.owner}" if self.owner else ""
        return f"share {name} is exported at {self.path}{where}"

    def as_item(self) -> dict[str, Any]:
        return {"kind": "export", "share": self.instance.share_id, "path": self.path, "in_zone": self.owner}


@dataclass(frozen=True)
class Beyond:
    """An access rule that reaches beyond the networks of its share's zone."""

    share: Share
    rule: Rule
    how: str

    @property
    def text(self) -> str:
        return f"access rule {self.rule.id} of share {self.share.shown} {self.how}"

    def as_item(self) -> dict[str, Any]:
        return {"kind": "access_rule", "share": self.share.id, **self.rule.as_dict()}


class Look:
    """What was seen, zone by zone."""

    def __init__(self, zone_map: ZoneMap, observed: Observed) -> None:
        self.zone_map = zone_map
        self.observed = observed
        self._by_zone = {zone.availability_zone: zone for zone in zone_map.zones.values()}

    def outside(self, zone: Zone) -> list[Outside]:
        """Export locations by address outside the zone's storage networks. Those for administrators only are none."""
        found = [item for item in self._exports(zone) if lies_in(item.host, networks(zone.storage_networks)) is False]
        return [item for item in found if item.key not in self.observed.admin_only]

    def unnamed(self, zone: Zone) -> list[str]:
        """Host names in export locations, of which only their users can tell where they are."""
        return sorted({item.host for item in self._exports(zone) if lies_in(item.host, ()) is None})

    def _exports(self, zone: Zone) -> Iterator[Outside]:
        if not zone.storage_networks:
            return
        for instance in self.observed.instances:
            if instance.availability_zone == zone.availability_zone:
                for path in instance.paths:
                    for host in hosts_of(path):
                        share = self.observed.shares.get(instance.share_id)
                        yield Outside(share, instance, path, host, self._owner(host))

    def _owner(self, host: str) -> str | None:
        zones = self.zone_map.zones.values()
        return next((zone.name for zone in zones if lies_in(host, networks(zone.storage_networks))), None)

    def beyond(self, zone: Zone) -> list[Beyond]:
        """Access rules of the zone's shares that reach beyond the networks of the zones that the share has copies in."""
        found = []
        for number, rules in self.observed.rules.items():
            share = self.observed.shares[number]
            if share.availability_zone == zone.availability_zone:
                zones = self.zones_of(share)
                allowed = networks(*(own for other in zones for own in (other.storage_networks, other.client_networks)))
                found += [Beyond(share, rule, how) for rule in rules if (how := reach(rule, allowed))]
        return found

    def zones_of(self, share: Share) -> list[Zone]:
        """The zones of the map that a share or its replicas are in."""
        places = {copy.availability_zone for copy in self.observed.instances if copy.share_id == share.id}
        return [zone for name, zone in self._by_zone.items() if name in {*places, share.availability_zone}]

    def seen(self, zone: Zone) -> dict[str, Rule]:
        """The access rules that were read of the zone's shares, by id."""
        return {
            rule.id: rule
            for number, rules in self.observed.rules.items()
            if self.observed.shares[number].availability_zone == zone.availability_zone
            for rule in rules
        }


def meant_for_their_zone(zone_map: ZoneMap, only: tuple[str, ...], observed: Observed) -> list[Share]:
    """The shares in these zones of types and projects that are zone-local."""
    types = {item.name for item in expanded(zone_map.region.share_types) if item.zone_local}
    projects = set(zone_map.region.zone_local_projects)
    names = {zone_map.zones[name].availability_zone for name in only}
    return [
        share
        for share in observed.shares.values()
        if share.availability_zone in names and (share.share_type in types or share.project_id in projects)
    ]


def plan_access(zone_map: ZoneMap, observed: Observed, options: Options) -> Plan[DeleteRule]:
    """The rules to delete, and what is to be known of each zone."""
    look = Look(zone_map, observed)
    changes: list[DeleteRule] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for zone in (zone_map.zones[name] for name in options.only):
        if not observed.present:
            wrong = without_manila(zone)
            refusals += [Refusal(zone.name, *wrong)] if wrong else []
            notes += [] if wrong else [Note(zone.name, NO_MANILA)]
            continue
        for project, wrong_with in observed.strange.items():
            text = f"zone_local_projects of the region: {project} {wrong_with}."
            # It does not block deleting a rule.
            refusals += [] if options.delete_rules else [Refusal(zone.name, "unknown_project", text)]
            notes += [Note(zone.name, text)] if options.delete_rules else []
        beyond = look.beyond(zone)
        named = [item for item in beyond if item.rule.id in options.delete_rules]
        changes += [DeleteRule(zone.name, item.share, item.rule) for item in named]
        refusals += [_dead(zone, item.share, dead) for item in named for dead in _halted(item.share, observed)]
        refusals += _within(zone, look, beyond, options)
        rest = [item.text for item in beyond if item not in named and not item.rule.going]
        notes += _shortened(zone, rest, "access rules")
        notes += [Note(zone.name, text, mended=True) for text in (item.text for item in named)]
        notes += _cannot_tell(zone, look, observed)
        outside = look.outside(zone)
        if not outside:
            continue
        # What is wrong with an export does not block deleting a rule.
        if "foreign_exports" in options.allow or options.delete_rules:
            notes += _shortened(zone, [item.text for item in outside], "export locations")
        else:
            refusals.append(_foreign_exports(zone, outside))
    return Plan.of(changes, refusals, notes)


def _halted(share: Share, observed: Observed) -> Iterator[str]:
    """The services of a share's copies that are down: manila takes the request, and the rule stays."""
    hosts = {(copy.host or "").partition("#")[0] for copy in observed.instances if copy.share_id == share.id}
    for service in observed.services or ():
        if service.host in hosts and service.binary == SHARE and not service.up:
            yield service.text


def _dead(zone: Zone, share: Share, service: str) -> Refusal:
    message = f"{service} is down, which share {share.shown} needs. Start it first: manila would accept the request, but keep the rule."
    return Refusal(zone.name, "service_down", message)


def _within(zone: Zone, look: Look, beyond: list[Beyond], options: Options) -> Iterator[Refusal]:
    """Rules that were named and stay in their zone are most likely a mistake."""
    reported = {item.rule.id for item in beyond}
    for number, rule in look.seen(zone).items():
        if number in options.delete_rules and number not in reported:
            yield Refusal(
                zone.name,
                "within_zone",
                f"access rule {number} ({rule.text}) does not reach beyond zone {zone.name}: it is not deleted. Remove it from delete_rules.",
            )


def unseen(observed: Observed, options: Options) -> list[str]:
    """Rules that were named and that no share has: of none of the zones, so that no verdict could tell."""
    seen = {rule.id for rules in observed.rules.values() for rule in rules}
    missing = [number for number in dict.fromkeys(options.delete_rules) if number not in seen]
    if not missing or not observed.present:
        return []
    hidden = ", or of a share whose rules could not be read" if observed.unseen else ""
    zones = ", ".join(options.only)
    message = (
        f"option 'delete_rules' names access rules that no zone-local share in {zones} has: {', '.join(missing)}. "
        f"They were deleted, are mistyped, or belong to a share that is not zone-local{hidden}; nothing was deleted for them."
    )
    return [message]


def _foreign_exports(zone: Zone, outside: list[Outside]) -> Refusal:
    shown = first(SHOWN, (item.text for item in outside), of=len(outside), separator="; ")
    return Refusal(
        zone.name,
        "foreign_exports",
        f"export locations outside the storage networks of zone {zone.name} ({', '.join(zone.storage_networks)}): {shown}. "
        "The gateway of a zone's shares has to be the zone's own: correct it, or storage_networks of the zone, or add "
        "to zoneops_allow (option allow): [foreign_exports].",
        tuple(item.as_item() for item in outside),
    )


def _shortened(zone: Zone, texts: list[str], what: str) -> Iterator[Note]:
    for text in texts[:SHOWN]:
        yield Note(zone.name, text)
    if len(texts) > SHOWN:
        yield Note(zone.name, f"{len(texts) - SHOWN} more {what}, see the state of the zone")


def _cannot_tell(zone: Zone, look: Look, observed: Observed) -> Iterator[Note]:
    """What is not known is said, and never taken for good."""
    if unnamed := look.unnamed(zone):
        yield Note(
            zone.name,
            f"shares are exported at host names, and it is unknown whether they are in the zone's storage networks: {', '.join(unnamed)}",
        )
    for number, reason in observed.unseen.items():
        if observed.shares[number].availability_zone == zone.availability_zone:
            yield Note(zone.name, f"access rules of share {observed.shares[number].shown} could not be read: {reason}")
    if look.seen(zone) and not (zone.storage_networks or zone.client_networks):
        yield Note(
            zone.name,
            "its file names neither storage_networks nor client_networks: every access rule of a zone-local share reaches beyond it",
        )


def describe(zone_map: ZoneMap, observed: Observed, zone: Zone) -> dict[str, Any]:
    """The findings of a zone."""
    look = Look(zone_map, observed)
    return {
        "exports_outside": [item.as_item() for item in look.outside(zone)],
        # The plan has a rule until manila has taken it away; that it goes is seen before.
        "rules_beyond": [{**item.as_item(), "how": item.how} for item in look.beyond(zone) if not item.rule.going],
    }
