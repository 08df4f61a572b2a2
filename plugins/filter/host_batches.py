# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter host_batches: the compute hosts of zones, so many of one zone at a time."""

from __future__ import annotations

DOCUMENTATION = r"""
name: host_batches
short_description: Split the compute hosts of zones into batches of one zone each
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Splits the compute hosts of zones into batches, for work on some hosts at a time. A batch has hosts of one zone only.
  - Hosts that are in maintenance already come first, because a run that ended early has left them there.
positional: _limit, _hosts, _serial, _found
options:
  _input:
    description: The zones in normal form, as M(zoneops.openstack.zone_map) returns them.
    type: dict
    required: true
  _limit:
    description: The zones whose hosts are wanted, in their order.
    type: list
    elements: str
    required: true
  _hosts:
    description:
      - Names of hosts, also as text separated by commas. Empty text for all hosts of the zones.
      - Names that no zone file of these zones has are in a separate first batch.
    type: list
    elements: str
    required: true
  _serial:
    description: Most hosts of a batch. V(0) for a single batch with the hosts of all zones.
    type: int
    required: true
  _found:
    description: The hosts of the region, as RV(zoneops.openstack.region_info#module:region.hosts).
    type: list
    elements: dict
    required: true
seealso:
  - module: zoneops.openstack.host_maintenance
"""

EXAMPLES = r"""
- name: Print batches of two hosts
  ansible.builtin.debug:
    msg: "{{ zoneops_map.zones | zoneops.openstack.host_batches(zoneops_map.batch, '', 2, found.region.hosts) }}"
"""

RETURN = r"""
_value:
  description: The batches, each with C(zones) and C(hosts), the options O(zoneops.openstack.host_maintenance#module:limit) and
    O(zoneops.openstack.host_maintenance#module:hosts) of a call about it, and C(ahead), whether it has to be finished before other batches are checked.
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.disabled.reason import MAINTENANCE
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.batches import Zone, batches


def host_batches(
    zones: Mapping[str, Zone],
    limit: Sequence[str],
    hosts: Sequence[str] | str | None,
    serial: int | str,
    found: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Numbers and lists may be text, as on a command line."""
    # Without native templates, as on ansible-core 2.16, none is empty text.
    wanted = [name.strip() for name in hosts.split(",")] if isinstance(hosts, str) else hosts
    if hosts == "":
        wanted = None
    first = {
        host["name"]
        for host in found
        if host["status"] == "disabled" and (host["disabled_reason"] or "").startswith(f"{MAINTENANCE}, ")
    }
    return batches(zones, limit, wanted, int(serial), first)


class FilterModule:
    """As Ansible looks for filters."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, Any]]]]:
        return {"host_batches": host_batches}
