# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manila operator's part: Manila, its API and schedulers, and one object per share back end."""

from __future__ import annotations

from functools import partial

from zonelab.operators.conditions import summed
from zonelab.operators.parts import api_services, count, counts, dropped, mirror, part_object, part_pods, transport
from zonelab.operators.workload import IMAGE, release, run
from zonelab.operators.world import Object, Wanted, World, child, digest

PORT = 8786
CONDITIONS = (
    "CronJobReady", "DBReady", "DBSyncReady", "InputReady", "ManilaAPIReady", "ManilaSchedulerReady", "ManilaShareReady",
    "MariaDBAccountReady", "MemcachedReady", "NetworkAttachmentsReady", "NotificationBusInstanceReady",
    "RabbitMqTransportURLReady", "RoleBindingReady", "RoleReady", "ServiceAccountReady", "ServiceConfigReady",
)  # fmt: skip
NOTE = {"manila.openstack.org/sharev1": "true"}


def manila(own: Object, world: World) -> Wanted:
    """Its Ready is that of all parts; a removed share is cleaned up by a Job."""
    if own["metadata"].get("deletionTimestamp"):
        return Wanted(releases=True)
    spec, name = own["spec"], own["metadata"]["name"]
    make = partial(part_object, own, "manila")
    shares = {
        key: make("ManilaShare", f"{name}-share-{key}", one, {"service": "manila", "share-name": key})
        for key, one in sorted((spec.get("manilaShares") or {}).items())
    }
    api = make("ManilaAPI", f"{name}-api", spec.get("manilaAPI") or {}, annotations=NOTE)
    scheduler = make("ManilaScheduler", f"{name}-scheduler", spec.get("manilaScheduler") or {})
    wanted = Wanted(children=[api, scheduler, *shares.values()])
    wanted.gone = dropped("ManilaShare", own, list(shares.values()), world)
    removed = [name for _kind, name in wanted.gone]
    wanted.children += [clean_up(own, removed)] if removed else []
    trouble = mirror("ManilaAPIReady", [api], world) | mirror("ManilaSchedulerReady", [scheduler], world)
    trouble |= mirror("ManilaShareReady", list(shares.values()), world)
    wanted.status = {
        "conditions": summed(CONDITIONS, trouble),
        "observedGeneration": own["metadata"]["generation"],
        "manilaAPIReadyCount": count(api, world),
        "manilaSchedulerReadyCount": count(scheduler, world),
        "manilaSharesReadyCounts": counts(shares, world),
        "databaseHostname": f"openstack.{own['metadata']['namespace']}.svc",
        "hash": {kind: digest(kind) for kind in ("dbsync", "input")},
        "transportURLSecret": transport(own, "manila"),
        "notificationsURLSecret": transport(own, "manila", "notifications-transport"),
    }
    return wanted


def clean_up(own: Object, removed: list[str]) -> Object:
    """The Job that takes the service rows of removed shares away."""
    name = f"manila-service-cleanup-{digest(removed)[:10]}"
    container = {"name": "manila-service-cleanup", "image": IMAGE.format("manila-api")}
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    return child("Job", name, own, {"template": template, "backoffLimit": 0})


def manila_api(own: Object, world: World) -> Wanted:
    """Pods and two Services."""
    part = part_pods(own, "manila")
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=False)
    wanted = run(own, world, part)
    wanted.children += api_services(own, "manila", part, PORT)
    return wanted


def manila_part(own: Object, world: World) -> Wanted:
    """Scheduler and share; a share forgets its finalizer on the Topology (section 5)."""
    part = part_pods(own, "manila", "share-name" if own["kind"] == "ManilaShare" else None)
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=own["kind"] == "ManilaShare")
    return run(own, world, part)
