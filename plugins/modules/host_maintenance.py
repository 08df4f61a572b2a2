#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module host_maintenance."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_maintenance
short_description: Begin and end the maintenance of compute hosts, moving their servers inside their zone
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - With O(state=begin) it first checks that everything on the hosts fits on the other hosts of their zone. Then it disables the hosts with its own reason,
    moves their servers inside the zone, and checks that the hosts are empty, of servers and of allocations in placement.
  - Servers in status ACTIVE and PAUSED are migrated live; servers in status SHUTOFF are migrated cold, and the migration is confirmed.
    Nothing is forced. What other servers need is reported, each with its reason.
  - A host of the zone is named as the target only for servers that are not pinned to the zone, because the scheduler would move them anywhere.
  - With O(state=end) it enables the hosts again, once their services are up. Only hosts that it disabled are enabled; a host that others had
    disabled before gets its reason back.
  - Every call can be repeated. A run that was killed or ended early is resumed by the same call. Migrations under way are awaited, and no server
    is moved twice.
  - In a cloud with Masakari, O(state=begin) first puts the hosts on maintenance there, unless they are, and O(state=end) takes those off that it put on, when
    all hosts of the call are back. They are remembered in the metadata of the zone's host aggregate. A spare (C(reserved)) is refused.
  - The maintenance is recorded in the disabled reason of the compute service, which begins with C(zoneops:) C(maintenance). While servers are moved it also
    names the run, so that no other one works on the host.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
  - zoneops.openstack.server_moves
  - zoneops.openstack.server_moves.phase
options:
  state:
    description:
      - V(begin) empties the hosts and keeps them disabled. V(end) enables them again.
    type: str
    choices: [begin, end]
    required: true
  hosts:
    description: Names of compute hosts in the zone files of O(limit). Without it, all hosts in these zone files.
    type: list
    elements: str
  reason:
    description: Why the hosts are in maintenance, shown by C(openstack compute service list). At most 120 characters.
    type: str
    default: host maintenance
  instance_ha:
    description:
      - Whether Masakari is to ignore the hosts during the maintenance, in a cloud whose catalog has it (C(instance-ha)). V(false) neither asks nor changes it.
    type: bool
    default: true
  shared_disks:
    description:
      - Whether disks of servers that are not volumes (disks of servers that boot from an image, and ephemeral disks) are on storage that all hosts of a zone
        can reach, such as Ceph. No API shows it.
      - If not, such a server cannot be moved, unless O(local_disks) says otherwise.
    type: bool
    default: false
  local_disks:
    description: Whether disks that are local to a host are copied with the server (block migration).
    type: bool
    default: false
  canary_server:
    description:
      - With O(state=end), a server that is created on the host, seen ACTIVE there, and deleted again. If that fails, the host is disabled again and stays
        in maintenance.
      - Nova never places a server on a disabled host. The host is therefore enabled for the time of the test.
    type: dict
    suboptions:
      flavor:
        description: Name or id of its flavor.
        type: str
        required: true
      image:
        description: Name or id of the image that it boots from.
        type: str
        required: true
      volume_size:
        description: Gigabytes of a volume that it boots from, created from the image and deleted with the server. Without it, it boots from the image.
        type: int
      networks:
        description: Names or ids of the networks that it is connected to. Without them, it has no network.
        type: list
        elements: str
        default: []
      seconds:
        description: How long it may take until it is ACTIVE.
        type: int
        default: 300
  break_lock:
    description:
      - Take hosts over from a run that is known to be dead. Without it, a run on another machine counts as running until its O(timeout) is over.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. V(foreign_reasons) also takes hosts that others disabled, and O(state=end) gives them their reason back.
      - V(last_host) also takes the last enabled host of a zone that servers are pinned to.
      - V(stay) leaves servers that cannot be moved on the host, which is then not empty.
    type: list
    elements: str
    choices: [foreign_reasons, last_host, stay]
    default: []
notes:
  - Needs nova 2.74 or newer (Stein), placement 1.29, and the admin role unless a policy says otherwise.
  - Moves take long. Raise O(timeout), whose end stops no migration; the next run awaits those that are under way.
  - A cold migration that a run did not confirm because it was killed is confirmed by the next one, if the host has the mark of that run and the same user began
    it. Migrations of others are never confirmed.
seealso:
  - module: zoneops.openstack.zone_capacity_info
  - module: zoneops.openstack.compute_services
