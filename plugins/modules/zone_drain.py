#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_drain."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_drain
short_description: Move servers out of a zone into other zones
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Moves the servers of a zone that may cross to other zones, each to a host that has room for it together with all others. Servers in status ACTIVE
    and PAUSED are migrated live, servers in status SHUTOFF cold. Nothing is forced, and no server is deleted.
  - A server that is pinned to the zone is moved where nova can change pins (2.104, 2026.2). It is unpinned, moved, and pinned to the zone that it comes to.
    With an older nova it stays unless O(shelve) lets it be shelved and unshelved, and so does every server that cannot be moved. Each is reported with the
    reason.
  - While a pinned server moves, or one without a pin is migrated cold, it has the tag C(zoneops:pin=ZONE) or C(zoneops:move=ZONE) with the zone that it leaves.
    While one is shelved and unshelved, it has the tag C(zoneops:shelve=ZONE:STATUS), also with the status that it gets back.
  - Every call can be repeated. After a run that was killed or ended early, the same call awaits what is under way, pins every server to the zone that it is in,
    and continues.
  - The hosts of the zone are left as they are. If they are enabled, nova may place servers there again. M(zoneops.openstack.zone_maintenance) disables them.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
  - zoneops.openstack.server_moves
options:
  to:
    description:
      - Inventory names of the zones that the servers go to. Without it, all zones of the map but those of O(limit), as far as they are in service.
    type: list
    elements: str
  hosts:
    description: Names of compute hosts in the zone files of O(limit). Without it, all hosts in these zone files.
    type: list
    elements: str
  servers:
    description: Ids or names of the servers that are moved. Without it, all servers on the hosts.
    type: list
    elements: str
  shared_disks:
    description:
      - Whether disks of servers that are no volumes, those of servers that boot from an image and ephemeral ones, are on storage that all hosts of
        a zone reach, such as Ceph. No API shows it.
    type: bool
    default: false
  local_disks:
    description: Whether disks that are local to a host are copied with the server (block migration).
    type: bool
    default: false
  storage_reachable:
    description:
      - Whether the storage of a zone can be reached from every other zone, and nova's C(cross_az_attach) lets it. Only then do servers with volumes of the
        zone move to others. The volumes stay where they are.
    type: bool
    default: false
  shelve:
    description:
      - Whether servers whose pin nova cannot change are shelved, and unshelved in another zone (nova 2.77; from 2.91 on the named host that has room).
        This interrupts them. A server in status ACTIVE is stopped and comes up again, one in status SHUTOFF comes up for a moment and is stopped again.
      - Only servers in these two statuses that have no disk but volumes, and whose owner consents. Consent is the metadata C(zoneops:may_shelve=true) at the
        server, or its mention in O(shelve_servers). Volumes of the zone also need O(storage_reachable).
      - A server that could not be unshelved in the other zone is unshelved in its own zone again, where nova can do that.
    type: bool
    default: false
  shelve_servers:
    description: Ids or names of servers whose owners consent that they are shelved and unshelved.
    type: list
    elements: str
    default: []
  break_lock:
    description: Take the region's lock, and hosts, over from a run that is known to be dead.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. V(stay) moves what finds room although other servers find none. Without it, nothing is moved then.
    type: list
    elements: str
    choices: [stay]
    default: []
notes:
  - Needs nova 2.74 or newer (Stein), placement 1.29, and the admin role unless a policy says otherwise.
  - It holds the region's lock from the first move to the last. Moves take long. Raise O(timeout), whose end stops no migration.
  - Before 2.96, nova does not show which servers are pinned. All count as pinned then. None is moved without O(shelve), and one that is unshelved in
    another zone is pinned to that.
seealso:
  - module: zoneops.openstack.zone_capacity_info
  - module: zoneops.openstack.zone_maintenance
  - module: zoneops.openstack.volume_relocate
