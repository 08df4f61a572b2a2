#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module volume_backups."""

from __future__ import annotations

DOCUMENTATION = r"""
module: volume_backups
short_description: Back up a selection of volumes, and delete old backups
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Backs up the volumes that O(volumes), O(projects), O(availability_zones), O(volume_types) and O(metadata) select, several in parallel, and waits for them.
  - A volume whose newest good backup of the set is younger than O(max_age) gets none, so that a second run changes nothing.
  - Its backups have their set in their metadata, and only those are deleted. The newest good one is always kept, and so is one on which an
    incremental backup is based. If the newest backup of a volume failed, or the volume no longer exists, none of its backups is deleted.
  - After a killed run, the next run waits for the backup that was begun and creates no other.
  - It returns one verdict per volume and needs no zone map.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zone_writes
options:
  volumes:
    description: Only volumes with these ids. One that is not found fails, and its backups are kept.
    type: list
    elements: str
    default: []
  projects:
    description: Only volumes of the projects with these ids.
    type: list
    elements: str
    default: []
  availability_zones:
    description: Only volumes in these zones of cinder. One that cinder does not have fails, with the nearest names. One without volumes is a warning.
    type: list
    elements: str
    default: []
  volume_types:
    description: Only volumes of the types with these names.
    type: list
    elements: str
    default: []
  metadata:
    description: Only volumes that have these pairs in their metadata, as strings.
    type: dict
    default: {}
  set:
    description:
      - Name of the set to which the backups belong. Sets are independent, for example a nightly one and a weekly one of the same volumes.
    type: str
    default: default
  max_age:
    description:
      - Greatest age, in hours, of the newest good backup of the set. A volume whose newest one is older, or that has none, gets another. At most 87600.
      - The clock of the machine that runs the module is compared with the times of cinder.
    type: float
    default: 24
  incremental:
    description:
      - Whether backups have only the differences from the previous one, if that is one of this set in the same zone. Otherwise a full one is created.
    type: bool
    default: false
  full_every:
    description: Greatest length of a chain of backups, including the full one. Only complete chains can be deleted, from their end.
    type: int
    default: 7
  backup_zone:
    description:
      - Zone of the cinder-backup that creates the backups. To restore from a backup, a cinder-backup must be up in this zone, whatever the zone of the volume.
      - By default the volume's own zone if it has a cinder-backup, else the only zone that has one.
    type: str
  keep:
    description: Number of good backups of each volume to keep, at least 1. Without it, no backup is deleted because of their number.
    type: int
  keep_days:
    description:
      - Age in days up to which backups are kept, at most 3650. Without it, no backup is deleted because of its age.
      - With O(keep) too, a backup is deleted if both allow it. With neither, nothing is deleted.
    type: float
  parallel:
    description: Number of backups that run in parallel.
    type: int
    default: 4
notes:
  - Needs cinder 3.51 or newer (Queens), and a user that sees the volumes and cinder's services. That is the admin role, unless a policy says otherwise.
  - Backups belong to the project that the user is signed in to, whatever the project of the volume, and count against its quota.
  - An attached volume is backed up too. Its backup is crash-consistent, as after a power cut, and a warning says so.
  - A volume is refused while its own cinder-volume is down, because cinder would accept the request and do nothing. If a needed service
    goes down while the module waits, the wait ends.
  - Backups take long. Raise O(timeout), whose end does not stop them. The next run resumes them.
seealso:
  - module: zoneops.openstack.volume_relocate
"""

EXAMPLES = r"""
- name: Back up every night the volumes that have it in their metadata
  zoneops.openstack.volume_backups:
    cloud: mycloud
    metadata: {backup: nightly}
    set: nightly
    max_age: 20
    incremental: true
    keep: 7
    keep_days: 7
    timeout: 14400

- name: Back up the volumes of zone az1 into zone az2, so that they can be restored when az1 is lost
  zoneops.openstack.volume_backups:
    cloud: mycloud
    availability_zones: [az1]
    backup_zone: az2
    timeout: 14400
"""

