# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what a region can bear, for people: 80 columns. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .._plan.text.columns import left, right, width, wrapped
from .._zones.errors import one_line
from .classify import RESTORE, WAITS
from .facts.shapes import MEMORY, VCPU
from .headroom import Headroom
from .model import LOST
from .plan import OUTCOMES, Answer
from .result import addition_text, amounts_of, least, no_room, totals

WIDTH = 80
HEAD = ("SERVERS", "VCPU", "MEM-G", "DISK-G", "FITS", "CROSSES", "WAITS", "RESTORE", "NO-ROOM", "LEFT")
# A longer name stands above its line.
NAME = 12
# Lines of one kind.
MOST = 20
MOST_REASONS = 5


def lines(answers: Mapping[str, Answer], event: str, now: Mapping[str, Headroom] | None = None) -> list[str]:
    """The table and what is below it.

    :param answers: by zone, or one for hosts.
    :param now: what zones have free while nothing is away; None where it is not zones that are asked about.
    """
    what = "hosts are" if now is None else "one zone at a time is"
    head = f"If {what} {'lost' if event == LOST else 'drained'}:"
    found = [head, *_table(answers)]
    if now is not None:
        found += ["", *_headroom(answers, now)]
    found += _without_room(answers)
    for outcome, title in ((WAITS, "waits"), (RESTORE, "needs a restore")):
        found += _reasons(answers, outcome, title)
    if not all(answer.exact for answer in answers.values()):
        found += _wrapped(
            "note: this is a careful estimate: with little room left, nova may place a few servers more",
            "",
        )
    return found


def _table(answers: Mapping[str, Answer]) -> list[str]:
    rows = {name: _cells(answer) for name, answer in answers.items()}
    widths = [max(len(cell) for cell in column) for column in zip(HEAD, *rows.values(), strict=True)]
    first = max((width(name) for name in (*rows, "ZONE") if width(name) <= NAME), default=0)
    found = [_line("ZONE", first, HEAD, widths)]
    for name, cells in rows.items():
        if width(name) > first:
            found.append(name)
        found.append(_line(name if width(name) <= first else "", first, cells, widths))
    return found


def _line(name: str, first: int, cells: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join([left(name, first), *(right(cell, columns) for cell, columns in zip(cells, widths, strict=True))])


def _cells(answer: Answer) -> tuple[str, ...]:
    amounts = totals(answer)
    return (
        str(len(answer.fates)),
        _short(amounts["vcpus"]),
        _short(amounts["memory_mb"] // 1024),
        _short(amounts["disk_gb"]),
        *(str(answer.counts[outcome]) for outcome in OUTCOMES),
        f"{answer.left_restored.percent:.0f}%",
    )


def _short(number: int) -> str:
    return str(number) if number < 100_000 else f"{number // 1024}k"


def _headroom(answers: Mapping[str, Answer], now: Mapping[str, Headroom]) -> list[str]:
    """What each zone keeps at least, whichever other one is away."""
    found = ["Least free space while any one zone is away:"]
    for zone, (room, away) in least(answers, now).items():
        amounts = f"{room.free.get(VCPU, 0)} vCPU, {room.free.get(MEMORY, 0) // 1024} GiB"
        found += _wrapped(f"{zone}: {room.percent:g} % ({amounts}){f' without {away}' if away else ''}", "  ")
    return found


def _without_room(answers: Mapping[str, Answer]) -> list[str]:
    found = [
        f"no room: {fate.server.label} of {fate.server.host}: {fate.reason}; smallest addition: "
        + addition_text(fate.addition.host, amounts_of(fate.addition.lacks, answer.resources))
        for answer in answers.values()
        for fate in no_room(answer)
        if fate.addition is not None
    ]
    return _limited(found)


def _reasons(answers: Mapping[str, Answer], outcome: str, title: str) -> list[str]:
    found: list[str] = []
    for name, answer in answers.items():
        counted = Counter(fate.reason for fate in answer.fates if fate.outcome == outcome)
        for reason, count in counted.most_common(MOST_REASONS):
            found.append(f"{title} ({name}): {count} because {reason}")
        if len(counted) > MOST_REASONS:
            found.append(f"{title} ({name}): {sum(counted.values())} in all, for {len(counted)} reasons")
    return _limited(found)


def _limited(found: Sequence[str]) -> list[str]:
    shown = [line for text in found[:MOST] for line in _wrapped(text, "")]
    if len(found) > MOST:
        shown += _wrapped(f"and {len(found) - MOST} more lines like these: the module's result has all of them", "")
    return ["", *shown] if shown else []


def _wrapped(text: str, indent: str) -> Iterable[str]:
    # Users name servers and volumes: a control character would do something to the terminal.
    return wrapped(one_line(text), WIDTH, indent)
