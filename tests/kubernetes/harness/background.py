# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator does while a test runs: the same round, again and again, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAUSE = 0.2


@contextmanager
def again_and_again(work: Callable[[], None]) -> Iterator[None]:
    """Work until the block ends; a round that fails is an error of the test, at its end."""
    ends, failures = threading.Event(), []

    def rounds() -> None:
        while not ends.wait(PAUSE) and not failures:
            try:
                work()
            except Exception as error:  # raised in the test's own thread
                failures.append(error)

    thread = threading.Thread(target=rounds)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()
        if failures:
            raise failures[0]
