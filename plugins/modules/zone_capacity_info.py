#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_capacity_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_capacity_info
short_description: Show which servers fit where if hosts or zones are lost or drained
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Reports for each server on the hosts that would be away whether it moves inside its zone, may cross to another zone, has to wait, or needs a restore, with
    the reason. Finds a host for each server that moves.
  - Calculates the loss of each zone in turn, one zone away at a time (N-1), or of O(hosts) together.
  - Room is what placement reports, total times ratio minus reserved and used. Hosts that are disabled, down, forced down or marked by
    C(COMPUTE_STATUS_DISABLED) in placement do not count, so spares do not count.
  - Pins, traits, the metadata of aggregates that isolates hosts, affinity and anti-affinity groups, volumes, physical networks and the state of
    cinder-volume are respected.
  - Never changes anything, in check mode or not. The result is an estimate, because nova places one server at a time, by its own weights.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
options:
  hosts:
    description:
      - Names of compute hosts, as in nova, that are away together. Their zones, and the storage of these zones, are still available.
      - Without it, the loss of each zone of O(limit) is calculated, with all hosts that nova has in it.
    type: list
    elements: str
  event:
    description:
      - With V(lost) the hosts are lost with everything on them, and servers are evacuated. If a zone is lost, its storage is lost too.
      - With V(drained) the hosts are up, and servers are migrated.
    type: str
    choices: [lost, drained]
    default: lost
  shared_disks:
    description:
      - Whether disks of servers that are not volumes (disks of servers that boot from an image, and ephemeral disks) are on storage that all hosts of a zone
        can reach, such as Ceph. No API shows it.
      - If not, such a server needs a restore when its host is lost, and waits when it is drained.
    type: bool
    default: false
  storage_reachable:
    description:
      - Whether the storage of every zone can be reached from all other zones, also while its zone is away, and nova's C(cross_az_attach) permits its use. No
        API shows either.
      - If not, a server with a volume in a zone that is away needs a restore, and a server with a volume in another zone can move to that zone only.
    type: bool
    default: false
  movable:
    description:
      - Servers to count as movable although nova would not move them as they are.
      - With V(pinned) servers that are pinned to a zone may cross to another, as after an unpin (nova 2.104) or a shelve and unshelve.
      - With V(local_disks), if the hosts are drained, disks that are local to a host are copied (C(block_migration)).
    type: list
    elements: str
    choices: [pinned, local_disks]
    default: []
  threshold:
    description:
      - Percent, from 0 to 100, of the vCPUs and of the memory of the other hosts that must be free after all servers are placed, also those that need a
        restore.
      - A zone fails, in RV(zones), if less is free, or if a server has no room. Servers that wait are not counted.
      - With O(hosts) it fills RV(problems).
      - Without it, no zone fails.
    type: float
  lists:
    description: The outcomes whose servers are listed one by one, in C(lists) of each answer.
    type: list
    elements: str
    choices: [fits, crosses, waits, restore, no_room]
    default: [waits, restore, no_room]
  show:
    description: Print the table if people read the output. No effect if the module runs in a separate process.
    type: bool
    default: false
notes:
  - Costs one list each of aggregates, compute services, servers (about 6 ms each), server groups, resource providers, volumes, cinder's services, ports,
    networks, network agents and images, and one GET C(/allocation_candidates) for each kind of these servers. The number of calls does not grow with hosts. If
    providers do not have the names of compute hosts, one list of hypervisors is added, at 2.87 at most.
  - Needs nova 2.53, placement 1.29 and cinder 3.51, and the right to list servers, groups, volumes and ports of all projects. That is the admin role,
    unless a policy says otherwise.
  - Before nova 2.96 pins cannot be seen, and every server counts as pinned to its zone.
  - Parts of cinder, glance or neutron that could not be read count as unknown, and RV(errors) names them. Servers whose volumes or networks are unknown wait.
  - Shares that are attached to servers, scheduler hints other than groups, quotas, and space of back ends are not considered.
seealso:
  - module: zoneops.openstack.region_info
  - module: zoneops.openstack.volume_relocate
