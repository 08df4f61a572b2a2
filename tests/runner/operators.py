# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests over objects that the real operators of RHOSO left behind. They lie beside the checkout, never in it."""

from __future__ import annotations

from runner.environments import newest_leg
from runner.kubernetes import fixtures
from runner.suite import Job, Kind, Suite

RELEASE = "rhoso-18.0-fr6"


def _missing() -> str:
    folder = fixtures() / RELEASE
    return "" if folder.is_dir() else f"no objects of the real operators in {folder}: set ZONEOPS_FIXTURES"


def _operators(job: Job) -> str:
    environ = job.environ(PYTHONPATH=job.layout, ZONEOPS_FIXTURES=fixtures())
    return job.pytest("tests/unit/operators", env=environ)


SUITES = (Suite("unit:operators", 30, Kind.MAIN, newest_leg(), _operators, needs=_missing),)
