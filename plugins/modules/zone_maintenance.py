#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_maintenance."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_maintenance
short_description: Take a zone that stays reachable out of use, and put it back as it was
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - With O(state=begin) it disables the compute hosts of the zone, its cinder-volume, cinder-backup and manila-share services, awaits the migrations from and
    to the hosts and what cinder and glance work on in the zone (volumes, backups, imports of images), and then leaves, moves or stops the servers, as
    O(servers) says. Nothing is written before everything that blocks it is known.
  - With O(state=end) it enables the services, starts the servers that it stopped, and enables each host once its servers run. Only what it disabled
    is enabled, and only what it stopped is started. What others disabled before, or changed since, is left and reported.
  - The zone's file has to say C(zone_state) C(maintenance) before, so that the playbooks C(site) and C(verify) expect it.
  - It is refused while another zone is in maintenance or down, while defaults lead to the zone, and while the control plane would lose a majority.
  - Every call can be repeated. A run that was killed or ended early is resumed by the same call. A zone that is in maintenance already is not changed.
  - In a cloud with Masakari, O(state=begin) first puts the hosts of the zone on maintenance there, unless they are, so that nothing is evacuated.
    O(state=end) takes those off that it put on, when everything else is back. They are remembered in the metadata of the zone's host aggregate.
  - The maintenance is recorded in the disabled reasons, which begin with C(zoneops:) C(maintenance of the zone), and in the tag C(zoneops:stopped) of each
    server that was stopped. Share services of a manila before 2.83, which stores no reasons, are recorded in the metadata of the zone's host aggregate.
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
      - V(begin) takes the zone out of use. V(end) puts it back.
    type: str
    choices: [begin, end]
    required: true
  servers:
    description:
      - What becomes of the servers of the zone with O(state=begin). V(leave) leaves them as they are, V(drain) moves those that may cross to other zones, and
        V(stop) stops them where they are.
    type: str
    choices: [leave, drain, stop]
    default: leave
  reason:
    description: Why the zone is in maintenance, shown with every service that is disabled. At most 120 characters.
    type: str
    default: zone maintenance
  until:
    description:
      - When the maintenance is to end, such as V(2030-01-31T06:00Z). It is part of the disabled reasons. Another time in a later call replaces it.
    type: str
  quorum:
    description:
      - What C(quorum) of M(zoneops.openstack.pod_placement_info) returned. A zone with a Kubernetes side needs it.
    type: dict
  instance_ha:
    description:
      - Whether Masakari is to ignore the hosts of the zone during the maintenance, in a cloud whose catalog has it (C(instance-ha)). V(false) neither asks nor
        changes it. RHOSO's instance HA is the matter of M(zoneops.openstack.instance_ha).
    type: bool
    default: true
  shared_disks:
    description:
      - Whether disks of servers that are no volumes, those of servers that boot from an image and ephemeral ones, are on storage that all hosts of
        a zone reach, such as Ceph. No API shows it.
    type: bool
    default: false
  local_disks:
    description: Whether disks that are local to a host are copied with the server (block migration), with O(servers=drain).
    type: bool
    default: false
  storage_reachable:
    description:
      - Whether the storage of a zone can be reached from every other zone, and nova's C(cross_az_attach) lets it. Only then do servers with volumes
        of the zone move to others, with O(servers=drain).
    type: bool
    default: false
  break_lock:
    description:
      - Take hosts over from a run that is known to be dead. Without it, a run on another machine counts as running until its O(timeout) is over.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. V(defaults) begins although requests that name no zone, store or type lead to this one.
      - V(quorum) begins although the control plane would lose a majority without the zone, or that is unknown.
      - V(stay) leaves servers that cannot be moved or stopped as they are, and continues while volumes, backups or imports of images of the zone are still
        worked on after ten minutes.
      - V(foreign_reasons) also takes hosts that others disabled, which get their reason back at the end. Where manila stores no reasons
        (before 2.83) and the zone has no host aggregate, the end needs it to enable share services.
      - V(thaw) lets the end enable a cinder-volume by freezing and thawing it, see M(zoneops.openstack.block_storage_services).
    type: list
    elements: str
    choices: [defaults, foreign_reasons, quorum, stay, thaw]
    default: []
notes:
  - Needs nova 2.74 or newer (Stein), placement 1.29, and the admin role unless a policy says otherwise.
  - It changes nothing in Kubernetes. Switch tools for instance HA other than Masakari off before.
  - Cinder 28 and 29 cannot enable a cinder-backup again through their API. The end then says what to do by hand.
seealso:
  - module: zoneops.openstack.host_maintenance
  - module: zoneops.openstack.pod_placement_info
  - module: zoneops.openstack.zone_capacity_info
