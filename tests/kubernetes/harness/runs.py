# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the control plane's reconcilers in this process, as the module makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.access.connect import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import (
    Options as ApplyOptions,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import Cluster as Connection
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane import guards
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.progress import Progress
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.reconcile import (
    ControlPlane,
    Options,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.wait import Waiting
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import region_spec
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.service_objects import pieces
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.zone_removal.reconcile import Removal
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

from .cluster import Cluster

LIMITS: Final = {"connect_timeout": 5.0, "api_timeout": 20.0, "timeout": 180.0}
FORCE: Final = ApplyOptions(allow=frozenset({"force_conflicts"}), known=guards.KNOWN_CONFLICTS, one_by_one=True)
LOOK_SECONDS: Final = 0.3


@dataclass
class Runs:
    """Runs on one cluster.

    :ivar seconds: how long each part is waited for.
    """

    connection: Connection
    progress: Progress
    seconds: float = 1.0

    @classmethod
    def on(cls, cluster: Cluster, seconds: float = 1.0, user: Path | None = None) -> Runs:
        """As the administrator, or as another user."""
        kubeconfig = str(user or cluster.kube.kubeconfig)
        return cls(connect({"kubeconfig": kubeconfig, **LIMITS}), Progress(None), seconds)

    def __call__(
        self,
        zone_map: ZoneMap,
        *zones: str,
        check: bool = False,
        wait: bool = False,
        verify: bool = False,
        apply: ApplyOptions = FORCE,
        at_once: int = 1,
    ) -> dict[str, Verdict]:
        """Bring zones, all of them if none is named, to what the map says."""
        options = Options(apply=apply, wait=wait, verify=verify, check=check)
        reconciler = ControlPlane(
            self.connection, zone_map, zones or tuple(zone_map.zones), options, self._waiting(zone_map)
        )
        deadline = self.connection.deadline
        return Converge(reconciler, check=check, deadline=deadline, settle=1, at_once=at_once).run()

    def remove(
        self,
        zone_map: ZoneMap,
        zone: str,
        living: Sequence[dict[str, Any]] = (),
        *,
        orphans: bool = False,
        wait: bool = False,
    ) -> Verdict:
        """Take a zone away in which this lives."""
        waiting = self._waiting(zone_map)
        found = {zone: living}
        reconciler = Removal(
            self.connection, zone_map, [zone], found, waiting, orphans=orphans, wait=wait, options=FORCE
        )
        return Converge(reconciler, check=False, deadline=self.connection.deadline, settle=1).run()[zone]

    def missing(self, zone_map: ZoneMap) -> list[str]:
        """What of the shared part is not ready, as a run sees it that waits for it."""
        return self._waiting(zone_map).missing(list(pieces(region_spec(zone_map))), all_ready=True)

    def _waiting(self, zone_map: ZoneMap) -> Waiting:
        plane = guards.control_plane_ref(zone_map)
        return Waiting(self.connection, plane, self.seconds, self.progress, every=LOOK_SECONDS)


def errors(verdicts: dict[str, Verdict]) -> list[str]:
    return [verdict.message() for verdict in verdicts.values() if verdict.failed]
