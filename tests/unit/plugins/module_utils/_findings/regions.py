# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region of three zones as the services list it: az1 and az2 work, az3 is dead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Backup, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Image
from ansible_collections.zoneops.openstack.plugins.module_utils._region.region import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
ZONES = ("az1", "az2", "az3")


def zone_map(**changes: dict[str, Any]) -> ZoneMap:
    """The map; `az3={...}` changes a zone, or adds it."""
    zones = {
        name: {
            "compute": {"hosts": [f"{name}-a", f"{name}-b"]},
            "image_store": {"type": "file"},
            "volume_backends": [{"name": name, "type": "vendor"}],
            **changes.get(name, {}),
        }
        for name in dict.fromkeys((*ZONES, *changes))
    }
    return load_map(zones, {"zones": list(zones), "region_name": "RegionOne"})


def host(name: str, zone: str | None, state: str = "up", reason: str | None = None) -> dict[str, Any]:
    status = "disabled" if reason is not None else "enabled"
    return {
        "name": name,
        "availability_zone": zone,
        "aggregates": [zone] if zone else [],
        "state": state,
        "status": status,
        "disabled_reason": reason or None,
        "forced_down": False,
        "instances": None,
    }


def service(binary: str, zone: str, state: str = "up") -> dict[str, Any]:
    return {
        "service": "cinder",
        "binary": binary,
        "host": f"lab@{zone}",
        "availability_zone": zone,
        "state": state,
        "status": "enabled",
        "disabled_reason": None,
    }


def pool(zone: str, storage: str, host: str = "") -> dict[str, Any]:
    host = host or f"lab@{zone}"
    return {
        "name": f"{host}#p",
        "host": host,
        "volume_backend_name": zone,
        "free_gb": 9.0,
        "up": True,
        "storage": storage,
    }


def pod(name: str, node: str, *, ready: bool = True, placed_by: str = "spread") -> dict[str, Any]:
    """As pod_placement_info has it in the state of a zone."""
    return {"pod": name, "node": node, "ready": ready, "service": "CinderAPI cinder-api", "placed_by": placed_by}


def server(number: str, where: str | None, pinned: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"name-{number}",
        "tenant_id": "shop",
        "status": "ACTIVE",
        "OS-EXT-SRV-ATTR:host": where,
        "pinned_availability_zone": pinned,
        "OS-EXT-STS:task_state": None,
        **more,
    }


def volume(number: str, zone: str, *servers: str, status: str = "in-use", changed: datetime | None = None) -> Volume:
    return Volume(number, f"name-{number}", 1, status, zone, attached_to=servers, project_id="shop", changed_at=changed)


def backup(number: str, of: str, zone: str, days: int) -> Backup:
    made = NOW - timedelta(days=days)
    return Backup(number, number, of, "available", 1, zone, made, made)


def seen(**changes: Any) -> Seen:
    """What was read; keywords are other fields of it."""
    region = Region(
        aggregates=[
            {
                "id": n,
                "uuid": str(n),
                "name": zone,
                "availability_zone": zone,
                "metadata": {},
                "hosts": [f"{zone}-a", f"{zone}-b"],
            }
            for n, zone in enumerate(ZONES)
        ],
        hosts=[
            *(host(f"{zone}-{name}", zone, "down" if zone == "az3" else "up") for zone in ZONES for name in "ab"),
            host("free", None),
        ],
        services=[
            *(service("cinder-volume", zone, "down" if zone == "az3" else "up") for zone in ZONES),
            *(service("cinder-backup", zone) for zone in ("az1", "az2")),
        ],
        availability_zones={
            "nova": [{"name": zone, "available": True} for zone in ZONES],
            "cinder": [{"name": zone, "available": True} for zone in ("az1", "az2")],
            "manila": [],
        },
        volume_types=[
            {
                "id": "t1",
                "name": "gold",
                "public": True,
                "description": None,
                "extra_specs": {"RESKEY:availability_zones": "az1,az9"},
                "projects": None,
            }
        ],
        volume_pools=[pool(zone, f"LVMVolumeDriver:{zone}:vg:thin:0") for zone in ("az1", "az2")],
        image_stores=[{"id": zone, "type": "rbd", "default": zone == "az1"} for zone in ZONES],
    )
    found: dict[str, Any] = {
        "servers": [
            server("in", "az1-a", "az1"),
            server("out", "az1-a", "az2"),
            server("lost", "az3-a", "az3"),
            server("gone", "az1-b", "az9"),
            server("old", "az1-b", "nova"),
            server("deleted", None, None, status="SOFT_DELETED"),
        ],
        "volume_services": [Service("cinder-volume", f"lab@{zone}", zone) for zone in ZONES],
        "volumes": [
            volume("v1", "az1", "in"),
            volume("v2", "az2", "in"),
            volume("v3", "az1", "nobody"),
            volume("v4", "az2", status="detaching", changed=NOW),
        ],
        "backups": [backup("b1", "v1", "az1", 9), backup("b2", "v2", "az1", 3), backup("b3", "v2", "az2", 4)],
        "images": (
            Image("i1", "one", "active", visibility="public", disk_format="qcow2", stores=("az1",)),
            Image("i2", "all", "active", visibility="public", disk_format="raw", stores=ZONES),
        ),
        "agents": [
            {"agent_type": "L3 agent", "alive": True, "admin_state_up": True, "availability_zone": "az1"},
            {"agent_type": "DHCP agent", "alive": True, "admin_state_up": True, "availability_zone": "az1"},
        ],
        "unread": {"capacity": "placement does not answer"},
    }
    return Seen(region, **{**found, **changes})