RETURN = r"""
volumes:
  description: One verdict per selected volume, by its id.
  returned: when cinder could be read
  type: dict
  contains:
    changed:
      description: Whether a backup was created or deleted, or would be in check mode.
      type: bool
    failed:
      description: Whether the volume was refused or something failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    plan:
      description: The steps that were planned, in order. A deletion names the backup and the reason.
      type: list
      elements: dict
    done:
      description: Those that are done.
      type: list
      elements: dict
    left:
      description: Those that failed or did not begin.
      type: list
      elements: dict
    refusals:
      description: Why a volume is not backed up.
      type: list
      elements: dict
    warnings:
      description: Warnings, for example that the volume is attached.
      type: list
      elements: str
    state:
      description: C(volume) (its name), C(availability_zone) and C(backups) of the set, the newest first, as last read.
      type: dict
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from ..module_utils._block_storage.api.volume_calls import VolumeApi
from ..module_utils._block_storage.api.volume_result import converge_volumes
from ..module_utils._block_storage.backups.plan import Selection, Wanted
from ..module_utils._block_storage.backups.reconcile import VolumeBackups
from ..module_utils._openstack import module as frame
from ..module_utils._openstack.cloud import connect
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.limits import refuse_wrong_numbers

SELECTORS = ("volumes", "projects", "availability_zones", "volume_types", "metadata")
OPTIONS: dict[str, Any] = {
    **writer.OPTIONS,
    **{name: {"type": "list", "elements": "str", "default": []} for name in SELECTORS[:-1]},
    "metadata": {"type": "dict", "default": {}},
    "set": {"type": "str", "default": "default"},
    "max_age": {"type": "float", "default": 24},
    "incremental": {"type": "bool", "default": False},
    "full_every": {"type": "int", "default": 7},
    "backup_zone": {"type": "str"},
    "keep": {"type": "int"},
    "keep_days": {"type": "float"},
    "parallel": {"type": "int", "default": 4},
}
# The least that makes sense of each number.
AT_LEAST = {"full_every": 1, "keep": 1, "parallel": 1}
# Ten years, in the unit of each.
AT_MOST = {"max_age": 87_600, "keep_days": 3_650}


def back_up(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    wanted = _wanted(module.params)
    cloud = connect(module.params)
    api = VolumeApi(cloud.service("block-storage"), cloud.deadline)
    reconciler = VolumeBackups(api, wanted, cloud.deadline, datetime.now(UTC))
    return converge_volumes(module, cloud, reconciler)


def _wanted(params: dict[str, Any]) -> Wanted:
    if not any(params[name] for name in SELECTORS):
        raise ZoneopsError(f"no volumes are selected: give at least one of the options {', '.join(SELECTORS)}.")
    for name, least in AT_LEAST.items():
        if params[name] is not None and params[name] < least:
            raise ZoneopsError(f"option '{name}' is {params[name]}: it must be at least {least}.")
    refuse_wrong_numbers(params, AT_MOST)
    if not 0 < len(params["set"]) <= 255:
        raise ZoneopsError(f"option 'set' has {len(params['set'])} characters: 1 to 255 are allowed.")
    days = params["keep_days"]
    return Wanted(
        selection=Selection(
            ids=tuple(dict.fromkeys(params["volumes"])),
            projects=tuple(params["projects"]),
            availability_zones=tuple(params["availability_zones"]),
            types=tuple(params["volume_types"]),
            metadata={str(key): str(value) for key, value in params["metadata"].items()},
        ),
        name=params["set"],
        max_age=timedelta(hours=params["max_age"]),
        incremental=params["incremental"],
        full_every=params["full_every"],
        backup_zone=params["backup_zone"],
        keep=params["keep"],
        keep_younger=None if days is None else timedelta(days=days),
        at_once=params["parallel"],
    )


MODULE = frame.module(back_up, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
