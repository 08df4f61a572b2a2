# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cinder with one availability zone per zone, its back ends and backup services."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.config.common import Config, credentials, database, defaults, shared, token_validation

if TYPE_CHECKING:
    from zonelab.lab import Lab

UNLIMITED = ("volumes", "snapshots", "gigabytes", "backups", "backup_gigabytes")


def cinder(lab: Lab) -> Config:
    """A volume asked for in no zone goes to the first one; a zone that does not exist is refused."""
    data = lab.state.data / "cinder"
    default_zone = lab.options.zones[0]
    backends: Config = {
        name: {
            "volume_driver": "zonelab.shims.volume_driver.FileVolumeDriver",
            "volume_backend_name": name,
            "backend_availability_zone": zone,
            "lab_volume_dir": str(data / name),
        }
        for name, zone in lab.options.volume_backend_zones.items()
    }
    return {
        "DEFAULT": {
            **defaults(lab, "cinder"),
            "enabled_backends": ",".join(backends),
            "auth_strategy": "keystone",
            "api_paste_config": f"{sys.prefix}/etc/cinder/api-paste.ini",
            "storage_availability_zone": default_zone,
            "default_availability_zone": default_zone,
            "allow_availability_zone_fallback": False,
            "resource_query_filters_file": f"{sys.prefix}/etc/cinder/resource_filters.json",
            "glance_api_servers": lab.url("glance"),
            "scheduler_driver_init_wait_time": 5,
            "rootwrap_config": "",
            "backup_driver": "zonelab.shims.backup_driver.FileBackupDriver",
            "backup_compression_algorithm": "zstd",  # zlib takes 10 s for a gigabyte of nothing
            "backup_file_size": 32 << 20,  # a piece of this size is held in memory
            "backup_sha_block_size_bytes": 1 << 20,
            "backup_posix_path": str(data / "backup"),
            "image_conversion_dir": str(data / "conversion"),
            "volumes_dir": str(data / "volumes"),
            **{f"quota_{name}": -1 for name in UNLIMITED},
        },
        "database": database(lab, "cinder"),
        "keystone_authtoken": {**credentials(lab, "cinder"), **token_validation(lab)},
        "nova": {**credentials(lab, "cinder"), "interface": "internal"},
        "service_user": {**credentials(lab, "cinder"), "send_service_user_token": True},
        # One key for all encrypted volumes, and no service that keeps keys: nothing here ever decrypts one.
        "key_manager": {"backend": "cinder.keymgr.conf_key_mgr.ConfKeyManager", "fixed_key": "0" * 64},
        "coordination": {"backend_url": f"file://{data}/coordination"},
        **backends,
        **shared(lab, "cinder"),
    }
