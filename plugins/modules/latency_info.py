#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module latency_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: latency_info
short_description: Compare round-trip times between zones with a limit
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - With O(metrics_url) it reads the times between the masters, which the members of etcd measure all the time. With O(targets) it measures connections
    from the host on which the module runs to others, for example from compute host to compute host.
  - It runs nothing in any pod, and sends no request to the Kubernetes API.
  - The module does not fail for a connection that is too slow. RV(zones) reports for each zone what is wrong,
    as other modules do, for M(zoneops.openstack.zone_result).
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.info
  - zoneops.openstack.zones
attributes:
  action_group:
    support: none
    membership: []
options:
  metrics_url:
    description:
      - Address of a Prometheus that has the cluster's metrics. In OpenShift that is the route C(thanos-querier) in the namespace C(openshift-monitoring).
      - The masters of each zone have to be in C(kubernetes.masters) of the map.
    type: str
  api_key:
    description: Token for O(metrics_url). Its user needs the role C(cluster-monitoring-view).
    type: str
  validate_certs:
    description: Whether the certificate of O(metrics_url) is verified.
    type: bool
    default: true
  ca_cert:
    description: File with the certificates of the authorities to trust.
    type: path
  targets:
    description: Hosts of other zones to measure to. Needed without O(metrics_url).
    type: list
    elements: dict
    suboptions:
      zone:
        description: Inventory name of the host's zone.
        type: str
        required: true
      address:
        description: Its address or name.
        type: str
        required: true
      port:
        description: A port that answers. A refused connection is an answer too.
        type: int
        default: 22
      name:
        description: Its name in the result. By default its address and port.
        type: str
  start_zone:
    description: Inventory name of the zone of the host that the module runs on. Needed with O(targets).
    type: str
  limit_ms:
    description: Milliseconds that a round trip may take, at most 60000.
    type: float
    default: 15
  attempts:
    description: How many connections are opened to each of O(targets). The shortest time counts. 1 to 1000.
    type: int
    default: 5
  connect_timeout:
    description: Seconds to wait for a connection to one of O(targets).
    type: float
    default: 5
  api_timeout:
    description: Seconds to wait for an answer of Prometheus.
    type: float
    default: 5
  timeout:
    description: Seconds after which the run ends, even if a request is still waiting.
    type: float
    default: 120
seealso:
  - module: zoneops.openstack.pod_placement_info
"""

EXAMPLES = r"""
- name: Measure between the masters
  zoneops.openstack.latency_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    metrics_url: https://thanos-querier-openshift-monitoring.apps.example.org
    api_key: "{{ monitoring_token }}"

- name: Measure from a compute host of az1 to one of az2
  zoneops.openstack.latency_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    start_zone: az1
    targets:
      - {zone: az2, address: 192.168.124.100}
  delegate_to: r1-compute-0
"""

RETURN = r"""
pairs:
  description: What was measured between zones. C(milliseconds) is none without an answer, and C(why) has the reason.
  returned: success
  type: list
  elements: dict
  sample: [{"from": "master-0", "from_zone": "az0", "to": "master-1", "to_zone": "az1", "milliseconds": 0.9, "source": "etcd", "why": ""}]
zones:
  description:
    - One verdict per zone of O(limit), as M(zoneops.openstack.availability_zones) returns them. C(failed) if a round trip takes too long or has no answer,
      and C(state.longest) has the longest time to each other zone.
  returned: success
  type: dict
too_long:
  description: Whether any round trip takes too long or has no answer.
  returned: success
  type: bool
"""

import socket
from typing import Any

from ansible.module_utils.urls import open_url

from ..module_utils._latency import etcd, tcp
from ..module_utils._latency.pairs import LIMIT_MS, Pair, between_zones, verdicts
from ..module_utils._plan.deadline import Deadline
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.frame import Module, Run
from ..module_utils._plan.limits import refuse_wrong_numbers, refuse_wrong_seconds
from ..module_utils._plan.text.near import refuse_unknown
from ..module_utils._plan.verdict import bulk_result
from ..module_utils._zones.schema.zone_map import ZoneMap
from ..module_utils._zones.selection import ZONE_OPTIONS, zones_asked

TARGET = {
    "zone": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "default": 22},
    "name": {"type": "str"},
}
AT_MOST = {"limit_ms": 60_000, "attempts": 1000}
OPTIONS: dict[str, Any] = {
    **ZONE_OPTIONS,
    "metrics_url": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_cert": {"type": "path"},
    "targets": {"type": "list", "elements": "dict", "options": TARGET},
    "start_zone": {"type": "str"},
    "limit_ms": {"type": "float", "default": LIMIT_MS},
    "attempts": {"type": "int", "default": 5},
    "connect_timeout": {"type": "float", "default": 5},
    "api_timeout": {"type": "float", "default": 5},
    "timeout": {"type": "float", "default": 120},
}


def _fetch(params: dict[str, Any], deadline: Deadline) -> etcd.Fetch:
    headers = {"Authorization": f"Bearer {params['api_key']}"} if params["api_key"] else {}

    def fetch(address: str) -> bytes:
        deadline.check(f"GET {params['metrics_url']}")
        answer = open_url(
            address,
            headers=headers,
            timeout=min(params["api_timeout"], deadline.remaining()),
            validate_certs=params["validate_certs"],
            ca_path=params["ca_cert"],
        )
        body: bytes = answer.read()
        return body

    return fetch


def _measure(params: dict[str, Any], zone_map: ZoneMap) -> list[Pair]:
    refuse_wrong_seconds(params, ("connect_timeout", "api_timeout", "timeout"))
    deadline = Deadline(params["timeout"])
    pairs: list[Pair] = []
    if params["metrics_url"]:
        places = {zone.name: zone.kubernetes for zone in zone_map.zones.values()}
        zone_of = {node: name for name, place in places.items() if place for node in place.masters}
        pairs += etcd.measured(params["metrics_url"], _fetch(params, deadline), zone_of)
    if params["targets"]:
        # Not required_by, which an empty list would set off too.
        if params["start_zone"] is None:
            raise ZoneopsError(
                "targets needs start_zone: name the zone of the host that the module runs on, from which it measures."
            )
        named = {params["start_zone"], *(target["zone"] for target in params["targets"])}
        refuse_unknown("start_zone and targets", "zone of the map", named, zone_map.zones)
        pairs += tcp.measured(
            socket.gethostname(),
            params["start_zone"],
            params["targets"],
            attempts=params["attempts"],
            timeout=params["connect_timeout"],
            deadline=deadline,
        )
    return pairs


def look(module: Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = zones_asked(params)
    if not params["metrics_url"] and not params["targets"]:
        raise ZoneopsError("nothing to measure: give metrics_url, or targets.")
    refuse_wrong_numbers(params, AT_MOST)
    pairs = _measure(params, zone_map)
    result = bulk_result(verdicts(zone_map, only, pairs, params["limit_ms"]))
    return {
        "changed": False,
        "msg": result["msg"] if result["failed"] else f"{len(between_zones(pairs))} paths between zones, none too slow",
        "zones": result["zones"],
        "pairs": [pair.as_dict() for pair in between_zones(pairs)],
        "too_long": result["failed"],
    }


MODULE = Module(look, OPTIONS, rules={"required_one_of": [("metrics_url", "targets")]})


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
