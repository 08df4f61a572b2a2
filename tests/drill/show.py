# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see: each step with the time since the beginning, and tables that fit into 80 columns. Pure but for printing."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

WIDTH = 80
#: Of the table that a playbook prints: what a loss shows in, and what has room.
COLUMNS = ("ZONE", "RESULT", "NODES", "PODS", "AVAILABLE", "HOSTS UP", "SERVERS", "VOLUME", "BACKUP")
GAP = "  "


class Screen:
    """Prints, with the time since it was made.

    :ivar at: seconds since the beginning at which each step began, by its name.
    """

    def __init__(self, out: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._begun = clock()
        self.at: dict[str, float] = {}

    def step(self, name: str, text: str) -> None:
        """A new step of the drill."""
        self.at[name] = self._clock() - self._begun
        self._out("")
        self._paragraph(f"{minutes(self.at[name])}  {text}", "      ")

    def say(self, text: str) -> None:
        self._paragraph(f"      {text}", "      ")

    def lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._out(line)

    def between(self, first: str, last: str) -> str:
        """The time from one step to another."""
        return minutes(self.at[last] - self.at[first]).strip()

    def _paragraph(self, text: str, more: str) -> None:
        self.lines(textwrap.wrap(text, WIDTH, subsequent_indent=more, break_on_hyphens=False, break_long_words=False))


def short(text: str) -> str:
    """With the lab's names of hosts as people call them, and without ids."""
    text = re.sub(r" \([0-9a-f]{8}-[0-9a-f-]{27}\)", "", text)
    return re.sub(r"\bcompute-(\w+-\d+)(?:\.[\w-]+)*\b", r"\1", text)


def minutes(seconds: float) -> str:
    return f"{int(seconds) // 60:2}:{int(seconds) % 60:02}"


def typed(words: Sequence[str]) -> list[str]:
    """A command as it is typed, on as many lines as it needs."""
    lines, line = [], "      $"
    for word in words:
        if len(line) + len(word) + len(" \\") >= WIDTH:
            lines.append(f"{line} \\")
            line = "         "
        line += f" {word}"
    return [*lines, line]


def zones_of(output: str) -> list[str]:
    """The last table of zones in what a playbook printed, with the columns that have room."""
    lines = [line.rstrip() for line in output.splitlines()]
    heads = [number for number, line in enumerate(lines) if line.startswith("ZONE ")]
    if not heads:
        return []
    head = lines[heads[-1]]
    begins = [match.start() for match in re.finditer(r"(?:(?<=  )|^)\S", head)]
    ends = [*begins[1:], None]
    rows = [head]
    for line in lines[heads[-1] + 1 :]:
        if not line:
            break
        rows.append(line)
    cells = [[row[begin:end].strip() for begin, end in zip(begins, ends, strict=True)] for row in rows]
    chosen = [place for place, name in enumerate(cells[0]) if name in COLUMNS]
    return table([[row[place] for place in chosen] for row in cells])


def servers(kinds: Mapping[str, str], moments: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Where each server was at each moment.

    :param kinds: what each one is, by its name.
    :param moments: by the heading: where each one was, by its name.
    """
    head = ["SERVER", "BOOTS FROM", *moments]
    return table(
        [head, *([name, kind, *(seen.get(name, "-") for seen in moments.values())] for name, kind in kinds.items())]
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
