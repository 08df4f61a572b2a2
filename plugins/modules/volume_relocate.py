#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module volume_relocate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: volume_relocate
short_description: Copy volumes into another zone through the backup service
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Copies each volume into another zone, because cinder refuses to retype a volume from zone to zone. The module backs up the volume, restores the backup
    into a new volume in the other zone, copies name, description, metadata and image properties, and deletes the backup.
  - The source is never changed and never deleted. Change the servers to the copy and delete the source yourself.
  - Before the first write it checks the quota of the project, the free space of the zone's back ends, the volume type and the services that are needed.
  - The next run resumes the backup and the copy of a run that was killed or ran out of time, and deletes what failed.
    A backup older than 24 hours is not resumed.
  - A volume that already has a copy in the zone is not copied again. For another copy, delete the first, or the key C(zoneops_relocated_from) of its metadata.
  - Encrypted volumes are refused. Bootable ones stay bootable, multiattach ones need a type that is multiattach too.
  - It returns one verdict per volume and needs no zone map.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zone_writes
options:
  volumes:
    description:
      - Ids or names of the volumes, in the project that the user is signed in to. A name of several volumes is refused.
    type: list
    elements: str
    required: true
  availability_zone:
    description: Zone of cinder for the copies.
    type: str
    required: true
  backup_zone:
    description:
      - Zone of the cinder-backup that backs up and restores. By default the volume's own zone if it has a cinder-backup, else the only zone that has one.
      - To move data out of a zone before it is lost, name another zone. Its cinder-backup can do both.
    type: str
  volume_type:
    description:
      - Type of the copies, by name. By default the type of each source; this is refused if the type is for other zones.
    type: str
  allow:
    description:
      - Refusals to lift. V(space) also copies a volume for which no pool of the zone reports enough free space.
    type: list
    elements: str
    choices: [space]
    default: []
  progress:
    description:
      - File to which a line is appended at every step, and every 30 seconds while a step is running. RV(steps) has the
        steps too. Where its name ends in C(.json) or C(.jsonl), each line is an object.
    type: path
notes:
  - Needs cinder 3.51 or newer (Queens), and a user of the volumes' project who may list cinder's services and pools. That is the admin role, unless
    a policy says otherwise.
  - An attached volume is copied too. The copy is crash-consistent, as after a power cut, and does not have data that is written after the backup. A warning
    says so. To copy everything, shut the server down first.
  - Backup and restore take long. Raise O(timeout), whose end does not stop them. The next run resumes them.
seealso:
  - module: zoneops.openstack.volume_backups
"""

EXAMPLES = r"""
- name: Copy a database's volume from az1 to az2
  zoneops.openstack.volume_relocate:
    cloud: mycloud
    volumes: [db-data]
    availability_zone: az2
    backup_zone: az2
    volume_type: az2-gold
    timeout: 14400
  register: carried

- name: Print where the copy is
  ansible.builtin.debug:
    var: carried.volumes['db-data'].state.copy
"""

RETURN = r"""
volumes:
  description: One verdict per volume, by its id or name in O(volumes).
  returned: when cinder could be read
  type: dict
  contains:
    changed:
      description: Whether something was created or deleted, or would be in check mode.
      type: bool
    failed:
      description: Whether the volume was refused or something failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    plan:
      description: The steps that were planned, in order.
      type: list
      elements: dict
    done:
      description: Those that are done.
      type: list
      elements: dict
    left:
      description: Those that failed or did not begin. The next run resumes from there.
      type: list
      elements: dict
    refusals:
      description: Why a volume is not copied.
      type: list
      elements: dict
    warnings:
      description: Warnings, for example that the volume is attached.
      type: list
      elements: str
    state:
      description:
        - C(id) and C(availability_zone) of the volume, and C(copy) (an id), C(copy_zone), C(copy_status), C(copy_is_whole), C(backup_status) and
          C(backup_zone), as last read.
      type: dict
steps:
  description:
    - The steps, each with C(volume) (or the backup or the copy that the step waits for), C(zone), C(step) and the C(seconds) since the
      call began.
  returned: when cinder could be read
  type: list
  elements: dict
  sample: [{"volume": "db-data", "zone": "az2", "step": "wait for the backup of volume db-data", "seconds": 1.2}]
"""

from datetime import UTC, datetime
from typing import Any

from ..module_utils._block_storage.api.volume_calls import VolumeApi
from ..module_utils._block_storage.api.volume_result import converge_volumes
from ..module_utils._block_storage.relocate.model import Wanted
from ..module_utils._block_storage.relocate.reconcile import VolumeRelocate
from ..module_utils._openstack import module as frame
from ..module_utils._openstack.cloud import connect
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.progress import Progress
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **writer.OPTIONS,
    "volumes": {"type": "list", "elements": "str", "required": True},
    "availability_zone": {"type": "str", "required": True},
    "backup_zone": {"type": "str"},
    "volume_type": {"type": "str"},
    "progress": {"type": "path"},
    "allow": overrides.option("volume_relocate"),
}


def relocate(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    if not params["availability_zone"] or not all(params["volumes"]):
        raise ZoneopsError("options 'availability_zone' and 'volumes' must not be empty, nor name a volume ''.")
    wanted = Wanted(
        volumes=tuple(dict.fromkeys(params["volumes"])),
        zone=params["availability_zone"],
        backup_zone=params["backup_zone"],
        type=params["volume_type"],
        allow=frozenset(params["allow"]),
    )
    if not wanted.volumes:
        module.warn("option 'volumes' is empty: no volume is relocated.")
    cloud = connect(params)
    progress = Progress(params["progress"], "volume", "zone")
    api = VolumeApi(
        cloud.service("block-storage"), cloud.deadline, lambda what, status: progress(what, wanted.zone, status)
    )
    reconciler = VolumeRelocate(api, wanted, cloud.project_id(), cloud.deadline, datetime.now(UTC), progress)
    result = converge_volumes(module, cloud, reconciler)
    return {**result, "steps": progress.steps, "warnings": [*result["warnings"], *progress.warnings]}


MODULE = frame.module(relocate, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
