#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_drill."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_drill
short_description: Rehearse the loss of a zone
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - With O(level=paper) nothing is changed. The module reports what the loss of each zone would do to its servers, whether the other zones have room for them,
    which requests that name no zone lead to it, which images and backups are nowhere else, and how long its evacuation would take, by the evacuations that nova
    has a record of.
  - With O(level=soft) scheduling into the zone is off for a while. Its compute hosts are disabled, a server, a volume and a share are created in each other
    zone and deleted again, at the beginning and at the end of the time, the room in the other zones is calculated again, and everything is restored. Servers
    in the zone are not touched.
  - Whatever comes of it, everything is restored. What a run that was killed has left is restored by the next one.
  - The outcome is C(SUCCEEDED), C(FAILED), C(INTERRUPTED), C(CAPACITY_CHECK_FAILED) or C(BLOCKED). That of the last drill and the seconds of its slowest
    server, volume and share are stored in the metadata C(zoneops:drill) of the zone's aggregate, and the next drill is compared with it.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  level:
    description: What is done.
    type: str
    choices: [paper, soft]
    default: paper
  seconds:
    description: How long scheduling into the zone is off at least, with O(level=soft).
    type: int
    default: 300
  server:
    description:
      - The server that is created in each other zone. Without it, none is.
    type: dict
    suboptions:
      flavor:
        description: Name or id of its flavor.
        type: str
        required: true
      image:
        description: Name or id of its image.
        type: str
        required: true
      volume_size:
        description: Gigabytes of a volume that it boots from. Without it, it boots from the image.
        type: int
      networks:
        description: Names or ids of its networks. Without any, it has none.
        type: list
        elements: str
        default: []
      seconds:
        description: Seconds that it may take to be ACTIVE.
        type: int
        default: 300
  volume:
    description: Whether a volume of 1 GB is created in each other zone.
    type: bool
    default: true
  volume_type:
    description: The type of the volume. C({zone}) stands for the availability zone. Without it, cinder's default type.
    type: str
    default: ""
  share_type:
    description: The type of a share of 1 GB that is created in each other zone. C({zone}) stands for the availability zone. Without it, no share is created.
    type: str
  share_protocol:
    description: The protocol of the share.
    type: str
    default: NFS
  slower:
    description: Percent by which a server, a volume or a share may take longer than in the last drill of the zone. Without it, they are not compared.
    type: float
  blocked:
    description: Times in which no drill with O(level=soft) may be.
    type: list
    elements: dict
    default: []
    suboptions:
      from:
        description: The beginning, with its time zone, such as C(2030-12-20T00:00Z).
        type: str
        required: true
      until:
        description: The end, in the same form.
        type: str
        required: true
      reason:
        description: Why, for the message.
        type: str
        default: ""
  findings:
    description:
      - What M(zoneops.openstack.findings_info) found. A critical finding of the zone, or of none, blocks its drill with O(level=soft), unless it is muted.
    type: list
    elements: dict
    default: []
  quorum:
    description:
      - RV(zoneops.openstack.pod_placement_info#module:quorum). With it, a majority that the control plane would lose without the zone is refused, too.
    type: dict
  shared_disks:
    description: As O(zoneops.openstack.zone_capacity_info#module:shared_disks).
    type: bool
    default: false
  storage_reachable:
    description: As O(zoneops.openstack.zone_capacity_info#module:storage_reachable).
    type: bool
    default: false
  break_lock:
    description: Take the region's lock over from a run that is known to be dead.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift.
      - V(capacity) rehearses although the other zones have no room for all servers, V(defaults) although requests that name no zone lead to it,
        V(findings) although the audit has critical findings, V(quorum) although the control plane would lose a majority.
    type: list
    elements: str
    choices: [capacity, defaults, findings, quorum]
    default: []
notes:
  - Needs nova 2.74 or newer (Stein), placement 1.29, and the admin role unless a policy says otherwise.
  - With O(level=soft) it holds the region's lock for the whole time, so that no other run changes zones. Raise O(timeout) above O(seconds).
  - cinder-volume and manila-share are not disabled, because cinder 28 and 29 enable none through their API.
seealso:
  - module: zoneops.openstack.zone_capacity_info
  - module: zoneops.openstack.findings_info
"""

EXAMPLES = r"""
- name: Report what the loss of each zone would do
  zoneops.openstack.zone_drill:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"

- name: Try the loss of zone az1 for half an hour
  zoneops.openstack.zone_drill:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    level: soft
    seconds: 1800
    server: {flavor: tiny, image: cirros}
    timeout: 7200
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and the cloud could be read
  type: dict
  contains:
    failed:
      description: Whether the drill did not succeed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    state:
      description: The hosts that a drill has C(disabled), what it has C(left), and the C(last) one.
      type: dict
drills:
  description: By zone.
  returned: as RV(zones)
  type: dict
  contains:
    level:
      description: O(level).
      type: str
    outcome:
      description: C(SUCCEEDED), C(FAILED), C(CAPACITY_CHECK_FAILED) or C(BLOCKED). None in check mode for a drill that could be.
      type: str
    at:
      description: When it began, UTC.
      type: str
    seconds:
      description: What the slowest server, volume and share took.
      type: dict
    probes:
      description: What was created, each with C(zone), C(kind), C(seconds) and C(error).
      type: list
      elements: dict
    loss:
      description: What becomes of the servers when the zone is lost, as RV(zoneops.openstack.zone_capacity_info#module:hosts).
      type: dict
    evacuation_seconds:
      description:
        - How long the evacuation of the servers that may be evacuated would take, ten at a time, by the mean of the evacuations that nova has a record of.
          None if it has none.
      type: float
    only_there:
      description:
        - What is away with the zone, on paper. C(images), whose only copy is in its store, each with C(id) and C(name), and C(backups) of volumes that have
          backups in no other zone, each with C(id), C(name) and C(volume). At most 100 of each, and in C(counts) how many there are.
        - What is in a zone that is down or in maintenance does not count as a copy. None stands for what could not be read.
      type: dict
    last:
      description:
        - The last drill of the zone, with C(outcome), C(at) and C(seconds). None if there was none.
        - If it failed or was interrupted, C(seconds) is of the last one that did not.
      type: dict
    compared:
      description:
        - The drill beside the last one. C(outcome) is V(better), V(worse), V(same) or V(different), and C(longer) by how many percent longer the slowest
          server, volume and share took. Empty if there is nothing to compare.
      type: dict
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..module_utils._capacity.model import Question
from ..module_utils._compute import run
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.limits import refuse_wrong_seconds
from ..module_utils._servers.maintenance.end import canary
from ..module_utils._servers.migrations import Migrations
from ..module_utils._zone_drill.model import PAPER, SOFT, Wanted, Window
from ..module_utils._zone_drill.probes import Kinds, Probes
from ..module_utils._zone_drill.reconcile import Drilling
from ..module_utils._zone_drill.result import drills
from ..module_utils._zone_maintenance.guards import majorities
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "level": {"type": "str", "choices": [PAPER, SOFT], "default": PAPER},
    "seconds": {"type": "int", "default": 300},
    "server": canary.OPTION,
    "volume": {"type": "bool", "default": True},
    "volume_type": {"type": "str", "default": ""},
    "share_type": {"type": "str"},
    "share_protocol": {"type": "str", "default": "NFS"},
    "slower": {"type": "float"},
    "blocked": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "from": {"type": "str", "required": True},
            "until": {"type": "str", "required": True},
            "reason": {"type": "str", "default": ""},
        },
    },
    "findings": {"type": "list", "elements": "dict", "default": []},
    "quorum": {"type": "dict"},
    "shared_disks": {"type": "bool", "default": False},
    "storage_reachable": {"type": "bool", "default": False},
    **run.OPTIONS,
    "allow": overrides.option("zone_drill"),
}


def rehearse(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    kind = canary.kind_of(params["server"])
    wanted = _wanted(params, only)
    cloud = frame.region_cloud(params, zone_map.region)
    nova = Nova(cloud.service("compute"))
    kinds = Kinds(
        server=None if kind is None else canary.Canary(cloud, kind),
        volume=params["volume"],
        volume_type=params["volume_type"],
        share_type=params["share_type"] or None,
        share_protocol=params["share_protocol"],
        seconds=300.0 if kind is None else kind.seconds,
    )
    question = Question(shared_disks=params["shared_disks"], storage_reachable=params["storage_reachable"])
    drilling = Drilling(cloud, nova, zone_map, wanted, question, Probes(cloud, kinds), datetime.now(UTC))
    result = run.converge(module, cloud, nova, drilling)
    evacuations = Migrations(cloud.service("compute"), cloud.writes).took() if wanted.level == PAPER else ()
    return {**result, "drills": drills(drilling, result["zones"], evacuations)}


def _wanted(params: Mapping[str, Any], only: tuple[str, ...]) -> Wanted:
    refuse_wrong_seconds({"seconds": params["seconds"]}, ("seconds",))
    if params["slower"] is not None and params["slower"] < 0:
        raise ZoneopsError(f"option 'slower' is {params['slower']:g}: give a percentage of at least 0.")
    if params["quorum"] is not None:
        majorities(params["quorum"])
    return Wanted(
        only=only,
        level=params["level"],
        seconds=params["seconds"],
        slower=params["slower"],
        blocked=tuple(_window(one) for one in params["blocked"]),
        findings=tuple(params["findings"]),
        quorum=params["quorum"],
        allow=frozenset(params["allow"]),
    )


def _window(given: Mapping[str, Any]) -> Window:
    begin, end = (_moment(name, given[name]) for name in ("from", "until"))
    if end <= begin:
        raise ZoneopsError(f"option 'blocked': {given['until']} is not after {given['from']}.")
    return Window(begin, end, given["reason"])


def _moment(name: str, text: str) -> datetime:
    advice = "give a time with its zone, such as 2030-12-20T00:00Z"
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ZoneopsError(f"option 'blocked': '{name}' is '{text}', which is no time: {advice}.") from error
    if found.tzinfo is None:
        raise ZoneopsError(f"option 'blocked': '{name}' is '{text}', without a time zone: {advice}.")
    return found


MODULE = frame.module(rehearse, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
