# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C while threads are at work."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline


@contextmanager
def ctrl_c() -> Iterator[Callable[[Deadline], None]]:
    """For any thread: press it until the main thread has noticed, which it does once, and the deadline is stopped; at most for 3 s."""

    def notice(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    def press(deadline: Deadline) -> None:
        for _time in range(30):
            if not deadline.stopped:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                time.sleep(0.1)

    before = signal.signal(signal.SIGINT, notice)
    try:
        yield press
    finally:
        signal.signal(signal.SIGINT, before)
