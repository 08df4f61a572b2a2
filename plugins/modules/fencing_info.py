#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module fencing_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fencing_info
short_description: Find out from Kubernetes whether compute hosts are cut off
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Looks for evidence that compute hosts are cut off from their storage and their network, as M(zoneops.openstack.zone_evacuate) needs it, in objects of the
    cluster. Evidence is a SelfNodeRemediation that counts the node as rebooted; a FenceAgentsRemediation whose agent succeeded; and a BareMetalHost that is
    powered off, is to stay so (C(spec.online) is V(false)), has no error, and is watched.
  - A node that is not Ready, a NodeHealthCheck that remediates it, and a machine whose state is in doubt are signs, and no evidence. A kubelet that reports is
    a sign of life.
  - A node or a machine is a compute host by its name, with or without its domain. Of machines of an OpenStackBaremetalSet, its status says which host is which.
    If the sets may not be listed, no machine is evidence.
  - Kinds that the cluster does not know have no objects. Kinds that the user may not list are in RV(unread).
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.info
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
notes:
  - Costs six lists for any number of zones and hosts. They are lists of the whole cluster, except that of OpenStackBaremetalSet.
seealso:
  - module: zoneops.openstack.zone_evacuate
"""

EXAMPLES = r"""
- name: Read which compute hosts are cut off
  zoneops.openstack.fencing_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
  register: cut_off

- name: Print the evidence
  ansible.builtin.debug:
    var: cut_off.fencing
"""

RETURN = r"""
fencing:
  description: The evidence, by host, as the option O(zoneops.openstack.zone_evacuate#module:fencing) takes it.
  returned: success
  type: list
  elements: dict
  sample:
    - {"host": "compute-1", "kind": "bmc", "by": "BareMetalHost compute-1", "at": "2030-01-31T03:12:09Z",
       "what": "powered off, as its BMC says, and kept off (spec.online is false)"}
signs:
  description: What else the cluster says of hosts. Each has C(host), C(what), C(alive) if it is a sign of life, and C(at).
  returned: success
  type: list
  elements: dict
  sample: [{"host": "compute-1", "what": "the kubelet of Node compute-1", "alive": false, "at": "2030-01-31T03:10:12Z"}]
unread:
  description: By kind, why its objects could not be listed.
  returned: success
  type: dict
"""

from datetime import UTC, datetime
from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._rhoso.fencing.evidence import evidence, signs
from ..module_utils._rhoso.fencing.observe import read


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    zone_map, only = frame.zones_asked(module.params)
    # A name that another zone has as well, with another domain, means none of both.
    known = [host for zone in zone_map.zones.values() for host in zone.compute_hosts]
    hosts = {host for name in only for host in zone_map.zones[name].compute_hosts}
    if not frame.kubernetes_zones(zone_map, only):
        nothing: dict[str, Any] = {"fencing": [], "signs": [], "unread": {}}
        return {"changed": False, "msg": frame.NO_KUBERNETES, "warnings": [frame.NO_KUBERNETES], **nothing}
    cluster = frame.region_cluster(module.params, zone_map.region)
    found = read(cluster, zone_map.region.kubernetes.namespace)
    cut_off = [one.as_dict() for one in evidence(found, known, datetime.now(UTC)) if one.host in hosts]
    names = sorted({one["host"] for one in cut_off})
    return {
        "changed": False,
        "msg": f"cut off by what the cluster says: {', '.join(names) or 'no host'}",
        "fencing": cut_off,
        "signs": [one.as_dict() for one in signs(found, known) if one.host in hosts],
        "unread": dict(found.unread),
        "warnings": [f"{kind} says nothing: {reason}" for kind, reason in found.unread.items()],
    }


MODULE = frame.module(look, frame.ZONE_OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
