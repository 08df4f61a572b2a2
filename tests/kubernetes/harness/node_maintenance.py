# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Node Maintenance Operator, as far as nodes show what it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from zonelab.kube.client import ApiError

from .background import again_and_again
from .cluster import NODES, Cluster

PATH: Final = "/apis/nodemaintenance.medik8s.io/v1beta1/nodemaintenances"


class NodeMaintenanceOperator:
    """Cordons the nodes that have an object, says that they are drained, and uncordons them when it is gone."""

    def __init__(self, cluster: Cluster) -> None:
        self.api = cluster.api
        self._mine: set[str] = set()

    def round(self) -> None:
        wanted = {item["spec"]["nodeName"]: item for item in self.api.list(PATH)}
        for node in self._mine - wanted.keys():
            self._cordon(node, None)
            self._mine.remove(node)
        for node, item in wanted.items():
            if node not in self._mine:
                self._mine.add(node)
                self._cordon(node, True)
                self._drained(item["metadata"]["name"])

    def _cordon(self, node: str, unschedulable: bool | None) -> None:
        self.api.merge(f"{NODES}/{node}", {"spec": {"unschedulable": unschedulable}}, "node-maintenance")

    def _drained(self, name: str) -> None:
        status = {"phase": "Succeeded", "drainProgress": 100}
        try:
            self.api.merge(f"{PATH}/{name}/status", {"status": status}, "node-maintenance")
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:  # deleted since it was listed: the next round sees it
                raise

    @contextmanager
    def running(self) -> Iterator[None]:
        """Nothing stays cordoned that has no object any more."""
        try:
            with again_and_again(self.round):
                yield
        finally:
            self.round()


def cordoned(cluster: Cluster) -> set[str]:
    return {item["metadata"]["name"] for item in cluster.api.list(NODES) if item["spec"].get("unschedulable")}
