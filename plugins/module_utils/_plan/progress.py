# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far long work has come, to be watched while it goes on: a module returns nothing before its end.

What works calls `report`, from any thread. Who runs it listens with `reported_to`; without a listener the texts go nowhere.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .files.paths import unfit
from .text.scrub import SCRUBBER

#: A wait that goes on is reported again at least this often.
SILENCE_SECONDS = 30.0
#: How the name of a progress file ends that gets objects instead of text.
AS_JSON = (".json", ".jsonl")

# Takes one line for people: which object, its state, the seconds so far, how many of how many.
Reporter = Callable[[str], None]

# One run per process: threads that a run starts are to be heard too, which a context variable would not give.
_reporters: list[Reporter] = []
_lock = threading.RLock()


def report(text: str) -> None:
    """Hand one line to whoever listens, without secrets."""
    with _lock:
        for reporter in _reporters:
            reporter(SCRUBBER.text(text))


@contextmanager
def reported_to(reporter: Reporter) -> Iterator[None]:
    """Inside, every line goes to this reporter as well; one line at a time, whichever thread it comes from."""
    with _lock:
        _reporters.append(reporter)
    try:
        yield
    finally:
        with _lock:
            _reporters.remove(reporter)


class Awaited:
    """Something that is waited for: reported when its state changes, and every 30 s while it does not.

    :param what: the object, for example "backup 1a2b of volume db".
    :param say: takes the lines; left out, they are reported.
    """

    def __init__(self, what: str, say: Reporter = report) -> None:
        self._what = f"{what}: " if what else ""
        self._say = say
        self._begun = time.monotonic()
        self._state = ""
        self._said = self._begun

    @property
    def seconds(self) -> float:
        """How long it is waited for."""
        return time.monotonic() - self._begun

    def is_now(self, state: str) -> None:
        """Called at every look, with what is seen."""
        now = time.monotonic()
        if state == self._state:
            self.goes_on(state)
            return
        self._say(f"{self._what}{state}")
        self._state, self._said = state, now

    def goes_on(self, state: str) -> None:
        """Called at every look, with what changes all the time, such as an amount: only the 30 s count."""
        now = time.monotonic()
        if now - self._said >= SILENCE_SECONDS:
            self._say(f"{self._what}{state} ({now - self._begun:.0f} s so far)")
            self._said = now


class ProgressFile:
    """A file that gets a line for each step: text, or an object of JSON where its name ends in `.json` or `.jsonl`.

    :param path: made where it is missing; none for no file.
    :ivar warnings: why it could not be written. The work goes on all the same.
    """

    def __init__(self, path: str | None) -> None:
        # Looked at once: a pipe that nobody reads would hold the work up.
        reason = unfit(path) if path else ""
        self.warnings = [f"the progress file {path} {reason}."] if reason else []
        self._path = Path(path) if path else None
        self._as_json = (path or "").endswith(AS_JSON)

    def append(self, text: str, values: Mapping[str, Any]) -> None:
        """A line with the time: the text, or the values. Without a text it is for JSON only."""
        if self._path is None or self.warnings or not (text or self._as_json):
            return
        now = datetime.now(UTC)
        entry = {"at": now.isoformat(timespec="seconds"), **values}
        line = json.dumps(entry, ensure_ascii=False) if self._as_json else f"{now:%H:%M:%S} {text}"
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{SCRUBBER.text(line)}\n")
        except OSError as error:
            self.warnings.append(f"the progress file {self._path} cannot be written ({error.strerror}).")


@dataclass(frozen=True)
class Tally:
    """How far the work in one zone has come.

    :ivar outcome: what becomes of an object, for example "moved".
    :ivar doing: the word for those under way, for example "moving".
    :ivar to_go: the seconds until the end, as it looks; None where that is unknown.
    """

    outcome: str
    doing: str
    done: int
    under_way: int
    left: int
    failed: int
    to_go: float | None = None

    @property
    def text(self) -> str:
        end = f", about {self.to_go:.0f} s to go" if self.to_go is not None else ""
        return f"{self.done} {self.outcome}, {self.under_way} {self.doing}, {self.left} left, {self.failed} failed{end}"

    def as_dict(self) -> dict[str, Any]:
        counts = {self.outcome: self.done, "under_way": self.under_way, "left": self.left, "failed": self.failed}
        return {**counts, "seconds_to_go": None if self.to_go is None else round(self.to_go)}


class Progress:
    """Keeps every step, reports it, and appends a line for it to a file where one is given.

    :param path: the file.
    :param what: what a step calls its object, for example "image".
    :param where: what it calls the place that the object goes to.
    """

    def __init__(self, path: str | None, what: str, where: str) -> None:
        self.steps: list[dict[str, Any]] = []
        self._file = ProgressFile(path)
        self._keys = (what, where)
        self._begun = time.monotonic()

    @property
    def warnings(self) -> list[str]:
        """Why the file could not be written."""
        return self._file.warnings

    def __call__(self, what: str, where: str, step: str) -> None:
        entry = {**dict(zip(self._keys, (what, where), strict=True)), "step": step, "seconds": self._seconds}
        self.steps.append(entry)
        report(f"{self._keys[0]} {what} -> {where}: {step}")
        self._file.append(f"{what} -> {where}: {step}", entry)

    def tally(self, zone: str, tally: Tally) -> None:
        """How far a zone is: reported, and kept as JSON."""
        report(f"{zone}: {self._keys[0]}s: {tally.text}")
        self._file.append("", {"zone": zone, **tally.as_dict(), "seconds": self._seconds})

    @property
    def _seconds(self) -> float:
        return round(time.monotonic() - self._begun, 1)