"""

EXAMPLES = r"""
- name: Empty a host
  zoneops.openstack.host_maintenance:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    hosts: [compute-az1-0]
    state: begin
    reason: new firmware, ticket 4711
    shared_disks: true
    timeout: 7200

- name: Enable the host again, if a server starts there
  zoneops.openstack.host_maintenance:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    hosts: [compute-az1-0]
    state: end
    canary_server:
      flavor: m1.tiny
      image: cirros
      networks: [probe]
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and the cloud could be read
  type: dict
  contains:
    changed:
      description: Whether something changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule), C(message) and C(items), the blockers.
      type: list
      elements: dict
    state:
      description:
        - By host C(id), that of its compute service, C(status), C(disabled_reason), C(emptied), whether it is in maintenance and nothing is on it, and
          C(servers), those that are on it, with C(reason) if one cannot be moved; C(masakari) if Masakari knows it, with C(segment), C(on_maintenance), and
          whether this collection put it on maintenance (C(remembered)).
      type: dict
moves:
  description:
    - The moves of this call, each with C(server), C(name), C(zone), C(from), C(to), C(way), which is V(live) or V(cold), C(outcome), C(reason) and C(seconds).
    - C(outcome) is V(moved), V(failed), V(gone) for a server that was deleted while the run was working, V(elsewhere) for one that others moved, and V(pending)
      for a move that was still under way when the run ended. In check mode it is V(planned).
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._compute import run
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.progress import Progress
from ..module_utils._servers import options as moving
from ..module_utils._servers.maintenance.begin.run import Begin
from ..module_utils._servers.maintenance.end import canary
from ..module_utils._servers.maintenance.end.run import End
from ..module_utils._servers.maintenance.marks import refuse_wrong_reason
from ..module_utils._servers.maintenance.model import Wanted
from ..module_utils._zone_maintenance.watched import masakari_of, watched
from ..module_utils._zones import overrides
from ..module_utils._zones.named_hosts import refuse_unnamed_hosts
from ..module_utils._zones.schema.zone_map import ZoneMap

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "state": {"type": "str", "choices": ["begin", "end"], "required": True},
    "hosts": {"type": "list", "elements": "str"},
    "reason": {"type": "str", "default": "host maintenance"},
    "instance_ha": {"type": "bool", "default": True},
    "shared_disks": {"type": "bool", "default": False},
    "local_disks": {"type": "bool", "default": False},
    **moving.OPTIONS,
    "canary_server": canary.OPTION,
    "progress": {"type": "path"},
    **run.OPTIONS,
    "allow": overrides.option("host_maintenance"),
}


def maintain(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    wanted, rules, kind = _wanted(params, zone_map, only), moving.rules(params), canary.kind_of(params["canary_server"])
    cloud = frame.region_cloud(params, zone_map.region)
    nova = Nova(cloud.service("compute"))
    masakari = masakari_of(cloud) if params["instance_ha"] else None
    if params["state"] == "end":
        end = End(cloud, nova, zone_map, wanted, None if kind is None else canary.Canary(cloud, kind))
        return {**writer.converge(module, cloud, watched(end, masakari)), "moves": []}
    progress = Progress(params["progress"], "server", "host")
    begin = Begin(cloud, nova, zone_map, wanted, rules, progress)
    result = writer.converge(module, cloud, watched(begin, masakari))
    moves = begin.moves if not module.check_mode else _planned(result["zones"])
    return {**result, "moves": moves, "warnings": [*result["warnings"], *progress.warnings]}


def _planned(zones: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [move for verdict in zones.values() for change in verdict["plan"] for move in change.get("moves", ())]


def _wanted(params: Mapping[str, Any], zone_map: ZoneMap, only: tuple[str, ...]) -> Wanted:
    hosts, reason = params["hosts"], params["reason"]
    refuse_unnamed_hosts(hosts, zone_map, only)
    refuse_wrong_reason(reason)
    return Wanted(
        only=only,
        hosts=None if hosts is None else tuple(hosts),
        reason=reason,
        shared_disks=params["shared_disks"],
        local_disks=params["local_disks"],
        canary=params["canary_server"] is not None,
        break_lock=params["break_lock"],
        prepare=params["phase"] == moving.PREPARE,
        allow=frozenset(params["allow"]),
    )


MODULE = frame.module(maintain, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
