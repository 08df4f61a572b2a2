#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_capacity_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_capacity_info
short_description: What fits where when hosts or zones are lost or drained, and what does not
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Says for each server of hosts that would be away whether it moves inside its zone, may cross to another one, has to wait, or needs a restore, with the
    reason; and packs those that move on the hosts that stay, host by host.
  - Asks about each zone in turn, one away at a time (N-1), or about O(hosts) together.
  - Room is what placement says it is, total times ratio less what is reserved and used. Hosts that are disabled, down, forced down or kept from the
    scheduler by C(COMPUTE_STATUS_DISABLED) are no room; so spares are none.
  - Pins, traits, the metadata of aggregates that isolates hosts, affinity and anti-affinity groups, volumes, physical networks and the state of
    cinder-volume are respected.
  - Never changes anything, in check mode or not. What it says is a plan and no promise, since nova places one server at a time and by its own weights.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
options:
  hosts:
    description:
      - Names of compute hosts, as nova has them, that are away together. Their zones and the storage of these stay.
      - Left out, each zone of O(limit) is asked about, with all hosts that nova has in it.
    type: list
    elements: str
  event:
    description:
      - V(lost), the hosts are gone with what is on them, and servers are evacuated. Of a zone that is lost the storage is gone as well.
      - V(drained), the hosts are up, and servers are migrated.
    type: str
    choices: [lost, drained]
    default: lost
  shared_disks:
    description:
      - Whether disks of servers that are no volumes, those of servers that boot from an image and ephemeral ones, are on storage that all hosts of
        a zone reach, such as Ceph. No API shows it.
      - If not, such a server needs a restore when its host is lost, and waits when it is drained.
    type: bool
    default: false
  storage_reachable:
    description:
      - Whether the storage of every zone can be reached from all others, also while its zone is away, and nova's C(cross_az_attach) lets it be used.
        No API shows either.
      - If not, a server with a volume of a zone that is away needs a restore, and one with a volume of a zone that stays can go to that zone only.
    type: bool
    default: false
  movable:
    description:
      - What counts as movable although it is not by itself.
      - V(pinned), servers that are pinned to a zone may cross all the same, as after an unpin (nova 2.104) or a shelve and unshelve.
      - V(local_disks), when drained, disks that are local to a host are copied (C(block_migration)).
    type: list
    elements: str
    choices: [pinned, local_disks]
    default: []
  threshold:
    description:
      - Percent, from 0 to 100, of the vCPUs and of the memory of the hosts that stay, which have to be free with everything in place, also what
        needs a restore.
      - A zone fails, in RV(zones), when less is free, or when something finds no room. Servers that wait are not counted.
      - With O(hosts) it fills RV(problems).
      - Left out, no zone fails.
    type: float
  lists:
    description: The outcomes whose servers are listed one by one, in C(lists) of each answer.
    type: list
    elements: str
    choices: [fits, crosses, waits, restore, no_room]
    default: [waits, restore, no_room]
  show:
    description: Print the table where people read. Without effect where the module runs as a process of its own.
    type: bool
    default: false
notes:
  - Costs one listing each of aggregates, compute services, servers (about 6 ms each), server groups, resource providers, volumes, cinder's services, ports,
    networks, network agents and images, and one GET C(/allocation_candidates) for each shape of the servers that are asked about. The number of calls does
    not grow with hosts. Where providers do not bear the names of compute hosts, a listing of hypervisors is added, at 2.87 at most.
  - Needs nova 2.53, placement 1.29 and cinder 3.51, and the right to list servers, groups, volumes and ports of all projects. That is the admin role,
    unless a policy says otherwise.
  - Before nova 2.96 pins cannot be seen, and every server counts as pinned to its zone.
  - What of cinder, glance or neutron could not be read counts as unknown, and RV(errors) names it. Servers whose volumes or networks are unknown wait.
  - Not seen are shares that are attached to servers, scheduler hints other than groups, quotas, and space of back ends.
seealso:
  - module: zoneops.openstack.region_info
  - module: zoneops.openstack.volume_relocate
