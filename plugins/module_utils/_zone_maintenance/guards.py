# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What blocks the maintenance of a zone as a whole. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from .._compute.model import Host
from .._plan.change import Refusal
from .._plan.disabled.reason import in_zone_maintenance, until_of
from .._plan.errors import ZoneopsError
from .._plan.text.listing import first
from .._rhoso.pod_placement.quorum import Group, weak
from .._zones.schema.zone_map import Zone, ZoneMap
from .defaults import pointing_to
from .model import DEFAULTS, QUORUM, Defaults, Quorum
from .until import is_over

SHOWN = 5
MAINTENANCE, DOWN = "maintenance", "down"


def before_begin(
    zone_map: ZoneMap,
    name: str,
    hosts: Mapping[str, Host],
    defaults: Defaults,
    quorum: Quorum | None,
    allow: Collection[str],
) -> Iterator[Refusal]:
    """All that blocks the beginning.

    :param hosts: of the cloud, by name.
    :param quorum: None where nobody has asked Kubernetes.
    """
    zone = zone_map.zones[name]
    if zone.zone_state != MAINTENANCE:
        yield Refusal(name, "zone_state", _unannounced(zone))
    others = [other for other in zone_map.zones.values() if other.name != name]
    for reason in (reason for other in others for reason in out_of_service(other, hosts)):
        advice = "One zone at a time: what is spread over the zones would lose its majority."
        yield Refusal(name, "other_zone", f"{reason}. {advice}")
    if DEFAULTS not in allow:
        yield from _led_here(zone_map, zone, defaults)
    if QUORUM not in allow:
        yield from _without_majority(zone, quorum)


def _led_here(zone_map: ZoneMap, zone: Zone, defaults: Defaults) -> Iterator[Refusal]:
    """Defaults that lead to the zone, and those of which that is unknown: one refusal for both."""
    found = list(pointing_to(zone_map, zone, defaults))
    said = (
        [f"defaults lead to zone {zone.name}: {'; '.join(text for _name, text in found)}. Change them"] if found else []
    )
    if defaults.unread:
        unknown = "; ".join(text.rstrip(". ") for text in defaults.unread)
        said.append(f"it is unknown whether defaults lead to zone {zone.name}: {unknown}. Correct that")
    if said:
        message = f"{'. '.join(said)}, or accept it: allow [defaults]."
        yield Refusal(zone.name, DEFAULTS, message, tuple({"kind": "default", "name": what} for what, _text in found))


def before_end(zone_map: ZoneMap, name: str) -> Iterator[Refusal]:
    """All that blocks the end."""
    if zone_map.zones[name].zone_state == DOWN:
        message = f"zone {name} is down, by zone_state of its file: its hosts are not enabled. Set 'zone_state: maintenance' once it is reachable."
        yield Refusal(name, "zone_state", message)


def announced(zone: Zone) -> str:
    """What is left to do in the zone's file after the end; empty where it is done."""
    if zone.zone_state != MAINTENANCE:
        return ""
    return f"the file of zone {zone.name} still says 'zone_state: maintenance': remove that line, so that site and verify expect the zone to work."


def overdue(zone: Zone, hosts: Mapping[str, Host], now: datetime) -> str:
    """That the maintenance was to be over; empty where it was not, or nobody said when."""
    mine = [hosts[name] for name in zone.compute_hosts if name in hosts]
    ends = {until_of(host.disabled_reason) for host in mine if not host.enabled}
    late = sorted(end for end in ends if is_over(end, now))
    if not late:
        return ""
    return f"the maintenance of zone {zone.name} was to end at {late[-1]}: end it, or set a later time (option until)."


def _unannounced(zone: Zone) -> str:
    return (
        f"zone_state of zone {zone.name} is {zone.zone_state}, so site and verify expect the zone to work. "
        f"Write this line into zoneops_zone in its file (host_vars/{zone.name}.yml): 'zone_state: maintenance'"
    )


def out_of_service(zone: Zone, hosts: Mapping[str, Host]) -> Iterator[str]:
    """Why a zone is out of service."""
    mine = [hosts[name] for name in zone.compute_hosts if name in hosts]
    marked = [host.name for host in mine if in_zone_maintenance(host.disabled_reason, enabled=host.enabled)]
    if zone.away:
        yield f"zone {zone.name} is {'down' if zone.zone_state == DOWN else 'in maintenance'}, by zone_state of its file"
    elif marked:
        yield f"zone {zone.name} is in maintenance, by the disabled reason of {first(SHOWN, marked, of=len(marked))}"
    elif mine and all(host.state != "up" for host in mine):
        yield f"zone {zone.name} has no compute host that is up"


def majorities(quorum: Quorum, option: str = "quorum") -> list[Group]:
    """As pod_placement_info returns them. Raises ZoneopsError for anything else."""
    found: list[Group] = []
    for name, one in quorum.items():
        members = one.get("members") if isinstance(one, Mapping) else None
        if not isinstance(members, Mapping) or not isinstance(one.get("size"), int):
            raise ZoneopsError(
                f"option '{option}' has no size and members for {name}: pass 'quorum' of pod_placement_info."
            )
        found.append(Group(name, one["size"], {str(zone): tuple(names) for zone, names in members.items()}))
    return found


def _without_majority(zone: Zone, quorum: Quorum | None) -> Iterator[Refusal]:
    if zone.kubernetes is None:
        return
    way = "To begin anyway: allow [quorum]."
    if not quorum:
        what = "is not set" if quorum is None else "names none"
        message = (
            f"it is unknown whether the control plane keeps its majorities without zone {zone.name}: option 'quorum' {what}. "
            f"Pass 'quorum' of pod_placement_info. {way}"
        )
        yield Refusal(zone.name, QUORUM, message)
        return
    for message in weak(zone.name, majorities(quorum)):
        yield Refusal(zone.name, QUORUM, f"{message} Repair it first. {way}")
