# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one write of a module's process, on the real API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.zoneops.openstack.tests.faults.module_process import PATIENCE, Ended, Modules
from ansible_collections.zoneops.openstack.tests.faults.sweep import Fault
from zonelab.kube.client import KubeClient


def limits(kube: KubeClient) -> dict[str, Any]:
    """The lab's kubeconfig, and time limits that end a test that went wrong."""
    return {"kubeconfig": str(kube.kubeconfig), "deadline": 60, "read_timeout": 20}


def strike(
    kube: KubeClient, processes: Modules, module: str, arguments: Mapping[str, Any], fault: Fault, index: int
) -> Ended | None:
    """Run the module with the fault at the write with this index; how it ended, None where it was killed. No fault is left."""
    number = kube.add_fault(**fault.lab, service="kubernetes", writes=True, skip=index, count=1)
    mark = kube.mark()
    running = processes.start(module, arguments)
    try:
        if fault.kill:
            end = time.monotonic() + PATIENCE
            while not _hit(kube, number, mark):
                assert time.monotonic() < end, "the request was never made"
                time.sleep(0.02)
            running.kill()
            return None
        ended = running.wait()
        assert _hit(kube, number, mark), "the run did not come that far"
        assert ended.answer["msg"]
        assert not (fault.harmless and ended.failed), ended.answer["msg"]
        return ended
    finally:
        kube.clear_faults()


def _hit(kube: KubeClient, number: int, mark: int) -> bool:
    """A request is in the log when it hangs, and the server has acted by then where it should."""
    return any(request.fault == number for request in kube.requests(mark))


def named(fault: Fault, index: int) -> str:
    """For the name of a test."""
    return f"{fault.name.replace(' ', '-')}-{index + 1}"
