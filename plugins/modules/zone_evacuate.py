#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_evacuate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_evacuate
short_description: Evacuate the servers of dead hosts
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Finds out what has happened to a zone, takes its dead hosts out of service, and evacuates those of their servers for which that can succeed, each to
    a host that has room for it together with all others. Everything else is left as it is, and reported with the reason.
  - Nothing is done for a host without evidence in O(fencing) that it is cut off from its storage and its network. If a host still runs, an evacuated server
    runs twice and writes twice to the same volume. That nova calls a host down, or that it is forced down, is no evidence.
  - "A dead host is disabled and forced down in one request, with the reason C(zoneops: dead: REASON). C(zone_return) brings it back. If the whole zone is
    lost, with its storage, its services of cinder and manila are disabled, too."
  - Servers keep to their zone. Those that are not pinned to it can also go to the zones of O(to).
  - Before a server is evacuated it gets the tag C(zoneops:evacuate=HOST:STATUS). From nova 2.95 on it arrives stopped, and one that ran is started. The
    tag is removed at the end. A server in status ERROR takes no tag, and nova starts it when it is evacuated.
  - Every call can be repeated. An evacuation that is under way is awaited, and no second one is begun. A server whose evacuation failed is in status ERROR,
    and is reported. Its status is never reset. The next call tries it again.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  fencing:
    description:
      - Why hosts are known to be cut off. Each entry names hosts, and says how that is known, by whom, since when, and what was done.
      - An entry is refused if something on the host was heard of later than that, such as nova-compute by C(updated_at) of its record. Any request writes to
        that as well. Of a host that is forced down, an entry that is more than 12 hours older than that is refused.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: Name of a compute host in the zone files.
        type: str
      hosts:
        description: Names of several.
        type: list
        elements: str
      kind:
        description: How it is known, such as C(bmc), C(self_node_remediation) or C(attestation).
        type: str
        required: true
      by:
        description: The person or the tool that says so.
        type: str
        required: true
      at:
        description: Since when, a time with its zone, such as C(2030-01-31T06:00Z).
        type: str
        required: true
      what:
        description: What was done, and how it was seen.
        type: str
        required: true
  hosts:
    description: Names of compute hosts in the zone files of O(limit). Without it, all hosts there that are dead.
    type: list
    elements: str
  to:
    description: Inventory names of zones that servers without a pin can go to if there is no room in their own.
    type: list
    elements: str
    default: []
  reason:
    description: Why, for the disabled reason of hosts and services. At most 120 characters.
    type: str
    default: no answer
  phase:
    description:
      - How far the call goes. With V(prepare), hosts and services are disabled. With V(move), servers are also evacuated, and stay stopped if nova
        leaves them so. With V(start), those that ran are also started.
    type: str
    choices: [prepare, move, start]
    default: start
  rebuild_servers:
    description:
      - Ids or names of servers whose owners consent that disks which are no volumes are recreated from the image. What is on them now is lost. The metadata
        C(zoneops:may_rebuild=true) at the server says the same. A name that several servers have is not enough.
    type: list
    elements: str
    default: []
  shared_disks:
    description:
      - Whether disks of servers that are no volumes, those of servers that boot from an image and ephemeral ones, are on storage that all hosts of
        a zone reach, such as Ceph. No API shows it.
    type: bool
    default: false
  storage_reachable:
    description:
      - Whether the storage of a zone can be reached from every other zone, and nova's C(cross_az_attach) lets it. Only then are servers with volumes
        evacuated to the zones of O(to).
    type: bool
    default: false
  cluster:
    description:
      - What the cluster says of hosts, as M(zoneops.openstack.fencing_info) returns it. Its evidence counts as that of O(fencing) does, and the newest of both
        is taken.
    type: dict
  instance_ha:
    description:
      - The state of instance HA, by object, as M(zoneops.openstack.instance_ha) returns it for a zone. One that is not off is refused, and one that has
        C(unread), why its state is unknown.
    type: dict
  masakari:
    description:
      - Whether dead hosts that Masakari has in a segment are put on maintenance there, each before it is disabled. The metadata of the zone's
        host aggregate remembers it, C(zoneops:masakari HOST), and M(zoneops.openstack.zone_return) takes them off again.
      - With V(false), a host that is not on maintenance there is refused.
    type: bool
    default: true
  moves_per_target:
    description: How many servers are evacuated at a time to one host.
    type: int
    default: 2
  moves_per_back_end:
    description: How many servers with volumes of one cinder back end are evacuated at a time. Each evacuation attaches and detaches them there.
    type: int
    default: 10
  moves_at_once:
    description: How many servers of a zone are evacuated at a time in total. Nova itself has no limit.
    type: int
    default: 10
  canary:
    description: Whether the first server of a zone is evacuated and started alone. If that fails, nothing else is evacuated.
    type: bool
    default: true
  max_failed:
    description: How many servers may fail before no further one is evacuated. Those under way are awaited.
    type: int
    default: 0
  progress:
    description:
      - File to which a line is appended when an evacuation begins and when it ends. Where its name ends in C(.json) or C(.jsonl), each line is an object, and
        how many have moved, are moving, are left and have failed is added every 15 seconds.
    type: path
  break_lock:
    description: Take the region's lock, and hosts, over from a run that is known to be dead.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. V(instance_ha) evacuates although instance HA is on, or Masakari may evacuate a host or does not answer. Nothing is changed in
        Masakari then.
    type: list
    elements: str
    choices: [instance_ha]
    default: []
