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
    signal.signal(signal.SIGTERM, lambda *_signal: events.put("asked to"))
    if parent is not None:
        threading.Thread(target=await_end, args=(parent, events), daemon=True).start()


def await_end(parent: int, events: queue.SimpleQueue[Any]) -> None:
    """Wait for the end of a process that is not our child."""
    with suppress(ProcessLookupError):
        select.select([os.pidfd_open(parent)], [], [])
    events.put(f"process {parent}, which the lab belongs to, has ended")
