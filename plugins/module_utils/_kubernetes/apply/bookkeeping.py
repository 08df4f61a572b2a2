# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has still to write, is writing and has failed at. Zones are written in parallel, so every question is asked under one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from .changes import Write
from .observe import Seen

#: What is to be done before a part is settled.
Step = Callable[[], None]


class Bookkeeping:
    """Of one run. A part is a zone's own changes, or with an empty name those that zones share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: list[Write] = []
        self._under_way: set[str] = set()
        self._written: set[str] = set()
        self._owed: dict[str, list[Step]] = {}
        self._seen: dict[tuple[str, str], Seen] = {}
        self._failed = ""

    def start(self, changes: Iterable[Write]) -> None:
        """These are left to write."""
        with self._lock:
            self._left = list(changes)

    def saw(self, seen: Seen) -> None:
        """A part was looked at again."""
        with self._lock:
            self._seen[seen.applied.key] = seen

    def latest(self, before: Iterable[Seen]) -> tuple[Seen, ...]:
        """These, each as it was looked at last."""
        with self._lock:
            return tuple(self._seen.get(seen.applied.key, seen) for seen in before)

    def owe(self, part: str, step: Step) -> None:
        """To be done when the last change of the part is written."""
        with self._lock:
            self._owed.setdefault(part, []).append(step)

    def owed(self, part: str) -> tuple[Step, ...]:
        with self._lock:
            return tuple(self._owed.get(part, ()))

    def begin(self, change: Write) -> None:
        """Its part is under way until it is settled."""
        with self._lock:
            self._under_way.add(change.part)

    def done(self, change: Write) -> bool:
        """A change is written; whether it was the last one of its part."""
        with self._lock:
            self._left.remove(change)
            return all(left.part != change.part for left in self._left)

    def settle(self, part: str) -> None:
        """Nothing of it is waited for any more."""
        with self._lock:
            self._under_way.discard(part)

    def fail(self, change: Write) -> None:
        """The first failure counts."""
        with self._lock:
            name = f"the shared part '{change.text}'" if change.shared else f"zone {change.zone}"
            self._failed = self._failed or name

    def wrote(self, path: str) -> None:
        """The object there is no longer as it was seen."""
        with self._lock:
            self._written.add(path)

    def has_written(self, path: str) -> bool:
        with self._lock:
            return path in self._written

    @property
    def failed(self) -> str:
        """What failed first, for people; empty where nothing did."""
        with self._lock:
            return self._failed

    @property
    def left(self) -> tuple[Write, ...]:
        """The changes that are not written yet."""
        with self._lock:
            return tuple(self._left)

    @property
    def under_way(self) -> frozenset[str]:
        """The parts that were begun and are not settled; one that failed never is."""
        with self._lock:
            return frozenset(self._under_way)