"""

EXAMPLES = r"""
- name: Calculate the loss of each zone of the region
  zoneops.openstack.zone_capacity_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    shared_disks: true
    threshold: 10
  register: capacity

- name: Check whether two hosts can be drained
  zoneops.openstack.zone_capacity_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    hosts: [compute-az1-0, compute-az1-1]
    event: drained
    shared_disks: true
  register: drain

- name: Print what does not fit
  ansible.builtin.debug:
    msg: "{{ drain.hosts.lists.no_room }}"
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them. Empty with O(hosts).
  returned: success
  type: dict
  contains:
    failed:
      description: Whether the region has too little room without the zone. Always false without O(threshold).
      type: bool
    msg:
      description: What is wrong and what to do, else the result in one line. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule), which is C(capacity), and C(message).
      type: list
      elements: dict
    state:
      description: The answer, as RV(hosts) has it.
      type: dict
hosts:
  description: The answer for O(hosts); empty without.
  returned: success
  type: dict
  contains:
    hosts:
      description: The hosts that are away.
      type: list
      elements: str
    servers:
      description: How many servers are on them.
      type: int
    vcpus:
      description: vCPUs of their flavors.
      type: int
    memory_mb:
      description: Memory of their flavors, in MB.
      type: int
    disk_gb:
      description: Disks of their flavors that are not volumes, in GB.
      type: int
    fits:
      description: How many move inside their zone, and have a host there.
      type: int
    crosses:
      description: How many cross to another zone, and have a host there.
      type: int
    waits:
      description: How many need a decision by a person.
      type: int
    restore:
      description: How many have data that is lost with the hosts or the zone, or that they cannot reach from another place.
      type: int
    no_room:
      description: How many may move and have no host with room.
      type: int
    restorable:
      description: How many of those that need a restore would have room in the other zones, after all servers that move.
      type: int
    bears:
      description: Whether all servers that move or need a restore have room.
      type: bool
    exact:
      description:
        - Whether no other order of placing them places more. If not, there is little room for many servers, and nova may place a few more.
      type: bool
    headroom:
      description: By availability zone that servers move to or that loses hosts, what is C(free) of its C(capacity) after all moves, by resource class, and the
        lower C(percent) of vCPUs and memory.
      type: dict
    headroom_percent:
      description: The same percent for all other hosts together, after the restores as well.
      type: float
    additions:
      description:
        - Room to add so that every server in C(no_room) has a host. C(host) is none for a new host, which needs C(traits).
        - C(resources) are amounts by resource class of placement; C(MEMORY_MB) in MB, C(DISK_GB) in GB.
      type: list
      elements: dict
    lists:
      description: By outcome of O(lists), the servers, each with C(id), C(name), C(project_id), C(host), C(reason), C(target) if it has a place, and
        C(addition), the smallest one that gives it room.
      type: dict
  sample: {"servers": 1, "fits": 0, "crosses": 0, "waits": 0, "restore": 0, "no_room": 1,
    "additions": [{"host": "compute-az1-1", "resources": {"MEMORY_MB": 2048}}]}
problems:
  description: What is wrong by O(threshold) with O(hosts) away; empty without one of them.
  returned: success
  type: list
  elements: str
  sample: []
bears:
  description: Whether this is true for each zone, or for the hosts.
  returned: success
  type: bool
headroom:
  description:
    - By availability zone, the least C(percent) that is free there, and in C(without) the inventory name of the zone that is then away.
    - C(without) is none if no server moves to the zone, whichever other zone is away. Empty with O(hosts).
  returned: success
  type: dict
  sample: {"az1": {"percent": 12.5, "without": "az3"}}
table:
  description: The table and what is below it, at most 80 columns.
  returned: success
  type: list
  elements: str
errors:
  description: What could not be read, by service and section, with the reason.
  returned: success
  type: dict
  sample: {}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._capacity.model import DRAINED, LOCAL_DISKS, LOST, PINNED, Away, Question, zones_away
