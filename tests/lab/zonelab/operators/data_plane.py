# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The openstack operator's data plane: node sets, and deployments whose Jobs are done at once (section 6)."""

from __future__ import annotations

from typing import Any

from zonelab.operators.conditions import Condition, failed, met, summed, waiting
from zonelab.operators.world import Object, Wanted, World, child, digest

CONDITIONS = (
    "DeploymentReady", "InputReady", "NodeSetDNSDataReady", "NodeSetIPReservationReady", "ServiceAccountReady",
    "SetupReady",
)  # fmt: skip
WAITS = "NodeSet setup ready, waiting for OpenStackDataPlaneDeployment..."
TWICE = 'Job.batch "{job}" is invalid: spec.template.spec.containers[0].volumeMounts: mountPath: Invalid value: "{path}": must be unique'
FOLDER = "/var/lib/openstack/configs"
NOVA_SOURCES = ("nova-cell1-compute-config", "nova-migration-ssh-key")
# What the operator makes when there is a node set, each with the Ansible role that it runs.
STOCK = (
    "bootstrap", "ceph-client", "configure-network", "configure-os", "download-cache", "install-certs", "install-os", "libvirt",
    "neutron-metadata", "nova", "ovn", "reboot-os", "run-os", "ssh-known-hosts", "validate-network",
)  # fmt: skip


def node_set(own: Object, world: World) -> Wanted:
    """Ready when a deployment of its present specification has ended: of whichever services."""
    name, spec = own["metadata"]["name"], own["spec"]
    wanted = Wanted(children=[stock(own, service) for service in STOCK if world.find(SERVICE, service) is None])
    told = digest({key: spec.get(key) for key in ("nodes", "nodeTemplate", "services")})
    mine = [one for one in world.all("OpenStackDataPlaneDeployment") if name in one["spec"]["nodeSets"]]
    done = [one for one in by_age(mine) if (one.get("status") or {}).get("deployed")]
    running = [one for one in by_age(mine) if not (one.get("status") or {}).get("deployed")]
    deployed = done[-1]["status"]["nodeSetHashes"].get(name) if done else None
    trouble: dict[str, Condition] = {}
    if running:
        trouble["DeploymentReady"] = waiting("DeploymentReady", "Deployment in progress")
    elif deployed != told:
        trouble["DeploymentReady"] = waiting("DeploymentReady", WAITS)
    hashes: dict[str, str] = {}
    for one in done:
        hashes |= one["status"].get("configMapHashes") or {}
    wanted.status = {
        "conditions": summed(CONDITIONS, trouble, "NodeSet Ready"),
        "observedGeneration": own["metadata"]["generation"],
        "configHash": told,
        "configMapHashes": hashes,
        "allHostnames": {node: {"ctlplane": f"{node}.ctlplane.example.com"} for node in spec.get("nodes") or {}},
        "deploymentStatuses": {
            one["metadata"]["name"]: ((one.get("status") or {}).get("nodeSetConditions") or {}).get(name, [])
            for one in mine
        },
        **({"deployedConfigHash": deployed} if deployed else {}),
    }
    return wanted


SERVICE = "OpenStackDataPlaneService"


def stock(own: Object, service: str) -> Object:
    """A service that comes with the operator; it belongs to no node set."""
    sources = [{"secretRef": {"name": name}} for name in NOVA_SOURCES] if service == "nova" else []
    spec: Object = {"playbook": f"osp.edpm.{service.replace('-', '_')}", "edpmServiceType": service}
    made = child(SERVICE, service, own, spec | ({"dataSources": sources} if sources else {}))
    del made["metadata"]["ownerReferences"]
    return made


def by_age(deployments: list[Object]) -> list[Object]:
    """The oldest first."""
    return sorted(deployments, key=lambda one: (one["metadata"].get("creationTimestamp", ""), one["metadata"]["name"]))


def deployment(own: Object, world: World) -> Wanted:
    """All services of all its node sets, once; what is wrong with one of them is found here and not earlier."""
    status = own.get("status") or {}
    if status.get("deployed"):
        return Wanted()
    spec, name = own["spec"], own["metadata"]["name"]
    sets = {one: world.find("OpenStackDataPlaneNodeSet", one) for one in spec["nodeSets"]}
    base: dict[str, Any] = {"observedGeneration": own["metadata"]["generation"]}
    if None in sets.values() or not all((one or {}).get("status", {}).get("configHash") for one in sets.values()):
        trouble = {"InputReady": waiting("InputReady", "Input data not checked", unknown=True)}
        trouble["DeploymentReady"] = waiting("DeploymentReady", "Deployment not started", unknown=True)
        return Wanted(status={**base, "conditions": summed(("DeploymentReady", "InputReady"), trouble)})
    conditions: dict[str, list[Condition]] = {}
    hashes: dict[str, str] = {}
    jobs: dict[str, str] = {}
    wrong = ""
    for set_name, found in sets.items():
        services = spec.get("servicesOverride") or (found or {})["spec"].get("services") or []
        steps = []
        for service in services:
            problem = problem_of(service, f"{service}-{name}-{set_name}", world)
            wrong = wrong or problem
            kind = f"Service{''.join(part.capitalize() for part in service.split('-'))}DeploymentReady"
            steps.append(failed(kind, problem) if problem else met(kind, f"Deployment ready for {service} service"))
            hashes |= hashes_of(service, world)
            jobs[f"{service}-{name}-{set_name}"] = digest([service, found])
            if problem:
                break
        whole = (
            failed("NodeSetDeploymentReady", wrong) if wrong else met("NodeSetDeploymentReady", "Deployment completed")
        )
        conditions[set_name] = [whole, *steps]
    trouble = {"DeploymentReady": failed("DeploymentReady", wrong)} if wrong else {}
    base |= {"conditions": summed(("DeploymentReady", "InputReady"), trouble), "nodeSetConditions": conditions}
    if not wrong:
        told = {set_name: (found or {})["status"]["configHash"] for set_name, found in sets.items()}
        base |= {"deployed": True, "deployedVersion": "18.0.6", "nodeSetHashes": told}
        base |= {"configMapHashes": hashes, "ansibleEEHashes": jobs}
    return Wanted(status=base)


def problem_of(service: str, job: str, world: World) -> str:
    """What the Job of a service would stumble on."""
    found = world.find(SERVICE, service)
    if found is None:
        return f'{SERVICE}.dataplane.openstack.org "{service}" not found'
    seen: set[str] = set()
    for kind, name in sources_of(found):
        source = world.find(kind, name)
        if source is None and kind == "ConfigMap":
            return f'ConfigMap "{name}" not found'
        for key in sorted((source or {}).get("data") or {}):
            if key in seen:
                return TWICE.format(job=job, path=f"{FOLDER}/{service}/{key}")
            seen.add(key)
    return ""


def sources_of(service: Object) -> list[tuple[str, str]]:
    """Kind and name of each source of data."""
    kinds = {"configMapRef": "ConfigMap", "secretRef": "Secret"}
    return [
        (kinds[reference], source[reference]["name"])
        for source in service["spec"].get("dataSources") or ()
        for reference in kinds
        if reference in source
    ]


def hashes_of(service: str, world: World) -> dict[str, str]:
    """Of the ConfigMaps that a service was rolled out with."""
    found = world.find(SERVICE, service)
    names = [name for kind, name in sources_of(found) if kind == "ConfigMap"] if found else []
    return {name: digest((world.find("ConfigMap", name) or {}).get("data")) for name in names}
