# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What switches instance HA off for a zone that is in maintenance or lost, and on again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Union

from ..._plan.change import Note, Plan, Refusal
from .changes import Await, Forget, HandOver, Join, Switch, SwitchOff, SwitchOn, in_words
from .model import KIND, ON, InstanceHa

#: What ends it, for people.
ON_AGAIN = "the playbook zone_return, or the end of the maintenance, switches it on."
#: What is left to do before an evacuation where nothing switches it off.
NO_FIELD = "An evacuation needs that it cannot act: delete the object, and create it again afterwards."
#: Of marks that no run can end.
NOT_IN_MAP = (
    'which the zone map does not have, or has without a Kubernetes side: set spec.disabled to "False" if it is to work.'
)
Finding = Union[Switch, Refusal, Note]  # noqa: UP007 - ansible-test's pylint does not know "|" between classes


def plan(
    zones: Sequence[str],
    found: Sequence[InstanceHa],
    known: Collection[str],
    *,
    begins: bool,
    away: Collection[str] = (),
) -> Plan[Switch]:
    """The changes of all zones.

    :param zones: a single one where it begins.
    :param known: all zones of the map that have a Kubernetes side. A mark of another one has no run that could end it.
    :param away: at the end, the zones that are not back.
    """
    findings = [one for zone in zones for one in begin(zone, found)] if begins else list(end(zones, found, known, away))
    return Plan.of(
        [one for one in findings if isinstance(one, Switch)],
        [one for one in findings if isinstance(one, Refusal)],
        [one for one in findings if isinstance(one, Note)],
    )


def begin(zone: str, found: Iterable[InstanceHa]) -> Iterator[Finding]:
    """Switched off is what is on, whoever switched it on."""
    for one in found:
        what = f"{KIND} {one.name}"
        if one.off and one.zones and zone not in one.zones:
            yield Join(zone, one)
        elif one.off:
            if not one.settled:
                yield Await(zone, one)
            whose = (
                f"for {in_words(one.zones)}: {ON_AGAIN}"
                if one.zones
                else "already, by others, and stays off at the end."
            )
            yield Note(zone, f"{what} is off {whose}")
        elif one.disabled is None:
            yield Refusal(
                zone,
                "instance_ha",
                f"{what} cannot be switched off: the cluster's definition of it has no spec.disabled. Update the operators. Without that, a maintenance can "
                f"leave it on (zoneops_maintenance_instance_ha=false), since it ignores hosts that are disabled. {NO_FIELD}",
            )
        else:
            yield SwitchOff(zone, one)


def end(
    zones: Sequence[str], found: Iterable[InstanceHa], known: Collection[str], away: Collection[str] = ()
) -> Iterator[Finding]:
    """Switched on is only what was switched off for these zones, once no zone is away. One write for each, by the first zone that is back."""
    for one in found:
        mine = [zone for zone in zones if zone in one.zones]
        back = [zone for zone in mine if zone not in away]
        if mine and not one.off:
            yield Forget(mine[0], one, tuple(mine))
        elif back:
            to = {*one.zones, *away}.intersection(known).difference(back)
            restored = ON if one.before is None else one.before
            yield HandOver(back[0], one, tuple(sorted(to))) if to else SwitchOn(back[0], one, restored)
        else:
            yield from _left(zones, one, known)


def _left(zones: Sequence[str], one: InstanceHa, known: Collection[str]) -> Iterator[Note]:
    for zone in zones:
        what = f"{KIND} {one.name}"
        if one.off and zone in one.zones:
            why = "a host is out of service or failed, or a cell of nova does not answer. Correct that, and run this again."
            yield Note(zone, f"{what} stays off until the whole zone is back: {why}")
        elif one.off and one.zones and not set(one.zones).intersection(known):
            yield Note(zone, f"{what} is off for {in_words(one.zones)}, {NOT_IN_MAP}")
        elif one.off:
            whose = (
                f"for {in_words(one.zones)}, and stays off: {ON_AGAIN}" if one.zones else "by others: it is left off."
            )
            yield Note(zone, f"{what} is off {whose}")
        elif not one.settled:
            # An earlier run switched it on, and ended before its operator had done so; or it fails for another reason.
            yield Note(zone, f"{what} is on, but not Ready: check that it fences and evacuates again.")
