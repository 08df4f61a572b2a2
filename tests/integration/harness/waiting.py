# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what a service does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Longer than a service takes for anything on a busy machine; what nova counts, it counts once a minute.
PATIENCE: Final = 150.0
FIRST_PAUSE, LONGEST_PAUSE, LONGER = 0.05, 0.5, 1.5


class Waiting:
    """The pauses between looks, which grow: most is there soon, and each look costs the lab as much as the change that is waited for."""

    def __init__(self, seconds: float = PATIENCE) -> None:
        self._end = time.monotonic() + seconds
        self._pause = FIRST_PAUSE

    def pause(self, found: object) -> None:
        """Fail with what was found when the seconds have passed."""
        assert time.monotonic() < self._end, found
        time.sleep(self._pause)
        self._pause = min(self._pause * LONGER, LONGEST_PAUSE)


def until(reached: Callable[[], object], what: str = "what this test waits for", seconds: float = PATIENCE) -> None:
    """Fail when it is not reached in so many seconds."""
    waiting = Waiting(seconds)
    while not reached():
        waiting.pause(f"not reached in {seconds:.0f} s: {what}")
