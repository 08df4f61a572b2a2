# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""manila with one back end and one availability zone per zone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.config.common import Config, credentials, database, defaults, shared, token_validation

if TYPE_CHECKING:
    from zonelab.lab import Lab

UNLIMITED = ("shares", "gigabytes", "snapshots", "snapshot_gigabytes")
NO_DELAY = ",".join(
    f"{method}:0" for method in ("ensure_share", "create_share", "delete_share", "get_pool", "_update_share_stats")
)


def manila(lab: Lab) -> Config:
    """Credentials have a section of their own: manila registers those of keystone_authtoken twice otherwise."""
    data = lab.state.data / "manila"
    backends: Config = {
        zone: {
            "share_driver": "zonelab.shims.share_driver.ZoneShareDriver",
            "share_backend_name": zone,
            "backend_availability_zone": zone,
            "driver_handles_share_servers": False,
            "lab_export_network": f"172.18.{number}",
            "dummy_driver_default_driver_method_delay": 0,
            "dummy_driver_driver_methods_delays": NO_DELAY,
        }
        for number, zone in enumerate(lab.options.backend_zones, 1)
    }
    return {
        "DEFAULT": {
            **defaults(lab, "manila"),
            "enabled_share_backends": ",".join(lab.options.backend_zones),
            "enabled_share_protocols": "NFS,CIFS",
            "auth_strategy": "keystone",
            "api_paste_config": f"{sys.prefix}/etc/manila/api-paste.ini",
            "storage_availability_zone": lab.options.zones[0],
            "default_share_type": "default",
            "periodic_interval": lab.options.report_interval,
            "rootwrap_config": "",
        },
        "database": database(lab, "manila"),
        "keystone_authtoken": {"auth_type": "password", "auth_section": "lab_auth", **token_validation(lab)},
        "lab_auth": credentials(lab, "manila"),
        "quota": dict.fromkeys(UNLIMITED, -1),
        "coordination": {"backend_url": f"file://{data}/coordination"},
        **backends,
        **shared(lab, "manila"),
    }
