# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The openstack operator's data plane: node sets, and deployments whose Jobs are done at once (section 6, and what was measured 2026-11-28)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from zonelab.operators.conditions import FINAL, Condition, ended, failed, met, summed, waiting
from zonelab.operators.world import Object, Wanted, World, child, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

CONDITIONS = (
    "DeploymentReady", "InputReady", "NodeSetDNSDataReady", "NodeSetIPReservationReady", "ServiceAccountReady",
    "SetupReady",
)  # fmt: skip
WAITS = "NodeSet setup ready, waiting for OpenStackDataPlaneDeployment..."
TWICE = 'Job.batch "{job}" is invalid: spec.template.spec.containers[0].volumeMounts: mountPath: Invalid value: "{path}": must be unique'
FOLDER = "/var/lib/openstack/configs"
NOVA_SOURCES = ("nova-cell1-compute-config", "nova-migration-ssh-key")
LATE = 'TLSInput error occured in TLS sources Secret "{name}" not found'
RETRIES = "backoff limit reached for execution.name {job} execution.namespace {space} execution.condition.message: Job has reached the specified backoff limit"
OUTSIDE = (
    'admission webhook "vipset-v1beta1.kb.io" denied the request: IPSet.network.openstack.org "{node}" is invalid: '
    'spec.networks[{index}].fixedIP: Invalid value: "{address}": address not in IP address prefix (CIDR) {cidr}'
)
# What the operator makes when there is a node set, each with the Ansible role that it runs.
STOCK = (
    "accel-drivers", "bootstrap", "ceph-client", "ceph-hci-pre", "cleanup", "configure-network", "configure-os", "configure-ovs-dpdk",
    "ddp-package", "derive-pci-devicespec", "download-cache", "fips-status", "frr", "install-certs", "install-os",
    "instanceha-monitoring", "libvirt", "logging", "migrate-network", "neutron-dhcp", "neutron-metadata", "neutron-ovn",
    "neutron-sriov", "nova", "ovn", "ovn-bgp-agent", "reboot-os", "redhat", "run-os", "ssh-known-hosts", "swift", "telemetry",
    "telemetry-power-monitoring", "update", "update-services", "update-system", "validate-network",
)  # fmt: skip
# Those of them that have a certificate of each host.
SECURED = ("libvirt", "neutron-metadata", "nova", "ovn", "telemetry")


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
    outside = next(not_reserved(spec, world), "")
    if outside:
        # SetupReady does not say why (measured 2026-11-28).
        trouble["NodeSetIPReservationReady"] = failed("NodeSetIPReservationReady", outside)
        trouble["SetupReady"] = waiting("SetupReady", "Setup started")
        trouble["DeploymentReady"] = waiting("DeploymentReady", "Deployment not started", unknown=True)
        told = (own.get("status") or {}).get("configHash") or ""
    elif running:
        trouble["DeploymentReady"] = waiting("DeploymentReady", "Deployment in progress")
    elif deployed != told:
        trouble["DeploymentReady"] = waiting("DeploymentReady", WAITS)
    hashes: dict[str, str] = {}
    for one in done:
        hashes |= one["status"].get("configMapHashes") or {}
    wanted.status = {
        "conditions": summed(CONDITIONS, trouble, "NodeSet Ready"),
        "observedGeneration": own["metadata"]["generation"],
        **({"configHash": told} if told else {}),
        "configMapHashes": hashes,
        "allHostnames": {node: {"ctlplane": f"{node}.ctlplane.example.com"} for node in spec.get("nodes") or {}},
        "deploymentStatuses": {
            one["metadata"]["name"]: ((one.get("status") or {}).get("nodeSetConditions") or {}).get(name, [])
            for one in mine
        },
        **({"deployedConfigHash": deployed} if deployed else {}),
    }
    return wanted


def not_reserved(spec: Object, world: World) -> Iterator[str]:
    """What keeps a node from its addresses. Without a NetConfig nobody looks."""
    subnets = {
        (network["name"], subnet["name"]): subnet["cidr"]
        for config in world.all("NetConfig")
        for network in config["spec"]["networks"]
        for subnet in network["subnets"]
    }
    for node, one in (spec.get("nodes") or {}).items() if subnets else ():
        for index, network in enumerate(one.get("networks") or ()):
            cidr = subnets.get((network["name"], network["subnetName"]))
            address = network.get("fixedIP")
            if cidr and address and ipaddress.ip_address(address) not in ipaddress.ip_network(cidr):
                yield OUTSIDE.format(node=node, index=index, address=address, cidr=cidr)


SERVICE = "OpenStackDataPlaneService"


