# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module default_volume_types: options that are refused before a request is sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import default_volume_types

MAP: dict[str, Any] = {
    "zones": {name: {"compute": {"hosts": [f"{name}-0"]}} for name in ("az1", "az2")},
    "region": {"zones": ["az1", "az2"]},
}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"types": {"a": "b"}}, "name it in option 'limit' (it has az1, az2)"),
        ({"types": {}, "limit": ["az1"]}, "option 'types' is empty"),
        ({"types": {"a": "b", "b": "c"}, "limit": ["az1"]}, "option 'types': 'b' for a is no type"),
        ({"types": {"a": 1}, "limit": ["az1"]}, "option 'types': 1 for a is no type"),
        ({"limit": ["az1"]}, "missing required arguments: types"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], said: str) -> None:
    module = default_volume_types.MODULE
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        assert said in str(checked.errors.msg)
        return
    found = module.result(Run(checked.validated_parameters, check_mode=False))
    assert found["failed"]
    assert said in found["msg"]
