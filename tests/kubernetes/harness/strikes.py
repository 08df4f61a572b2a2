# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one write of a module's process, on the real API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.zoneops.openstack.tests.faults.module_process import Ended, Modules
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.strike import strike as strike_at
from zonelab.kube.client import KubeClient


def limits(kube: KubeClient) -> dict[str, Any]:
    """The lab's kubeconfig, and time limits that end a test that went wrong."""
    return {"kubeconfig": str(kube.kubeconfig), "timeout": 60, "api_timeout": 20}


def strike(
    kube: KubeClient, processes: Modules, module: str, arguments: Mapping[str, Any], fault: Fault, index: int
) -> Ended | None:
    """Run the module with the fault at the write with this index; how it ended, None where it was killed. No fault is left."""
    return strike_at(kube, processes, module, arguments, fault, index, service="kubernetes", writes=True)


def named(fault: Fault, index: int) -> str:
    """For the name of a test."""
    return f"{fault.name.replace(' ', '-')}-{index + 1}"
