# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module pod_spread: an option that is refused before a request is sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import pod_spread

MAP: dict[str, Any] = {"zones": {"az1": {"kubernetes": {}}}, "region": {"zones": ["az1"]}}


@pytest.mark.parametrize("seconds", [0, 10, 29])
def test_no_time_to_wait(seconds: int) -> None:
    """A pod would be evicted, and fail although it comes back. The address has nobody behind it: a request would be the message."""
    module = pod_spread.MODULE
    options = {**MAP, "host": "https://127.0.0.1:1", "api_key": "k", "pod_timeout": seconds}
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate(options)
    found = module.result(Run(checked.validated_parameters, check_mode=False))
    said = f"option 'pod_timeout' is {seconds}: set at least 30 seconds, a pod is not replaced in less."
    assert (found["failed"], found["msg"]) == (True, said)
