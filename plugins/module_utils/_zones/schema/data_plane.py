# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map, its data plane: a part of `schema`. It stands before `compute`, whose hosts are its nodes."""

from __future__ import annotations

from dataclasses import dataclass

from . import defaults, formats
from .fields import prop

GUIDE = "RHOSO: deploying distributed zones"
#: What a list of services calls the nova service of its zone.
NOVA = "nova"
# What every host runs, with servers or without, in its order.
OF_ALL_HOSTS = (
    "bootstrap",
    "download-cache",
    "configure-network",
    "validate-network",
    "install-os",
    "configure-os",
    "ssh-known-hosts",
    "run-os",
    "reboot-os",
    "install-certs",
    "ovn",
    "neutron-metadata",
)
ANSIBLE_VARS = (
    "Variables of Ansible for {}, such as `edpm_network_config_template`. Write a value with `{{{{ }}}}` as `!unsafe`."
)


@dataclass(frozen=True, kw_only=True)
class NodeNetwork:
    """A network of a node, from NetConfig."""

    name: str = prop("Name of the network.", rule=formats.LINE)
    subnet: str = prop("Name of its subnet in the zone.", rule=formats.LINE)
    fixed_ip: str | None = prop(
        "The node's address there. Without it, the node's `address` on `ctlplane`; on other networks the operator chooses one.",
        default=None,
        rule=formats.IP,
    )
    default_route: bool = prop("Whether the node's default route is there.", default=False)


@dataclass(frozen=True, kw_only=True)
class Node:
    """A host, under its name in the NodeSet."""

    address: str = prop(
        "IP address at which Ansible reaches it; the operator accepts no host name.", rule=formats.IP, source=GUIDE
    )
    host_name: str | None = prop(
        "Its host name without domain; without it, its name in the NodeSet.", default=None, rule=formats.LABEL_NAME
    )
    ansible_port: int | None = prop("Port of SSH on it, if it differs from that of the zone.", default=None)
    networks: tuple[NodeNetwork, ...] = prop("Its networks, if they differ from those of the zone.", default=())
    ansible_vars: dict[str, object] = prop(
        ANSIBLE_VARS.format("this node"), default={}, key_rule=formats.ANSIBLE_VARIABLE
    )


