# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators of the data plane, as far as they decide what is rolled out: hashes, conditions, and the dishonesty that was measured.

rhoso-operators-behaviour.md, section 6. One round looks at everything once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.hashes import (
    config_map_hash,
    object_hash,
)
from zonelab.kube.client import ApiError

from .background import again_and_again
from .cluster import DATA_PLANE_SERVICES, DEPLOYMENTS, NODE_SETS, Cluster, core

DOMAIN = "ctlplane.example.com"


class DataPlaneOperator:
    """The operator of the region's data plane.

    :ivar failing: messages of deployments that fail, by a service that they roll out.
    :ivar late: an error of all deployments that passes.
    :ivar idle: no deployment is worked on.
    :ivar blind: no NodeSet is looked at.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.api = cluster.api
        self.failing: dict[str, str] = {}
        self.late = ""
        self.idle = False
        self.blind = False
        self._failed: set[str] = set()

    @contextmanager
    def running(self) -> Iterator[DataPlaneOperator]:
        with again_and_again(self.round):
            yield self

    def round(self) -> None:
        sets = {item["metadata"]["name"]: item for item in self.api.list(NODE_SETS)}
        for item in () if self.blind else sets.values():
            self._set_up(item)
        deployments = self.api.list(DEPLOYMENTS)
        # Asked after the list, which may have what was made since it became idle.
        for item in () if self.idle else deployments:
            if "deployed" not in (item.get("status") or {}) and item["metadata"]["uid"] not in self._failed:
                self._deploy(item, sets)

    def _set_up(self, item: dict[str, Any]) -> None:
        status, spec = dict(item.get("status") or {}), item["spec"]
        nodes = {name: node.get("hostName", name) for name, node in spec["nodes"].items()}
        wanted = {
            "observedGeneration": item["metadata"]["generation"],
            "configHash": object_hash(spec),
            "allHostnames": {name: {"ctlplane": f"{host}.{DOMAIN}"} for name, host in nodes.items()},
            "conditions": [_condition("SetupReady", "Setup complete")],
        }
        if any(status.get(key) != value for key, value in wanted.items()):
            self._status(f"{NODE_SETS}/{item['metadata']['name']}", wanted)

    def _deploy(self, item: dict[str, Any], sets: dict[str, dict[str, Any]]) -> None:
        spec, name = item["spec"], item["metadata"]["name"]
        services = spec.get("servicesOverride") or [
            service for one in spec["nodeSets"] for service in sets[one]["spec"]["services"]
        ]
        wrong = [self.failing[service] for service in services if service in self.failing]
        if wrong:
            self._failed.add(item["metadata"]["uid"])
            failed = {
                **_condition("DeploymentReady", wrong[0]),
                "status": "False",
                "reason": "BackoffLimitExceeded",
                "severity": "Error",
            }
            self._status(f"{DEPLOYMENTS}/{name}", {"conditions": [failed]})
            return
        if self.late:
            passing = _condition("InputReady", self.late) | {
                "status": "False",
                "reason": "Error",
                "severity": "Warning",
            }
            self._status(f"{DEPLOYMENTS}/{name}", {"conditions": [passing]})
            return
        hashes = {}
        for service in services:
            found = self.api.find(f"{DATA_PLANE_SERVICES}/{service}")
            for source in (found or {"spec": {}})["spec"].get("dataSources") or []:
                config_map = source.get("configMapRef")
                if config_map:
                    content = self.api.get(f"{core('configmaps')}/{config_map['name']}")
                    hashes[config_map["name"]] = config_map_hash(content)
        for one in spec["nodeSets"]:
            # Whatever was rolled out, the whole set counts as deployed.
            path = f"{NODE_SETS}/{one}"
            self._status(
                path, {"deployedConfigHash": self.api.get(path)["status"]["configHash"], "configMapHashes": hashes}
            )
        self._status(f"{DEPLOYMENTS}/{name}", {"deployed": True, "conditions": [_condition("Ready", "Setup complete")]})

    def _status(self, path: str, status: dict[str, Any]) -> None:
        try:
            self.api.merge(f"{path}/status", {"status": status}, "openstack-operator")
        except ApiError as error:
            if error.status not in (404, 409):  # it went away, or changed meanwhile: the next round sees it
                raise


def _condition(kind: str, message: str) -> dict[str, Any]:
    return {
        "type": kind,
        "status": "True",
        "reason": "Ready",
        "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
