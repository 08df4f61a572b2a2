# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that passes only when someone sleeps."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan import converge, deadline
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(converge, "time", fake)
    monkeypatch.setattr(deadline, "time", fake)
    return fake
