# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Node Maintenance Operator, as far as nodes show what it does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

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
            self.api.merge(f"{NODES}/{node}", {"spec": {"unschedulable": None}}, "node-maintenance")
        for node, item in wanted.items():
            if node not in self._mine:
                self.api.merge(f"{NODES}/{node}", {"spec": {"unschedulable": True}}, "node-maintenance")
                status = {"phase": "Succeeded", "drainProgress": 100}
                self.api.merge(f"{PATH}/{item['metadata']['name']}/status", {"status": status}, "node-maintenance")
        self._mine = set(wanted)

    @contextmanager
    def running(self) -> Iterator[None]:
        ends = threading.Event()

        def work() -> None:
            while not ends.wait(0.2):
                self.round()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ends.set()
            thread.join()
            self.round()


def cordoned(cluster: Cluster) -> set[str]:
    return {item["metadata"]["name"] for item in cluster.api.list(NODES) if item["spec"].get("unschedulable")}
