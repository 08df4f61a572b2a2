# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time that a run may take altogether."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from .errors import DeadlineExceeded

# All graces together end this long after the deadline, however many zones have something to roll back.
BEYOND_SECONDS = 90.0
# What is awaited is looked at once more also when the deadline has passed.
LOOK_SECONDS = 10.0


class Deadline:
    """Counts down from the moment it is made.

    :param seconds: time for the whole run; 0 or less has passed already.
    :ivar stopped: the run was ended from outside.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.stopped = False
        self._end = time.monotonic() + seconds
        self._last = self._end + BEYOND_SECONDS
        # What one zone is rolled back in is no time for another that is written in parallel.
        self._graces = threading.local()

    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._until() - time.monotonic())

    def check(self, what: str) -> None:
        """Raise DeadlineExceeded when no time is left for `what`."""
        if not self.remaining():
            if self.stopped:
                raise DeadlineExceeded(f"the run was stopped before: {what}.")
            raise DeadlineExceeded(
                f"the run's deadline of {self.seconds:g} s has passed before: {what}. Run it again, or raise the step's "
                "deadline (such as zoneops_deadline; option timeout)."
            )

    def renew(self) -> None:
        """Count down from now again, for who looks again and again."""
        self._end = time.monotonic() + self.seconds
        self._last = self._end + BEYOND_SECONDS

    def stop(self) -> None:
        """No time is left for any thread, graces apart."""
        self.stopped = True
        self._end = min(self._end, time.monotonic())

    @contextmanager
    def grace(self, seconds: float) -> Iterator[None]:
        """At least `seconds` are left inside, for steps that must not be left half done (undo, the last look); nothing is gained after it.

        Less where the graces of a run are used up.
        """
        outer = self._grace
        self._graces.end = max(self._until(), min(time.monotonic() + seconds, self._last))
        try:
            yield
        finally:
            self._graces.end = outer

    def look(self) -> AbstractContextManager[None]:
        """Time for the look of a wait, which then names what is awaited and its state: a request that runs out of time knows neither."""
        return self.grace(LOOK_SECONDS)

    def _until(self) -> float:
        """The end for this thread."""
        return self._end if self._grace is None else self._grace

    @property
    def _grace(self) -> float | None:
        """The end of the grace that this thread has. Outside of one the thread sees that the run was stopped."""
        return getattr(self._graces, "end", None)
