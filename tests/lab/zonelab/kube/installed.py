# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RHOSO as an installation leaves it, before any zone: a control plane, and the Secrets that zones may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.kube.kubeconfig import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zonelab.kube.api import KubeApi, Object

NAME = "controlplane"
INSTALLER = "installer"
CONTROL_PLANES = f"/apis/core.openstack.org/v1beta1/namespaces/{NAMESPACE}/openstackcontrolplanes"
SECRETS = f"/api/v1/namespaces/{NAMESPACE}/secrets"
CEPH = "ceph-conf-files"


def control_plane() -> Object:
    """What the schema wants, with three replicas where zones want three."""
    database = {"databaseInstance": "openstack", "secret": "osp-secret"}
    galera = {"replicas": 3, "storageRequest": "5G", "storageClass": "local", "secret": "osp-secret"}
    ovn = {"storageRequest": "10G", "replicas": 3}
    spec = {
        "secret": "osp-secret",
        "storageClass": "local",
        "galera": {"templates": {"openstack": galera, "openstack-cell1": dict(galera)}},
        "rabbitmq": {"templates": {"rabbitmq": {"replicas": 3}, "rabbitmq-cell1": {"replicas": 3}}},
        "memcached": {"templates": {"memcached": {"replicas": 3}}},
        "ovn": {
            "template": {
                "ovnDBCluster": {"ovndbcluster-nb": {"dbType": "NB", **ovn}, "ovndbcluster-sb": {"dbType": "SB", **ovn}}
            }
        },
        "glance": {"template": {**database, "imageCache": {"size": ""}}},
        "cinder": {"template": {**database, "cinderAPI": {"replicas": 3}, "cinderScheduler": {"replicas": 1}}},
        "manila": {"template": {**database, "manilaAPI": {"replicas": 3}, "manilaScheduler": {"replicas": 3}}},
        "nova": {"template": {"secret": "osp-secret"}},
    }
    return {
        "apiVersion": "core.openstack.org/v1beta1",
        "kind": "OpenStackControlPlane",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": spec,
    }


def secrets(zones: Iterable[str]) -> list[str]:
    """Their names: the installation's own, Ceph's files of all zones, and those of each zone."""
    return ["osp-secret", CEPH, *(f"{CEPH}-{zone}" for zone in zones)]


def install(api: KubeApi, zones: Iterable[str]) -> None:
    """Unless it is there: a stopped lab goes on where it was."""
    for name in secrets(zones):
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": {}}
        api.apply(f"{SECRETS}/{name}", body, INSTALLER)
    if api.find(f"{CONTROL_PLANES}/{NAME}") is None:
        # By POST, as `oc create` does: then the schema's defaults belong to whoever made the object.
        api.create(f"{CONTROL_PLANES}?fieldManager={INSTALLER}", control_plane())
