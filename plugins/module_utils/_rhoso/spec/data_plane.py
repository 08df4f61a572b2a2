# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone's data plane as objects: its nova configuration, its nova service, its NodeSet, those of its networkers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..._kubernetes.objects import Applied, zone_manager
from ..._zones.schema.data_plane import NOVA, NetworkerSet, Node, NodeNetwork, ZoneDataPlane
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Region, Zone
from ..._zones.validation.data_plane import CONTROL_NETWORK, networker_services, services_of
from ..ini import written
from .nova_config import nova_config

GROUP = "dataplane.openstack.org/v1beta1"
CONFIG_MAP, SERVICE, NODE_SET, DEPLOYMENT = (
    "ConfigMap",
    "OpenStackDataPlaneService",
    "OpenStackDataPlaneNodeSet",
    "OpenStackDataPlaneDeployment",
)
STEP = "data plane"


def data_plane(zone: Zone, region: Region) -> list[Applied]:
    """What is applied for the zone, in order: three objects for its compute hosts, then one for each set of networkers.

    Empty where the map leaves its data plane alone.
    """
    plane, place = zone.data_plane, zone.kubernetes
    if plane is None or place is None:
        return []
    bodies = [_config_map(zone, place, plane, region), _service(plane, region), _node_set(zone, plane, region)]
    bodies += [_networker_set(item, plane, region) for item in plane.networkers]
    manager = zone_manager(place.name)
    return [Applied(manager=manager, body=body, zones=(zone.name,), may_create=True, step=STEP) for body in bodies]


def _object(api: str, kind: str, name: str, region: Region) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": region.kubernetes.namespace}}


def _config_map(zone: Zone, place: ZoneKubernetes, plane: ZoneDataPlane, region: Region) -> dict[str, Any]:
    content = written(nova_config(zone, place, plane, region))
    return {**_object("v1", CONFIG_MAP, plane.config_map, region), "data": {plane.config_key: content}}


def cell_secret(plane: ZoneDataPlane) -> str:
    """The Secret with which nova's operator configures the hosts of a cell."""
    return f"nova-{plane.cell}-compute-config"


def _service(plane: ZoneDataPlane, region: Region) -> dict[str, Any]:
    common = region.data_plane
    certificate = {
        "contents": ["dnsnames", "ips"],
        "networks": [CONTROL_NETWORK],
        "issuer": common.issuer,
        "edpmRoleServiceName": NOVA,
    }
    spec = {
        "playbook": "osp.edpm.nova",
        # Without it a service is its own type, and the operators do not see that it is nova.
        "edpmServiceType": NOVA,
        "caCerts": common.ca_bundle,
        "addCertMounts": False,
        # Minor updates find the images of the service by these.
        "containerImageFields": ["NovaComputeImage", "EdpmIscsidImage"],
        "dataSources": [
            {"configMapRef": {"name": plane.config_map}},
            {"secretRef": {"name": common.migration_key}},
            {"secretRef": {"name": cell_secret(plane)}},
        ],
        **({"tlsCerts": {"default": certificate}} if region.kubernetes.services.tls else {}),
    }
    return {**_object(GROUP, SERVICE, plane.service, region), "spec": spec}


def _node_set(zone: Zone, plane: ZoneDataPlane, region: Region) -> dict[str, Any]:
    variables = {**region.data_plane.ansible_vars, **plane.ansible_vars}
    return _set_of_nodes(
        plane.node_set,
        plane,
        region,
        services=[plane.service if name == NOVA else name for name in services_of(plane, region)],
        template={**_ansible(plane, region, variables, plane.ansible_vars_secrets), **_ceph_files(zone)},
        nodes=_nodes(plane.nodes, plane.networks),
    )


def _networker_set(item: NetworkerSet, plane: ZoneDataPlane, region: Region) -> dict[str, Any]:
    # Without it OVN puts no gateway on a host. Compute hosts may have it false by the region or the zone.
    common = {**region.data_plane.ansible_vars, **plane.ansible_vars, "edpm_enable_chassis_gw": True}
    secrets = dict.fromkeys((*plane.ansible_vars_secrets, *item.ansible_vars_secrets))
    return _set_of_nodes(
        item.node_set,
        plane,
        region,
        services=list(networker_services(item, region)),
        template=_ansible(plane, region, {**common, **item.ansible_vars}, secrets),
        nodes=_nodes(item.nodes, item.networks or plane.networks),
    )