def stock(own: Object, service: str) -> Object:
    """A service that comes with the operator; it belongs to no node set."""
    sources = [{"secretRef": {"name": name}} for name in NOVA_SOURCES] if service == "nova" else []
    spec: Object = {"playbook": f"osp.edpm.{service.replace('-', '_')}", "edpmServiceType": service}
    spec |= {"tlsCerts": {"default": {"contents": ["dnsnames", "ips"]}}} if service in SECURED else {}
    made = child(SERVICE, service, own, spec | ({"dataSources": sources} if sources else {}))
    del made["metadata"]["ownerReferences"]
    return made


def by_age(deployments: list[Object]) -> list[Object]:
    """The oldest first."""
    return sorted(deployments, key=lambda one: (one["metadata"].get("creationTimestamp", ""), one["metadata"]["name"]))


def deployment(own: Object, world: World) -> Wanted:
    """All services of all its node sets, once; what is wrong with one of them is found here and not earlier."""
    status = own.get("status") or {}
    if status.get("deployed") or any(one["reason"] == FINAL for one in status.get("conditions") or ()):
        return Wanted()
    spec, name = own["spec"], own["metadata"]["name"]
    sets = {one: world.find("OpenStackDataPlaneNodeSet", one) for one in spec["nodeSets"]}
    base: dict[str, Any] = {"observedGeneration": own["metadata"]["generation"]}
    if None in sets.values() or not all((one or {}).get("status", {}).get("configHash") for one in sets.values()):
        trouble = {"InputReady": waiting("InputReady", "Input data not checked", unknown=True)}
        trouble["DeploymentReady"] = waiting("DeploymentReady", "Deployment not started", unknown=True)
        return Wanted(status={**base, "conditions": summed(("DeploymentReady", "InputReady"), trouble)})
    late = next((name for name in certificates_of(own, world) if world.find("Secret", name) is None), "")
    if late:
        # It passes: the operator tries again when the certificate is there (measured 2026-11-28).
        message = LATE.format(name=late)
        trouble = {"InputReady": failed("InputReady", message)}
        trouble["DeploymentReady"] = waiting("DeploymentReady", "Deployment in progress")
        of_sets = {name: [failed("NodeSetDeploymentReady", message)] for name in sets}
        base |= {"conditions": summed(("DeploymentReady", "InputReady"), trouble), "nodeSetConditions": of_sets}
        return Wanted(status=base)
    conditions: dict[str, list[Condition]] = {}
    hashes: dict[str, str] = {}
    jobs: dict[str, str] = {}
    wrong, final = "", False
    for set_name, found in sets.items():
        services = spec.get("servicesOverride") or (found or {})["spec"].get("services") or []
        steps = []
        for service in services:
            job = f"{service}-{name}-{set_name}"
            final = service in world.failing
            space = own["metadata"]["namespace"]
            problem = RETRIES.format(job=job, space=space) if final else problem_of(service, job, world)
            wrong = wrong or problem
            kind = f"Service{''.join(part.capitalize() for part in service.split('-'))}DeploymentReady"
            steps.append(
                (ended if final else failed)(kind, problem)
                if problem
                else met(kind, f"Deployment ready for {service} service")
            )
            hashes |= hashes_of(service, world)
            jobs[job] = digest([service, found])
            if problem:
                break
        whole = (
            (ended if final else failed)("NodeSetDeploymentReady", wrong)
            if wrong
            else met("NodeSetDeploymentReady", "Deployment completed")
        )
        conditions[set_name] = [whole, *steps]
        if wrong:
            break
    trouble = {"DeploymentReady": (ended if final else failed)("DeploymentReady", wrong)} if wrong else {}
    base |= {"conditions": summed(("DeploymentReady", "InputReady"), trouble), "nodeSetConditions": conditions}
    if not wrong:
        told = {set_name: (found or {})["status"]["configHash"] for set_name, found in sets.items()}
        base |= {"deployed": True, "deployedVersion": "18.0.6", "nodeSetHashes": told}
        base |= {"configMapHashes": hashes, "ansibleEEHashes": jobs}
    return Wanted(status=base)


def certificates_of(own: Object, world: World) -> Iterator[str]:
    """The Secrets of a deployment's certificates: of each service that has them, for each host it goes to."""
    for set_name in own["spec"]["nodeSets"]:
        spec = (world.find("OpenStackDataPlaneNodeSet", set_name) or {"spec": {}})["spec"]
        for service in (
            own["spec"].get("servicesOverride") or spec.get("services") or () if spec.get("tlsEnabled") else ()
        ):
            if ((world.find(SERVICE, service) or {}).get("spec") or {}).get("tlsCerts"):
                for key, node in (spec.get("nodes") or {}).items():
                    yield f"cert-{service}-{node.get('hostName', key)}"


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