"""

EXAMPLES = r"""
- name: Take zone az1 out of use, with its servers stopped
  zoneops.openstack.zone_maintenance:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    state: begin
    servers: stop
    until: 2030-01-31T06:00Z
    reason: power work, ticket 4711
    timeout: 7200

- name: Back to work
  zoneops.openstack.zone_maintenance:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    state: end
    timeout: 7200
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
        - C(compute) has the hosts as M(zoneops.openstack.host_maintenance) returns them, C(block storage) and C(shared file systems) the C(status) and the
          C(disabled_reason) of each service, and C(instance HA) the C(segment) and C(on_maintenance) of each host that Masakari knows, and whether this
          collection put it on maintenance (C(remembered)).
      type: dict
moves:
  description: The moves of this call, as M(zoneops.openstack.host_maintenance) returns them.
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
away:
  description:
    - With O(state=end), the zones of the map that are not back, by inventory name. They have a host that is out of service because it was lost or because its
      zone is in maintenance, or they are zones of O(limit) that failed. While a cell that does not answer hides hosts of a zone, all of O(limit) are, and the
      hidden zone where it is down or in maintenance in its file. In check mode, as it would be after a run.
  returned: with O(state=end), when the map is valid and the cloud could be read
  type: list
  elements: str
switched:
  description:
    - The servers that this call stopped or started, each with C(server), C(name), C(zone), C(host), C(outcome), C(reason) and C(seconds).
    - C(outcome) is V(stopped), V(started), V(failed), V(gone) for a server that was deleted while the run was working, V(elsewhere) for one that others
      stopped or moved, and V(pending) for one that was still under way when the run ended. In check mode it is V(planned).
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..module_utils._compute import run
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.progress import Progress
from ..module_utils._servers import options as moving
from ..module_utils._servers.maintenance.end.run import End
from ..module_utils._servers.maintenance.marks import refuse_wrong_reason
from ..module_utils._servers.maintenance.model import DRAIN, LEAVE, STOP, Wanted
from ..module_utils._zone_maintenance.away import away, left_by
from ..module_utils._zone_maintenance.build import Maintenance
from ..module_utils._zone_maintenance.guards import majorities
from ..module_utils._zone_maintenance.until import until
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "state": {"type": "str", "choices": ["begin", "end"], "required": True},
    "servers": {"type": "str", "choices": [LEAVE, DRAIN, STOP], "default": LEAVE},
    "reason": {"type": "str", "default": "zone maintenance"},
    "until": {"type": "str"},
    "quorum": {"type": "dict"},
    "instance_ha": {"type": "bool", "default": True},
    "shared_disks": {"type": "bool", "default": False},
    "local_disks": {"type": "bool", "default": False},
    "storage_reachable": {"type": "bool", "default": False},
    **moving.OPTIONS,
    "progress": {"type": "path"},
    **run.OPTIONS,
    "allow": overrides.option("zone_maintenance"),
}


def maintain(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    now = datetime.now(UTC)
    wanted, rules = _wanted(params, only, now), moving.rules(params)
    # A wrong result of pod_placement_info is refused before a request is sent.
    majorities(params["quorum"] or {})
    progress = Progress(params["progress"], "server", "host")
    cloud = frame.region_cloud(params, zone_map.region)
    ha = params["instance_ha"]
    call = Maintenance(cloud, zone_map, wanted, rules, progress, params["quorum"], now, instance_ha=ha)
    hosts, stages = call.begin() if params["state"] == "begin" else call.end()
    result = writer.converge(module, cloud, stages)
    done: dict[str, Any] = {"moves": hosts.moves, "switched": hosts.switched}
    if module.check_mode:
        done = {key: _planned(result["zones"], key) for key in done}
    if isinstance(hosts, End):
        region = left_by(hosts, hosts.observed, check=module.check_mode)
        done["away"] = away(zone_map, region, result["zones"])
    warnings = [*result["warnings"], *progress.warnings]
    return {**result, **done, "warnings": warnings}


def _planned(zones: Mapping[str, Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    return [one for verdict in zones.values() for change in verdict["plan"] for one in change.get(key, ())]


def _wanted(params: Mapping[str, Any], only: tuple[str, ...], now: datetime) -> Wanted:
    refuse_wrong_reason(params["reason"])
    return Wanted(
        only=only,
        reason=params["reason"],
        shared_disks=params["shared_disks"],
        local_disks=params["local_disks"],
        break_lock=params["break_lock"],
        prepare=params["phase"] == moving.PREPARE,
        zone=True,
        servers=params["servers"],
        until=until(params["until"], now) if params["state"] == "begin" else "",
        storage_reachable=params["storage_reachable"],
        allow=frozenset(params["allow"]),
    )


MODULE = frame.module(maintain, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
