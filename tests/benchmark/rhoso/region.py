# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions of a size on a real Kubernetes API: the zone map, the objects that follow from it, and a lab that ends with the benchmark."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec import control_plane
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.topologies import topologies
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.kubernetes.harness.cluster import NODES, TOPOLOGIES, Cluster
from ansible_collections.zoneops.openstack.tests.kubernetes.harness.control_planes import PATH, install, uninstall
from zonelab.kube.client import KubeClient
from zonelab.kube.nodes import body

from benchmark.measure import Failed

# More pods of a service than its zone has workers for are refused.
WORKERS = 3
DROPPED = ("K8S_AUTH_", "KUBECONFIG", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Wanted:
    """Zones with Ceph: glance, a volume and a share service each.

    :ivar pool: that of the first zone's volumes: another one is a change of that zone only.
    """

    zones: int
    pool: str = "volumes"

    @property
    def names(self) -> list[str]:
        return [f"az{number}" for number in range(1, self.zones + 1)]

    def as_dict(self) -> dict[str, Any]:
        names = self.names
        zones = {
            name: _zone(number, name, self.pool if number == 1 else "volumes") for number, name in enumerate(names, 1)
        }
        return {"zones": zones, "region": {"zones": names, "kubernetes": {"services": {"ceph_files_secret": "all"}}}}

    def parts(self) -> list[Applied]:
        """Every object with the manager that applies it, in order."""
        zone_map = load_map(**self.as_dict())
        return [*topologies(zone_map, list(zone_map.zones)), *control_plane.applied(zone_map)]


def _zone(number: int, name: str, pool: str) -> dict[str, Any]:
    return {
        "kubernetes": {},
        "ceph": {"fsid": f"3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b{number:04d}", "files_secret": f"files-{name}"},
        "image_store": {},
        "volume_backends": [{"pool": pool}],
        "share_backends": [{"name": f"cephfs_{name}", "kubernetes_name": name}],
    }


class Lab:
    """One Kubernetes lab for all sizes; the surroundings of the programs that talk to it.

    :param zones: those that have workers, which all are of a zone of the lab and belong to these by their labels.
    """

    def __init__(self, folder: Path, zones: int) -> None:
        self._state = folder
        self._zonelab("up", "--kubernetes", "--fresh", "--with-parent", str(os.getpid()))
        self.kube = KubeClient(folder)
        self.cluster = Cluster(self.kube)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        kubeconfig = str(self.kube.kubeconfig)
        self.environ: Mapping[str, str] = {**kept, "K8S_AUTH_KUBECONFIG": kubeconfig, "KUBECONFIG": kubeconfig}

        for zone in Wanted(zones).names:
            for number in range(WORKERS):
                self._worker(f"benchmark-{zone}-{number}", zone)

    def _worker(self, name: str, zone: str) -> None:
        self.cluster.api.create(NODES, body(name, "worker", self.kube.zones[0]))
        self.cluster.label_node(name, zone)

    def empty(self) -> None:
        """As an installation leaves it, before any zone."""
        uninstall(self.cluster)
        for item in self.cluster.api.list(TOPOLOGIES):
            self.cluster.api.delete(f"{TOPOLOGIES}/{item['metadata']['name']}")
        install(self.cluster)

    def has(self, wanted: Wanted) -> bool:
        """Whether every part is applied by its manager, and applying it again would do nothing. The server says so."""
        for part in wanted.parts():
            live = self.cluster.api.find(part.ref.path)
            managers = {entry["manager"] for entry in (live or {"metadata": {}})["metadata"].get("managedFields") or ()}
            if live is None or part.manager not in managers:
                return False
            again = self.cluster.api.apply(part.ref.path, part.body, part.manager, dry_run=True, force=True)
            if again != live:
                return False
        return True

    def version(self) -> str:
        """That of the control plane object."""
        return str(self.cluster.api.get(PATH)["metadata"]["resourceVersion"])

    def stop(self) -> None:
        self._zonelab("down")

    def _zonelab(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "zonelab", "--state", str(self._state), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"zonelab {arguments[0]}: {done.stdout}{done.stderr}")
