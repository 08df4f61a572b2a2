# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""glance with one file store per zone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zonelab.config.common import Config, credentials, database, defaults, shared, token_validation

if TYPE_CHECKING:
    from zonelab.lab import Lab


def glance(lab: Lab) -> Config:
    """The first zone's store is the default; imports may fetch from this machine only."""
    data = lab.state.data / "glance"
    general = {key: value for key, value in defaults(lab, "glance").items() if key not in NOT_OF_GLANCE}
    stores: Config = {
        zone: {"filesystem_store_datadir": str(data / zone), "store_description": f"store of {zone}"}
        for zone in lab.options.zones
    }
    return {
        "DEFAULT": {
            **general,
            "enabled_backends": ",".join(f"{zone}:file" for zone in lab.options.zones),
            "enabled_import_methods": "[glance-direct,web-download,copy-image]",
            "worker_self_reference_url": lab.url("glance"),
            "node_staging_uri": f"file://{data}/staging",
            "image_cache_dir": str(data / "cache"),
        },
        "database": database(lab, "glance"),
        "glance_store": {"default_backend": lab.options.zones[0]},
        "paste_deploy": {"flavor": "keystone", "config_file": f"{sys.prefix}/etc/glance/glance-api-paste.ini"},
        "keystone_authtoken": {**credentials(lab, "glance"), **token_validation(lab)},
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1,localhost]", "allowed_ports": "[]"},
        "task": {"task_executor": "taskflow", "work_dir": str(data / "work")},
        "taskflow_executor": {"engine_mode": "serial", "max_workers": 4},
        "os_glance_staging_store": {"filesystem_store_datadir": str(data / "staging")},
        "os_glance_tasks_store": {"filesystem_store_datadir": str(data / "tasks")},
        **stores,
        **shared(lab, "glance"),
    }


NOT_OF_GLANCE = frozenset({"host", "my_ip", "report_interval", "service_down_time", "periodic_fuzzy_delay"})
