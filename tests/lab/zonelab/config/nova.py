# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nova with the fake hypervisor driver and no quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.config.common import Config, credentials, database, defaults, shared, token_validation
from zonelab.lab import REGION

if TYPE_CHECKING:
    from zonelab.lab import Lab

FILTERS = (
    "ComputeFilter",
    "ComputeCapabilitiesFilter",
    "ImagePropertiesFilter",
    "ServerGroupAntiAffinityFilter",
    "ServerGroupAffinityFilter",
    "AggregateInstanceExtraSpecsFilter",
)


def nova(lab: Lab) -> Config:
    """API, conductor, scheduler and all compute hosts read this one file."""
    internal = {**credentials(lab, "nova"), "valid_interfaces": "internal"}
    return {
        "DEFAULT": {
            **defaults(lab, "nova"),
            "compute_driver": "fake.LabComputeDriver",
            "default_availability_zone": "nova",
            "instances_path": str(lab.state.data / "nova" / "instances"),
        },
        # Else it checks each of its own answers, and logs what is wrong with it.
        "api": {"auth_strategy": "keystone", "response_validation": "ignore"},
        "api_database": database(lab, "nova_api"),
        "database": database(lab, "nova_cell1"),
        "quota": {"instances": -1, "cores": -1, "ram": -1},
        "keystone_authtoken": {**credentials(lab, "nova"), **token_validation(lab)},
        "service_user": {**credentials(lab, "nova"), "send_service_user_token": True},
        "placement": internal,
        "neutron": internal,
        "glance": {"region_name": REGION, "valid_interfaces": "internal"},
        "cinder": {
            **credentials(lab, "nova"),
            "catalog_info": "block-storage:cinder:internalURL",
            "os_region_name": REGION,
        },
        "scheduler": {"discover_hosts_in_cells_interval": 5, "workers": 1},
        "conductor": {"workers": 1},
        "filter_scheduler": {"enabled_filters": ",".join(FILTERS)},
        **shared(lab, "nova"),
    }
