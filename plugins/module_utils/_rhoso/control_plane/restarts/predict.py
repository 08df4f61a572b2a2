# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pods a change of the control plane restarts, also one that takes a zone away. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ...._kubernetes.apply.observe import Seen
from ...._kubernetes.client import Body
from ...._plan.change import Note
from ...spec.control_plane import KIND
from .storage import SERVICES, rolling, sets_of


def going(parts: Iterable[Seen]) -> set[str]:
    """The StatefulSets that are gone when these parts are removed."""
    return {
        name
        for seen in parts
        if seen.applied.ref.kind == KIND and seen.base is not None and seen.after is not None
        for service in SERVICES
        for name in _names(seen.base, service) - _names(seen.after, service)
    }


def _names(body: Body, service: str) -> set[str]:
    return set(sets_of(body.get("spec") or {}, service).values())


def restarts(seen: Seen, zones: Sequence[str], gone: Collection[str] = ()) -> Iterator[Note]:
    """Those of another zone are named by the shared step.

    :param zones: the zones that what is shared belongs to.
    :param gone: sets that do not restart because they are gone before.
    """
    if seen.applied.ref.kind != KIND or not seen.changes or seen.base is None or seen.after is None:
        return
    found = rolling(seen.base.get("spec") or {}, seen.after.get("spec") or {})
    sets = [name for name in found if name not in gone]
    shared = "" if seen.applied.zones else ", in all zones"
    for zone in seen.applied.zones or zones if sets else ():
        yield Note(zone, f"{seen.applied.step}: restarts the pods of {', '.join(sets)}{shared}.", mended=True)
