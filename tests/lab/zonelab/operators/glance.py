# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The glance operator's part: Glance, and one GlanceAPI for each API and side of it."""

from __future__ import annotations

from typing import Any

from zonelab.operators.conditions import met, mirrored, summed
from zonelab.operators.parts import dropped, inherited
from zonelab.operators.workload import BASE, IMAGE, Part, endpoint_service, release, run
from zonelab.operators.world import Object, Wanted, World, child, digest

PORT = 9292
CONDITIONS = (
    "CronJobReady", "DBReady", "DBSyncReady", "GlanceAPIReady", "InputReady", "KeystoneServiceReady",
    "MariaDBAccountReady", "MemcachedReady", "NetworkAttachmentsReady", "NotificationBusInstanceReady",
    "RoleBindingReady", "RoleReady", "ServiceAccountReady", "ServiceConfigReady",
)  # fmt: skip
API_CONDITIONS = (*BASE, "CinderReady", "CreateServiceReady", "CronJobReady", "KeystoneEndpointReady", "MemcachedReady")
SIDES = {"split": ("external", "internal"), "single": ("single",), "edge": ("edge",)}
WRONG_LAYOUT = "glanceAPI layout type: single can only be used in combination with File and NFS backend"


def glance(own: Object, world: World) -> Wanted:
    """Its Ready follows only the API whose key sorts last (section 4, 3)."""
    if own["metadata"].get("deletionTimestamp"):
        return Wanted(releases=True)
    wanted = Wanted()
    spec, name = own["spec"], own["metadata"]["name"]
    last = ""
    counts: dict[str, int] = {}
    endpoints: dict[str, str] = {}
    for key, api in sorted((spec.get("glanceAPIs") or {}).items()):
        for side in SIDES[api.get("type") or "split"]:
            last = f"{name}-{key}-{side}"
            marks = {"keystoneEndpoint": "true"} if spec.get("keystoneEndpoint") == key else {}
            annotations = {"glance.openstack.org/wsgi": "true", **marks}
            body = api_spec(own, api, side)
            labels = {"api-name": key, "service": "glance"}
            wanted.children.append(child("GlanceAPI", last, own, body, labels, annotations, finalizer=True))
            live = (world.find("GlanceAPI", last) or {}).get("status") or {}
            counts[key] = live.get("readyCount", 0)
            endpoints |= {f"{key}-{kind}": url for kind, url in (live.get("apiEndpoint") or {}).items()}
    wanted.gone = dropped("GlanceAPI", own, wanted.children, world)
    trouble = {"GlanceAPIReady": mirrored("GlanceAPIReady", world.find("GlanceAPI", last))} if last else {}
    trouble = {kind: one for kind, one in trouble.items() if one["status"] != "True"}
    wanted.status = {
        "conditions": summed(CONDITIONS, trouble),
        "observedGeneration": own["metadata"]["generation"],
        "glanceAPIReadyCounts": counts,
        "apiEndpoint": endpoints,
        "databaseHostname": f"openstack.{own['metadata']['namespace']}.svc",
        "hash": {"dbsync": digest("dbsync")},
        "serviceID": "f" * 32,
    }
    return wanted


def api_spec(own: Object, api: Object, side: str) -> Object:
    """What the API inherits from the service."""
    return {
        **inherited(own, "glance", {key: value for key, value in api.items() if key != "containerImage"}),
        "containerImage": IMAGE.format("glance-api"),
        "apiType": side,
        "type": api.get("type") or "split",
    }


def part_of(own: Object) -> Part:
    """The pods of a GlanceAPI."""
    name, key, side = own["metadata"]["name"], own["metadata"]["labels"]["api-name"], own["spec"]["apiType"]
    return Part(
        # Only `owner` has the suffix of uniquePodNames.
        labels={"service": "glance", "component": "glance-api", "glanceAPI": f"glance-{key}-{side}", "owner": name},
        containers=("glance-log", "glance-httpd"),
        account=own["spec"].get("serviceAccount", "glance"),
        mark=f"glanceapi-{key}",
        set_name=f"{name}-api",
        conditions=API_CONDITIONS,
        parallel=True,
        service_name=f"{name}-api",
        host_pids=":cinder" in (own["spec"].get("customServiceConfig") or ""),
    )


def service_of(own: Object) -> str:
    """The name of the service, with the suffix of uniquePodNames."""
    return str(own["metadata"]["ownerReferences"][0]["name"])


def glance_api(own: Object, world: World) -> Wanted:
    """Pods, a headless Service, and one Service for the side; an edge has the internal one only."""
    part = part_of(own)
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=False)
    in_catalog = (own["metadata"].get("annotations") or {}).get("keystoneEndpoint") == "true"
    said = {} if in_catalog else {"KeystoneEndpointReady": met("KeystoneEndpointReady", "Setup complete")}
    wanted = run(own, world, part, said)
    status: dict[str, Any] = wanted.status or {}
    key, side = own["metadata"]["labels"]["api-name"], own["spec"]["apiType"]
    annotations = {"core.openstack.org/ingress_create": "false", "endpoint": "headless"}
    ports = [{"name": part.set_name, "port": PORT, "protocol": "TCP", "targetPort": PORT}]
    headless = {"clusterIP": "None", "selector": part.labels, "ports": ports}
    wanted.children.append(child("Service", part.set_name, own, headless, part.labels, annotations))
    endpoints = {}
    for kind in ("public", "internal"):
        if (side == "external" and kind == "internal") or (side in ("internal", "edge") and kind == "public"):
            continue
        name = f"glance-{key}-{kind}"
        override = ((own["spec"].get("override") or {}).get("service") or {}).get(kind)
        service = endpoint_service(own, name, part.labels, PORT, more=override, public=kind == "public")
        layout = f"{own['metadata']['name'].removesuffix(side)}{own['spec']['type']}"
        service["metadata"]["labels"] |= {
            "osctlplane": "",
            "osctlplane-service": service_of(own),
            "tlGlanceAPI": layout,
        }
        domain = f"*.{part.set_name}.{own['metadata']['namespace']}.svc"
        service["metadata"]["annotations"]["additionalSubjectNames"] = f"{domain},{domain}.cluster.local"
        wanted.children.append(service)
        public = f"https://{name}-{own['metadata']['namespace']}.apps.test"
        endpoints[kind] = public if kind == "public" else f"https://{name}.{own['metadata']['namespace']}.svc:{PORT}"
    status |= {"apiEndpoint": endpoints, "domain": f"{part.set_name}.{own['metadata']['namespace']}.svc"}
    return wanted
