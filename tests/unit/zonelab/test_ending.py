# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor hears that it is to end, whichever thread the signal finds and whatever the main thread is about to do."""

from __future__ import annotations

import subprocess
import sys

# The signal goes to another thread, so nothing wakes the main one: as when it was just about to wait.
PROGRAM = """
import queue, signal, threading
from zonelab.ending import watch

events = queue.SimpleQueue()
watch(events, None)
other = threading.Thread(target=threading.Event().wait, daemon=True)
other.start()
threading.Timer(0.3, signal.pthread_kill, (other.ident, signal.SIGTERM)).start()
print(events.get(timeout=10))
"""


def test_signal_that_finds_another_thread_is_heard() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "asked to\n"
