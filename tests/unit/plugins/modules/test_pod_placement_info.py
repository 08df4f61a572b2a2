# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module pod_placement_info: options that are refused before a request is sent."""

from __future__ import annotations

import math
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import pod_placement_info

MAP: dict[str, Any] = {"zones": {"az1": {"kubernetes": {}}}, "region": {"zones": ["az1"]}}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("seconds", [-5, 0, math.nan, math.inf])
def test_seconds_that_are_no_time_to_wait(seconds: float, *, check: bool) -> None:
    """The address has nobody behind it: a request would be the message."""
    module = pod_placement_info.MODULE
    options = {**MAP, "host": "https://127.0.0.1:1", "api_key": "k", "wait": True, "wait_timeout": seconds}
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate(options)
    found = module.result(Run(checked.validated_parameters, check_mode=check))
    assert found["failed"]
    assert found["msg"].startswith(f"option 'wait_timeout' is {seconds:g}: it must be")
