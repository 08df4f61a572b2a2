# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What switches instance HA off for a zone that is in maintenance or lost, and on again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Union

from ..._plan.change import Note, Plan, Refusal
from .changes import Await, Forget, HandOver, Switch, SwitchOff, SwitchOn
from .model import KIND, ON, InstanceHa

Finding = Union[Switch, Refusal, Note]  # noqa: UP007 - ansible-test's pylint does not know "|" between classes


def plan(
    zones: Sequence[str], found: Sequence[InstanceHa], *, begins: bool, away: Collection[str] = ()
) -> Plan[Switch]:
    """The changes of all zones.

    :param zones: a single one where it begins.
    :param away: at the end, the zones that are not back.
    """
    findings = [one for zone in zones for one in (begin(zone, found) if begins else end(zone, found, away))]
    return Plan.of(
        [one for one in findings if isinstance(one, Switch)],
        [one for one in findings if isinstance(one, Refusal)],
        [one for one in findings if isinstance(one, Note)],
    )


def begin(zone: str, found: Iterable[InstanceHa]) -> Iterator[Finding]:
    """Switched off is what is on, whoever switched it on."""
    for one in found:
        what = f"{KIND} {one.name}"
        if one.off and one.zone == zone:
            if not one.settled:
                yield Await(zone, one)
        elif one.off:
            whose = f"for zone {one.zone}" if one.zone else "by others, and stays off at the end"
            yield Note(zone, f"{what} is off already, {whose}.")
        elif one.disabled is None:
            yield Refusal(
                zone,
                "instance_ha",
                f"{what} cannot be switched off: the cluster's definition of it has no spec.disabled. Update the operators, or leave it on with "
                "zoneops_maintenance_instance_ha=false: it ignores hosts that are disabled.",
            )
        else:
            yield SwitchOff(zone, one)


def end(zone: str, found: Iterable[InstanceHa], away: Collection[str] = ()) -> Iterator[Finding]:
    """Switched on is only what was switched off for this zone, once no zone is away."""
    others = sorted(name for name in away if name != zone)
    for one in found:
        if one.zone == zone and not one.off:
            yield Forget(zone, one)
        elif one.zone == zone and zone in away:
            yield Note(zone, f"{KIND} {one.name} stays off until the whole zone is back. Run the same command then.")
        elif one.zone == zone and others:
            yield HandOver(zone, one, others[0])
        elif one.zone == zone:
            yield SwitchOn(zone, one, ON if one.before is None else one.before)
        elif one.off:
            whose = f"for zone {one.zone}" if one.zone else "by others"
            yield Note(zone, f"{KIND} {one.name} is off {whose}: it is left off.")
        elif not one.settled:
            # An earlier run switched it on, and ended before its operator had done so; or it fails for another reason.
            yield Note(zone, f"{KIND} {one.name} is on, but not Ready: check that it fences and evacuates again.")
