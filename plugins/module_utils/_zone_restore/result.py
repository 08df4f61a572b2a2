# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every server of the zones, with what became of it, for the result. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .model import SERVERS, VOLUMES, Restoration, Wanted
from .restorer import DONE, Fate
from .sorting import AGAIN, READY, Entry

PLANNED = "planned"


def account(first_look: Mapping[str, Sequence[Entry]], fates: Iterable[Fate], wanted: Wanted) -> list[dict[str, Any]]:
    """None is left out.

    :param first_look: what was to become of every server before the first write, by zone.
    :param fates: what became of those that were to be restored; none in check mode.
    """
    known = {fate.restoration.server: fate for fate in fates}
    return [
        _accounted(zone, entry, known.get(entry.server.id), wanted)
        for zone, entries in first_look.items()
        for entry in entries
    ]


def _accounted(zone: str, entry: Entry, fate: Fate | None, wanted: Wanted) -> dict[str, Any]:
    todo = entry.restoration if entry.what == AGAIN else None
    outcome, reason, new = entry.what, entry.reason, entry.new.id if entry.new is not None else None
    if todo is not None:
        outcome = PLANNED
    if fate is not None:
        outcome, reason, new = fate.outcome, fate.reason, fate.new or None
        if outcome == DONE and wanted.phase == VOLUMES:
            outcome = READY
    return {
        "server": entry.server.id,
        "name": entry.server.name,
        "project": entry.server.project,
        "zone": zone,
        "host": entry.server.host,
        "to": wanted.to if todo is not None else None,
        "outcome": outcome,
        "reason": reason,
        "new": new,
        "volumes": _volumes(todo, fate) if todo is not None else [],
        "differs": list(todo.differs) if todo is not None and wanted.phase == SERVERS else [],
        "seconds": round(fate.seconds, 1) if fate is not None else 0.0,
    }


def _volumes(todo: Restoration, fate: Fate | None) -> list[dict[str, Any]]:
    made = fate.volumes if fate is not None else {}
    return [{**copy.as_dict(), "new": made.get(copy.source.id) or copy.whole or None} for copy in todo.copies]
