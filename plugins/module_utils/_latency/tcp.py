# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Round-trip times by opening connections from this host to others. Needs nothing there but an open port."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .._plan.deadline import Deadline
from .pairs import Pair


def measured(
    start: str,
    start_zone: str,
    targets: Iterable[Mapping[str, Any]],
    *,
    attempts: int,
    timeout: float,
    deadline: Deadline,
) -> list[Pair]:
    """To each target, by the shortest of some attempts: what is longer is the load of the hosts, not the way."""
    found = []
    for target in targets:
        name = target["name"] or f"{target['address']}:{target['port']}"
        deadline.check(f"measuring the path to {name}")
        milliseconds, why = _shortest(target["address"], target["port"], attempts, min(timeout, deadline.remaining()))
        found.append(Pair(start, name, start_zone, target["zone"], milliseconds, "TCP", why))
    return found


def _shortest(address: str, port: int, attempts: int, timeout: float) -> tuple[float | None, str]:
    best: float | None = None
    why = ""
    for _attempt in range(attempts):
        begun = time.perf_counter()
        try:
            with socket.create_connection((address, port), timeout=timeout):
                took = (time.perf_counter() - begun) * 1000
        except ConnectionRefusedError:
            # The refusal is an answer: it has been there and back.
            took = (time.perf_counter() - begun) * 1000
        except OSError as error:
            why = str(error) or type(error).__name__
            if best is None and isinstance(error, TimeoutError):
                break  # what does not answer once would cost the whole time again and again
            continue
        best = took if best is None else min(best, took)
    return best, "" if best is not None else why
