# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From programs to a serving API: definitions, nodes and a namespace, each waited for where it takes a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zonelab.errors import LabError
from zonelab.kube import definitions, nodes
from zonelab.kube.api import ApiError
from zonelab.kube.kubeconfig import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonelab.kube.api import KubeApi
    from zonelab.kube.options import KubeOptions
    from zonelab.kube.processes import Processes

PATIENCE = 180  # a boot takes seconds, unless the machine is very busy
TURN = 0.05


def wait(what: str, test: Callable[[], bool], processes: Processes) -> None:
    """Until it is so; an error when a process ends meanwhile, or when it takes too long."""
    end = time.monotonic() + PATIENCE
    while not holds(test):
        processes.check()
        if time.monotonic() > end:
            raise LabError(f"{what}: not so after {PATIENCE} s")
        time.sleep(TURN)


def holds(test: Callable[[], bool]) -> bool:
    """An API server that is not there yet, or not ready, counts as no."""
    try:
        return test()
    except (OSError, ApiError):
        return False


def serve_definitions(api: KubeApi, wanted: dict[str, bytes], processes: Processes) -> None:
    """Apply them and wait until the API serves every kind; after a restart that is later than its own readiness."""
    definitions.apply(api, wanted)
    for name in wanted:
        wait(f"definition {name}", lambda name=name: definitions.established(api, name), processes)  # type: ignore[misc]


def make_nodes(api: KubeApi, options: KubeOptions, processes: Processes) -> None:
    """And wait until all are ready."""
    nodes.create(api, options)
    wait("all nodes ready", lambda: all(nodes.ready(api).values()), processes)


def make_namespace(api: KubeApi) -> None:
    """The one that RHOSO lives in."""
    path = f"/api/v1/namespaces/{NAMESPACE}"
    api.apply(path, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, "zonelab")
