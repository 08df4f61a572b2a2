# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits of the tests beside this."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.passing_time import Time


@pytest.fixture(autouse=True)
def passing(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time.of_waits(monkeypatch)