notes:
  - Needs nova 2.74 or newer (Stein), placement 1.29, and the admin role unless a policy says otherwise.
  - Below nova 2.95, a server that ran is running as soon as it arrives, in each phase.
  - Before 2.96, nova does not show which servers are pinned. All count as pinned then.
  - It holds the region's lock from the first write to the last. Its end by O(timeout) stops no evacuation.
seealso:
  - module: zoneops.openstack.zone_capacity_info
  - module: zoneops.openstack.zone_drain
  - module: zoneops.openstack.fencing_info
  - module: zoneops.openstack.instance_ha
"""

EXAMPLES = r"""
- name: Evacuate the servers of the dead hosts of zone az1
  zoneops.openstack.zone_evacuate:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    fencing:
      - hosts: [compute-1, compute-2]
        kind: bmc
        by: night shift
        at: "2030-01-31T03:12Z"
        what: power off read back from both BMCs
    shared_disks: true
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
      description:
        - In C(compute), C(hosts) has by host those that do not answer, with C(id), that of its compute service, C(status), C(disabled_reason),
          C(forced_down), C(masakari) if it is in a segment there, and C(servers), those that are on it, with C(reason) if one is left. C(unfinished) has the
          servers that were evacuated and are not yet as they are to be, by id.
      type: dict
diagnosis:
  description:
    - By zone, C(verdict), which is V(alive), V(hosts dead), V(zone dead), V(storage only) or V(partition suspected); C(dead), the hosts of which nothing is
      heard; C(doubtful), those that nova calls down while something on them reports; C(reporting), those that are forced down and still report to nova;
      C(storage), and C(evidence), each with C(source), C(host), C(what), C(alive), and C(at), when it last reported, or was
      changed; C(unread) says why a source could not be read.
  returned: when the map is valid and the cloud could be read
  type: dict
affected:
  description:
    - By zone whose storage does not answer, what else cannot be used. C(images), of which the only copy is there; C(volumes), which are stuck in a status;
      C(backups), whose service is down; C(defaults), which lead to the zone. Each has C(what) with what can be done, a default also C(change), the line that
      takes it to another zone. C(unread) says what could not be read. Nothing of it is changed.
  returned: when the map is valid and the cloud could be read
  type: dict
moves:
  description:
    - The servers that were evacuated, each with C(server), C(name), C(zone), C(from), C(to), C(to_zone), C(way), C(outcome), C(reason), C(seconds),
      C(priority), C(boots) if it was in status ERROR, C(rebuilt) if its disks were recreated, and C(status), the one that it is to have.
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
left:
  description: The servers that are left on hosts that do not answer, each with C(server), C(name), C(zone), C(host) and C(reason).
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ..module_utils._compute import run
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.progress import Progress
from ..module_utils._plan.text.near import refuse_unknown
from ..module_utils._servers import options as moving
from ..module_utils._servers.maintenance.marks import refuse_wrong_reason
from ..module_utils._servers.model import MOVED
from ..module_utils._servers.mover import Rules
from ..module_utils._servers.waves import Bounds
from ..module_utils._zone_evacuate.affected import Holdings, affected, read
from ..module_utils._zone_evacuate.build import COMPUTE, build
from ..module_utils._zone_evacuate.evidence.diagnosis import FAILS
from ..module_utils._zone_evacuate.evidence.fencing import fences
from ..module_utils._zone_evacuate.model import PHASES, START, Sign, Wanted
from ..module_utils._zones import overrides
from ..module_utils._zones.named_hosts import refuse_unnamed_hosts
from ..module_utils._zones.schema.zone_map import ZoneMap

