#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module region_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: region_info
short_description: List availability zones, aggregates, hosts and services of a region
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Lists, for the whole region at once, the host aggregates and compute hosts of nova, the services of nova, cinder, manila and neutron,
    and the availability zones that each of them offers.
  - One list per service and section, the services in parallel. If a service does not answer, only its part is missing, and RV(errors) names it.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
options:
  gather:
    description:
      - The sections to gather. Left out sections cost no call and are empty in the result.
      - V(servers) lists the servers of all projects, to find those whose pin does not match the zones. About 6 ms per server.
      - V(placement) compares the mirror of the zones in placement with nova, with one list of all hypervisors and one call per zone.
      - V(defaults) finds the defaults for requests without a zone, if an API shows them.
      - V(instances) counts the instances of each host, in RV(region.hosts), with one list of all hypervisors, about 4 ms each. V(servers) counts them as well.
      - V(volume_types) and V(volume_pools) list the types and the pools of cinder, with one call each.
      - V(share_types) lists the types of manila, with one call, V(share_backends) its back ends, with two.
      - V(type_projects) asks for the projects of private types, with one call for each of these.
      - V(image_stores) lists the stores of glance, with one call, V(images) the images of all projects that the user may see, with two.
    type: list
    elements: str
    choices: [aggregates, hosts, services, availability_zones, servers, instances, placement, defaults, volume_types, volume_pools, share_types,
      share_backends, type_projects, image_stores, images]
    default: [aggregates, hosts, services, availability_zones]
seealso:
  - module: zoneops.openstack.availability_zones
"""

EXAMPLES = r"""
- name: List everything
  zoneops.openstack.region_info:
    cloud: mycloud
  register: found

- name: Print the hosts that are in no availability zone
  ansible.builtin.debug:
    msg: "{{ found.region.hosts | rejectattr('availability_zone') | map(attribute='name') }}"
