# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map, its Kubernetes side: a part of `schema`."""

from __future__ import annotations

from dataclasses import dataclass

from . import defaults, formats
from .control_plane import RegionServices, ZoneServices
from .fields import prop


@dataclass(frozen=True, kw_only=True)
class MadeKey:
    """A key of a Secret that is created here."""

    key: str = prop("Key in the Secret.", rule=formats.SECRET_KEY)
    variable: str = prop(
        "Name of the Ansible variable with the value, which can be encrypted with ansible-vault.",
        rule=formats.ANSIBLE_VARIABLE,
    )


@dataclass(frozen=True, kw_only=True)
class MadeSecret:
    """A Kubernetes Secret that is created from variables of the inventory. Their values are never in the map."""

    name: str = prop("Name of the Secret.", rule=formats.OBJECT_NAME)
    data: tuple[MadeKey, ...] = prop("Its keys, at least one.")


SECRETS = (
    "Kubernetes Secrets to create, from variables of {}. Create others elsewhere and only name them. A Secret that you "
    "remove from the map stays in the cluster."
)


@dataclass(frozen=True, kw_only=True)
class ZoneKubernetes:
    """The zone in RHOSO. A zone without it has no Kubernetes side."""

    name: str = prop(
        "The zone's name in the control plane object: key of its glance API, and of back ends without their own key.",
        default=defaults.ZONE_NAME,
        rule=formats.KUBERNETES_NAME,
    )
    node_label: str = prop(
        "Value of the nodes' label `topology.kubernetes.io/zone`.", default=defaults.ZONE_NAME, rule=formats.LABEL_VALUE
    )
    topology: str = prop("Name of the zone's Topology object.", default=defaults.TOPOLOGY, rule=formats.OBJECT_NAME)
    workers: tuple[str, ...] = prop("Worker nodes of the zone.", default=(), rule=formats.OBJECT_NAME, unique=True)
    masters: tuple[str, ...] = prop(
        "Control plane nodes of the zone.", default=(), rule=formats.OBJECT_NAME, unique=True
    )
    load_balancer_address: str | None = prop(
        "Address of the zone's own glance endpoint. All endpoints use the same port, so each zone needs its own address; "
        "without it, one from the pool.",
        default=None,
        rule=formats.IP,
    )
    secrets: tuple[MadeSecret, ...] = prop(SECRETS.format("the zone"), default=())
    services: ZoneServices = prop("The zone's own part of the control plane object.", default=ZoneServices)


@dataclass(frozen=True, kw_only=True)
class RegionKubernetes:
    """Where the control plane of the region is."""

    context: str | None = prop("Context of the kubeconfig; default: its current one.", default=None, rule=formats.LINE)
    namespace: str = prop("Namespace of the control plane.", default="openstack", rule=formats.LABEL_NAME)
    control_plane: str = prop("Name of the OpenStackControlPlane.", default="controlplane", rule=formats.OBJECT_NAME)
    spread_topology: str = prop(
        "Topology that spreads services over zones.", default="spread-pods", rule=formats.OBJECT_NAME
    )
    quorum_topology: str = prop(
        "Topology that spreads services with a majority (galera, RabbitMQ, databases of OVN): never two members in one "
        "zone, also while a zone is lost.",
        default="spread-quorum-pods",
        rule=formats.OBJECT_NAME,
    )
    address_pool: str = prop("Pool of the load balancer addresses.", default="internalapi", rule=formats.OBJECT_NAME)
    secrets: tuple[MadeSecret, ...] = prop(SECRETS.format("the first zone"), default=())
    services: RegionServices = prop("The shared part of the control plane object.", default=RegionServices)
