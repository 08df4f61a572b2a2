# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suites on a real OpenStack (tests/lab/zonelab), some of them side by side."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from runner.environments import CORE_219, LEGS, TOOLS, Environment, newest_leg
from runner.machine import cache
from runner.process import Failed
from runner.suite import Job, Kind, Suite
from runner.unit import BETWEEN

# `sdk-lowest` runs on core 2.19 too: a second leg of it would differ in the version of openstacksdk that all others have.
ON_LABS = sorted(
    (leg for leg in LEGS if leg is not CORE_219 or leg is newest_leg()), key=lambda leg: leg is not newest_leg()
)
# Suites of their own, on labs of another kind.
OWN_LABS = ("--ignore=tests/integration/model", "--ignore=tests/integration/article")

LIVES = "tests/lab/selftest/test_lives.py"


def _lab_path(job: Job) -> Path:
    return job.collection / "tests" / "lab"


def _own_folder(job: Job) -> Path:
    """An empty folder for what one suite makes: the installed collection, a lab's state."""
    folder = cache() / "tests" / job.layout.name / job.suite.name.replace(":", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _selftest(job: Job) -> str:
    """What a lab answers. That labs start, stop, die and are copied, all suites on labs rely on."""
    return job.pytest("tests/lab/selftest", f"--ignore={LIVES}", env=job.environ(PYTHONPATH=_lab_path(job)))


def _lives(job: Job) -> str:
    return job.pytest(LIVES, env=job.environ(PYTHONPATH=_lab_path(job)))


def _tests(job: Job, *arguments: str, **more: str) -> str:
    return job.pytest(*arguments, env=job.environ(PYTHONPATH=f"{job.layout}:{_lab_path(job)}", **more))


def _integration(job: Job) -> str:
    """Everything on the newest core; on the others what could differ there, and more of it on the oldest and with the lowest openstacksdk."""
    leg = job.suite.environment
    part = "not pages" if leg is newest_leg() else "smoke" if leg in BETWEEN else "smoke or edge"
    return _tests(job, "tests/integration", *OWN_LABS, "-m", part)


def _budget(leg: Environment) -> int:
    return 1250 if leg is newest_leg() else 90 if leg in BETWEEN else 120


def _older_cloud(job: Job) -> str:
    """The lab poses as the release that RHOSO 18 is made of. It refuses newer microversions, so each kind of request is made there once."""
    part = (*OWN_LABS, "-m", "aged")
    return _tests(job, "tests/integration", *part, ZONEOPS_CLOUD_AGE="antelope")


def _article(job: Job) -> str:
    """A user's commands in a region of three zones with networks."""
    return _tests(job, "tests/integration/article")


def _model(job: Job) -> str:
    return _tests(job, "tests/integration/model")


def _task_pages(job: Job) -> str:
    return _tests(job, "tests/integration", *OWN_LABS, "-m", "pages")


def _faults(job: Job) -> str:
    return _tests(job, "tests/faults")


def _all_faults(job: Job) -> str:
    """Also of the tests that are named: an argument would give way to them."""
    return _tests(job, "tests/faults", PYTEST_ADDOPTS="--full")


def _fleet(job: Job) -> str:
    """Two hundred servers take a lab minutes to make: fewer with ZONEOPS_FLEET_SERVERS, in a lab that is up with ZONEOPS_FLEET_LAB."""
    given = {name: value for name, value in os.environ.items() if name.startswith("ZONEOPS_FLEET_")}
    return _tests(job, "tests/fleet", **given)


def _pages(job: Job) -> str:
    return _tests(job, "tests/pages")


def _molecule(job: Job) -> str:
    """The scenarios, with the collection as users get it: installed from the tarball."""
    folder = _own_folder(job)
    installed, state = folder / "collections", folder / "lab"
    job.run("ansible-galaxy", "collection", "build", "--output-path", folder, job.collection)
    (tarball,) = folder.glob("*.tar.gz")
    here = job.environ(ANSIBLE_COLLECTIONS_PATH=installed)
    job.run("ansible-galaxy", "collection", "install", "--offline", "-p", installed, tarball, cwd=folder, env=here)
    here |= {"ZONELAB_STATE": str(state), "OS_CLIENT_CONFIG_FILE": str(state / "clouds.yaml")}
    try:
        output = job.run("molecule", "test", "--all", env=here)
    finally:
        # Molecule stops the lab too, unless it was stopped itself.
        here = job.environ(PYTHONPATH=_lab_path(job))
        job.run(sys.executable, "-m", "zonelab", "--state", state, "down", env=here)
    scenarios = sorted(path.parent.name for path in job.collection.glob("extensions/molecule/*/converge.yml"))
    # Molecule is green with an empty inventory, and when it does not find its own configuration.
    if re.search("no hosts matched|could not match supplied host pattern", output, re.IGNORECASE):
        raise Failed("a play of a scenario matched no host")
    if silent := [name for name in scenarios if f"{name} > verify" not in output]:
        raise Failed(f"molecule did not verify {', '.join(silent)}")
    return f"scenarios {', '.join(scenarios)} from {tarball.name}"


SUITES = (
    Suite("lab:selftest", 150, Kind.LAB, TOOLS, _selftest),
    Suite("lab-full", 240, Kind.LAB, TOOLS, _lives, on_request=True),
    Suite("faults", 800, Kind.LAB, newest_leg(), _faults),
    Suite("faults-full", 2400, Kind.LAB, newest_leg(), _all_faults, on_request=True),
    Suite("fleet-full", 2400, Kind.LAB, newest_leg(), _fleet, on_request=True),
    *(Suite(f"integration:{leg.name}", _budget(leg), Kind.LAB, leg, _integration) for leg in ON_LABS),
    Suite("integration:antelope", 400, Kind.LAB, newest_leg(), _older_cloud),
    Suite("integration:pages", 550, Kind.LAB, newest_leg(), _task_pages),
    Suite("integration:article", 290, Kind.LAB, newest_leg(), _article),
    Suite("integration:model", 190, Kind.LAB, newest_leg(), _model),
    Suite("molecule", 200, Kind.DEMO, TOOLS, _molecule),
    Suite("pages", 400, Kind.DEMO, TOOLS, _pages),
)