"""

RETURN = r"""
region:
  description: What was found.
  returned: always
  type: dict
  contains:
    aggregates:
      description: Host aggregates. C(metadata) is without the availability zone.
      type: list
      elements: dict
      sample: [{"id": 1, "uuid": "6a0f", "name": "az1", "availability_zone": "az1", "metadata": {}, "hosts": ["compute-az1-0"]}]
    hosts:
      description:
        - Compute hosts. C(availability_zone) is that of the host's aggregate, none for a host that is in no zone.
        - C(instances) is none if it was not gathered.
      type: list
      elements: dict
      sample: [{"name": "compute-az1-0", "availability_zone": "az1", "aggregates": ["az1"], "state": "up", "status": "enabled",
        "disabled_reason": null, "forced_down": false, "instances": null}]
    services:
      description: Services of nova, cinder, manila, and agents of neutron.
      type: list
      elements: dict
      sample: [{"service": "cinder", "binary": "cinder-volume", "host": "lab@az1", "availability_zone": "az1", "state": "up", "status": "enabled",
        "disabled_reason": null}]
    availability_zones:
      description: Availability zones by service.
      type: dict
      sample: {"nova": [{"name": "az1", "available": true}], "cinder": [{"name": "az1", "available": true}]}
    default_availability_zone:
      description: The zone that nova shows for hosts without one; none when every host has a zone.
      type: str
      sample: nova
    volume_types:
      description: Volume types, public and private. C(projects) are those that may use a private one, if they were gathered.
      type: list
      elements: dict
      sample: [{"id": "6a0f", "name": "az1-gold", "public": true, "description": null, "extra_specs": {"RESKEY:availability_zones": "az1"},
        "projects": null}]
    volume_pools:
      description:
        - Pools of the back ends whose services are up and enabled. C(free_gb) is none if the driver does not report it.
        - Pools with the same C(storage) are on the same storage, such as a pool of a Ceph cluster. It is empty if the driver does not report it.
      type: list
      elements: dict
      sample: [{"name": "lab@az1#az1", "host": "lab@az1", "volume_backend_name": "az1", "free_gb": 900.0, "up": true,
        "storage": "Ceph cluster 9a1d7a2c-6b0e-4a55-8f39-4d2f6f0c1b11, pool volumes-az1"}]
    servers_out_of_place:
      description:
        - Servers that are pinned to a zone that is gone, to the default zone, or to another zone than that of their host, each with C(rule) and C(message).
        - It is not visible afterwards that a server was placed with the form C(ZONE:HOST). If that broke its pin, the server is in this list.
      type: list
      elements: dict
      sample: []
    pins_seen:
      description: Whether nova shows the zone that a server is pinned to (from 2.96). If not, RV(region.servers_out_of_place) is always empty.
      type: bool
    placement_drift:
      description: Aggregates with a zone that placement does not mirror, each with the C(missing) and C(surplus) hosts.
      type: list
      elements: dict
      sample: []
    defaults:
      description:
        - C(glance_store), the store of images that are created without a store. Nova's C(default_schedule_zone) and cinder's C(storage_availability_zone) are
          shown by no API.
      type: dict
      sample: {"glance_store": "az1"}
    share_types:
      description: Share types, with the ids of the projects that may use private ones, if they were gathered.
      type: list
      elements: dict
      sample: [{"name": "az1-gold", "public": true, "description": null, "projects": null,
        "extra_specs": {"availability_zones": "az1", "driver_handles_share_servers": "False"}}]
    share_backends:
      description: Back ends of manila by their services. C(names), C(free_capacity_gb) and C(driver_handles_share_servers) are known only of those that work.
      type: list
      elements: dict
      sample: [{"host": "lab@az1", "backend": "az1", "availability_zone": "az1", "names": ["az1"], "free_capacity_gb": 1210.0,
        "driver_handles_share_servers": false}]
    image_stores:
      description: Stores of glance to which images can be copied. C(type) is none if only administrators can see it.
      type: list
      elements: dict
      sample: [{"id": "az1", "type": "rbd", "default": true}]
    images:
      description: Images with the stores that have them.
      type: list
      elements: dict
      sample: [{"id": "6a0f", "name": "cirros", "status": "active", "visibility": "public", "hidden": false, "stores": ["az1"]}]
    gathered:
      description: The sections of O(gather). Sections that were not gathered are empty above.
      type: list
      elements: str
      sample: [aggregates, hosts]
errors:
  description: What could not be read, by service and section, with the reason.
  returned: always
  type: dict
  sample: {}
absent:
  description: Services that the catalog of the cloud does not have.
  returned: always
  type: list
  elements: str
  sample: [manila]
"""

from typing import Any

from ..module_utils._openstack import module as frame
from ..module_utils._openstack.cloud import connect
from ..module_utils._plan.text.reasons import by_reason
from ..module_utils._region.choice import SECTIONS
from ..module_utils._region.sections import ONLY_OF, THOROUGH, gather

OPTIONS: dict[str, Any] = {
    "gather": {"type": "list", "elements": "str", "choices": [*SECTIONS, *THOROUGH], "default": list(SECTIONS)}
}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    sections = frozenset(module.params["gather"])
    region = gather(connect(module.params), sections).as_dict()
    errors, absent = region.pop("errors"), region.pop("absent")
    warnings = [f"{what} could not be read: {message}" for what, message in by_reason(errors)]
    if not sections:
        warnings.append("option 'gather' is empty: nothing of the region was read")
    for service in absent:
        asked = sorted(sections & ONLY_OF.get(service, frozenset()))
        if asked:
            warnings.append(f"{', '.join(asked)}: the catalog of the cloud has no {service}, so it was not read")
    if "servers" in sections and region["pins_seen"] is False:
        warnings.append(
            "servers: nova does not show to which zone a server is pinned (before 2.96), so it is unknown which are out of place"
        )
    return {"changed": False, "region": region, "errors": errors, "absent": absent, "warnings": warnings}


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
