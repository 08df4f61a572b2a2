# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until something is so, and stays so: a controller can say that it is ready before it has begun."""

from __future__ import annotations

import time
from collections.abc import Callable

from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._plan.progress import Awaited, Reporter, report
from .errors import ApiError

EVERY_SECONDS = 2.0
STABLE = 2


def wait_until(
    look: Callable[[], str],
    what: str,
    *,
    deadline: Deadline,
    seconds: float,
    every: float = EVERY_SECONDS,
    stable: int = STABLE,
    say: Reporter = report,
) -> None:
    """As `look_until`, and a ZoneopsError with what is missing when the time is over."""
    took, last = look_until(look, what, deadline=deadline, seconds=seconds, every=every, stable=stable, say=say)
    if last:
        raise ZoneopsError(
            f"{what}: not reached after {took:.0f} s: {last}. Check that, then run it again; applied changes are kept."
        )


def look_until(
    look: Callable[[], str],
    what: str,
    *,
    deadline: Deadline,
    seconds: float,
    every: float = EVERY_SECONDS,
    stable: int = STABLE,
    say: Reporter = report,
) -> tuple[float, str]:
    """Look again and again until nothing is missing: how many seconds that took, and what is missing when the time is over; empty when nothing is.

    :param look: what is still missing, in one sentence; empty when nothing is.
    :param what: what is waited for, for the message.
    :param seconds: how long; never beyond the deadline of the run.
    :param stable: how many looks in a row have to find nothing missing.
    :param say: takes what is missing, whenever that changes and every 30 s while it does not; left out, it is reported.
    """
    awaited = Awaited(what, say)
    end = time.monotonic() + min(seconds, deadline.remaining())
    good, last = 0, ""
    while True:
        with deadline.look():
            missing = _look(look)
        good = 0 if missing else good + 1
        if good >= stable:
            return awaited.seconds, ""
        # Seen once without anything missing is no state to report yet.
        last = missing or last
        if last:
            awaited.is_now(last)
        if time.monotonic() + every > end or not deadline.remaining():
            return awaited.seconds, last or "there was time for one check only"
        time.sleep(every)


def _look(look: Callable[[], str]) -> str:
    """An API that is away for a while, such as during an update of the cluster, is waited for as well."""
    try:
        return look()
    except ApiError as error:
        if error.refused or error.status == 401:
            raise
        return error.message
