# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier run applied and did not see come is waited for before an existing zone is changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..._kubernetes.apply.changes import Await, Write
from ..._kubernetes.apply.observe import Seen
from ..spec.control_plane import KIND
from ..status.service_objects import pieces

# The name of what zones share among the parts that are late.
SHARED = ""


def present(observed: Iterable[Seen]) -> dict[str, Seen]:
    """The parts that the control plane object has already, by zone: this collection's, and zones of others that it adopts."""
    return {
        _name(seen): seen
        for seen in observed
        if seen.applied.ref.kind == KIND and seen.live is not None and (not seen.new or _adopted(seen))
    }


def with_waits(
    changes: Sequence[Write], there: Mapping[str, Seen], late: Mapping[str, str], sharing: tuple[str, ...]
) -> list[Write]:
    """The changes, and before the first one of a zone that exists the waits for those that are late and not changed.

    :param late: what is missing of each part of those that are there, where something is.
    """
    changed = {SHARED if change.shared else change.zone for change in changes}
    waits = [
        Await(name or sharing[0], seen, sharing, late[name])
        for name, seen in there.items()
        # What is refused is never sent, so its values never come.
        if name in late and name not in changed and not (seen.conflicts or seen.rejected)
    ]
    shared = [change for change in (*changes, *waits) if change.shared]
    own = [change for change in changes if not change.shared]
    first = next((index for index, change in enumerate(own) if change.zone in there), len(own))
    return [*shared, *own[:first], *(wait for wait in waits if not wait.shared), *own[first:]]


def still_to_come(zone: str, late: Mapping[str, str], left: Iterable[Write]) -> Iterator[str]:
    """Other zones that were late at the beginning: the whole cannot be ready before they are."""
    return (change.zone for change in left if not change.shared and change.zone != zone and change.zone in late)


def _adopted(seen: Seen) -> bool:
    """Whether a zone runs that another manager has made: its change restarts pods that are in use."""
    wanted, live = (_keys(body) for body in (seen.applied.body, seen.live or {}))
    return bool(seen.applied.zones) and not wanted.isdisjoint(live)


def _keys(body: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(piece.kind, piece.key) for piece in pieces(body.get("spec") or {})}


def _name(seen: Seen) -> str:
    return seen.applied.zones[0] if seen.applied.zones else SHARED
