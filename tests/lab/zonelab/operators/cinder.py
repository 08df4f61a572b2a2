# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cinder operator's part: Cinder, its API and scheduler, and one object per volume back end and backup."""

from __future__ import annotations

from functools import partial

from zonelab.operators.conditions import summed
from zonelab.operators.parts import api_services, count, counts, dropped, mirror, part_object, part_pods, transport
from zonelab.operators.workload import release, run
from zonelab.operators.world import Object, Wanted, World, digest

PORT = 8776
CONDITIONS = (
    "CinderAPIReady", "CinderBackupReady", "CinderSchedulerReady", "CinderVolumeReady", "CronJobReady", "DBReady",
    "DBSyncReady", "InputReady", "MariaDBAccountReady", "MemcachedReady", "NetworkAttachmentsReady",
    "NotificationBusInstanceReady", "OnlineDataMigrationReady", "RabbitMqTransportURLReady", "RoleBindingReady",
    "RoleReady", "ServiceAccountReady", "ServiceConfigReady",
)  # fmt: skip


def cinder(own: Object, world: World) -> Wanted:
    """Its Ready is that of all parts; a dropped backup is not among them, and is not removed either (section 5)."""
    if own["metadata"].get("deletionTimestamp"):
        return Wanted(releases=True)
    spec, name, status = own["spec"], own["metadata"]["name"], own.get("status") or {}
    make = partial(part_object, own, "cinder")
    volumes = {
        key: make("CinderVolume", f"{name}-volume-{key}", one, {"backend": key})
        for key, one in sorted((spec.get("cinderVolumes") or {}).items())
    }
    backups = {
        key: make("CinderBackup", f"{name}-backup-{key}", one)
        for key, one in sorted((spec.get("cinderBackups") or {}).items())
    }
    idle = {key for key, one in backups.items() if one["spec"].get("replicas") == 0}
    api = make("CinderAPI", f"{name}-api", spec.get("cinderAPI") or {})
    scheduler = make("CinderScheduler", f"{name}-scheduler", spec.get("cinderScheduler") or {})
    running = [one for key, one in backups.items() if key not in idle]
    wanted = Wanted(children=[api, scheduler, *volumes.values(), *running])
    wanted.gone = dropped("CinderVolume", own, list(volumes.values()), world)
    wanted.gone += [("CinderBackup", backups[key]["metadata"]["name"]) for key in idle]
    trouble = mirror("CinderAPIReady", [api], world) | mirror("CinderSchedulerReady", [scheduler], world)
    trouble |= mirror("CinderVolumeReady", list(volumes.values()), world) | mirror("CinderBackupReady", running, world)
    wanted.status = {
        "conditions": summed(CONDITIONS, trouble),
        "observedGeneration": own["metadata"]["generation"],
        "cinderAPIReadyCount": count(api, world),
        "cinderSchedulerReadyCount": count(scheduler, world),
        "cinderBackupReadyCount": 0,
        # The counts of removed keys stay for ever (section 4, 6).
        "cinderVolumesReadyCounts": {**(status.get("cinderVolumesReadyCounts") or {}), **counts(volumes, world)},
        "cinderBackupsReadyCounts": {**(status.get("cinderBackupsReadyCounts") or {}), **counts(backups, world)},
        **catalog(own),
        "databaseHostname": f"openstack.{own['metadata']['namespace']}.svc",
        "hash": {kind: digest(kind) for kind in ("dbsync", "input", "onlinedatamigration")},
        "transportURLSecret": transport(own, "cinder"),
        "notificationsURLSecret": transport(own, "cinder", "notifications-transport"),
    }
    return wanted


def catalog(own: Object) -> Object:
    """What the service catalog says."""
    space = own["metadata"]["namespace"]
    endpoints = {"internal": f"https://cinder-internal.{space}.svc:{PORT}/v3"}
    endpoints["public"] = f"https://cinder-public-{space}.apps.test/v3"
    return {"apiEndpoints": {"cinderv3": endpoints}, "serviceIDs": {"cinderv3": "f" * 32}}


def cinder_api(own: Object, world: World) -> Wanted:
    """Pods and two Services."""
    part = part_pods(own, "cinder")
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=False)
    wanted = run(own, world, part)
    wanted.children += api_services(own, "cinder", part, PORT)
    wanted.status = {**(wanted.status or {}), **catalog(own)}
    return wanted


def cinder_part(own: Object, world: World) -> Wanted:
    """Scheduler, volume and backup; a volume forgets its finalizer on the Topology (section 5)."""
    label = "backend" if own["kind"] == "CinderVolume" else None
    part = part_pods(own, "cinder", label, host_pids=own["kind"] in ("CinderVolume", "CinderBackup"))
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=own["kind"] == "CinderVolume")
    return run(own, world, part)
