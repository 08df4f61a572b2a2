# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that passes only while somebody sleeps: waits cost nothing, and end the same on a busy machine."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes import wait
from ansible_collections.zoneops.openstack.plugins.module_utils._plan import progress


class Time:
    """In the place of the module time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @classmethod
    def of_waits(cls, monkeypatch: pytest.MonkeyPatch) -> Time:
        """For everything that waits for a cluster."""
        passing = cls()
        monkeypatch.setattr(wait, "time", passing)
        monkeypatch.setattr(progress, "time", passing)
        return passing
