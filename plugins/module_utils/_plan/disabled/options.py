# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that enable and disable services have in common: a status, and the reason of a disabled one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ZoneopsError

# The services take 255 characters, the mark of this collection is part of them.
LONGEST_REASON = 246
STATUS: dict[str, Any] = {"type": "str", "choices": ["enabled", "disabled"]}
RULES: dict[str, Any] = {
    "required_if": [("status", "disabled", ("reason",))],
    "required_by": {"reason": ("status",)},
}


def reason_of(params: Mapping[str, Any]) -> str | None:
    """The reason to give, None where the services are not disabled."""
    reason: str | None = params["reason"]
    if (params["status"] == "disabled") != (reason is not None):
        raise ZoneopsError("option 'reason' goes with 'status: disabled' and with no other status.")
    if reason is not None and not 0 < len(reason) <= LONGEST_REASON:
        raise ZoneopsError(f"option 'reason' has {len(reason)} characters: 1 to {LONGEST_REASON} are allowed.")
    return reason
