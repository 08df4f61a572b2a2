# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop the Kubernetes half of a lab."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab.environment import say
from zonelab.errors import LabError
from zonelab.kube import definitions, programs
from zonelab.kube.options import KubeOptions
from zonelab.lives import run_supervisor, stop

if TYPE_CHECKING:
    import subprocess

    from zonelab.kube.folder import KubeFolder

PACKAGES = Path(__file__).parents[2]


def up(
    folder: KubeFolder,
    options: KubeOptions | None,
    *,
    fresh: bool = False,
    parent: int | None = None,
    foreground: bool = False,
) -> subprocess.Popen[str] | None:
    """Start the lab unless it is up; the process when it runs in the foreground."""
    with folder.command_lock():
        if folder.is_running():
            say(f"the Kubernetes lab in {folder.state} is already up")
            return None
        fresh = fresh or not folder.complete_file.exists()
        wanted = choose(folder, options, fresh=fresh)
        found = {name: str(path) for name, path in programs.ensure().items()}
        if fresh:
            folder.wipe()
        folder.log.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", "zonelab.kube.supervisor", "--state", str(folder.state)]
        command += ["--options", json.dumps(wanted.as_dict()), "--programs", json.dumps(found)]
        command += ["--parent", str(parent)] if parent else []
        command += ["--foreground"] if foreground else []
        process = run_supervisor(folder, command, {**os.environ, "PYTHONPATH": str(PACKAGES)})
        say(f"the Kubernetes lab is up; its kubeconfig is {folder.kubeconfig}")
        warn(folder)
        return process if foreground else None


def choose(folder: KubeFolder, options: KubeOptions | None, *, fresh: bool) -> KubeOptions:
    """Those asked for, if the lab's nodes are these; else those it has."""
    last = None if fresh else folder.read()
    if last is None:
        return options or KubeOptions()
    if options is None:
        return last.options
    if options.shape() != last.options.shape():
        raise LabError(
            f"the Kubernetes lab in {folder.state} has the shape {last.options.shape()}, not {options.shape()}:"
            " add --fresh to start anew, or use another --state"
        )
    return options


def warn(folder: KubeFolder) -> None:
    """Last, so that it is read: what passes the lab's own schema need not pass RHOSO's."""
    record = folder.read()
    if record and record.schema == definitions.OWN:
        say(
            "OWN SCHEMA: no folder of RHOSO's custom resource definitions was given (--crds, ZONEOPS_CRDS) or lies beside"
            " the checkout, so the lab serves a small schema of its own; docs/lab.md tells how to export the real ones"
        )


def down(folder: KubeFolder) -> bool:
    """Stop the lab; whether there was one to stop."""
    return stop(folder, lambda: record.pid if (record := folder.read()) else None)
