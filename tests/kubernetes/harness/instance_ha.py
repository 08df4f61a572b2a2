# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One InstanceHa past the collection, and its operator, as far as it says in which generation it is Ready."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final

from zonelab.kube.client import KubeClient

from .background import again_and_again
from .cluster import custom

INSTANCE_HAS: Final = custom("instanceha", "instancehas")
NAME: Final = "ha"
PATH: Final = f"{INSTANCE_HAS}/{NAME}"


class InstanceHa:
    """The object, as a person and its operator see it."""

    def __init__(self, kube: KubeClient) -> None:
        self.api = kube.api

    def make(self) -> None:
        """One that is Ready."""
        kind = {"apiVersion": "instanceha.openstack.org/v1beta1", "kind": "InstanceHa"}
        self.api.create(INSTANCE_HAS, {**kind, "metadata": {"name": NAME}, "spec": {}})
        self.follow()

    def follow(self) -> None:
        """What its operator does."""
        found = self.api.get(PATH)
        generation = found["metadata"]["generation"]
        ready = {"type": "Ready", "status": "True", "reason": "Ready", "message": "Setup complete"}
        ready["lastTransitionTime"] = "2026-11-29T00:00:00Z"
        if (found.get("status") or {}).get("observedGeneration") != generation:
            status = {"observedGeneration": generation, "conditions": [ready]}
            self.api.merge(f"{PATH}/status", {"status": status}, "infra-operator")

    def operated(self) -> AbstractContextManager[None]:
        """The operator follows every change."""
        return again_and_again(self.follow)

    @property
    def state(self) -> tuple[Any, dict[str, str]]:
        """Whether it is disabled, and its annotations."""
        found = self.api.get(PATH)
        return found["spec"].get("disabled"), found["metadata"].get("annotations") or {}
