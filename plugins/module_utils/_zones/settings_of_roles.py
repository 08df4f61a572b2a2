# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the roles, generated from their argument specifications by `make generate`."""

from __future__ import annotations

from .setting import Setting

OF_ROLES = {
    "zoneops_after_tasks": Setting("path", default="", read=True),
    "zoneops_allow": Setting("list", default=[], elements="str"),
    "zoneops_before_tasks": Setting("path", default="", read=True),
    "zoneops_break_lock": Setting("bool", default=False),
    "zoneops_capacity_event": Setting("str", default="lost", choices=("lost", "drained")),
    "zoneops_capacity_movable": Setting("list", default=[], choices=("pinned", "local_disks"), elements="str"),
    "zoneops_capacity_shared_disks": Setting("bool", default=False),
    "zoneops_capacity_storage_reachable": Setting("bool", default=False),
    "zoneops_capacity_threshold": Setting("float", least=0, most=100),
    "zoneops_control_plane_deadline": Setting("float", default=7200),
    "zoneops_control_plane_progress": Setting("path", default="", appended=True),
    "zoneops_control_plane_wait": Setting("bool", default=True),
    "zoneops_control_plane_wait_timeout": Setting("float", default=1800),
    "zoneops_data_plane_batch": Setting("int", default=0, least=0),
    "zoneops_data_plane_deadline": Setting("float", default=14400),
    "zoneops_data_plane_discovery_timeout": Setting("float", default=300),
    "zoneops_data_plane_services": Setting("list", default=[], elements="str"),
    "zoneops_data_plane_wait_timeout": Setting("float", default=3600),
    "zoneops_deadline": Setting("float", default=600),
    "zoneops_drain_servers": Setting("list", elements="str", separated=True),
    "zoneops_drain_to": Setting("list", elements="str", separated=True),
    "zoneops_hosts": Setting("list", elements="str", separated=True),
    "zoneops_images_deadline": Setting("float", default=3600),
    "zoneops_images_parallel": Setting("int", default=4, least=1),
    "zoneops_images_progress": Setting("path", default="", appended=True),
    "zoneops_journal": Setting("path", default="", appended=True),
    "zoneops_maintenance": Setting("str", choices=("begin", "end", "roll")),
    "zoneops_maintenance_canary": Setting("bool", default=True),
    "zoneops_maintenance_canary_server": Setting("dict"),
    "zoneops_maintenance_deadline": Setting("float", default=14400),
    "zoneops_maintenance_instance_ha": Setting("bool", default=True),
    "zoneops_maintenance_live_per_host": Setting("int", default=1, least=1),
    "zoneops_maintenance_local_disks": Setting("bool", default=False),
    "zoneops_maintenance_moves_at_once": Setting("int", default=10, least=1),
    "zoneops_maintenance_moves_per_target": Setting("int", default=2, least=1),
    "zoneops_maintenance_progress": Setting("path", default="", appended=True),
    "zoneops_maintenance_reason": Setting("str", default=""),
    "zoneops_maintenance_workers": Setting("bool", default=False),
    "zoneops_max_failed": Setting("int", default=0, least=0),
    "zoneops_max_removed_hosts": Setting("int", default=1, least=0),
    "zoneops_parallel": Setting("int", default=4, least=1),
    "zoneops_phase": Setting("str", default="move", choices=("prepare", "move")),
    "zoneops_placement_mirror": Setting("bool", default=False),
    "zoneops_plan": Setting("path", default="", appended=True),
    "zoneops_precache_images": Setting("bool", default=False),
    "zoneops_purge_hosts": Setting("bool", default=False),
    "zoneops_purge_metadata": Setting("bool", default=False),
    "zoneops_purge_projects": Setting("bool", default=False),
    "zoneops_purge_stores": Setting("bool", default=False),
    "zoneops_replaced_images": Setting("str", default="hide", choices=("keep", "hide", "delete")),
    "zoneops_report_deadline": Setting("float", default=120),
    "zoneops_report_gather": Setting("list", elements="str"),
    "zoneops_report_more": Setting("list", default=[], elements="str"),
    "zoneops_report_region": Setting("dict"),
    "zoneops_report_results": Setting("list", elements="dict"),
    "zoneops_report_verified": Setting("list", elements="dict"),
    "zoneops_report_verify": Setting("bool", default=False),
    "zoneops_serial": Setting("int", default=1, least=1),
    "zoneops_servers": Setting("str", default="leave", choices=("leave", "drain", "stop")),
    "zoneops_until": Setting("str", default=""),
    "zoneops_work_tasks": Setting("path", default="", read=True),
}
# Their defaults are results of the run, which do not exist yet when the settings are checked.
COMPUTED = frozenset(
    (
        "zoneops_report_gather",
        "zoneops_report_region",
        "zoneops_report_results",
        "zoneops_report_verified",
    )
)
