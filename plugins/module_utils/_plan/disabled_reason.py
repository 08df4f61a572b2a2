# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reasons that services and hosts are disabled for: whether this collection gave them. Pure."""

from __future__ import annotations

from typing import Any

PREFIX = "zoneops:"


def marked(reason: str) -> str:
    """The operator's reason, marked as given through this collection."""
    return f"{PREFIX} {reason}"


def by_this_collection(reason: str | None, *, enabled: bool) -> bool:
    """Whether this collection disabled it, for whatever reason."""
    return not enabled and (reason or "").startswith(PREFIX)


def status_of(enabled: bool, reason: str | None) -> dict[str, Any]:
    return {"status": "enabled"} if enabled else {"status": "disabled", "disabled_reason": reason}
