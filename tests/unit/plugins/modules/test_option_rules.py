# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that need others: refused before a request is sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Module, Run
from ansible_collections.zoneops.openstack.plugins.modules import (
    availability_zones,
    block_storage_services,
    block_storage_services_info,
    compute_services,
    control_plane,
    share_services,
    share_services_info,
)

MAP: dict[str, Any] = {"zones": {"az1": {}}, "region": {"zones": ["az1"]}}
SWITCHES = [block_storage_services.MODULE, compute_services.MODULE, share_services.MODULE]
REMOVERS = [availability_zones.MODULE, control_plane.MODULE]


def refusal(module: Module, **options: Any) -> str:
    """What is said of the options, by their specification or by the body."""
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        return str(checked.errors.msg)
    result = module.result(Run(checked.validated_parameters))
    assert result["failed"]
    return str(result["msg"])


@pytest.mark.parametrize("module", SWITCHES)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"status": "disabled"}, "status is disabled but all of the following are missing: reason"),
        ({"status": "disabled", "reason": None}, "option 'reason' goes with 'status: disabled'"),
        ({"status": "enabled", "reason": "work"}, "option 'reason' goes with 'status: disabled' and with no other"),
        ({"status": "disabled", "reason": ""}, "option 'reason' has 0 characters: 1 to 246 are allowed"),
        ({"status": "disabled", "reason": "x" * 247}, "option 'reason' has 247 characters"),
        ({"status": "of"}, "value of status must be one of: enabled, disabled"),
    ],
)
def test_a_status_and_its_reason(module: Module, options: dict[str, Any], said: str) -> None:
    assert said in refusal(module, **options)


@pytest.mark.parametrize("module", [block_storage_services.MODULE, share_services.MODULE])
def test_what_changes_services_needs_a_status(module: Module) -> None:
    assert refusal(module) == "missing required arguments: status"


def test_hosts_need_something_to_be_done_with() -> None:
    assert refusal(compute_services.MODULE) == "one of the following is required: status, forced_down"
    assert "required by 'reason': status" in refusal(compute_services.MODULE, forced_down=True, reason="fan")


@pytest.mark.parametrize("module", REMOVERS)
def test_zones_are_removed_only_by_name(module: Module) -> None:
    """Without a limit a call is about all zones of the map."""
    assert "state is absent but all of the following are missing: limit" in refusal(module, state="absent")


def test_a_limit_without_a_value_names_no_zone() -> None:
    assert "name them there" in refusal(availability_zones.MODULE, state="absent", limit=None)


@pytest.mark.parametrize("module", [block_storage_services_info.MODULE, share_services_info.MODULE])
def test_what_only_looks_takes_nothing_to_change(module: Module) -> None:
    assert not {"status", "reason", "allow", "journal"} & module.options.keys()
