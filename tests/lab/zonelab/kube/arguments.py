# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each program is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonelab.kube.folder import KubeFolder

ZONE_LABEL = "zonelab/zone"  # which kwok plays the node's kubelet; the zone label itself is the collection's to set
LEASE = 8  # seconds
OPERATORS = "operators"  # the process of the stand-in


def etcd(folder: KubeFolder, ports: Mapping[str, int]) -> list[str]:
    """Nothing is kept that is worth waiting for the disk."""
    address = f"http://127.0.0.1:{ports['etcd']}"
    return [
        f"--data-dir={folder.data}",
        "--unsafe-no-fsync",
        "--log-level=error",
        "--socket-reuse-port",
        f"--listen-client-urls={address}",
        f"--advertise-client-urls={address}",
        f"--listen-peer-urls=http://127.0.0.1:{ports['etcd-peer']}",
    ]


def apiserver(folder: KubeFolder, ports: Mapping[str, int]) -> list[str]:
    """RBAC as in a cluster; pods get no token, since nothing runs in them; tolerations of seconds, not of five minutes."""
    return [
        f"--etcd-servers=http://127.0.0.1:{ports['etcd']}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={ports['direct']}",
        "--permit-port-sharing",
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={folder.pki / 'server.crt'}",
        f"--tls-private-key-file={folder.pki / 'server.key'}",
        f"--token-auth-file={folder.tokens_file}",
        "--authorization-mode=Node,RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder.pki / 'server.crt'}",
        f"--service-account-signing-key-file={folder.pki / 'server.key'}",
        "--disable-admission-plugins=ServiceAccount",
        "--default-not-ready-toleration-seconds=3",
        "--default-unreachable-toleration-seconds=3",
        "--enable-priority-and-fairness=false",
        "--profiling=false",
        "--event-ttl=15m",
    ]


def scheduler(folder: KubeFolder) -> list[str]:
    """As it comes."""
    return [f"--kubeconfig={folder.direct_kubeconfig}", "--leader-elect=false", "--secure-port=0"]


def controller_manager(folder: KubeFolder) -> list[str]:
    """A silent node is NotReady after seconds, and its pods are evicted at once."""
    return [
        *scheduler(folder),
        "--use-service-account-credentials=false",
        f"--service-account-private-key-file={folder.pki / 'server.key'}",
        f"--root-ca-file={folder.authority}",
        "--node-monitor-period=1s",
        "--node-monitor-grace-period=10s",
        "--node-startup-grace-period=10s",
        "--node-eviction-rate=100",
        "--secondary-node-eviction-rate=100",
    ]


def operators(folder: KubeFolder) -> list[str]:
    """The stand-in for RHOSO's operators: a Python program of the lab."""
    return ["-P", "-m", "zonelab.operators.main", "--state", str(folder.state)]


def kwok(folder: KubeFolder, zone: str) -> list[str]:
    """The kubelets of one zone: without it they fall silent."""
    return [
        f"--kubeconfig={folder.direct_kubeconfig}",
        f"--manage-nodes-with-label-selector={ZONE_LABEL}={zone}",
        f"--node-lease-duration-seconds={LEASE}",
        "--server-address=",
    ]
