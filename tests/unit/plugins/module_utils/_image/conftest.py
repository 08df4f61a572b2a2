# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No test of images waits."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._image import transfer


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "FIRST_LOOK", 0.001)
    monkeypatch.setattr(transfer, "GROWTH", 1.0)