@dataclass(frozen=True, kw_only=True)
class NetworkerSet:
    """Hosts with gateways of OVN and without servers: a NodeSet without nova. Domain, port of SSH and environment are those of the zone's data plane."""

    nodes: dict[str, Node] = prop("The hosts, by their names in the NodeSet.", key_rule=formats.LABEL_NAME)
    node_set: str = prop("Name of the NodeSet.", default=defaults.NETWORKER_SET, rule=formats.NODE_SET)
    networks: tuple[NodeNetwork, ...] = prop(
        "Networks of nodes without their own, if they differ from those of the zone.", default=()
    )
    services: tuple[str, ...] = prop(
        "Services of the NodeSet in their order, if they differ from the region's `networker_services`.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    ansible_vars: dict[str, object] = prop(
        ANSIBLE_VARS.format("these nodes") + " `edpm_enable_chassis_gw` is true by default.",
        default={},
        key_rule=formats.ANSIBLE_VARIABLE,
    )
    ansible_vars_secrets: tuple[str, ...] = prop(
        "Kubernetes Secrets whose keys become variables of Ansible, in addition to those of the zone.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )


@dataclass(frozen=True, kw_only=True)
class ZoneDataPlane:
    """The zone's compute hosts in RHOSO: one NodeSet with its own nova service. Networkers have their own NodeSets."""

    nodes: dict[str, Node] = prop(
        "The compute hosts, by their names in the NodeSet. `compute.hosts` is derived from them.",
        key_rule=formats.LABEL_NAME,
    )
    networkers: tuple[NetworkerSet, ...] = prop(
        "NodeSets of hosts with gateways of OVN and without servers: nova does not know them, and they are in no aggregate.",
        default=(),
        source="RHOSO: dedicated networker nodes",
    )
    networks: tuple[NodeNetwork, ...] = prop("Networks of nodes without their own.", default=())
    domain: str = prop(
        "Domain of the hosts, that of `ctlplane` in NetConfig: it is part of a host's name in nova.",
        default="ctlplane.example.com",
        rule=formats.ADDRESS,
    )
    node_set: str = prop("Name of the NodeSet.", default=defaults.NODE_SET, rule=formats.NODE_SET)
    service: str = prop("Name of the zone's nova service.", default=defaults.NOVA_SERVICE, rule=formats.LABEL_NAME)
    config_map: str = prop("Name of its ConfigMap.", default=defaults.NOVA_CONFIG_MAP, rule=formats.OBJECT_NAME)
    config_key: str = prop(
        "Name of the file in it. It must differ from all files of the service's Secrets and ConfigMaps, which are in the same folder.",
        default="25-nova-extra.conf",
        rule=formats.SECRET_KEY,
    )
    cell: str = prop("Nova cell whose compute configuration the hosts get.", default="cell1", rule=formats.LABEL_NAME)
    services: tuple[str, ...] = prop(
        "Services of the NodeSet in their order, if they differ from those of the region. `nova` means the zone's own nova service.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    config: dict[str, dict[str, str]] = prop(
        "Further nova configuration of the hosts: section, option, value.",
        default={},
        rule=formats.VALUE_LINE,
        key_rule=formats.OPTION,
        as_text=True,
    )
    ephemeral_pool: str | None = prop(
        "Pool of the zone's Ceph cluster for the servers' own disks. Without it, these disks are on the hosts.",
        default=None,
        rule=formats.LINE,
    )
    ansible_port: int | None = prop("Port of SSH on the nodes, if it differs from that of the region.", default=None)
    env: dict[str, str] = prop(
        "Environment variables of the pods that run Ansible, in addition to those of the region.",
        default={},
        rule=formats.VALUE_LINE,
        key_rule=formats.ANSIBLE_VARIABLE,
        as_text=True,
    )
    ansible_vars: dict[str, object] = prop(
        ANSIBLE_VARS.format("all nodes of the zone"), default={}, key_rule=formats.ANSIBLE_VARIABLE
    )
    ansible_vars_secrets: tuple[str, ...] = prop(
        "Kubernetes Secrets whose keys become variables of Ansible.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )


@dataclass(frozen=True, kw_only=True)
class RegionDataPlane:
    """What the data planes of all zones have in common."""

    services: tuple[str, ...] = prop(
        "Services of a NodeSet in their order. `nova` means the zone's own nova service.",
        default=(*OF_ALL_HOSTS, "libvirt", NOVA),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    networker_services: tuple[str, ...] = prop(
        "Services of a NodeSet of networkers in their order.",
        default=OF_ALL_HOSTS,
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    ansible_user: str = prop("User of Ansible on the nodes.", default="cloud-admin", rule=formats.LINE)
    ansible_port: int | None = prop("Port of SSH on the nodes; without it, 22.", default=None)
    env: dict[str, str] = prop(
        "Environment variables of the pods that run Ansible, such as `ANSIBLE_FORCE_COLOR`.",
        default={},
        rule=formats.VALUE_LINE,
        key_rule=formats.ANSIBLE_VARIABLE,
        as_text=True,
    )
    network_attachments: tuple[str, ...] = prop(
        "NetworkAttachmentDefinitions with which the pods that run Ansible reach the nodes.",
        default=("ctlplane",),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    ssh_key: str = prop(
        "Kubernetes Secret with Ansible's SSH key.",
        default="dataplane-ansible-ssh-private-key-secret",
        rule=formats.OBJECT_NAME,
    )
    migration_key: str = prop(
        "Kubernetes Secret with the SSH key of live migrations.",
        default="nova-migration-ssh-key",
        rule=formats.OBJECT_NAME,
    )
    ca_bundle: str = prop(
        "Kubernetes Secret with the certificates of the certificate authorities.",
        default="combined-ca-bundle",
        rule=formats.OBJECT_NAME,
    )
    issuer: str = prop(
        "cert-manager's issuer of the hosts' certificates.",
        default="osp-rootca-issuer-internal",
        rule=formats.OBJECT_NAME,
    )
    ansible_vars: dict[str, object] = prop(
        ANSIBLE_VARS.format("all nodes of all zones"), default={}, key_rule=formats.ANSIBLE_VARIABLE
    )
