#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module volume_relocate_test."""

from __future__ import annotations

DOCUMENTATION = r"""
module: volume_relocate_test
short_description: Test whether volumes can be backed up in one zone and restored in another
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Creates a test volume of one gigabyte per scenario, backs it up, restores it into a new volume, checks the zones and metadata of all of them,
    and removes them.
  - The next run removes objects of a killed run, which have the mark C(zoneops_check). Do not run it twice at the same time in one project.
  - The content of the copy is not compared, because only a server can read it.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.openstack_auth
attributes:
  check_mode:
    support: full
    details: Checks only whether the services for the scenarios exist.
  diff_mode:
    support: N/A
    details: Removes everything that it creates.
  idempotent:
    support: full
    details: Reports a change only if it removed objects of an earlier run.
options:
  scenarios:
    description: What to test, one after the other.
    type: list
    elements: dict
    required: true
    suboptions:
      volume:
        description: Zone of cinder in which the test volume is created.
        type: str
        required: true
      backup:
        description: Zone whose cinder-backup backs it up.
        type: str
        required: true
      restore:
        description: Zone in which it is restored.
        type: str
        required: true
  volume_type:
    description: Name of the type of the test volumes. C({zone}) in it is replaced by the zone of the volume. Without it, cinder's default type.
    type: str
notes:
  - Needs cinder 3.51 or newer (Queens), and a user who may list cinder's services. That is the admin role, unless a policy says otherwise.
  - Raise O(timeout) for many scenarios and slow targets.
seealso:
  - module: zoneops.openstack.volume_relocate
"""

EXAMPLES = r"""
- name: Try a backup of a volume of az1 in az2
  zoneops.openstack.volume_relocate_test:
    cloud: mycloud
    scenarios:
      - {volume: az1, backup: az2, restore: az1}
      - {volume: az1, backup: az2, restore: az2}
    volume_type: "{zone}-gold"
"""

RETURN = r"""
scenarios:
  description: One verdict per scenario, by its three zones, for example C(az1-az2-az2).
  returned: when cinder could be read
  type: dict
  contains:
    failed:
      description: Whether it does not work.
      type: bool
    msg:
      description: What is wrong, or how long each step took. Never empty.
      type: str
    seconds:
      description: Seconds of each finished step, C(volume), C(backup) and C(restore).
      type: dict
removed:
  description: How many objects of an earlier run were removed.
  returned: when cinder could be read
  type: int
"""

from typing import Any

from ..module_utils._block_storage.api.volume_calls import VolumeApi
from ..module_utils._block_storage.relocate.check import Check, Scenario, Tried
from ..module_utils._openstack import module as frame
from ..module_utils._openstack.cloud import connect
from ..module_utils._plan.errors import ZoneopsError

STEPS = ("volume", "backup", "restore")
OPTIONS: dict[str, Any] = {
    "scenarios": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {name: {"type": "str", "required": True} for name in STEPS},
    },
    "volume_type": {"type": "str"},
}


def check(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    scenarios = [Scenario(**asked) for asked in module.params["scenarios"]]
    if not scenarios:
        raise ZoneopsError("option 'scenarios' is empty: nothing would be tested.")
    cloud = connect(module.params)
    kind = module.params["volume_type"]
    tester = Check(
        VolumeApi(cloud.service("block-storage"), cloud.deadline),
        cloud.deadline,
        lambda zone: None if kind is None else kind.replace("{zone}", zone),
    )
    backups, volumes = tester.leftovers()
    left = len(backups) + len(volumes)
    problems = [] if module.check_mode or not left else tester.clean()
    if problems:
        raise ZoneopsError("; ".join(problems))
    tried = {}
    for scenario in dict.fromkeys(scenarios):
        # One after the other takes long: what was up for the first may be down for the last.
        missing = list(tester.missing(scenario, tester.api.services()))
        able = not missing and not module.check_mode
        tried[scenario.name] = (tester.run(scenario) if able else Tried(missing)).as_dict()
    failed = [f"{name}: {found['msg']}" for name, found in tried.items() if found["failed"]]
    return {
        "changed": bool(left),
        "failed": bool(failed),
        "msg": f"failed: {' || '.join(failed)}" if failed else f"{len(tried)} scenarios: {', '.join(tried)}",
        "scenarios": tried,
        "removed": 0 if module.check_mode else left,
    }


MODULE = frame.module(check, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