"""

EXAMPLES = r"""
- name: Move the servers of zone az1 to az2
  zoneops.openstack.zone_drain:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    to: [az2]
    storage_reachable: true
    timeout: 14400
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
        - C(hosts) has by host its C(status) and C(servers), those that are on it, with C(reason) if one cannot be moved. C(unfinished) has the servers whose
          move out of the zone is not finished, by id.
      type: dict
moves:
  description:
    - The moves of this call, as M(zoneops.openstack.host_maintenance) returns them, also with C(to_zone), the availability zone, and C(repinned), whether the
      server is pinned to that. C(way) can also be C(shelve and unshelve). C(from) is the zone then, if an earlier run shelved the server.
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
stays:
  description: The servers that stay where they are, each with C(server), C(name), C(zone), C(host) and C(reason).
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._compute import run
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.progress import Progress
from ..module_utils._plan.text.near import refuse_unknown
from ..module_utils._servers import options as moving
from ..module_utils._zone_drain.model import Wanted
from ..module_utils._zone_drain.reconcile import Drain
from ..module_utils._zones import overrides
from ..module_utils._zones.named_hosts import refuse_unnamed_hosts
from ..module_utils._zones.schema.zone_map import ZoneMap

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "to": {"type": "list", "elements": "str"},
    "hosts": {"type": "list", "elements": "str"},
    "servers": {"type": "list", "elements": "str"},
    "shared_disks": {"type": "bool", "default": False},
    "local_disks": {"type": "bool", "default": False},
    "storage_reachable": {"type": "bool", "default": False},
    "shelve": {"type": "bool", "default": False},
    "shelve_servers": {"type": "list", "elements": "str", "default": []},
    **moving.BOUNDS,
    "progress": {"type": "path"},
    **run.OPTIONS,
    "allow": overrides.option("zone_drain"),
}


def drain(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    wanted, rules = _wanted(params, zone_map, only), moving.rules(params)
    progress = Progress(params["progress"], "server", "host")
    cloud = frame.region_cloud(params, zone_map.region)
    nova = Nova(cloud.service("compute"))
    reconciler = Drain(cloud, nova, zone_map, wanted, rules, progress)
    result = run.converge(module, cloud, nova, reconciler)
    moves = _planned(result["zones"]) if module.check_mode else reconciler.moves
    warnings = [*result["warnings"], *progress.warnings]
    return {**result, "moves": moves, "stays": list(_stays(result["zones"])), "warnings": warnings}


def _planned(zones: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [move for verdict in zones.values() for change in verdict["plan"] for move in change.get("moves", ())]


def _stays(zones: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"server": one["id"], "name": one["name"], "zone": zone, "host": host, "reason": one["reason"]}
        for zone, verdict in zones.items()
        for host, found in verdict["state"].get("hosts", {}).items()
        for one in found["servers"]
        if "reason" in one
    ]


def _wanted(params: Mapping[str, Any], zone_map: ZoneMap, only: tuple[str, ...]) -> Wanted:
    refuse_unnamed_hosts(params["hosts"], zone_map, only)
    for name in ("to", "servers"):
        if params[name] is not None and not params[name]:
            raise ZoneopsError(f"option '{name}' is empty: leave it out for all, or name some.")
    to = params["to"]
    refuse_unknown("'to'", "zone of the map", to or (), zone_map.zones)
    both = [name for name in to or () if name in only]
    if both:
        raise ZoneopsError(f"option 'to': zone {both[0]} is to be emptied. Name other zones.")
    return Wanted(
        only=only,
        to=None if to is None else tuple(to),
        hosts=None if params["hosts"] is None else tuple(params["hosts"]),
        servers=None if params["servers"] is None else tuple(params["servers"]),
        shared_disks=params["shared_disks"],
        local_disks=params["local_disks"],
        storage_reachable=params["storage_reachable"],
        shelve=params["shelve"],
        shelve_servers=tuple(params["shelve_servers"]),
        break_lock=params["break_lock"],
        allow=frozenset(params["allow"]),
    )


MODULE = frame.module(drain, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
