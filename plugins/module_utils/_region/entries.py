# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How region_info shows what the services list: the same keys for all of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._block_storage.api.model import Pool
from .._compute.model import Aggregate, Host, Observed
from .._image.model import Image, Store
from .._types.model import FoundType


def aggregate(found: Aggregate) -> dict[str, Any]:
    return {
        "id": found.id,
        "uuid": found.uuid,
        "name": found.name,
        "availability_zone": found.availability_zone,
        "metadata": dict(found.metadata),
        "hosts": sorted(found.hosts),
    }


def host(found: Host, observed: Observed, instances: Mapping[str, int] | None) -> dict[str, Any]:
    return {
        "name": found.name,
        "availability_zone": observed.zone_of(found.name),
        "aggregates": sorted(other.name for other in observed.aggregates if found.name in other.hosts),
        "state": found.state,
        "status": found.status,
        "disabled_reason": found.disabled_reason,
        "forced_down": found.forced_down,
        "instances": None if instances is None else instances.get(found.name, 0),
    }


def nova_service(entry: Mapping[str, Any]) -> dict[str, Any]:
    # A record of a cell that is down has neither zone nor state (2.69).
    return _service(
        "nova", entry, entry.get("zone"), entry.get("state", "unknown"), str(entry.get("status", "unknown")).lower()
    )


def cinder_service(entry: Mapping[str, Any]) -> dict[str, Any]:
    return _service("cinder", entry, entry["zone"], entry["state"], entry["status"])


def manila_service(entry: Mapping[str, Any]) -> dict[str, Any]:
    return _service("manila", entry, entry["zone"], entry["state"], entry["status"])


def neutron_agent(entry: Mapping[str, Any]) -> dict[str, Any]:
    state = "up" if entry["alive"] else "down"
    return _service(
        "neutron", entry, entry.get("availability_zone"), state, "enabled" if entry["admin_state_up"] else "disabled"
    )


def volume_type(found: FoundType) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "public": found.public,
        "description": found.description,
        "extra_specs": dict(sorted(found.specs.items())),
        "projects": None if found.projects is None else sorted(found.projects),
    }


def image_store(found: Store) -> dict[str, Any]:
    return {"id": found.id, "type": found.type, "default": found.default}


def image(found: Image) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "status": found.status,
        "visibility": found.visibility,
        "hidden": found.hidden,
        "stores": list(found.stores),
    }


def volume_pool(found: Pool) -> dict[str, Any]:
    return {
        "name": found.name,
        "host": found.host,
        "volume_backend_name": found.backend_name,
        "free_gb": found.free,
        "up": found.up,
        "storage": found.storage,
    }


def _service(service: str, entry: Mapping[str, Any], zone: str | None, state: str, status: str) -> dict[str, Any]:
    return {
        "service": service,
        "binary": entry["binary"],
        "host": entry["host"],
        "availability_zone": zone,
        "state": state,
        "status": status,
        "disabled_reason": entry.get("disabled_reason"),
    }


SERVICES: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "nova": nova_service,
    "cinder": cinder_service,
    "manila": manila_service,
    "neutron": neutron_agent,
}
