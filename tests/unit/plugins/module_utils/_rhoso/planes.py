# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A data plane in the zone map, small and whole."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

FSIDS = ["3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a01", "8a7be3d2-54a9-4c4e-8c7f-5b9e2d6c4a02"]


def node(number: int, index: int) -> dict[str, Any]:
    return {"address": f"192.168.{122 + number}.{100 + index}"}


def zone(number: int, hosts: int = 2) -> dict[str, Any]:
    """A zone as the vendor's example has it, with third-party storage."""
    network = {"name": "ctlplane", "subnet": f"subnet{number}", "default_route": True}
    return {
        "kubernetes": {"name": f"az{number}"},
        "image_store": {"type": "cinder", "volume_type": f"glance-az{number}"},
        "data_plane": {
            "node_set": f"r{number}-compute-nodes",
            "networks": [network],
            "nodes": {f"r{number}-compute-{index}": node(number, index) for index in range(hosts)},
        },
    }


def networkers(number: int, hosts: int = 2) -> dict[str, Any]:
    """A NodeSet of networkers of that zone."""
    return {"nodes": {f"r{number}-networker-{index}": node(number, 50 + index) for index in range(hosts)}}


def zones(*numbers: int) -> dict[str, Any]:
    return {f"az{number}": zone(number) for number in numbers or (0, 1)}


def with_ceph(number: int) -> dict[str, Any]:
    found = zone(number)
    found["image_store"] = {}
    found["ceph"] = {"fsid": FSIDS[number], "files_secret": f"ceph-az{number}"}
    found["data_plane"]["services"] = ["bootstrap", "ceph-client", "libvirt", "nova"]
    return found


def loaded(given: Mapping[str, Any] | None = None, region: Mapping[str, Any] | None = None) -> ZoneMap:
    given = zones() if given is None else given
    services = {"ceph_files_secret": "ceph-all"}
    whole = {"zones": list(given), "kubernetes": {"services": services}, **(region or {})}
    return load_map(copy.deepcopy(dict(given)), whole)
