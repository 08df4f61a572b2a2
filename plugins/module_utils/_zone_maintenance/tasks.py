# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cinder and glance do in a zone is awaited before its servers are touched, in the flow of a writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from .._plan.change import Change, Note, Plan
from .._plan.converge import Reconciler
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._plan.progress import Awaited
from .._plan.text.listing import first

#: A backup of a large volume takes longer: the message says what to do then.
AWAIT_SECONDS = 600.0
LOOK_SECONDS = 5.0
SHOWN = 10


@dataclass(frozen=True)
class UnderWay:
    """What is under way in a zone.

    :ivar tasks: the status by object.
    :ivar unread: what could not be read, and why.
    """

    tasks: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


Tasks = Mapping[str, UnderWay]


@dataclass(frozen=True)
class Await(Change):
    """Nothing is written: what would be cut off ends first."""

    action: ClassVar[str] = "await_tasks"
    tasks: Mapping[str, str]

    @property
    def target(self) -> str:
        return ", ".join(self.tasks)

    @property
    def before(self) -> dict[str, Any]:
        return dict(self.tasks)

    @property
    def after(self) -> dict[str, Any]:
        return dict.fromkeys(self.tasks, "ended")

    @property
    def writes(self) -> bool:
        return False

    @property
    def text(self) -> str:
        return f"await {_shown(self.tasks)}"


class AwaitTasks(Reconciler[Tasks, Await]):
    """The reconciler that `_plan.converge` works in.

    :param look: what is under way in a zone, by its inventory name.
    :param stay: what does not end is reported, and holds nothing up.
    :param warn: takes what is reported.
    """

    def __init__(
        self,
        zones: Sequence[str],
        look: Callable[[str], UnderWay],
        deadline: Deadline,
        warn: Callable[[str], None],
        *,
        stay: bool,
    ) -> None:
        self._zones = zones
        self._look = look
        self._deadline = deadline
        self._warn = warn
        self._stay = stay
        self._left: dict[str, frozenset[str]] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self._zones

    def observe(self) -> Tasks:
        """Without what this run has awaited long enough."""
        return {zone: self._without_left(zone, self._look(zone)) for zone in self._zones}

    def _without_left(self, zone: str, found: UnderWay) -> UnderWay:
        left = self._left.get(zone, frozenset())
        return replace(found, tasks={name: status for name, status in found.tasks.items() if name not in left})

    def observe_details(self, observed: Tasks, plan: Plan[Await]) -> Tasks | None:
        """All is known already."""
        del observed, plan
        return None

    def plan(self, observed: Tasks) -> Plan[Await]:
        notes = [
            Note(zone, f"could not be read, so what is under way there is not awaited: {text}")
            for zone, found in observed.items()
            for text in found.unread
        ]
        return Plan.of([Await(zone, found.tasks) for zone, found in observed.items() if found.tasks], (), notes)

    def simulate(self, observed: Tasks, change: Await) -> Tasks:
        return {**observed, change.zone: replace(observed[change.zone], tasks={})}

    def describe(self, observed: Tasks, zone: str) -> Mapping[str, Any]:
        del observed, zone
        return {}

    def write(self, change: Await) -> None:
        awaited = Awaited(change.zone)
        left = change.tasks
        while True:
            now = self._look(change.zone).tasks
            left = {name: now[name] for name in left if name in now}
            if not left:
                return
            if awaited.seconds >= AWAIT_SECONDS or not self._deadline.remaining():
                break
            awaited.is_now(f"awaiting {_shown(left)}")
            time.sleep(min(LOOK_SECONDS, self._deadline.remaining()))
        stuck = f"still under way after {awaited.seconds:.0f} s: {_shown(left)}."
        if not self._stay:
            raise ZoneopsError(
                f"{stuck} Run it again once they have ended, or reset what is stuck. To continue without them: allow [stay]."
            )
        self._left[change.zone] = frozenset(left)
        self._warn(f"{change.zone}: {stuck}")


def _shown(tasks: Mapping[str, str]) -> str:
    texts = (f"{name} ({status})" for name, status in sorted(tasks.items()))
    return first(SHOWN, texts, of=len(tasks), separator="; ")