"""

EXAMPLES = r"""
- name: Does the region bear the loss of each of its zones
  zoneops.openstack.zone_capacity_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    shared_disks: true
    threshold: 10
  register: capacity

- name: Can these two hosts be drained
  zoneops.openstack.zone_capacity_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    hosts: [compute-az1-0, compute-az1-1]
    event: drained
    shared_disks: true
  register: drain

- name: What does not fit
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
      description: Whether the region does not bear that the zone is away. Always false without O(threshold).
      type: bool
    msg:
      description: What is wrong and what to do, else the answer in a line. Never empty.
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
      description: Disks of their flavors that are no volumes, in GB.
      type: int
    fits:
      description: How many move inside their zone, and have a host there.
      type: int
    crosses:
      description: How many cross to another zone, and have a host there.
      type: int
    waits:
      description: How many a person has to decide about.
      type: int
    restore:
      description: How many have data that is lost with what is away, or stays where they cannot reach it.
      type: int
    no_room:
      description: How many may move and find no host.
      type: int
    restorable:
      description: How many of those that need a restore would find room in the zones that stay, after all that move.
      type: int
    bears:
      description: Whether nothing is without room, of what moves and of what needs a restore.
      type: bool
    exact:
      description:
        - Whether no other way of placing them places more. If not, room is scarce for many servers, and the answer is conservative.
      type: bool
    headroom:
      description: By availability zone that servers move to or hosts are away of, what is C(free) of its C(capacity) with everything that moves in place,
        by resource class, and the lesser C(percent) of vCPUs and memory.
      type: dict
    headroom_percent:
      description: The same percent for all hosts that stay together, with what needs a restore in place as well.
      type: float
    additions:
      description:
        - With these, everything in C(no_room) would have a host. C(host) is none for a new host, which needs C(traits).
        - C(resources) are amounts by resource class of placement; C(MEMORY_MB) in MB, C(DISK_GB) in GB.
      type: list
      elements: dict
    lists:
      description: By outcome of O(lists), the servers, each with C(id), C(name), C(project_id), C(host), C(reason), C(target) where it has a place, and
        C(addition), the smallest that gives it room.
      type: dict
  sample: {"servers": 1, "fits": 0, "crosses": 0, "waits": 0, "restore": 0, "no_room": 1,
    "additions": [{"host": "compute-az1-1", "resources": {"MEMORY_MB": 2048}}]}
problems:
  description: What O(threshold) finds wrong with O(hosts) away; empty without either.
  returned: success
  type: list
  elements: str
  sample: []
bears:
  description: Whether this holds of each zone, or of the hosts.
  returned: success
  type: bool
headroom:
  description:
    - By availability zone, the least C(percent) that is free there, and the zone, by inventory name, C(without) which that is.
    - C(without) is none where nothing comes to the zone whichever other one is away. Empty with O(hosts).
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

from ..module_utils._capacity.model import DRAINED, LOCAL_DISKS, LOST, PINNED, Away, Facts, Question
from ..module_utils._capacity.plan import OUTCOMES, Answer, Planner
from ..module_utils._capacity.read import read
from ..module_utils._capacity.result import as_dict, least, message
from ..module_utils._capacity.table import lines
from ..module_utils._capacity.threshold import messages, refusals
from ..module_utils._compute.model import Observed
from ..module_utils._openstack import module as frame
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.near import refuse_unknown
from ..module_utils._plan.reasons import by_reason
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
NO_PINS = "nova does not show to which zone a server is pinned (before 2.96): each counts as pinned to its own"


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
    about = {"hosts": Away(frozenset(hosts))} if hosts is not None else _zones_away(zones, seen.facts)
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


def _zones_away(zones: Mapping[str, str], facts: Facts) -> dict[str, Away]:
    hosts: dict[str, set[str]] = {}
    for host in facts.hosts.values():
        hosts.setdefault(host.zone, set()).add(host.name)
    return {name: Away(frozenset(hosts.get(zone, ())), frozenset((zone,))) for name, zone in zones.items()}


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
