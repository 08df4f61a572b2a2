# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module that writes to nova: the flow, under the region's lock, with a journal where one is asked for."""

from __future__ import annotations

from typing import Any, TypeVar

from ansible.module_utils.basic import AnsibleModule

from .._openstack.cloud import Cloud
from .._plan.change import Change
from .._plan.converge import Converge, Room
from .._plan.journal import Journal
from .._plan.verdict import bulk_result
from .lock import RegionLock
from .nova import Nova

OPTIONS: dict[str, Any] = {"break_lock": {"type": "bool", "default": False}, "journal": {"type": "path"}}

O = TypeVar("O")  # noqa: E741 - what is observed
_C = TypeVar("_C", bound=Change)


def converge(module: AnsibleModule, cloud: Cloud, nova: Nova, room: Room[O, _C]) -> dict[str, Any]:
    """The module's result, with what the lock and the journal have to say among its warnings."""
    params = module.params
    lock = RegionLock(nova, cloud.deadline, break_lock=params["break_lock"])
    journal = Journal(params["journal"], cloud.writes) if params["journal"] else None
    flow = Converge(room, check=module.check_mode, deadline=cloud.deadline, lock=lock, journal=journal)
    verdicts = flow.run()
    warnings = [*lock.warnings, *(journal.warnings if journal else ())]
    return {**bulk_result(verdicts, diff=module._diff), "warnings": warnings}
