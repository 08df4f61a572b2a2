# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control a running lab from tests: standard library only, so that any interpreter can import it.

PYTHONPATH=tests/lab
from zonelab.client import LabClient
lab = LabClient(state_dir)
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zonelab.cache import default_state
from zonelab.errors import LabError
from zonelab.front_client import FrontClient
from zonelab.ports import ADDRESS
from zonelab.proxy.log import Request
from zonelab.state import LabRecord, StateFolder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zonelab.declared import Declared

__all__ = ["LabClient", "LabError", "Request"]


class LabClient(FrontClient):
    """One lab, found by its state folder."""

    def __init__(self, state_dir: str | Path | None = None) -> None:
        """No request is made yet, and the lab need not run."""
        self.state = StateFolder(Path(state_dir) if state_dir else default_state())

    @property
    def control(self) -> int:
        """The port of the control interface."""
        return self.record.control

    @property
    def where(self) -> Path:
        """The lab's folder."""
        return self.state.path

    @property
    def record(self) -> LabRecord:
        """What lab.json says."""
        record = self.state.read()
        if record is None or not self.state.is_running():
            raise LabError(
                f"{self.state.path}: no lab is up here; start one with `zonelab --state {self.state.path} up`"
            )
        return record

    @property
    def clouds_file(self) -> Path:
        """The clouds.yaml with the clouds `lab` and `lab-member`."""
        return self.state.clouds_file

    @property
    def ports(self) -> dict[str, int]:
        """The public port of each service: that of its proxy."""
        return self.record.public

    def info(self) -> dict[str, Any]:
        """Options, ports, cloud age, faults, and each process with pid, memory and log."""
        return dict(self._call("info"))

    @property
    def web_folder(self) -> Path:
        """What is put here is served by the lab's web server, which glance may fetch from."""
        return self.state.web

    def web_url(self, name: str) -> str:
        """The address of a file of that folder."""
        return f"http://{ADDRESS}:{self.record.web}/{name}"

    def fail(self, kind: str, name: str | None = None, *, how: str = "error") -> None:
        """Have a store, backend, share-backend, the backup-target or a hypervisor fail while its service lives.

        :param how: "error", "hang", or a number of seconds that everything takes there.
        """
        self._call("fail", kind=kind, name=name, how=how)

    def heal(self, kind: str | None = None, name: str | None = None) -> None:
        """One of them works again, or all."""
        self._call("heal", kind=kind, name=name)

    def failing(self) -> list[dict[str, str]]:
        """All that fail now: kind, name, how."""
        return list(self._call("failing"))

    def set_policy(self, project: str, rules: Mapping[str, str]) -> None:
        """What the project's policy.yaml says from its next request on; without rules its defaults hold."""
        (self.state.conf / project / "policy.yaml").write_text(json.dumps(rules))

    def set_age(self, age: str) -> None:
        """Pose as "antelope" (2023.1), or be "current"."""
        self._call("set_age", age=age)

    def serve(self, declared: Declared) -> list[str]:
        """Of a lab with --declared: what it serves from now on; what of it the lab does not have."""
        return list(self._call("serve", **asdict(declared)))

    def stop_host(self, host: str, *, now: bool = False) -> None:
        """Kill the nova-compute of a host; with `now` it counts as down at once, not after service_down_time."""
        self._call("stop_host", name=host, now=now)

    def start_host(self, host: str) -> None:
        """Start it again."""
        self._call("start_host", name=host)

    def stop_zone(self, zone: str, *, now: bool = False, services: Sequence[str] | None = None) -> None:
        """Kill computes, cinder-volume, cinder-backup and manila-share of a zone, or of some of nova, cinder, manila."""
        self._call("stop_zone", zone=zone, now=now, services=services)

    def start_zone(self, zone: str, *, services: Sequence[str] | None = None) -> None:
        """Start them again."""
        self._call("start_zone", zone=zone, services=services)

    def add_host(self, name: str, *, zone: str | None = None, running: bool = True) -> None:
        """One compute host more, with a nova-compute or as a record only; the zone is for stop_zone and start_zone."""
        self._call("add_host", name=name, zone=zone, running=running)

    def snapshot(self, name: str) -> Path:
        """Copy the running lab; `up --from NAME` starts another one from it."""
        return Path(self._call("snapshot", name=name))
