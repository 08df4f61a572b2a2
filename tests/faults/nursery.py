# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts module processes in a few milliseconds: a process that has imported everything forks for each.

Reads one order per line: {"start": {...}} is answered with a pid, {"wait": pid} with its exit status once it has ended.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.zone_removal import empty_check
from ansible_collections.zoneops.openstack.tests.integration.harness.preloaded import leave, leave_alone

PREFIX = "ansible_collections.zoneops.openstack.plugins.modules"
PRELOADED = (
    "availability_zones",
    "compute_services",
    "control_plane",
    "data_plane",
    "host_maintenance",
    "images",
    "instance_ha",
    "node_maintenance",
    "pod_spread",
    "region_info",
    "topologies",
    "volume_backups",
    "volume_relocate",
    "zone_drain",
    "zone_drill",
    "zone_evacuate",
    "zone_maintenance",
    "zone_restore_servers",
    "zone_return",
)


def start(order: dict[str, Any]) -> int:
    """A process that runs a module as ansible-core runs it: arguments on its input, the result on its output."""
    pid = os.fork()
    if pid == 0:
        for descriptor, name, flags in (
            (0, "input", os.O_RDONLY),
            (1, "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (2, "errors", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ):
            os.dup2(os.open(order[name], flags, 0o600), descriptor)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.argv = [order["module"]]
        if order["longest_sleep"] is not None:
            shorten_sleep(order["longest_sleep"])
        if order["nothing_lives"]:
            empty_check.workloads_of = lambda _params, _zone_map, zones: {zone: [] for zone in zones}  # type: ignore[assignment]
        try:
            runpy.run_module(f"{PREFIX}.{order['module']}", run_name="__main__")
        except SystemExit as ended:
            leave(ended)
    return pid


def shorten_sleep(longest: float) -> None:
    patient = time.sleep

    def short(seconds: float) -> None:
        patient(min(seconds, longest))

    time.sleep = short  # type: ignore[assignment]


def main() -> None:
    for module in PRELOADED:
        __import__(f"{PREFIX}.{module}")
    for name in list(sys.modules):
        # Kept loaded: what they import. runpy runs the modules themselves anew, and warns of those that are loaded.
        if name.startswith(f"{PREFIX}."):
            del sys.modules[name]
    leave_alone()
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    for line in requests:
        order = json.loads(line)
        answer = start(order["start"]) if "start" in order else os.waitpid(order["wait"], 0)[1]
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
