# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_restore_servers: options that are refused before a request is sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import zone_restore_servers

MAP: dict[str, Any] = {
    "zones": {name: {"compute": {"hosts": [f"{name}-0"]}} for name in ("az1", "az2")},
    "region": {"zones": ["az1", "az2"]},
    "limit": ["az1"],
    "to": "az2",
}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"to": ""}, "option 'to' is empty: name the zone in which servers are created"),
        ({"to": "az9"}, "option 'to': no zone of the map is named az9 (did you mean az"),
        ({"to": "az1"}, "option 'to': servers are restored out of zone az1. Name another zone."),
        ({"limit": ["az1", "az2"]}, "servers of az1, az2 would share the room in zone az2: name one zone that is lost"),
        ({"at_once": 0}, "option 'at_once' is 0: give a number of at least 1."),
        ({"max_failed": -1}, "option 'max_failed' is -1: give a number of at least 0."),
        ({"ports": "keep"}, "value of ports must be one of: take, new"),
        ({"phase": "all"}, "value of phase must be one of: volumes, servers"),
        ({"allow": ["room"]}, "value of allow must be one or more of: space"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], said: str) -> None:
    module = zone_restore_servers.MODULE
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        assert said in str(checked.errors.msg)
        return
    found = module.result(Run(checked.validated_parameters, check_mode=False))
    assert found["failed"]
    assert said in found["msg"]
