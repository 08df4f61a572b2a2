# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Molecule's scenarios, one for each role, on one lab for all of them, with the collection as users get it: installed from the tarball."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from runner import kubernetes
from runner.environments import TOOLS
from runner.machine import cache
from runner.process import Failed
from runner.suite import Job, Kind, Suite

# Of a whole run: the playbooks of all roles are tested there in other ways.
FEW = ("availability_zones", "host_maintenance")
# What RHOSO has, in a cluster of its own: OpenStack keeps its storage and hosts whatever becomes of it.
BOTH_HALVES = "--openstack --kubernetes --operators --installed"


def _own_folder(job: Job) -> Path:
    """An empty folder for what one suite makes: the installed collection, a lab's state."""
    folder = cache() / "tests" / job.layout.name / job.suite.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _of_roles(job: Job) -> list[str]:
    return sorted(path.parent.name for path in job.collection.glob("extensions/molecule/*/converge.yml"))


def _scenarios(job: Job, wanted: Sequence[str], lab: str) -> str:
    """Run those that are wanted, or those named as arguments.

    :param lab: the options with which it starts.
    """
    names = job.arguments or wanted
    folder = _own_folder(job)
    installed, state = folder / "collections", folder / "lab"
    job.run("ansible-galaxy", "collection", "build", "--output-path", folder, job.collection)
    (tarball,) = folder.glob("*.tar.gz")
    here = job.environ(
        ANSIBLE_COLLECTIONS_PATH=installed,
        # Its own, and empty: molecule remembers there that a lab is up, also one of a run that was killed.
        MOLECULE_EPHEMERAL_DIRECTORY=folder / "molecule",
        ZONELAB_STATE=state,
        ZONELAB_UP=lab,
        OS_CLIENT_CONFIG_FILE=state / "clouds.yaml",
        K8S_AUTH_KUBECONFIG=state / "kubernetes" / "kubeconfig",
        ZONEOPS_CRDS=kubernetes.definitions() / kubernetes.NEWEST,
    )
    job.run("ansible-galaxy", "collection", "install", "--offline", "-p", installed, tarball, cwd=folder, env=here)
    try:
        output = job.run("molecule", "test", *(f"--scenario-name={name}" for name in names), env=here)
    finally:
        # Molecule stops the lab too, unless it was stopped itself.
        here = job.environ(PYTHONPATH=job.collection / "tests" / "lab")
        job.run(sys.executable, "-m", "zonelab", "--state", state, "down", env=here)
    # Molecule is green with an empty inventory, and when it does not find its own configuration.
    if re.search("no hosts matched|could not match supplied host pattern", output, re.IGNORECASE):
        raise Failed("a play of a scenario matched no host")
    if silent := [name for name in names if f"{name} > verify" not in output]:
        raise Failed(f"molecule did not verify {', '.join(silent)}")
    return f"scenarios {', '.join(names)} from {tarball.name}"


def _few(job: Job) -> str:
    return _scenarios(job, FEW, lab="")


def _all(job: Job) -> str:
    return _scenarios(job, _of_roles(job), lab=BOTH_HALVES)


SUITES = (
    Suite("molecule", 80, Kind.DEMO, TOOLS, _few),
    Suite(
        "molecule-full", 1500, Kind.DEMO, TOOLS, _all, on_request=True, needs=kubernetes.no_release(kubernetes.NEWEST)
    ),
)
