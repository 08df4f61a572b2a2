# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as text: one line for each size, case and contender, with its ratios to the others of the same run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmark.cases import Row
from benchmark.contenders import Floor, FloorOfTypes
from benchmark.measure import Figures
from benchmark.size import Size

FIGURES = ("WALL s", "CPU s", "CALLS", "MB", "RUNS")
RATIOS = ("TO FLOOR: WALL", "CPU", "CALLS", "OPENSTACK.CLOUD+VERIFY TO IT: WALL", "CPU", "CALLS")
HEAD = ("SIZE", "CASE", "CONTENDER", *FIGURES, *RATIOS)


def cells(size: Size, rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """The lines of one case."""
    figures = {row.contender.name: row.figures for row in rows}
    other = figures.get("openstack.cloud+verify")
    return [
        (
            str(size),
            row.case.name,
            row.contender.name,
            f"{row.figures.seconds:.2f}",
            f"{row.figures.processor:.2f}",
            str(row.figures.calls),
            f"{row.figures.megabytes:.0f}",
            str(row.runs),
            *_ratios(row.figures, figures.get(_floor_of(row))),
            *_ratios(other, row.figures if row.contender.name == "site" else None),
        )
        for row in rows
    ]


def _floor_of(row: Row) -> str:
    """The floor that does as much as the contender; none for a floor itself."""
    if isinstance(row.contender, Floor):
        return ""
    return FloorOfTypes.name if row.contender.types else Floor.name


def _ratios(figures: Figures | None, to: Figures | None) -> tuple[str, str, str]:
    if figures is None or to is None:
        return ("", "", "")
    return (
        f"{figures.seconds / to.seconds:.2f}",
        f"{figures.processor / to.processor:.2f}",
        f"{figures.calls / to.calls:.2f}",
    )


def table(lines: Iterable[tuple[str, ...]]) -> str:
    """In Markdown, so that it can go into a page as it is."""
    rule = tuple("---" if number < 3 else "---:" for number in range(len(HEAD)))
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEAD, rule, *lines))
