# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions as the operators' common library writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zonelab.operators.world import Object

Condition = dict[str, str]
FINAL = "BackoffLimitExceeded"
MIRRORED = ("status", "reason", "severity", "message")

# What is said of a condition that is met; those that are not in here say that the setup is complete.
MET = {
    "CinderReady": "Cinder resources exist",
    "CinderBackupReady": "Deployment completed",
    "CinderVolumeReady": "Deployment completed",
    "CreateServiceReady": "Create service completed",
    "CronJobReady": "CronJob completed",
    "DBReady": "DB create completed",
    "DBSyncReady": "DBsync completed",
    "DeploymentReady": "Deployment completed",
    "InputReady": "Input data complete",
    "KeystoneEndpointReady": "Ready",
    "KeystoneServiceReady": "Ready",
    "ManilaShareReady": "Deployment completed",
    "MariaDBAccountReady": "MariaDBAccount creation complete",
    "MemcachedReady": " Memcached instance has been provisioned",
    "NetworkAttachmentsReady": "NetworkAttachments completed",
    "NodeSetDNSDataReady": "NodeSetDNSDataReady ready",
    "NodeSetIPReservationReady": "NodeSetIPReservationReady ready",
    "NotificationBusInstanceReady": "NotificationBusInstance successfully created",
    "OnlineDataMigrationReady": "OnlineDataMigration completed",
    "RabbitMqTransportURLReady": "RabbitMqTransportURL successfully created",
    "RoleBindingReady": "RoleBinding created",
    "RoleReady": "Role created",
    "ServiceAccountReady": "ServiceAccount created",
    "ServiceConfigReady": "Service config create completed",
    "TLSInputReady": "Input data complete",
    "TopologyReady": "Topology config create completed",
}


def met(kind: str, message: str | None = None) -> Condition:
    """Status True."""
    return {"type": kind, "status": "True", "reason": "Ready", "message": message or MET.get(kind, "Setup complete")}


def waiting(kind: str, message: str, *, unknown: bool = False) -> Condition:
    """In progress, or not begun."""
    status, reason = ("Unknown", "Init") if unknown else ("False", "Requested")
    return {"type": kind, "status": status, "reason": reason, "message": message}


def failed(kind: str, message: str) -> Condition:
    """Reason Error: often only for a while."""
    return {"type": kind, "status": "False", "reason": "Error", "severity": "Warning", "message": message}


def ended(kind: str, message: str) -> Condition:
    """All retries of a Job are used: the one reason behind which its deployment is not looked at again."""
    return {"type": kind, "status": "False", "reason": FINAL, "severity": "Error", "message": message}


def summed(kinds: Sequence[str], exceptions: Mapping[str, Condition], ready: str | None = None) -> list[Condition]:
    """Ready first, then the others by name; Ready says what the worst of them says: errors before what is in progress."""
    found = [exceptions.get(kind) or met(kind) for kind in sorted(kinds)]
    open_ = [one for one in found if one["status"] != "True"]
    worst = sorted(open_, key=lambda one: (one["reason"] not in ("Error", FINAL), one["status"] != "False"))
    return [{**worst[0], "type": "Ready"} if worst else met("Ready", ready), *found]


def ready_of(found: Object | None) -> Condition | None:
    """The Ready condition of an object."""
    conditions: list[Any] = ((found or {}).get("status") or {}).get("conditions") or []
    return next((one for one in conditions if one["type"] == "Ready"), None)


def is_ready(found: Object | None) -> bool:
    """Whether it says so itself, of whichever generation."""
    condition = ready_of(found)
    return condition is not None and condition["status"] == "True"


def mirrored(kind: str, found: Object | None) -> Condition:
    """Another object's Ready as a condition of one's own."""
    condition = ready_of(found)
    if condition is None:
        return waiting(kind, f"{kind.removesuffix('Ready')} not started", unknown=True)
    return {"type": kind} | {name: text for name, text in condition.items() if name in MIRRORED}