def _set_of_nodes(
    name: str,
    plane: ZoneDataPlane,
    region: Region,
    *,
    services: list[str],
    template: Mapping[str, Any],
    nodes: Mapping[str, Any],
) -> dict[str, Any]:
    common = region.data_plane
    env = {**common.env, **plane.env}
    spec = {
        "preProvisioned": True,
        "tlsEnabled": region.kubernetes.services.tls,
        "networkAttachments": list(common.network_attachments),
        **({"env": [{"name": name, "value": value} for name, value in sorted(env.items())]} if env else {}),
        "services": services,
        "nodeTemplate": template,
        "nodes": nodes,
    }
    return {**_object(GROUP, NODE_SET, name, region), "spec": spec}


def _ansible(
    plane: ZoneDataPlane, region: Region, variables: Mapping[str, Any], secrets: Iterable[str]
) -> dict[str, Any]:
    """How Ansible reaches the nodes of a set, and what it does there."""
    common = region.data_plane
    port = plane.ansible_port or common.ansible_port
    ansible: dict[str, Any] = {"ansibleUser": common.ansible_user}
    ansible |= {"ansiblePort": port} if port else {}
    ansible |= {"ansibleVars": dict(variables)} if variables else {}
    found = [{"secretRef": {"name": name}} for name in secrets]
    ansible |= {"ansibleVarsFrom": found} if found else {}
    return {"ansibleSSHPrivateKeySecret": common.ssh_key, "managementNetwork": CONTROL_NETWORK, "ansible": ansible}


def _ceph_files(zone: Zone) -> dict[str, Any]:
    """Conf and keyring of the zone's own cluster, for the service `ceph-client`."""
    if zone.ceph is None or zone.ceph.files_secret is None:
        return {}
    name = "ceph"
    volume = {
        "extraVolType": "Ceph",
        "volumes": [{"name": name, "secret": {"secretName": zone.ceph.files_secret}}],
        "mounts": [{"name": name, "mountPath": "/etc/ceph", "readOnly": True}],
    }
    # Not as in the control plane: there is no extraVol around it.
    return {"extraMounts": [volume]}


def _nodes(nodes: Mapping[str, Node], shared: Sequence[NodeNetwork]) -> dict[str, Any]:
    return {name: _node(name, node, node.networks or shared) for name, node in sorted(nodes.items())}


def _node(name: str, node: Node, networks: Sequence[NodeNetwork]) -> dict[str, Any]:
    ansible: dict[str, Any] = {"ansibleHost": node.address}
    ansible |= {"ansiblePort": node.ansible_port} if node.ansible_port else {}
    ansible |= {"ansibleVars": node.ansible_vars} if node.ansible_vars else {}
    return {"hostName": node.host_name or name, "ansible": ansible, "networks": list(_networks(node, networks))}


def _networks(node: Node, networks: Iterable[NodeNetwork]) -> Iterator[Mapping[str, Any]]:
    for network in networks:
        fixed = network.fixed_ip or (node.address if network.name == CONTROL_NETWORK else None)
        yield {
            "name": network.name,
            "subnetName": network.subnet,
            **({"fixedIP": fixed} if fixed else {}),
            **({"defaultRoute": True} if network.default_route else {}),
        }


def rolled_out_secrets(node_set: Mapping[str, Any]) -> tuple[str, ...]:
    """The Secrets of a NodeSet, as it is applied."""
    return tuple(dict.fromkeys(_secrets_of(node_set["spec"]["nodeTemplate"])))


def _secrets_of(template: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(item["secretRef"]["name"]) for item in template["ansible"].get("ansibleVarsFrom") or ())
    for mount in template.get("extraMounts") or ():
        yield from (str(volume["secret"]["secretName"]) for volume in mount["volumes"])
