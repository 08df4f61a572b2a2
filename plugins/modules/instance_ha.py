#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module instance_ha."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_ha
short_description: Switch RHOSO's instance HA off for a zone in maintenance or a lost one, and on again
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - With O(state=begin) it sets C(spec.disabled) of each C(InstanceHa) in the namespace of the control plane that is on, and waits up to 300 s until
    the operator has carried it out. One that is off for another zone stays off for both. With O(state=end) it restores the value of those that it switched
    off, once the last zone that they are off for is back.
  - What it did is recorded at the object, in the annotations C(zoneops.openstack/zone-maintenance) with the names of these zones, separated by commas, and
    C(zoneops.openstack/disabled-before). What others switched off stays off, and what they switched on in the meantime stays on.
  - A write is refused if others, or the run of another zone, changed the object since it was read. The same call can be repeated then.
  - Instance HA is one for the whole region. While it is off, it fences and evacuates no host of any zone.
  - A cluster without instance HA has nothing to switch.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  state:
    description:
      - V(begin) switches it off, for the one zone of O(limit). V(end) switches it on again.
    type: str
    choices: [begin, end]
    required: true
  away:
    description:
      - Only with O(state=end). Inventory names of zones that are not back, such as RV(zoneops.openstack.zone_return#module:away) or
        RV(zoneops.openstack.zone_maintenance#module:away). As long as one of them is away, nothing is switched on. What was switched off for a zone of
        O(limit) that is back is remembered for those that are away. The return of the last one, or the end of its maintenance, switches it on. Zones without a
        Kubernetes side do not count.
    type: list
    elements: str
    default: []
notes:
  - The field manager is that of the zone, C(zoneops-NAME) with C(kubernetes.name) of the zone.
  - Costs one request when there is nothing to change.
  - An operator whose C(InstanceHa) has no field C(disabled), as in the feature release 4 of RHOSO 18, cannot be switched off. This is refused.
seealso:
  - module: zoneops.openstack.zone_maintenance
  - module: zoneops.openstack.zone_evacuate
  - module: zoneops.openstack.zone_return
"""

EXAMPLES = r"""
- name: Switch instance HA off for the maintenance of zone az1
  zoneops.openstack.instance_ha:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    state: begin

- name: Switch it on again
  zoneops.openstack.instance_ha:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    state: end
"""

RETURN = r"""
zones:
  description:
    - One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
    - Zones without a Kubernetes side are included, with nothing to change.
  returned: when the map is valid and the cluster could be read
  type: dict
  contains:
    changed:
      description: Whether something was switched, or would be in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule), C(message) and C(items).
      type: list
      elements: dict
    state:
      description: Each object with C(disabled), and with the zones that it is C(off_for).
      type: dict
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.text.near import refuse_unknown
from ..module_utils._rhoso.instance_ha.reconcile import InstanceHaReconciler
from ..module_utils._rhoso.names import kubernetes_zones

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "state": {"type": "str", "choices": ["begin", "end"], "required": True},
    "away": {"type": "list", "elements": "str", "default": []},
}


def switch(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    begins = params["state"] == "begin"
    refuse_unknown("'away'", "zone of the map", params["away"], zone_map.zones)
    mine = frame.kubernetes_zones(zone_map, only)
    if not mine:
        return frame.nothing_to_do(only)
    if begins and len(mine) > 1:
        raise ZoneopsError(
            f"it is switched off for one zone at a time: name one of {', '.join(mine)} in option 'limit' (--limit of a playbook)."
        )
    known = kubernetes_zones(zone_map)
    names = {name: kubernetes.name for name, (_zone, kubernetes) in known.items()}
    # No run for a zone without a Kubernetes side would switch it on.
    away = [name for name in params["away"] if name in known]
    cluster = frame.region_cluster(params, zone_map.region)
    namespace = zone_map.region.kubernetes.namespace
    reconciler = InstanceHaReconciler(cluster, namespace, only, names, begins=begins, away=away)
    return writer.converge(module, cluster, reconciler)


MODULE = frame.module(switch, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
