# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suites on a real Kubernetes API (tests/lab/zonelab/kube), with RHOSO's custom resource definitions of two releases."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from runner.environments import newest_leg, quick_leg
from runner.machine import ROOT, cache
from runner.suite import Job, Kind, Suite
from runner.surroundings import lab_settings

GROUP = "kubernetes"
NEWEST, OLDER = "18.0-fr6", "18.0-fr4"
OWN = "own"  # the lab's name for its own schema
# What lies beside a checkout of the project: definitions, and objects that were read after the real operators.
BESIDE = ROOT.parent / "shared"


def definitions() -> Path:
    """The folder with one folder of definitions for each release."""
    return Path(os.environ.get("ZONEOPS_CRDS") or BESIDE / "crds")


def fixtures() -> Path:
    """The folder with one folder of objects for each release."""
    return Path(os.environ.get("ZONEOPS_FIXTURES") or BESIDE / "fixtures")


def building(chosen: Sequence[Suite]) -> contextlib.AbstractContextManager[None]:
    """Build the lab's programs beside other set-up, when a suite will need them."""
    return programs(wanted=any(suite.name.startswith(f"{GROUP}:") for suite in chosen) and not no_programs())


def programs(*, wanted: bool) -> contextlib.AbstractContextManager[None]:
    """Build them in the background, when they are wanted; who comes to need them earlier waits for the same lock."""
    return _build() if wanted else contextlib.nullcontext()


@contextlib.contextmanager
def _build() -> Iterator[None]:
    """A suite that comes to need them earlier waits for the same lock."""
    log = cache() / "logs" / "kubernetes-programs.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(zonelab("build-kubernetes"), env=_environ(), stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def zonelab(*arguments: str) -> list[str]:
    """A command of the lab, on the runner's own interpreter: this half of the lab needs no environment."""
    return [sys.executable, "-m", "zonelab", *arguments]


def _environ() -> dict[str, str]:
    """The user's: Go's settings are among them."""
    return {**os.environ, **lab_settings(), "PYTHONPATH": str(ROOT / "tests" / "lab")}


@functools.cache
def no_programs() -> str:
    """Why the lab's programs are not here and cannot be built, or nothing."""
    asked = subprocess.run(
        zonelab("build-kubernetes", "--check"), env=_environ(), capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode else ""


def ready() -> bool:
    """Whether the lab's programs are there: without, they are built for minutes first."""
    return subprocess.run(zonelab("build-kubernetes", "--ready"), env=_environ(), check=False).returncode == 0


def _no_lab() -> str:
    return no_programs()


def no_release(release: str) -> Callable[[], str]:
    """Says why a lab with the definitions of a release cannot be had, or nothing."""

    def why() -> str:
        folder = definitions() / release
        if not any(folder.glob("*.yaml")):
            return no_programs() or f"no definitions of RHOSO {release} in {folder}: set ZONEOPS_CRDS, see docs/lab.md"
        if release == NEWEST and not any(fixtures().glob(f"*-{release}")):
            return (
                no_programs() or f"no objects of RHOSO {release} in {fixtures()}: set ZONEOPS_FIXTURES, see docs/lab.md"
            )
        return no_programs()

    return why


def _suite(schema: str, *part: str) -> Callable[[Job], str]:
    def run(job: Job) -> str:
        alone = schema == OWN and not any(definitions().glob("*/*.yaml"))
        environ = job.environ(
            PYTHONPATH=f"{job.layout}:{job.collection / 'tests' / 'lab'}",
            ZONEOPS_CRDS=OWN if schema == OWN else definitions() / schema,
            ZONEOPS_FIXTURES=fixtures(),
        )
        said = job.pytest("tests/kubernetes", *(WITHOUT_RHOSO if alone else part), env=environ)
        return f"{said}, ONLY on the lab's own small schema" if alone else said

    return run


def _both_halves(job: Job) -> str:
    """A lab with both halves, in which OpenStack serves what the control plane declares."""
    environ = job.environ(
        PYTHONPATH=f"{job.layout}:{job.collection / 'tests' / 'lab'}", ZONEOPS_CRDS=definitions() / NEWEST
    )
    return job.pytest("tests/region", env=environ)


RELEASES = ("-m", "releases")
# Without definitions of a release, and so without the objects that were read from one.
WITHOUT_RHOSO = ("-m", "not rhoso")
SUITES = (
    Suite(f"{GROUP}:{NEWEST}", 680, Kind.LAB, quick_leg(), _suite(NEWEST), needs=no_release(NEWEST)),
    Suite(f"{GROUP}:{OLDER}", 30, Kind.LAB, newest_leg(), _suite(OLDER, *RELEASES), needs=no_release(OLDER)),
    Suite(f"{GROUP}:both-halves", 320, Kind.LAB, newest_leg(), _both_halves, needs=no_release(NEWEST)),
    Suite(f"{GROUP}:own-schema", 30, Kind.LAB, newest_leg(), _suite(OWN, *RELEASES), needs=_no_lab),
)
