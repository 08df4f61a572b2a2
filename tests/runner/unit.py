# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit and property tests on every leg, and the tests of the package as users get it."""

from __future__ import annotations

from runner.environments import CORE_218, CORE_219, CORE_220, LEGS, TOOLS
from runner.suite import Job, Kind, Suite

# Between the oldest and the newest core only what touches ansible-core can differ: the rest is pure Python, run on the oldest and the newest Python
# with the newest openstacksdk, and with the lowest.
BETWEEN = (CORE_218, CORE_219, CORE_220)
OF_CORE = ("action", "modules", "plugin_utils")


def _unit(job: Job) -> str:
    folder = "tests/unit/plugins"
    if job.suite.environment not in BETWEEN:
        return job.pytest(folder)
    return job.pytest(*(f"{folder}/{part}" for part in OF_CORE))


def _runner(job: Job) -> str:
    return job.pytest("tests/unit/runner", env=job.environ(PYTHONPATH=job.collection / "tests"))


def _zonelab(job: Job) -> str:
    return job.pytest("tests/unit/zonelab", env=job.environ(PYTHONPATH=job.collection / "tests" / "lab"))


def _packaging(job: Job) -> str:
    return job.pytest("tests/packaging")


SUITES = (
    *(Suite(f"unit:{leg.name}", 60 if leg in BETWEEN else 120, Kind.MAIN, leg, _unit) for leg in LEGS),
    Suite("unit:runner", 20, Kind.QUICK, TOOLS, _runner),
    Suite("unit:zonelab", 60, Kind.MAIN, TOOLS, _zonelab),
    Suite("packaging", 90, Kind.MAIN, TOOLS, _packaging),
)
