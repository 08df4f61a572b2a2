# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that bring hosts back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .._plan.change import Change, part


@dataclass(frozen=True)
class Return(Change):
    """A host that died works again. Every host for itself: what is wrong with one keeps no other away.

    :ivar forced_down: whether it still is.
    :ivar old: the disabled reason, None where an earlier run enabled it already.
    :ivar new: the one that it had before it died, None where it was enabled.
    :ivar canary: whether a server is to start there before it stays enabled.
    """

    action: ClassVar[str] = "return_host"
    alone: ClassVar[bool] = True
    host: str
    forced_down: bool
    old: str | None
    new: str | None
    canary: bool = False

    @property
    def target(self) -> str:
        return f"nova-compute on {self.host}"

    @property
    def before(self) -> dict[str, Any]:
        return {**_status(self.old), "forced_down": self.forced_down}

    @property
    def after(self) -> dict[str, Any]:
        return {**_status(self.new), "forced_down": False}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """A run that was interrupted has less to do."""
        unforced = part("unforce_host", self.target, True, False, f"unset forced_down of host {self.host}")
        # Without what it was before: an interrupted run may have taken the mark off already.
        enabled = part("enable_host", self.target, None, _status(self.new), self._end)
        return (unforced, enabled) if self.forced_down else (enabled,)

    @property
    def text(self) -> str:
        return f"{'unset forced_down, and ' if self.forced_down else ''}{self._end}"

    @property
    def _end(self) -> str:
        if self.new is not None:
            return f"return host {self.host}, disabled as before"
        return f"enable host {self.host}{' if a canary server starts there' if self.canary else ''}"


def _status(reason: str | None) -> dict[str, Any]:
    return {"status": "enabled"} if reason is None else {"status": "disabled", "disabled_reason": reason}