FENCING: dict[str, Any] = {
    "host": {"type": "str"},
    "hosts": {"type": "list", "elements": "str"},
    "kind": {"type": "str", "required": True},
    "by": {"type": "str", "required": True},
    "at": {"type": "str", "required": True},
    "what": {"type": "str", "required": True},
}
OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "fencing": {"type": "list", "elements": "dict", "default": [], "options": FENCING},
    "hosts": {"type": "list", "elements": "str"},
    "to": {"type": "list", "elements": "str", "default": []},
    "reason": {"type": "str", "default": "no answer"},
    "phase": {"type": "str", "choices": list(PHASES), "default": START},
    "rebuild_servers": {"type": "list", "elements": "str", "default": []},
    "shared_disks": {"type": "bool", "default": False},
    "storage_reachable": {"type": "bool", "default": False},
    "cluster": {"type": "dict"},
    "instance_ha": {"type": "dict"},
    "masakari": {"type": "bool", "default": True},
    **{name: option for name, option in moving.BOUNDS.items() if name != "live_per_host"},
    "progress": {"type": "path"},
    **run.OPTIONS,
    "allow": overrides.option("zone_evacuate"),
}


def evacuate(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    wanted = _wanted(params, zone_map, only)
    least = moving.rules({**params, "live_per_host": 1})
    rules = Rules(
        Bounds(per_target=least.bounds.per_target, at_once=least.bounds.at_once), least.canary, least.max_failed
    )
    progress = Progress(params["progress"], "server", "host")
    cloud = frame.region_cloud(params, zone_map.region)
    nova = Nova(cloud.service("compute"))
    hosts, whole = build(cloud, nova, zone_map, wanted, rules, progress)
    result = run.converge(module, cloud, nova, whole)
    moves = _planned(result["zones"]) if module.check_mode else hosts.moves
    warnings = [*result["warnings"], *progress.warnings]
    cluster = params["cluster"]
    if cluster is not None and "fencing" not in cluster:
        warnings.append(f"the cluster could not be read, so it says nothing of hosts: {cluster.get('msg')}")
    diagnosis = hosts.diagnoses()
    lost = [name for name, found in diagnosis.items() if found["storage"] == FAILS]
    held = read(cloud) if lost else Holdings()
    hanging = {name: affected(zone_map, zone_map.zones[name], held) for name in lost}
    # If the last look failed, the state is the one before.
    going = {move["server"] for move in moves if module.check_mode or move["outcome"] == MOVED}
    left = [one for one in _left(result["zones"]) if one["server"] not in going]
    return {**result, "diagnosis": diagnosis, "affected": hanging, "moves": moves, "left": left, "warnings": warnings}


def _planned(zones: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [move for verdict in zones.values() for change in verdict["plan"] for move in change.get("moves", ())]


def _left(zones: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"server": one["id"], "name": one["name"], "zone": zone, "host": host, "reason": one.get("reason", "")}
        for zone, verdict in zones.items()
        for host, found in verdict["state"].get(COMPUTE, {}).get("hosts", {}).items()
        for one in found["servers"]
    ]


def _wanted(params: Mapping[str, Any], zone_map: ZoneMap, only: tuple[str, ...]) -> Wanted:
    refuse_unnamed_hosts(params["hosts"], zone_map, only)
    refuse_wrong_reason(params["reason"])
    refuse_unknown("'to'", "zone of the map", params["to"], zone_map.zones)
    both = [name for name in params["to"] if name in only]
    if both:
        raise ZoneopsError(f"option 'to': servers leave zone {both[0]}. Name other zones.")
    if params["to"] and len(only) > 1:
        raise ZoneopsError(f"option 'to': {', '.join(only)} would share the room there. Name one zone (option limit).")
    known = [host for zone in zone_map.zones.values() for host in zone.compute_hosts]
    cluster = params["cluster"] or {}
    return Wanted(
        only=only,
        hosts=None if params["hosts"] is None else tuple(params["hosts"]),
        to=tuple(params["to"]),
        fencing=fences([*params["fencing"], *(cluster.get("fencing") or ())], known, datetime.now(UTC)),
        signs=tuple(_of_cluster(cluster)),
        reason=params["reason"],
        phase=params["phase"],
        rebuild_servers=tuple(params["rebuild_servers"]),
        shared_disks=params["shared_disks"],
        storage_reachable=params["storage_reachable"],
        instance_ha=params["instance_ha"],
        masakari=params["masakari"],
        break_lock=params["break_lock"],
        allow=frozenset(params["allow"]),
    )


def _of_cluster(cluster: Mapping[str, Any]) -> Iterator[Sign]:
    for one in cluster.get("signs") or ():
        at, since = str(one.get("at") or ""), f" since {one['at']}" if one.get("at") else ""
        if one.get("alive") is None:
            yield Sign("kubernetes", f"{one['what']}{since}", None, str(one["host"]))
        else:
            yield Sign("kubernetes", str(one["what"]), bool(one["alive"]), str(one["host"]), at=at)


MODULE = frame.module(evacuate, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
