# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control a running Kubernetes lab from tests: standard library only, so that any interpreter can import it.

PYTHONPATH=tests/lab
from zonelab.kube.client import KubeClient
kube = KubeClient(state_dir)
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zonelab.cache import default_state
from zonelab.errors import LabError
from zonelab.front_client import FrontClient
from zonelab.kube import nodes
from zonelab.kube.api import ApiError, KubeApi
from zonelab.kube.folder import KubeFolder, KubeRecord
from zonelab.kube.kubeconfig import CONTEXT, NAMESPACE
from zonelab.kube.users import add_user, unknown_user
from zonelab.operators.switches import Switches
from zonelab.proxy.log import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zonelab.kube.api import Object

__all__ = ["CONTEXT", "NAMESPACE", "ApiError", "KubeApi", "KubeClient", "LabError", "Request", "Switches"]

PATIENCE = 60


class KubeClient(FrontClient):
    """One lab, found by its state folder."""

    def __init__(self, state_dir: str | Path | None = None) -> None:
        """No request is made yet, and the lab need not run."""
        self.folder = KubeFolder(Path(state_dir) if state_dir else default_state())

    @property
    def record(self) -> KubeRecord:
        """What kubernetes.json says."""
        record = self.folder.read()
        if record is None or not self.folder.is_running():
            state = self.folder.state
            raise LabError(
                f"{state}: no Kubernetes lab is up here; start one with `zonelab --state {state} up --kubernetes`"
            )
        return record

    @property
    def control(self) -> int:
        """The port of the control interface."""
        return self.record.control

    @property
    def where(self) -> Path:
        """The lab's folder."""
        return self.folder.path

    @property
    def kubeconfig(self) -> Path:
        """The administrator's, through the proxy; its one context is CONTEXT."""
        return self.folder.kubeconfig

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones whose nodes can be switched off."""
        return self.record.options.zones

    @property
    def schema(self) -> str:
        """The folder that the custom resource definitions came from, or `own`."""
        return self.record.schema

    @property
    def api(self) -> KubeApi:
        """The API as administrator, past the proxy: what a test does itself is neither logged nor hit by faults."""
        record = self.record
        return KubeApi(record.direct, record.token, self.folder.authority, "test")

    def info(self) -> dict[str, Any]:
        """Options, faults, and each process with pid, memory and log."""
        return dict(self._call("info"))

    def nodes(self, zone: str) -> list[str]:
        """The names of a zone's nodes, masters first."""
        return list(self.record.options.nodes(zone))

    def power_off(self, zone: str, *, wait: bool = True) -> None:
        """The kubelets of a zone fall silent; its nodes are NotReady after some seconds."""
        self._call("power", zone=zone, on=False)
        if wait:
            self._await_nodes(zone, ready=False)

    def power_on(self, zone: str, *, wait: bool = True) -> None:
        """They report again."""
        self._call("power", zone=zone, on=True)
        if wait:
            self._await_nodes(zone, ready=True)

    def _await_nodes(self, zone: str, *, ready: bool) -> None:
        api, end = self.api, time.monotonic() + PATIENCE
        while set((state := nodes.ready(api, zone)).values()) != {ready}:
            if time.monotonic() > end:
                raise LabError(f"zone {zone}: its nodes are not all {'' if ready else 'Not'}Ready: {state}")
            time.sleep(0.2)

    def operate(self, *, on: bool = True) -> None:
        """Have the stand-in for RHOSO's operators work, as they do when they are well; or have none."""
        self.switch(Switches())
        self._call("operate", on=on)

    def switch(self, switches: Switches) -> None:
        """How the stand-in behaves from its next turn on."""
        switches.save(self.folder.switches_file)

    def add_user(self, name: str, rules: Sequence[Object]) -> Path:
        """The kubeconfig of a user (a service account with a token) who has exactly these RBAC rules everywhere."""
        record = self.record
        return add_user(self.folder, self.api, record.port, name, list(rules))

    def unknown_user(self) -> Path:
        """The kubeconfig of a user whose token is worth nothing (401), as an expired one."""
        return unknown_user(self.folder, self.record.port)
