# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until something is so, and stays so: a controller can say that it is ready before it has begun."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._plan.progress import Awaited, Reporter, report
from .errors import ApiError

EVERY_SECONDS = 2.0
STABLE = 2


@dataclass(frozen=True)
class Wait:
    """How to wait.

    :param seconds: how long; never beyond the deadline of the run.
    :param every: seconds between two looks.
    :param stable: how many looks in a row have to find nothing missing.
    :param say: takes what is missing, whenever that changes and every 30 s while it does not; left out, it is reported.
    """

    deadline: Deadline
    seconds: float
    every: float = EVERY_SECONDS
    stable: int = STABLE
    say: Reporter = report

    def until(self, look: Callable[[], str], what: str) -> None:
        """As `watch`, and a ZoneopsError with what is missing when the time is over."""
        took, last = self.watch(look, what)
        if last:
            raise ZoneopsError(
                f"{what}: not reached after {took:.0f} s: {last}. Check that, then run it again; applied changes are kept."
            )

    def watch(self, look: Callable[[], str], what: str) -> tuple[float, str]:
        """Look again and again until nothing is missing: how many seconds that took, and what is missing when the time is over; empty when nothing is.

        :param look: what is still missing, in one sentence; empty when nothing is.
        :param what: what is waited for, for the message.
        """
        awaited = Awaited(what, self.say)
        end = time.monotonic() + min(self.seconds, self.deadline.remaining())
        good, last = 0, ""
        while True:
            with self.deadline.look():
                missing = _look(look)
            good = 0 if missing else good + 1
            if good >= self.stable:
                return awaited.seconds, ""
            # Seen once without anything missing is no state to report yet.
            last = missing or last
            if last:
                awaited.is_now(last)
            if time.monotonic() + self.every > end or not self.deadline.remaining():
                return awaited.seconds, last or "there was time for one check only"
            time.sleep(self.every)


def _look(look: Callable[[], str]) -> str:
    """An API that is away for a while, such as during an update of the cluster, is waited for as well."""
    try:
        return look()
    except ApiError as error:
        if error.refused or error.status == 401:
            raise
        return error.message
