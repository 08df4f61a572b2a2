# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a module process ended without a result, as a message: ansible-core says only that it found no JSON."""

from __future__ import annotations

import signal
from typing import Any


def explained(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """The answer of a module process; a failure always has a message, since a `failed_when` hides the reason of one that has none."""
    if "module_stdout" in answer and "module_stderr" in answer:
        return {**answer, "failed": True, "msg": _ended(answer, name)}
    if answer.get("failed") and not answer.get("msg"):
        return {**answer, "msg": f"the module {name} failed: {_reason(answer) or 'it gave no reason'}"}
    return answer


def _ended(answer: dict[str, Any], name: str) -> str:
    status = answer.get("rc")
    lines = [line.strip() for key in ("module_stderr", "module_stdout") for line in str(answer[key]).splitlines()[-1:]]
    said = next((line for line in lines if line), "")
    return f"the process of the module {name} ended without a result, {_how(status)}{f': {said}' if said else ''}"


def _how(status: Any) -> str:
    if not isinstance(status, int):
        return "for an unknown reason"
    # A shell says 128 and the number of the signal.
    number = -status if status < 0 else status - 128
    if number in {int(one) for one in signal.Signals}:
        return f"killed by {signal.Signals(number).name} (by a user, or by the kernel for lack of memory)"
    return f"with status {status}"


def _reason(answer: dict[str, Any]) -> str:
    """What newer cores keep in an object of their own."""
    event = getattr(answer.get("exception"), "event", None)
    return str(getattr(event, "msg", "") or "")
