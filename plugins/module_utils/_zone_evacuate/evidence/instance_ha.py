# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other tools that evacuate hosts by themselves, RHOSO's instance HA and Masakari: two of them never evacuate one host. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._masakari.changes import SetMaintenance
from ..._masakari.plan import work_in
from ..._plan.disabled.reason import dead_mark
from ..._rhoso.instance_ha.plan import NO_FIELD
from ..model import INSTANCE_HA, Seen, Wanted

BOTH = "Two tools that evacuate one server lose it."
OFF_BY_HAND = 'Switch it off first (spec.disabled: "True").'
IF_IT_CANNOT = "If it cannot act, as when it is down itself: allow [instance_ha]."


def of_region(seen: Seen, wanted: Wanted) -> Iterator[str]:
    """Why no host is evacuated."""
    if INSTANCE_HA in wanted.allow:
        return
    if unread := seen.masakari.unread:
        yield f"it is unknown whether Masakari evacuates hosts of the zone: {unread.rstrip('. ')}. {IF_IT_CANNOT}"
    found = wanted.instance_ha or {}
    for name, one in found.items():
        if "unread" in one:
            yield f"{name} may be on, and evacuate hosts by itself: {str(one['unread']).rstrip('. ')}. {IF_IT_CANNOT}"
    on = sorted(
        name for name, one in found.items() if "unread" not in one and str(one.get("disabled")).lower() != "true"
    )
    # Of an older definition, which has no such field.
    fixed = [name for name in on if found[name].get("disabled") is None]
    for names, how in (([name for name in on if name not in fixed], OFF_BY_HAND), (fixed, NO_FIELD)):
        if names:
            yield f"{', '.join(names)} is on, and evacuates hosts by itself. {BOTH} {how} {IF_IT_CANNOT}"


def of_host(seen: Seen, wanted: Wanted, name: str, place: str) -> str:
    """Why Masakari keeps a host from being evacuated; empty where it does not.

    :param place: the availability zone, whose aggregate remembers what is changed in Masakari.
    """
    host = seen.masakari.hosts.get(name)
    if host is None or INSTANCE_HA in wanted.allow:
        return ""
    for one in seen.masakari.recoveries or ():
        if one.host == host.uuid:
            return f"Masakari works on host {name} ({one.kind}, {one.status}). {BOTH} Wait for its end. {IF_IT_CANNOT}"
    if host.on_maintenance:
        return ""
    by_hand = f"openstack segment host update --on_maintenance True {host.segment_name} {name}"
    segment = f"host {name} is in segment {host.segment_name} of Masakari, and not on maintenance there"
    if not wanted.masakari:
        return f"{segment}: it may be evacuated by it. {BOTH} Put it on maintenance: {by_hand}. {IF_IT_CANNOT}"
    if work := work_in(seen.masakari, host.segment):
        return f"{segment}. Masakari changes no host of a segment while it works on failures there: {work}. Wait for its end. {IF_IT_CANNOT}"
    if place not in seen.masakari.remembered:
        return (
            f"{segment}, and availability zone {place} has no host aggregate, which would remember that. Put it on maintenance by hand, and take it off "
            f"after its return: {by_hand}"
        )
    return ""


def ignoring(seen: Seen, wanted: Wanted, name: str, zone: str) -> SetMaintenance | None:
    """What makes Masakari ignore a host; None where it does, does not know it, or is not to be touched."""
    host = seen.masakari.hosts.get(name)
    if host is None or host.on_maintenance or INSTANCE_HA in wanted.allow or not wanted.masakari:
        return None
    return SetMaintenance(zone, host, on=True, reason=f"{dead_mark(zone=False)}: {wanted.reason}")
