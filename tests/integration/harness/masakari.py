# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masakari as its operator changes it by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from .cloud import Cloud

REPORT = {"event": "STOPPED", "cluster_status": "OFFLINE", "host_status": "NORMAL"}


class Masakari:
    """One segment, which is made for the hosts that are added."""

    def __init__(self, cloud: Cloud) -> None:
        self.api = Adapter(cloud.region.get_session(), service_type="instance-ha")
        body = {"name": "racks", "recovery_method": "auto", "service_type": "COMPUTE"}
        self.segment = self.api.post("/segments", json={"segment": body}).json()["segment"]["uuid"]

    @property
    def _path(self) -> str:
        return f"/segments/{self.segment}/hosts"

    def add(self, name: str, **more: Any) -> None:
        body = {"name": name, "type": "COMPUTE", "control_attributes": "SSH", **more}
        self.api.post(self._path, json={"host": body})

    def _hosts(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.api.get(self._path).json()["hosts"]}

    def on_maintenance(self) -> set[str]:
        return {name for name, one in self._hosts().items() if one["on_maintenance"]}

    def set(self, name: str, *, on: bool) -> None:
        uuid = self._hosts()[name]["uuid"]
        self.api.put(f"{self._path}/{uuid}", json={"host": {"on_maintenance": on}})

    def report(self, name: str) -> None:
        """A host has failed; no engine takes it, so it stays new, and holds its segment."""
        body = {"type": "COMPUTE_HOST", "hostname": name, "generated_time": "2030-01-01T00:00:00", "payload": REPORT}
        self.api.post("/notifications", json={"notification": body})

    def empty(self, lab: LabClient) -> None:
        """Nothing is left of the segment; what an engine does with notifications is done for it."""
        with closing(sqlite3.connect(lab.state.database("masakari"), timeout=30)) as database:
            database.execute("UPDATE notifications SET status = 'finished'")
            database.commit()
        for one in self._hosts().values():
            self.api.delete(f"{self._path}/{one['uuid']}")
        self.api.delete(f"/segments/{self.segment}")
