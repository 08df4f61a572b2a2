# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a supervisor hears that it is to end, and how it tells the command that started it about its progress."""

from __future__ import annotations

import os
import select
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import queue


def tell(text: str) -> None:
    """A line of progress."""
    print(text, flush=True)


def watch(events: queue.SimpleQueue[Any], parent: int | None) -> None:
    """End when told to, and with the process that the lab belongs to."""
    # A handler in Python runs when the main thread next looks, which a thread about to wait for a lock does not: the
    # signal would be lost. The interpreter writes to the wakeup descriptor at once, whatever the main thread does.
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGTERM, lambda *_signal: None)
    threading.Thread(target=await_signal, args=(reading, events), daemon=True).start()
    if parent is not None:
        threading.Thread(target=await_end, args=(parent, events), daemon=True).start()


def await_signal(reading: int, events: queue.SimpleQueue[Any]) -> None:
    """Wait for a signal that has a handler; others have none here and are not told."""
    os.read(reading, 1)
    events.put("asked to")


def await_end(parent: int, events: queue.SimpleQueue[Any]) -> None:
    """Wait for the end of a process that is not our child."""
    with suppress(ProcessLookupError):
        select.select([os.pidfd_open(parent)], [], [])
    events.put(f"process {parent}, which the lab belongs to, has ended")
