# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that end with their run: Ctrl-C reaches the main thread only."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from .deadline import Deadline


@contextmanager
def threads(count: int, deadline: Deadline) -> Iterator[ThreadPoolExecutor]:
    """A pool for one run. What ends the run, such as a signal or the time limit of a task, stops the deadline too: each thread ends what it
    has begun, and begins nothing more.
    """
    with ThreadPoolExecutor(max_workers=count) as pool:
        try:
            yield pool
        except Exception:
            raise
        except BaseException:
            deadline.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
