# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of the data plane beside the objects that are applied: deployments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..._plan.change import Change
from ..._plan.text.listing import first
from .deployments import Deployment
from .rollout import Step

SHOWN = 6


@dataclass(frozen=True)
class RollOut(Change):
    """One deployment, made and waited for.

    :ivar running: it is there already, from a run that ended before it did.
    """

    node_set: str
    name: str
    step: Step
    running: bool = False
    action: ClassVar[str] = "roll_out"

    @property
    def target(self) -> str:
        return f"NodeSet {self.node_set}"

    @property
    def after(self) -> Any:
        services = list(self.step.services) or "all"
        return {"deployment": self.name, "services": services, "hosts": list(self.step.hosts) or "all"}

    @property
    def parts(self) -> tuple[dict[str, Any], ...] | None:
        return () if self.running else None

    @property
    def text(self) -> str:
        what = ", ".join(self.step.services) or "all services"
        hosts = self.step.hosts
        where = (
            f"{first(SHOWN, hosts, of=len(hosts))} of NodeSet {self.node_set}" if hosts else f"NodeSet {self.node_set}"
        )
        begin = "wait for" if self.running else "roll out"
        return f"{begin} {what} on {where} ({self.step.reason}; deployment {self.name})"


@dataclass(frozen=True)
class RemoveFailed(Change):
    """A deployment that failed is removed: while it is there, its NodeSet cannot change."""

    deployment: Deployment
    action: ClassVar[str] = "remove_failed_deployment"

    @property
    def target(self) -> str:
        return f"OpenStackDataPlaneDeployment {self.deployment.name}"

    @property
    def before(self) -> Any:
        return {"failed": self.deployment.message}

    @property
    def text(self) -> str:
        return f"remove deployment {self.deployment.name}, which failed: {self.deployment.message}"
