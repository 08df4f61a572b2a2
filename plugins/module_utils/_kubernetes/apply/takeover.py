# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make fields that two managers own the property of one. Only the bookkeeping of the object is written, no value."""

from __future__ import annotations

from typing import Any

from ..._plan.errors import ZoneopsError
from ..client import JSON_PATCH, Body, Cluster
from ..errors import ApiError
from . import fields
from .changes import TakeOver
from .observe import Seen

TRIES = 4


def take_over(cluster: Cluster, change: TakeOver) -> None:
    """Take the other manager's name off the fields. Guarded by the version of the object, so that no write in between is lost."""
    part = change.applied
    for _try in range(TRIES):
        live = cluster.get(part.ref)
        if live is None:
            raise ZoneopsError(f"{part.ref} was deleted during this run: run it again.")
        operations = released(live, change.manager, Seen(part, live, live, live))
        if not operations:
            return
        try:
            cluster.patch(part.ref, operations, JSON_PATCH, part.manager)
            return
        except ApiError as error:
            if error.status != 409:
                raise
    raise ZoneopsError(f"{part.ref} was changed {TRIES} times while its fields were taken over: run it again.")


def released(live: Body, manager: str, seen: Seen) -> list[dict[str, Any]]:
    """The JSON patch that leaves a manager everything but what this part owns as well; empty when it has nothing of that."""
    mine = fields.owned(live, seen.applied.manager)
    kept: list[dict[str, Any]] = []
    for entry in fields.entries(live):
        if entry.get("manager") == manager and not entry.get("subresource"):
            rest = fields.minus(dict(entry.get("fieldsV1") or {}), mine)
            if fields.substantial(rest):
                kept.append({**entry, "fieldsV1": rest})
        else:
            kept.append(entry)
    if kept == fields.entries(live):
        return []
    return [
        {"op": "test", "path": "/metadata/uid", "value": live["metadata"]["uid"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": kept},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]
