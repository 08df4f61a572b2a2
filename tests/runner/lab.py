# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suites on a real OpenStack (tests/lab/zonelab), some of them side by side."""

from __future__ import annotations

import os
from pathlib import Path

from runner.environments import CORE_218, CORE_220, CORE_NEWEST, LEGS, TOOLS, Environment, newest_leg, quick_leg
from runner.suite import Job, Kind, Suite

BETWEEN = (CORE_218, CORE_220)
# The first runs everything.
ON_LABS = sorted(LEGS, key=lambda leg: leg is not quick_leg())
# Suites of their own, on labs of another kind.
OWN_LABS = ("--ignore=tests/integration/model", "--ignore=tests/integration/article")
SERVERS, LOST = "tests/integration/servers", "tests/integration/lost"
# What needs programs that only the lock of the newest core has.
CALLERS = "callers"

LIVES = "tests/lab/selftest/test_lives.py"


def _lab_path(job: Job) -> Path:
    return job.collection / "tests" / "lab"


def _selftest(job: Job) -> str:
    """What a lab answers. That labs start, stop, die and are copied, all suites on labs rely on."""
    return job.pytest("tests/lab/selftest", f"--ignore={LIVES}", env=job.environ(PYTHONPATH=_lab_path(job)))


def _lives(job: Job) -> str:
    return job.pytest(LIVES, env=job.environ(PYTHONPATH=_lab_path(job)))


def _tests(job: Job, *arguments: str, **more: str) -> str:
    return job.pytest(*arguments, env=job.environ(PYTHONPATH=f"{job.layout}:{_lab_path(job)}", **more))


def _integration(job: Job) -> str:
    """Everything on one leg; on the others what could differ there, and more of it on the oldest (with the lowest openstacksdk) and the newest."""
    leg = job.suite.environment
    own = "" if leg is CORE_NEWEST else f"and not {CALLERS}"
    if leg is quick_leg():
        others = (f"--ignore={SERVERS}", f"--ignore={LOST}")
        return _tests(job, "tests/integration", *OWN_LABS, *others, "-m", f"not pages {own}")
    chosen = "smoke" if leg in BETWEEN else f"smoke or edge or {CALLERS}" if leg is CORE_NEWEST else "smoke or edge"
    return _tests(job, "tests/integration", *OWN_LABS, "-m", chosen)


def _servers(job: Job) -> str:
    """What becomes of servers when hosts and zones are emptied."""
    return _tests(job, SERVERS)


def _lost(job: Job) -> str:
    """What becomes of servers when hosts and zones die and return."""
    return _tests(job, LOST)


def _budget(leg: Environment) -> int:
    return 1000 if leg is quick_leg() else 60 if leg in BETWEEN else 120


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


SUITES = (
    Suite("lab:selftest", 130, Kind.LAB, TOOLS, _selftest),
    Suite("lab-full", 240, Kind.LAB, TOOLS, _lives, on_request=True),
    Suite("faults", 750, Kind.LAB, quick_leg(), _faults),
    Suite("faults-full", 10800, Kind.LAB, quick_leg(), _all_faults, on_request=True),
    Suite("fleet-full", 2400, Kind.LAB, quick_leg(), _fleet, on_request=True),
    *(Suite(f"integration:{leg.name}", _budget(leg), Kind.LAB, leg, _integration) for leg in ON_LABS),
    Suite("integration:servers", 450, Kind.LAB, quick_leg(), _servers),
    Suite("integration:lost", 990, Kind.LAB, quick_leg(), _lost),
    Suite("integration:antelope", 140, Kind.LAB, quick_leg(), _older_cloud),
    Suite("integration:pages", 400, Kind.LAB, newest_leg(), _task_pages),
    Suite("integration:article", 110, Kind.LAB, quick_leg(), _article),
    Suite("integration:model", 60, Kind.LAB, quick_leg(), _model),
    Suite("pages", 270, Kind.DEMO, TOOLS, _pages),
)
