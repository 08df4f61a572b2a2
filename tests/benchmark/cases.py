# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases: in which state each finds the cloud, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.cloud import Cloud
from benchmark.contenders import Contender, FloorOfTypes
from benchmark.measure import Failed, Figures, measure, median
from benchmark.size import Zone

# A run that takes longer is not repeated.
MINUTES = 120.0


@dataclass(frozen=True)
class Case:
    """What is measured.

    :ivar empty: on a cloud without zones; else on one that has them.
    :ivar move: one host is wanted in another zone, and then back in its own.
    """

    name: str
    empty: bool = False
    check: bool = False
    move: bool = False


# The first on an empty cloud changes nothing, so that the next finds it empty.
CASES = (
    Case("check-first", empty=True, check=True),
    Case("first", empty=True),
    Case("no-op"),
    Case("check", check=True),
    Case("move", move=True),
)


@dataclass(frozen=True)
class Row:
    case: Case
    contender: Contender
    figures: Figures
    runs: int


class Measurement:
    """Measures on one cloud, the contenders in turn so that other load on the machine meets all of them."""

    def __init__(self, cloud: Cloud, folder: Path, repeat: int) -> None:
        self.cloud = cloud
        self.folder = folder
        self.repeat = repeat

    def rows(self, case: Case, contenders: Sequence[Contender]) -> Iterator[Row]:
        """One row for each contender that can do what the case asks."""
        contenders = [one for one in contenders if one.writes or not (case.empty or case.move)]
        runs: dict[str, list[Figures]] = {contender.name: [] for contender in contenders}
        for _turn in range(self.repeat):
            for contender in contenders:
                done = runs[contender.name]
                if not any(run.seconds > MINUTES for run in done):
                    # The first run of a contender warms up: it compiles Python modules and fills the lab's caches.
                    warm_up = not done and not case.empty and self.repeat > 1
                    figures = self._run(case, contender)
                    done.append(self._run(case, contender) if warm_up and figures.seconds < MINUTES else figures)
        for contender in contenders:
            yield Row(case, contender, median(runs[contender.name]), len(runs[contender.name]))

    def _run(self, case: Case, contender: Contender) -> Figures:
        home = self.cloud.size.home()
        if case.empty:
            self.cloud.empty()
        elif not self.cloud.has(home, types=True):
            self.cloud.fill(home)
            self._measured(FloorOfTypes(), home)
        if not case.move:
            return self._measured(contender, home, check=case.check, changed=case.empty)
        moved = self._measured(contender, self.cloud.size.moved(), changed=True)
        # The way back is a move of one host as well, and the next one starts where this one did.
        return median([moved, self._measured(contender, home, changed=True)])

    def _measured(
        self, contender: Contender, wanted: Sequence[Zone], *, check: bool = False, changed: bool | None = None
    ) -> Figures:
        self.folder.mkdir(parents=True, exist_ok=True)
        had = self.cloud.has(wanted, types=contender.types)
        finished = measure(contender.command(self.folder, wanted, check=check), self.cloud.environ, self.cloud.lab)
        if changed not in (None, contender.changed(finished.output)):
            raise Failed(f"{contender.name} said changed={not changed}:\n{finished.output[-3000:]}")
        if self.cloud.has(wanted, types=contender.types) != (had if check else True):
            raise Failed(f"{contender.name} left the cloud in another state:\n{finished.output[-3000:]}")
        return finished.figures
