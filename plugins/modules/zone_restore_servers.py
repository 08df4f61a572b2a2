#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_restore_servers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_restore_servers
short_description: Create servers whose data was lost with their zone again in another zone
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Restores the volumes of servers of the zone O(limit) from their newest backups into the zone O(to), and creates new servers there, with the
    same flavor, ports or networks, server group, metadata, tags and user data. Every other server of the zone is left as it is, and reported with the reason.
  - One zone at a time.
  - The hosts of the servers have to be out of service as M(zoneops.openstack.zone_evacuate) leaves them. It asks for the evidence that they are cut off.
  - No server is restored without its owner's consent (O(servers)).
  - The old server, its volumes and their backups are never deleted or changed. Only its ports go to the new server, with O(ports=take).
  - Data written after a backup is lost. The plan names the time of each backup, and what is not as it was before.
  - A server and its volumes belong to the project that creates them. So the user is signed in to the project of each server, and needs a role there. A
    server of a project in which it has none is refused, with the command that gives one.
  - Everything that is created bears a mark from its first moment, so that each call can be repeated, also after one that was killed. Nothing is created twice.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  to:
    description: Inventory name of the zone in which the servers are created.
    type: str
    required: true
  servers:
    description:
      - Ids or names of servers whose owners consent. The metadata C(zoneops:may_restore=true) at the server says the same. A name that several
        servers have is not enough.
    type: list
    elements: str
    default: []
  ports:
    description:
      - What becomes of the ports of these servers. With V(take), the new server gets them with their addresses and floating IPs, and the old one loses
        them. With V(new), it gets others in the same networks, with other addresses.
      - Without it, a server that has ports is refused.
    type: str
    choices: [take, new]
  volume_types:
    description: The volume type of the copies, by the type of the volume. A type that is not named stays the same.
    type: dict
    default: {}
  phase:
    description:
      - How far the call goes. With V(volumes), volumes are restored, so that a person can look at them. With V(servers), servers are also created with them.
    type: str
    choices: [volumes, servers]
    default: servers
  at_once:
    description: How many servers of a zone are restored at a time.
    type: int
    default: 4
  canary:
    description: Whether the first server of a zone is restored alone. If that fails, nothing else is restored.
    type: bool
    default: true
  max_failed:
    description: How many servers may fail before no further one is begun. Those under way are awaited.
    type: int
    default: 0
  progress:
    description: File to which a line is appended at each step of a server. Where its name ends in C(.json) or C(.jsonl), each line is an object.
    type: path
  break_lock:
    description: Take the region's lock over from a run that is known to be dead.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. V(space) restores although the back ends of the zone report too little space.
    type: list
    elements: str
    choices: [space]
    default: []
notes:
  - Needs nova 2.74 or newer (Stein), cinder 3.51, placement 1.29, and the admin role unless a policy says otherwise.
  - An application credential is bound to its project. With one, only servers of that project can be restored.
  - Nova gives a server a key of the user who creates it. A server whose key that user does not have gets none.
  - It holds the region's lock from the first write to the last.
seealso:
  - module: zoneops.openstack.zone_evacuate
  - module: zoneops.openstack.zone_return
  - module: zoneops.openstack.volume_backups
"""

EXAMPLES = r"""
- name: Create two servers of the lost zone az1 again in az2
  zoneops.openstack.zone_restore_servers:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    to: az2
    servers: [db-1, 5c2d9c6e-6f0f-4d55-8f0a-2f3e3f0c7b11]
    ports: take
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
      description: Whether the zone was refused, also only in part, or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule), C(message) and C(items).
      type: list
      elements: dict
    state:
      description: C(servers) has by id the servers on the hosts, each with C(name), C(status), C(what) becomes of it, and C(reason) if there is one.
      type: dict
servers:
  description:
    - Every server on the hosts of the zones, each with C(server), its id, C(name), C(project), C(zone), C(host), C(to), C(outcome), C(reason), C(new), the
      id of the server that replaces it, C(volumes), C(differs), what is not as it was, and C(seconds).
    - C(outcome) is V(restored), V(volumes restored), V(planned), V(left), V(consent missing), V(refused), V(failed) or V(not begun).
    - Each of C(volumes) has C(volume), C(backup), C(taken), the time of its content, and C(new), the volume that replaces it.
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
from ..module_utils._plan.text.listing import first
from ..module_utils._plan.text.near import refuse_unknown
from ..module_utils._zone_restore.model import PHASES, PORTS, SERVERS, Wanted
from ..module_utils._zone_restore.reconcile import Restoring
from ..module_utils._zone_restore.restorer import Bounds
from ..module_utils._zone_restore.result import account
from ..module_utils._zones import overrides
from ..module_utils._zones.schema.zone_map import ZoneMap

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "to": {"type": "str", "required": True},
    "servers": {"type": "list", "elements": "str", "default": []},
    "ports": {"type": "str", "choices": list(PORTS)},
    "volume_types": {"type": "dict", "default": {}},
    "phase": {"type": "str", "choices": list(PHASES), "default": SERVERS},
    "at_once": {"type": "int", "default": 4},
    "canary": {"type": "bool", "default": True},
    "max_failed": {"type": "int", "default": 0},
    "progress": {"type": "path"},
    **run.OPTIONS,
    "allow": overrides.option("zone_restore_servers"),
}
SHOWN = 5
LEAST = {"at_once": 1, "max_failed": 0}


def restore(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    wanted = _wanted(params, zone_map, only)
    bounds = _bounds(params)
    progress = Progress(params["progress"], "server", "zone")
    cloud = frame.region_cloud(params, zone_map.region)
    if not cloud.service("block-storage").present():
        raise ZoneopsError("the cloud has no cinder, and so no backups: there is nothing to restore from.")
    nova = Nova(cloud.service("compute"))
    restoring = Restoring(cloud, nova, zone_map, wanted, bounds, progress)
    result = run.converge(module, cloud, nova, restoring)
    servers = account(restoring.first, restoring.fates, wanted)
    return {**result, "servers": servers, "warnings": [*result["warnings"], *progress.warnings]}


def _wanted(params: Mapping[str, Any], zone_map: ZoneMap, only: tuple[str, ...]) -> Wanted:
    if not params["to"]:
        raise ZoneopsError("option 'to' is empty: name the zone in which servers are created (zoneops_restore_to).")
    refuse_unknown("'to'", "zone of the map", [params["to"]], zone_map.zones)
    if len(only) > 1:
        raise ZoneopsError(
            f"servers of {first(SHOWN, only, of=len(only))} would share the room in zone {params['to']}: name one zone that is lost (--limit, option 'limit')."
        )
    if params["to"] in only:
        raise ZoneopsError(f"option 'to': servers are restored out of zone {params['to']}. Name another zone.")
    return Wanted(
        only=only,
        to=params["to"],
        servers=tuple(params["servers"]),
        ports=params["ports"] or "",
        volume_types={str(old): str(new) for old, new in params["volume_types"].items()},
        phase=params["phase"],
        break_lock=params["break_lock"],
        allow=frozenset(params["allow"]),
    )


def _bounds(params: Mapping[str, Any]) -> Bounds:
    for name, number in LEAST.items():
        if params[name] < number:
            raise ZoneopsError(f"option '{name}' is {params[name]}: give a number of at least {number}.")
    return Bounds(params["at_once"], params["canary"], params["max_failed"])


MODULE = frame.module(restore, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
