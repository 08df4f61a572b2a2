# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone that loses its power, in whatever halves the lab has, and its return."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.zoneops.openstack.tests.integration.harness.block_storage import BlockStorage
from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from zonelab.client import LabClient
from zonelab.kube.client import KubeClient

from .crowding import crowded
from .servers import until

MARK = "zoneops: dead"
PODS = "/api/v1/namespaces/openstack/pods"
ROUNDS = 3


@dataclass(frozen=True)
class Power:
    """Of one zone.

    :ivar kube: None where the lab is OpenStack alone.
    """

    lab: LabClient
    kube: KubeClient | None
    cloud: Cloud
    zone: str

    @property
    def hosts(self) -> list[str]:
        """The compute hosts of the zone."""
        return sorted(name for name in self.cloud.services() if name.startswith(f"compute-{self.zone}-"))

    def off(self) -> None:
        """Everything at once: hosts, storage, nodes."""
        self.lab.stop_zone(self.zone, now=True)
        if self.kube is not None:
            self.kube.power_off(self.zone)

    def on(self) -> None:
        """Until all that ran before the loss runs again. What was disabled stays so."""
        if self.kube is not None:
            self.kube.power_on(self.zone)
        self.lab.start_zone(self.zone)
        until(lambda: not self._down(), f"the services of {self.zone} are up: {', '.join(self._down())}")
        if self.kube is not None:
            until(lambda: not self._not_ready(), f"the pods are ready: {', '.join(self._not_ready())}")
            self._spread(self.kube)

    def new_backup_records(self) -> None:
        """By hand, as no call of cinder 29 enables a cinder-backup."""
        BlockStorage(self.cloud).new_backup_records(self.lab)

    @property
    def marked(self) -> list[str]:
        """The hosts that an evacuation took out of service."""
        found = self.cloud.services().items()
        return sorted(name for name, one in found if str(one.get("disabled_reason") or "").startswith(MARK))

    def _down(self) -> list[str]:
        """Of nova, those that are forced down apart: they are so until the zone comes back."""
        computes = [
            name for name, one in self.cloud.services().items() if one["state"] != "up" and not one["forced_down"]
        ]
        storage = [name for name, one in BlockStorage(self.cloud).services().items() if one["state"] != "up"]
        return [*computes, *storage]

    def _not_ready(self) -> list[str]:
        if self.kube is None:
            return []
        pods = self.kube.api.list(PODS)
        return [
            str(pod["metadata"]["name"]) for pod in pods if pod["metadata"].get("deletionTimestamp") or not _ready(pod)
        ]

    def _spread(self, kube: KubeClient) -> None:
        """As a person does it: nodes come back one after the other, and the first one takes the pods that wait for any."""
        workers = {
            name: zone for zone in kube.record.options.zones for name in kube.nodes(zone) if name.startswith("worker")
        }
        for _round in range(ROUNDS):
            pods = kube.api.list(PODS)
            again = list(crowded(pods, workers))
            for name in again:
                kube.api.delete(f"{PODS}/{name}")
            if not again:
                return
            count = len(pods)
            until(
                lambda count=count: len(kube.api.list(PODS)) >= count and not self._not_ready(),  # type: ignore[misc]
                f"pods are ready on other nodes: {', '.join(again)}",
            )


def _ready(pod: dict[str, object]) -> bool:
    status = pod.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions or ())
