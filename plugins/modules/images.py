#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: images
short_description: Copy images to the stores of the zones that a policy names
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Creates and updates the images of C(zoneops_region.images), and copies each to the stores of its zones, in one call for all zones.
  - An image is created from a file of this machine, which is streamed to glance, or by glance itself from an address. Glance copies existing images from store
    to store. Several images are copied in parallel, each to all stores without it, as one job of glance.
  - Properties that the policy does not set stay as they are. Images that no policy matches are never changed.
  - An image counts as copied when its store is listed and glance runs no job for it. If one store fails, the others continue.
  - A new image is private until its data are complete and its checksum is verified.
  - New content creates a new image of the same name. It gets the properties of the old one that the policy does not set.
    O(replaced) defines what happens to the old one.
  - The next run resumes an interrupted one, and waits for a job that glance is still running.
  - A file without a checksum is read once in each run, to compare it. With a checksum it is read only to upload it.
  - Costs four calls to glance when there is nothing to change, for any number of zones, stores and (up to 1000) images.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
requirements:
  - jmespath
options:
  purge_stores:
    description:
      - Remove images of the policy from the stores of zones that it does not name for them.
      - Never the only copy, and refused while servers of that zone use the image, whatever the type of the store. Stores of no zone are never changed.
      - A server uses the image from which it, or the volume from which it boots, was created. Shelved servers count.
      - Costs one list of all servers, and one of all bootable volumes if a server boots from a volume, but only if an image would be removed from a store.
    type: bool
    default: false
  replaced:
    description:
      - What to do with an image once another one of its name, with the desired content, is in the stores of all its zones, also of
        zones outside O(limit) and zones that are down. Until then it stays as it is, with a warning.
      - V(hide) hides it from users' lists, and its servers can still use it. V(keep) leaves it in the lists.
        V(delete) deletes it, which is refused while servers use it.
      - It gets the property C(zoneops_replaced_by), which distinguishes it from a second image of the same name.
    type: str
    choices: [keep, hide, delete]
    default: hide
  precache:
    description:
      - Let the compute hosts of a zone cache the images that this call copies to it, so that the first server starts sooner.
      - Needs nova 2.81 (Ussuri). Nova does it in the background and does not report its end.
    type: bool
    default: false
  parallel:
    description: Number of images that are copied in parallel.
    type: int
    default: 4
  progress:
    description:
      - File to which a line is appended at every step of every image, and every 30 seconds for what is still missing, to watch the call.
        RV(transfers) has the steps too. Where its name ends in C(.json) or C(.jsonl), each line is an object.
    type: path
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(unfinished_images) deletes an image of the policy's name that others began and did not finish, and recreates it.
      - V(images_in_use) removes an image from a zone's store, or deletes a replaced one, although servers use it.
    type: list
    elements: str
    choices: [unfinished_images, images_in_use]
    default: []
notes:
  - Needs a glance with several stores (API 2.10) that has the stores of all zones, and its import methods C(copy-image) and, as needed,
    C(glance-direct) and C(web-download). In glance's default policy only administrators copy, remove and publish images.
  - Set O(timeout) for the largest image. After it, glance continues its running jobs, and the next call waits for it.
seealso:
  - module: zoneops.openstack.image_stores_info
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Copy every public image to every zone
  zoneops.openstack.images:
    cloud: mycloud
    region:
      zones: [az1, az2]
      images:
        - {name: public images, select: "visibility == 'public'"}
    zones:
      az1: {image_store: {}}
      az2: {image_store: {}}

- name: Create an image that glance fetches, in one zone, and one from a file in all zones
  zoneops.openstack.images:
    cloud: mycloud
    timeout: 7200
    region:
      zones: [az1, az2]
      images:
        - name: cirros
          zones: [az2]
          url: https://download.cirros-cloud.net/0.6.2/cirros-0.6.2-x86_64-disk.img
          disk_format: qcow2
        - name: appliance
          file: /srv/images/appliance.raw
          disk_format: raw
          visibility: public
          properties:
            hw_disk_bus: scsi
    zones:
      az1: {image_store: {}}
      az2: {image_store: {}}

- name: Copy the images for all zones of the inventory, one call for all and a verdict for each
  zoneops.openstack.images:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: "{{ ansible_play_batch }}"
    timeout: 3600
  run_once: true
  register: images
  changed_when: false
  failed_when: images.zones is not defined

- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ images }}"
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, with the keys that RV(zoneops.openstack.availability_zones#module:zones) has.
  returned: when the map is valid and glance could be read
  type: dict
  contains:
    changed:
      description: Whether the zone changed, or would change in check mode.
      type: bool
    failed:
      description: Whether something about the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    plan:
      description: The changes that were planned, in order, each with C(action), C(target), C(before), C(after) and C(text).
      type: list
      elements: dict
    done:
      description: Changes that are kept.
      type: list
      elements: dict
    left:
      description: Changes that failed or did not begin.
      type: list
      elements: dict
    refusals:
      description: What was not changed and why, each with C(rule), C(message) and the C(items) that block it.
      type: list
      elements: dict
    warnings:
      description: What needs attention, for example a qcow2 image in an rbd store.
      type: list
      elements: str
    diff:
      description: The zone before and after; both empty if it does not change.
      type: dict
    state:
      description:
        - The zone as last read. C(store) is the name of its store, C(images) has the desired images there, by name, each with C(in_store), whether
          servers of the zone can be made from the zone's own copy, and what of the image is managed.
      type: dict
transfers:
  description: The steps of the copied images, each with C(image), C(store), C(step) and the C(seconds) since the call began.
  returned: when the map is valid and glance could be read
  type: list
  elements: dict
  sample: [{"image": "cirros", "store": "az2", "step": "begun", "seconds": 0.4}, {"image": "cirros", "store": "az2", "step": "there", "seconds": 2.1}]
"""

from typing import Any

from ..module_utils._block_storage.api.cinder import Cinder
from ..module_utils._compute.nova import Nova
from ..module_utils._image.glance import Glance
from ..module_utils._image.options import Options
from ..module_utils._image.policy.select import JMESPATH
from ..module_utils._image.reconcile import Images
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.progress import Progress
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "purge_stores": {"type": "bool", "default": False},
    "replaced": {"type": "str", "choices": ["keep", "hide", "delete"], "default": "hide"},
    "precache": {"type": "bool", "default": False},
    "parallel": {"type": "int", "default": 4},
    "progress": {"type": "path"},
    "allow": overrides.option("images"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    wanted, only = frame.zones_asked(params)
    cloud = frame.region_cloud(params, wanted.region)
    options = Options(
        only=only,
        purge_stores=params["purge_stores"],
        replaced=params["replaced"],
        precache=params["precache"],
        parallel=params["parallel"],
        allow=frozenset(params["allow"]),
    )
    progress = Progress(params["progress"], "image", "store")
    glance = Glance(cloud.service("image", version="2"))
    nova = Nova(cloud.service("compute"))
    cinder = Cinder(cloud.service("block-storage"))
    reconciler = Images(glance, nova, cinder, wanted, options, cloud.deadline, progress, cloud.project_id)
    result = writer.converge(module, cloud, reconciler)
    return {**result, "transfers": progress.steps, "warnings": [*result["warnings"], *progress.warnings]}


MODULE = frame.module(converge, OPTIONS, JMESPATH)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
