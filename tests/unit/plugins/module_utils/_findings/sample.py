# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region for a report to show, of any size: most of it works, az2 has lost some hosts, and the last zone is in maintenance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Backup, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.audit import Report
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.compare import compared
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.model import Mute
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import TIME, build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Image
from ansible_collections.zoneops.openstack.plugins.module_utils._region.region import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

from .regions import NOW, host, pod, server, service
from .test_rules import RULES

MARK = "zoneops: maintenance of the zone until 2030-01-31T18:00Z, stopped: new power supply"
MUTE = Mute("host-disabled-without-reason", "broken mainboard, ticket 4711", "2030-03-31")
_SYSTEMS = ("debian-13", "fedora-42", "rhel-10", "ubuntu-26.04", "windows-2025", "rescue", "appliance", "builder")


def sample(zones: int = 3, hosts: int = 12, images: int = 8, name: str = "{}", per_host: int = 4) -> Report:
    """The report of an audit, with that of a day before.

    :param name: of servers and images, with one place for what tells them apart.
    """
    names = [f"az{number}" for number in range(1, zones + 1)]
    before = _outcome(names, hosts, images, name, per_host, yesterday=True)
    report = _outcome(names, hosts, images, name, per_host, previous=before.snapshot)
    earlier = {
        "taken": (NOW - timedelta(days=1)).strftime(TIME),
        "unread": {},
        "snapshot": before.snapshot,
    }
    found = [one.as_dict() for one in before.outcome.findings]
    pairs = [
        {"from_zone": one, "to_zone": other, "milliseconds": round(0.4 + 3.3 * abs(names.index(one) - at), 2)}
        for one in names
        for at, other in enumerate(names)
        if one < other
    ]
    return Report(
        report.snapshot,
        RULES,
        report.outcome,
        names,
        before=earlier,
        changes=compared(report.outcome, found, names, names),
        latency=pairs,
    )


def _outcome(
    names: list[str],
    hosts: int,
    images: int,
    name: str,
    per_host: int,
    *,
    yesterday: bool = False,
    previous: Mapping[str, Any] | None = None,
) -> Report:
    zone_map = _map(names, hosts, yesterday=yesterday)
    snapshot = build(_seen(names, hosts, images, name, per_host, yesterday=yesterday), zone_map, NOW, previous)
    for zone in snapshot["objects"]["zone"]:
        zone.update(_capacity(zone["name"], zone["servers"], len(zone["serving_hosts"])))
    return Report(snapshot, RULES, evaluate(RULES, snapshot, mutes=[MUTE], zones=names), names)


def _map(names: list[str], hosts: int, *, yesterday: bool) -> ZoneMap:
    away = {} if yesterday else {"zone_state": "maintenance"}
    return load_map(
        {
            zone: {
                "compute": {"hosts": [f"compute-{zone}-{number}" for number in range(hosts)]},
                "image_store": {"type": "file"},
                "volume_backends": [{"name": zone, "type": "vendor"}],
                **(away if zone == names[-1] else {}),
            }
            for zone in names
        },
        {"zones": names, "region_name": "Frankfurt"},
    )


def _hosts(zone: str, hosts: int, *, away: bool, yesterday: bool) -> list[dict[str, Any]]:
    found = []
    for number in range(hosts):
        label = f"compute-{zone}-{number}"
        if away:
            found.append(host(label, zone, reason=MARK))
        elif zone == "az2" and number in (3, 4) and not yesterday:
            found.append(host(label, zone, "down"))
        elif zone == "az1" and number == hosts - 1:
            found.append(host(label, zone, reason=""))
        else:
            found.append(host(label, zone))
    return found


def _seen(names: list[str], hosts: int, images: int, name: str, per_host: int, *, yesterday: bool) -> Seen:
    found = [
        one
        for zone in names
        for one in _hosts(zone, hosts, away=zone == names[-1] and not yesterday, yesterday=yesterday)
    ]
    region = Region(
        aggregates=[
            {"id": n, "uuid": str(n), "name": zone, "availability_zone": zone, "metadata": {}, "hosts": []}
            for n, zone in enumerate(names)
        ],
        hosts=found,
        services=[
            service(binary, zone, "down" if zone == "az2" and binary == "cinder-backup" and not yesterday else "up")
            for zone in names
            for binary in ("cinder-volume", "cinder-backup")
        ],
        availability_zones={
            **{word: [{"name": zone, "available": True} for zone in names] for word in ("nova", "cinder")},
            "manila": [],
        },
        image_stores=[{"id": zone, "type": "rbd", "default": zone == "az1"} for zone in names],
    )
    servers = [
        server(f"{number}", found[number % len(found)]["name"], str(found[number % len(found)]["availability_zone"]))
        | {"name": name.format(f"web-{number}"), "status": "ERROR" if number % 37 == 5 else "ACTIVE"}
        for number in range(per_host * len(found))
    ]
    zone_of = {one["id"]: one["pinned_availability_zone"] for one in servers}
    volumes = [
        Volume(f"v{n}", f"data-{n}", 40, "in-use", zone_of[n] if int(n) % 41 else names[0], attached_to=(n,))
        for n in list(zone_of)[::2]
    ]
    made = NOW - timedelta(days=2)
    backups = [
        Backup(f"b{one.id}", one.name, one.id, "available", 40, names[-1], made, made)
        for one in volumes
        if one.availability_zone != names[-1]
    ]
    listed = tuple(
        Image(
            f"i{number}",
            name.format(f"{_SYSTEMS[number % len(_SYSTEMS)]}{f'-{number}' if number >= len(_SYSTEMS) else ''}"),
            "active",
            visibility="public",
            disk_format="raw",
            stores=tuple(names[: 1 + number] if number < 2 else names),
        )
        for number in range(images)
    )
    gateways = [
        {"agent_type": "OVN Controller Gateway agent", "alive": True, "admin_state_up": True, "availability_zone": zone}
        for zone in (*names, *names)
    ]
    return Seen(region, servers, volumes=volumes, backups=backups, images=listed, agents=gateways, pods=_pods_of(names))


def _capacity(zone: str, servers: int, serving: int) -> dict[str, Any]:
    """As placement would count it, 64 vCPUs and 256 GiB for each host, and 8 and 24 for each server."""
    fits = zone != "az1"
    return {
        "vcpus": 64 * serving,
        "vcpus_free": max(0, 64 * serving - 8 * servers),
        "memory_mb": 262144 * serving,
        "memory_free_mb": max(0, 262144 * serving - 24576 * servers),
        "loss_fits": fits,
        "loss_moves": servers - (3 if fits else 9),
        "loss_waits": 1,
        "loss_restore": 2,
        "loss_no_room": 0 if fits else 6,
        "loss_headroom_percent": 21.5 if fits else 3.1,
    }


def _pods_of(names: list[str]) -> dict[str, Any]:
    return {"zones": {zone: _pods(zone, ready=7 if zone == "az2" else 8) for zone in names}}


def _pods(zone: str, ready: int) -> Mapping[str, Any]:
    pods = [pod(f"{zone}-{number}", f"worker-{zone}", ready=number < ready) for number in range(8)]
    return {"state": {"pods": pods, "nodes": [{"name": zone}], "survives_loss": True}}
