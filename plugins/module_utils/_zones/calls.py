# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables in which roles register their calls, by what each is about: the one list for verdicts, report and what is left to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SITE, REPORT = "zoneops_site_info", "zoneops_report"


@dataclass(frozen=True)
class Calls:
    """The calls of one playbook, in the order of a zone's verdict.

    :ivar of: variables by what they are about.
    :ivar verified: those of calls in check mode to verify: what they would change is wrong.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    verified: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> list[str]:
        return [*self.of.values(), *self.verified.values()]


_SITE = Calls(
    of={
        "what the first look refuses": "zoneops_refused",
        "node labels": "zoneops_node_zones",
        "topologies": "zoneops_topologies",
        "control plane": "zoneops_control_plane",
        "data plane": "zoneops_data_plane",
        "site": SITE,
        "availability zone": "zoneops_availability_zones",
        "volume types": "zoneops_volume_types",
        "volume services": "zoneops_block_storage_services",
        "share types": "zoneops_share_types",
        "share services": "zoneops_share_services",
        "images": "zoneops_images",
        "pods": "zoneops_pod_placement",
    },
    verified={"availability zone afterwards": "zoneops_availability_zones_verified"},
)
_VERIFY = Calls(
    of={"preflight": "zoneops_preflight", "pods": "zoneops_pod_placement", "capacity": "zoneops_capacity"},
    verified={
        "node labels": "zoneops_node_zones_verified",
        "topologies": "zoneops_topologies_verified",
        "control plane": "zoneops_control_plane_verified",
        "data plane": "zoneops_data_plane_verified",
        "availability zone": "zoneops_availability_zones_verified",
        "volume types": "zoneops_volume_types_verified",
        "volume services": "zoneops_block_storage_services",
        "share types": "zoneops_share_types_verified",
        "share services": "zoneops_share_services",
        "share access": "zoneops_share_access",
        "images": "zoneops_images_verified",
        "what the zone can do": REPORT,
    },
)
CALLS = {"site": _SITE, "verify": _VERIFY}
KUBERNETES = ("zoneops_node_zones", "zoneops_topologies", "zoneops_control_plane", "zoneops_data_plane")
#: Those that only compare, whichever playbook made them, and those that write, the look at all parts first.
COMPARED = [variable for variable in _VERIFY.variables if variable != REPORT]
WRITTEN = sorted((name for name in _SITE.of.values() if name not in COMPARED), key=lambda name: name != SITE)
REGISTERED = frozenset((*WRITTEN, *COMPARED, REPORT))


def calls_of(playbook: str | None) -> dict[str, Any]:
    """What plays need of this, as data: the calls of the playbook, and those of all that the report is made of."""
    calls = CALLS.get(playbook or "", Calls())
    return {
        "of": dict(calls.of),
        "verified": dict(calls.verified),
        "variables": calls.variables,
        "kubernetes": list(KUBERNETES),
        "written": WRITTEN,
        "compared": COMPARED,
    }