from ..module_utils._capacity.plan import OUTCOMES, Answer, Planner
from ..module_utils._capacity.read import read
from ..module_utils._capacity.result import as_dict, least, message
from ..module_utils._capacity.table import lines
from ..module_utils._capacity.threshold import messages, refusals
from ..module_utils._compute.model import Observed
from ..module_utils._openstack import module as frame
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.text.near import refuse_unknown
from ..module_utils._plan.text.reasons import by_reason
from ..module_utils._plan.verdict import Verdict, call_result

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "hosts": {"type": "list", "elements": "str"},
    "event": {"type": "str", "choices": [LOST, DRAINED], "default": LOST},
    "shared_disks": {"type": "bool", "default": False},
    "storage_reachable": {"type": "bool", "default": False},
    "movable": {"type": "list", "elements": "str", "choices": [PINNED, LOCAL_DISKS], "default": []},
    "threshold": {"type": "float"},
    "lists": {"type": "list", "elements": "str", "choices": list(OUTCOMES), "default": ["waits", "restore", "no_room"]},
    "show": {"type": "bool", "default": False},
}
NO_PINS = "nova does not show to which zone a server is pinned (before 2.96): each counts as pinned to its own zone"


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    threshold = params["threshold"]
    if threshold is not None and not 0 <= threshold <= 100:
        raise ZoneopsError(f"option 'threshold' is {threshold:g}: give a number of percent from 0 to 100.")
    zone_map, names = frame.zones_asked(params)
    zones = {name: zone_map.zones[name].availability_zone for name in names}
    hosts = params["hosts"]
    if hosts == []:
        raise ZoneopsError("option 'hosts' is empty: name the hosts, or leave it out to ask about zones.")

    def asked(observed: Observed) -> frozenset[str]:
        if hosts is not None:
            refuse_unknown("'hosts'", "compute host", hosts, observed.hosts)
            return frozenset(hosts)
        wanted = set(zones.values())
        return frozenset(
            name for name, host in observed.hosts.items() if (observed.zone_of(name) or host.zone) in wanted
        )

    seen = read(frame.region_cloud(params, zone_map.region), asked)
    question = Question(
        event=params["event"],
        shared_disks=params["shared_disks"],
        storage_reachable=params["storage_reachable"],
        movable=frozenset(params["movable"]),
    )
    planner = Planner(seen.facts, question)
    about = {"hosts": Away(frozenset(hosts))} if hosts is not None else zones_away(seen.facts, zones)
    answers = {name: planner.away(away) for name, away in about.items()}
    warnings = [f"{what} could not be read and counts as unknown: {reason}" for what, reason in by_reason(seen.errors)]
    warnings += seen.warnings + ([] if seen.facts.pins_seen else [NO_PINS])
    warnings += [
        f"zone {name}: nova has no host in availability zone {zones[name]}"
        for name, one in about.items()
        if not one.hosts
    ]
    data = {name: as_dict(answer, params["lists"]) for name, answer in answers.items()}
    problems = [] if hosts is None else messages(f"with {_named(hosts)}", answers["hosts"], params["event"], threshold)
    verdicts = {} if hosts is not None else {name: _verdict(name, answers[name], data[name], params) for name in names}
    result = call_result(verdicts)
    lowest = {} if hosts is not None else least(answers, planner.rooms.now)
    return {
        "changed": False,
        "msg": result["msg"] if result["failed"] else "\n".join(problems) or _said(answers),
        "zones": result["zones"],
        "hosts": data["hosts"] if hosts is not None else {},
        "problems": problems,
        "bears": all(answer.bears for answer in answers.values()),
        "headroom": {zone: {"percent": room.percent, "without": away} for zone, (room, away) in lowest.items()},
        "table": lines(answers, params["event"], None if hosts is not None else planner.rooms.now),
        "errors": seen.errors,
        "warnings": warnings,
    }


def _verdict(name: str, answer: Answer, data: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    verdict = Verdict(refusals=refusals(name, answer, params["event"], params["threshold"]), state=data).as_dict()
    return verdict if verdict["failed"] else {**verdict, "msg": message(answer)}


def _named(hosts: list[str]) -> str:
    return f"host {hosts[0]}" if len(hosts) == 1 else f"{len(hosts)} hosts"


def _said(answers: Mapping[str, Answer]) -> str:
    return "; ".join(f"{name}: {message(answer)}" for name, answer in answers.items())


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
