# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cert-manager, as far as a deployment of the data plane waits for it: the Secret of each service and host, some time after it is wanted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zonelab.kube.kubeconfig import NAMESPACE
from zonelab.operators.data_plane import certificates_of
from zonelab.operators.world import World, collection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zonelab.kube.api import KubeApi


class Certificates:
    """It remembers since when each is wanted."""

    def __init__(self, api: KubeApi) -> None:
        """None is wanted yet."""
        self._api = api
        self._since: dict[str, float] = {}

    def work(self, world: World, seconds: float) -> bool:
        """One turn; whether none is still to come."""
        missing = set(wanted(world))
        for name in sorted(missing):
            if time.monotonic() - self._since.setdefault(name, time.monotonic()) >= seconds:
                body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE}}
                self._api.create(collection("Secret"), {**body, "stringData": {"tls.crt": "", "tls.key": ""}})
        for name in set(self._since) - missing:
            del self._since[name]
        return not missing


def wanted(world: World) -> Iterator[str]:
    """The Secrets that deployments which have not ended lack."""
    for own in world.all("OpenStackDataPlaneDeployment"):
        if not (own.get("status") or {}).get("deployed"):
            yield from (name for name in certificates_of(own, world) if world.find("Secret", name) is None)
