# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit and property tests on every leg, and the tests of the package as users get it."""

from __future__ import annotations

from runner.environments import CORE_216, CORE_219, CORE_NEWEST, LEGS, TOOLS, Environment, newest_leg
from runner.suite import Job, Kind, Suite

PLAIN = ("inventory", "modules", "plugin_utils")
# What touches ansible-core, on each: how it ends a task that fails, and runs a body in its own process.
OF_CORE = ("action/test_ends.py", "action/test_in_process.py", *PLAIN)
# The actions, and the playbooks with stand-ins for the modules. Since core 2.19 templates have another engine: on the oldest core, and on 2.19, where the
# distribution's Python runs them in less time.
PLAYED = ("action", *PLAIN)
# Of those the ones that depend on what a core prints and returns, and the pure Python of the collection, which the oldest and the newest interpreter run.
OF_NEWEST = (
    *OF_CORE,
    "action/test_crashes.py",
    "action/test_secrets.py",
    "action/test_zone_map.py",
    "action/test_zone_report.py",
    "module_utils",
)
# Of each property, on all cores but the newest; there as many as Hypothesis itself takes, which is four times that.
FEWER_EXAMPLES = "25"


def _unit(job: Job) -> str:
    folder, leg = "tests/unit/plugins", job.suite.environment
    parts = {CORE_216: ("",), CORE_219: PLAYED, CORE_NEWEST: OF_NEWEST}.get(leg, OF_CORE)
    examples = {} if leg is newest_leg() else {"ZONEOPS_EXAMPLES": FEWER_EXAMPLES}
    environ = job.environ(PYTHONPATH=job.layout, **examples)
    return job.pytest(*(f"{folder}/{part}".rstrip("/") for part in parts), env=environ)


def _runner(job: Job) -> str:
    return job.pytest("tests/unit/runner", env=job.environ(PYTHONPATH=job.collection / "tests"))


def _zonelab(job: Job) -> str:
    return job.pytest("tests/unit/zonelab", env=job.environ(PYTHONPATH=job.collection / "tests" / "lab"))


def _packaging(job: Job) -> str:
    return job.pytest("tests/packaging")


def _budget(leg: Environment) -> int:
    return {CORE_216: 430, CORE_219: 330, CORE_NEWEST: 250}.get(leg, 65)


SUITES = (
    *(Suite(f"unit:{leg.name}", _budget(leg), Kind.PLAYS, leg, _unit) for leg in LEGS),
    Suite("unit:runner", 30, Kind.QUICK, TOOLS, _runner),
    Suite("unit:zonelab", 20, Kind.MAIN, TOOLS, _zonelab),
    Suite("packaging", 40, Kind.MAIN, TOOLS, _packaging),
)
