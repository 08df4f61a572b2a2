#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module image_stores_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_stores_info
short_description: List the stores of glance, their zones and their images
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Lists the stores of glance, the default store, and the zone of each store.
  - Lists the images with the stores that have them, and the images that no run has finished.
  - Costs four calls to glance, for any number of stores and (up to 1000) images.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
options:
  zones:
    description: The zone map, as in M(zoneops.openstack.images). Without it, the zones of stores are not returned.
    type: dict
    default: {}
  region:
    description: The properties of the whole region, needed with O(zones).
    type: dict
    default: {}
seealso:
  - module: zoneops.openstack.images
"""

EXAMPLES = r"""
- name: List the stores and images
  zoneops.openstack.image_stores_info:
    cloud: mycloud
  register: found

- name: Print the images of store az2
  ansible.builtin.debug:
    msg: "{{ found.images | selectattr('stores', 'contains', 'az2') | map(attribute='name') }}"
"""

RETURN = r"""
stores:
  description:
    - The stores. C(type) is none if only administrators can see it, C(zone) is the inventory name of its zone, none for a store of no zone.
      C(images) is the number of its images.
  returned: success
  type: list
  elements: dict
  sample: [{"id": "az1", "type": "rbd", "description": "zone az1", "default": true, "zone": "az1", "images": 12}]
default_store:
  description: The store of images that are created without a store.
  returned: success
  type: str
  sample: az1
zones:
  description: The store of each zone of O(zones), none if glance has no store of the zone, which a warning names.
  returned: success
  type: dict
  sample: {"az1": "az1", "az2": null}
images:
  description: The images of all projects that the user may see, hidden ones too.
  returned: success
  type: list
  elements: dict
  sample: [{"id": "6a0f", "name": "cirros", "status": "active", "visibility": "public", "hidden": false, "owner": "9b1c", "size": 1024, "disk_format": "raw",
    "stores": ["az1", "az2"], "failed_stores": [], "importing": false, "replaced": false}]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._image.glance import Glance
from ..module_utils._image.model import Image
from ..module_utils._openstack import module as frame
from ..module_utils._openstack.cloud import connect
from ..module_utils._zones.load import load_map

OPTIONS: dict[str, Any] = {"zones": {"type": "dict", "default": {}}, "region": {"type": "dict", "default": {}}}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    wanted: dict[str, str] = {}
    if params["zones"]:
        zone_map = load_map(params["zones"], params["region"])
        wanted = {name: zone.image_store.name for name, zone in zone_map.zones.items() if zone.image_store}
        cloud = frame.region_cloud(params, zone_map.region)
    else:
        cloud = connect(params)
    glance = Glance(cloud.service("image", version="2"))
    stores, images = glance.detailed_stores(), glance.images()
    owners = {store: zone for zone, store in wanted.items()}
    there = {store.id for store in stores}
    known = ", ".join(sorted(there)) or "none"
    missing = {zone: store for zone, store in wanted.items() if store not in there}
    empty = (
        ["glance lists no store: it has none, or a single unnamed one (enabled_backends is not set)."]
        if not stores
        else []
    )
    if params["zones"] and not wanted:
        empty.append("no zone of the map has image_store: there is nothing to compare glance's stores with.")
    return {
        "changed": False,
        "stores": [
            {
                "id": store.id,
                "type": store.type,
                "description": store.description,
                "default": store.default,
                "zone": owners.get(store.id),
                "images": sum(store.id in image.stores for image in images),
            }
            for store in stores
        ],
        "default_store": next((store.id for store in stores if store.default), None),
        "zones": {zone: None if zone in missing else store for zone, store in wanted.items()},
        "warnings": empty
        + [
            f"glance has no store {store}, which the map gives zone {zone}; it has: {known}."
            for zone, store in missing.items()
        ],
        "images": [_image(image) for image in sorted(images, key=lambda image: (image.name, image.id))],
    }


def _image(image: Image) -> Mapping[str, Any]:
    plain = ("id", "name", "status", "visibility", "hidden", "owner", "size", "disk_format")
    return {
        **{key: getattr(image, key) for key in plain},
        "stores": list(image.stores),
        "failed_stores": list(image.failed),
        "importing": image.task is not None or image.status == "importing",
        "replaced": image.retired,
    }


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
