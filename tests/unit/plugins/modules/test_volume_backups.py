# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ages that would let every volume or no backup go by are refused before a cloud is asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules.volume_backups import MODULE, OPTIONS


@pytest.mark.parametrize("option", ["max_age", "keep_days"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 0.0, 1e12])
def test_an_age_of_no_use_is_refused(option: str, value: float) -> None:
    params: dict[str, Any] = {name: asked.get("default") for name, asked in {**MODULE.options, **OPTIONS}.items()}
    result = MODULE.result(Run({**params, "volumes": ["v"], option: value}))
    assert result["failed"]
    assert result["msg"].startswith(f"option '{option}' is {value:g}: it must be a number above 0 and at most ")
