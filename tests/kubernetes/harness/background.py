# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator does while a test runs: the same round, again and again, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

PAUSE: Final = 0.2


@contextmanager
def again_and_again(work: Callable[[], None]) -> Iterator[None]:
    """Work until the block ends; a round that fails is an error of the test, at its end."""
    ends = threading.Event()

    def rounds() -> None:
        while not ends.wait(PAUSE):
            work()

    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(rounds)
        try:
            yield
        finally:
            ends.set()
            worker.result()
