# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a body says while it works, on the terminal and in the log of an automation controller."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from ansible.utils.display import Display

# After so many silent seconds, it is said what is waited for.
SILENT_SECONDS = 10.0


class Progress:
    """Prints lines, and a heartbeat from a thread of its own.

    :param name: of the module.
    :param silent: print nothing.
    """

    def __init__(self, name: str, *, silent: bool) -> None:
        self._name = name.rpartition(".")[2]
        self._silent = silent
        self._begun = self._last = time.monotonic()
        self._now = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="zoneops-heartbeat", daemon=True)

    def __call__(self, text: str) -> None:
        self._now = text
        self._print(text)

    def __enter__(self) -> Self:
        if not self._silent:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(max(0.05, self._last + SILENT_SECONDS - time.monotonic())):
            if time.monotonic() - self._last >= SILENT_SECONDS:
                seconds = time.monotonic() - self._begun
                self._print(f"{self._now or 'reading'} ... {seconds:.0f} s")

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        if not self._silent:
            # In the process of a task this is handed to the parent, which alone writes to the terminal.
            Display().display(f"{self._name}: {text}")
