# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list in the cloud that several zones share: what a run may make of it. Pure.

Nothing is dropped from it unless a zone of the run or the entry's own `zones` gives it up, and only accepted zones are added: a zone that is
missing in the inventory, left out by a limit or refused has not given anything up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .schema.fields import AllZones

if TYPE_CHECKING:
    from .schema.zone_map import Entry


@dataclass(frozen=True)
class Shared:
    """The list as it is after the run.

    :ivar names: what is in it.
    :ivar kept: those of `names` that no zone of the entry stands for.
    :ivar waiting: inventory names of the entry's zones that are not added, since this run has not accepted them.
    """

    names: tuple[str, ...]
    kept: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def shared(entry: Entry, accepted: Collection[str], called: Mapping[str, str], there: Iterable[str]) -> Shared:
    """What becomes of the list of an entry.

    :param accepted: zones that this run works on and that nothing refuses.
    :param called: what each zone of the map is called in the list, by inventory name.
    :param there: the list as it is.
    """
    there = tuple(there)
    asked = {called[zone]: zone for zone in entry.zones}
    names = tuple(name for name, zone in asked.items() if zone in accepted or name in there)
    waiting = tuple(zone for name, zone in asked.items() if name not in names)
    others = [name for name in there if name not in asked]
    if isinstance(entry.zones, AllZones):
        kept = tuple(others)
    else:
        # What no zone of the map is called may be the former name of one that is still to be accepted.
        known = frozenset(called.values())
        kept = tuple(name for name in others if waiting and name not in known)
    return Shared((*names, *kept), kept, waiting)
