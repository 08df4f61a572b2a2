# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report says of each zone: its state, what works in it, and what becomes of it when it is lost. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...model import SEVERITIES, Finding
from ...snapshot import kinds
from ...snapshot.compute import host_condition

Entry = Mapping[str, Any]
UP, DEGRADED, DOWN, UNKNOWN = "up", "degraded", "down", "unknown"
#: Hosts of a zone that are drawn one by one.
DRAWN = 150
_SERVICES = (("volume", kinds.BLOCK_STORAGE), ("backup", kinds.BLOCK_STORAGE), ("share", kinds.SHARED))
_ROOM = ("vcpus", "vcpus_free", "memory_mb", "memory_free_mb")
_LOSS = ("loss_fits", "loss_moves", "loss_no_room", "loss_waits", "loss_restore", "loss_headroom_percent")


def cards(snapshot: Mapping[str, Any], zones: Sequence[str], findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """One for each zone. What could not be read is None."""
    unread, objects = snapshot["unread"], snapshot["objects"]
    hosts: dict[str, list[Entry]] = defaultdict(list)
    for host in objects["host"]:
        hosts[str(host["availability_zone"])].append(host)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for finding in findings:
        counts[finding.zone][finding.severity] += 1
    return [
        _card(zone, unread, hosts[str(zone["availability_zone"])], counts[zone["name"]])
        for zone in objects["zone"]
        if zone["name"] in zones
    ]


def _card(zone: Entry, unread: Mapping[str, str], hosts: Sequence[Entry], counts: Counter[str]) -> dict[str, Any]:
    known = kinds.COMPUTE not in unread
    services = {
        word: {"serving": len(zone[f"serving_{word}_services"]), "all": len(zone[f"{word}_services"])}
        for word, section in _SERVICES
        if section not in unread
    }
    states = Counter(host_condition(host) for host in hosts)
    return {
        "name": zone["name"],
        "availability_zone": zone["availability_zone"],
        "state": _state(zone, services, known=known),
        "hosts": {"all": len(hosts), **{state: states[state] for state in kinds.HOST_STATES}} if known else None,
        # Names and states: too many are a bar.
        "each": [[host["name"], host_condition(host)] for host in hosts] if len(hosts) <= DRAWN else None,
        "missing_hosts": list(zone["missing_hosts"]) if known else [],
        "maintenance_until": zone["maintenance_until"],
        "servers": zone["servers"] if known and kinds.SERVERS not in unread else None,
        "pinned_servers": zone["pinned_servers"] if kinds.SERVERS not in unread else None,
        "services": services,
        "image_store": zone["image_store"],
        "image_store_exists": zone["image_store_exists"],
        "gateways": zone["gateways"] if kinds.NETWORK not in unread else None,
        "newest_backup_days": zone["newest_backup_days"] if kinds.BACKUPS not in unread else None,
        "pods": _pods(zone),
        "findings": {severity: counts[severity] for severity in SEVERITIES},
        **{key: zone[key] for key in (*_ROOM, *_LOSS)},
    }


def _state(zone: Entry, services: Mapping[str, Entry], *, known: bool) -> str:
    """What the map says of a zone that is not in use, else what is seen of it."""
    if zone["zone_state"] != "active":
        return str(zone["zone_state"])
    if not known:
        return UNKNOWN
    if zone["hosts"] and not zone["serving_hosts"]:
        return DOWN
    partly = any(one["serving"] < one["all"] for one in services.values())
    return DEGRADED if zone["down_hosts"] or zone["missing_hosts"] or partly else UP


def _pods(zone: Entry) -> dict[str, Any] | None:
    """None where nobody asked, or there are none."""
    if not zone["pods"]:
        return None
    return {"all": zone["pods"], "ready": zone["ready_pods"], "survives_loss": zone["survives_loss"]}
