#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module preflight_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_info
short_description: Check whether a cluster is ready for the zones of the map
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Checks what the zones need of their cluster, before anything is created there. It writes nothing.
  - Is there a node health check with an existing remediation, does it watch the zone's workers, and would it act if a whole zone is lost?
    Does the storage class bind volumes in the zone of their pods, and can it create volumes in this zone?
  - Are the zones' addresses and that of manila in the pool, and free, in all namespaces? Does the pool have one for each zone without?
  - Does NetConfig have the subnets of the hosts, and their addresses in them? Does the hosts' DNS know the zones' glance endpoints?
  - Do the Secrets in the map exist? Is an update running, and is the installed release that of the map?
    Does the user have the rights that O(steps) need?
  - The module does not fail for these problems. RV(zones) reports for each zone what is wrong, as other modules do, for M(zoneops.openstack.zone_result).
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.info
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
options:
  steps:
    description:
      - Steps for which the rights of the user are checked. A part that the map does not have needs no rights, such as V(data_plane) if no zone has one.
      - V(zone_remove) is O(zoneops.openstack.control_plane#module:state=absent). V(zone_return) is
        O(zoneops.openstack.node_maintenance#module:state=unfence), and V(pod_spread) what that module needs besides V(pod_placement_info).
        V(instance_ha) and V(node_maintenance) are parts of the playbook C(zone_maintenance), V(instance_ha) and V(fencing_info) of
        C(zone_evacuate), V(instance_ha) of C(zone_return).
    type: list
    elements: str
    choices:
      - node_zones
      - topologies
      - control_plane
      - zone_remove
      - data_plane
      - instance_ha
      - node_maintenance
      - zone_return
      - fencing_info
      - pod_placement_info
      - pod_spread
      - preflight_info
    default: [node_zones, topologies, control_plane, data_plane, pod_placement_info, preflight_info]
notes:
  - Only the names of Secrets are used. Their content is neither kept nor shown.
  - Resources that the user may not read, or that the cluster does not know, are in RV(unseen), and only their checks are left out.
seealso:
  - module: zoneops.openstack.pod_placement_info
"""

EXAMPLES = r"""
- name: Check whether the cluster is ready
  zoneops.openstack.preflight_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
  register: preflight

- name: Print the page
  ansible.builtin.debug:
    msg: "{{ preflight.page }}"
"""

RETURN = r"""
page:
  description: All results as text, one per line.
  returned: success
  type: list
  elements: str
ready:
  description: Whether nothing is wrong.
  returned: success
  type: bool
region:
  description: What is wrong for all zones, each with C(rule) and C(message).
  returned: success
  type: list
  elements: dict
  sample: [{"rule": "no_health_check", "message": "there is no NodeHealthCheck: ..."}]
unseen:
  description: What could not be checked, each with the reason.
  returned: success
  type: list
  elements: str
zones:
  description:
    - One verdict per zone of O(limit), as M(zoneops.openstack.availability_zones) returns them. What is wrong for all zones is in each of them.
  returned: success
  type: dict
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._plan.change import Refusal
from ..module_utils._plan.verdict import Verdict, bulk_result
from ..module_utils._rhoso.preflight.checks import NOTES, Preflight
from ..module_utils._rhoso.preflight.observe import read
from ..module_utils._rhoso.preflight.rights import RIGHTS

# Who never takes a zone away need not be allowed to.
STEPS = [
    step
    for step in RIGHTS
    if step not in ("zone_remove", "instance_ha", "node_maintenance", "zone_return", "fencing_info", "pod_spread")
]
OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "steps": {"type": "list", "elements": "str", "choices": list(RIGHTS), "default": STEPS},
}
NOTHING: dict[str, Any] = {"page": [frame.NO_KUBERNETES], "ready": False, "region": [], "unseen": []}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    zone_map, only = frame.zones_asked(module.params)
    verdicts = {name: Verdict() for name in only}
    mine = frame.kubernetes_zones(zone_map, only)
    if not mine:
        zones = bulk_result(verdicts)["zones"]
        return {"changed": False, "msg": NOTHING["page"][0], "zones": zones, "warnings": NOTHING["page"], **NOTHING}
    cluster = frame.region_cluster(module.params, zone_map.region)
    preflight = Preflight(zone_map, read(cluster, zone_map), tuple(module.params["steps"]))
    everywhere = list(preflight.of_region())
    unseen = [f"not checked: {text}" for text in preflight.unseen()]
    page = [_line("region", rule, message) for rule, message in everywhere]
    for name in mine:
        own = list(preflight.of_zone(zone_map.zones[name]))
        page += [_line(f"zone {name}", rule, message) for rule, message in own]
        wrong = [found for found in (*own, *everywhere) if found[0] not in NOTES]
        notes = [message for rule, message in (*own, *everywhere) if rule in NOTES] + unseen
        verdicts[name] = Verdict(refusals=tuple(Refusal(name, *found) for found in wrong), warnings=tuple(notes))
    result = bulk_result(verdicts)
    return {
        "changed": False,
        "msg": "\n".join(page) if result["failed"] else "the cluster is ready for the zones",
        "zones": result["zones"],
        "ready": not result["failed"],
        "region": [{"rule": rule, "message": message} for rule, message in everywhere],
        "unseen": preflight.unseen(),
        "page": [*(page or ["nothing is wrong"]), *unseen],
    }


def _line(where: str, rule: str, message: str) -> str:
    return f"{'note' if rule in NOTES else 'WRONG'}  {where}: {message}"


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
