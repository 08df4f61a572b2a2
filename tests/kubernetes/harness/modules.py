# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules called in this process: what a playbook would call, without its seconds."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand
from zonelab.kube.client import KubeClient, Request


@dataclass(frozen=True)
class Answer:
    """What a module returned, and the requests that the API saw meanwhile."""

    result: dict[str, Any]
    requests: tuple[Request, ...]

    @property
    def failures(self) -> dict[str, str]:
        """The message of each zone that failed."""
        return {zone: verdict["msg"] for zone, verdict in self.result["zones"].items() if verdict["failed"]}

    @property
    def changed(self) -> set[str]:
        """The zones that changed, or would."""
        return {zone for zone, verdict in self.result["zones"].items() if verdict["changed"]}

    @property
    def plans(self) -> dict[str, list[str]]:
        """The texts of the planned changes by zone."""
        zones = self.result["zones"].items()
        return {zone: [change["text"] for change in verdict["plan"]] for zone, verdict in zones}

    @property
    def warnings(self) -> str:
        """The warnings of all zones."""
        return " | ".join(warning for verdict in self.result["zones"].values() for warning in verdict["warnings"])

    @property
    def written(self) -> list[str]:
        """The requests that may have changed something."""
        return [f"{request.method} {request.path}" for request in self.requests if request.writes]


class Modules:
    """Runs a module with the lab's kubeconfig, or another user's."""

    def __init__(self, kube: KubeClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.kube = kube
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, name: str, *, check: bool = False, user: Path | None = None, **options: Any) -> Answer:
        """Run it with these options."""
        asked = {"kubeconfig": str(user or self.kube.kubeconfig), "_ansible_check_mode": check, "_ansible_diff": True}
        warnings = hand(self.monkeypatch, {**asked, **options})
        module = importlib.import_module(f"ansible_collections.zoneops.openstack.plugins.modules.{name}")
        mark = self.kube.mark()
        self.capsys.readouterr()
        with pytest.raises(SystemExit):
            module.main()
        written = self.capsys.readouterr()
        result = json.loads(written.out.splitlines()[-1])
        return Answer({**result, "warnings": warnings}, tuple(self.kube.requests(mark)))
