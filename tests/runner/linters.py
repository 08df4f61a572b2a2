# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that only read the files: format, types, licences, changelog, and Ansible's own linter."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

from runner.environments import IMPORTER, TOOLS
from runner.machine import COLLECTION
from runner.process import Failed
from runner.suite import Job, Kind, Suite


def _ruff(job: Job) -> str:
    job.run("ruff", "check", "--no-cache", ".")
    return job.run("ruff", "format", "--no-cache", "--check", ".").strip().rpartition("\n")[2]


def _yamllint(job: Job) -> str:
    job.run("yamllint", "--strict", ".")
    # What it looked at: it has nothing to say about a folder without YAML either.
    looked_at = job.run("yamllint", "--list-files", ".").split()
    if len(looked_at) < len(list((job.collection / "meta").glob("*.yml"))):
        raise Failed(f"yamllint found only {len(looked_at)} files")
    return f"{len(looked_at)} files"


LAB = f"{COLLECTION}/tests/lab"
# Several mypy processes that write to one cache at the same time break it for each other.
MYPY_CACHE = threading.Lock()
TYPED_TESTS = (
    "drill",
    "event_query",
    "events",
    "faults",
    "integration",
    "kubernetes",
    "look",
    "packaging",
    "pages",
    "region",
    "unit/operators",
    "unit/plugins",
)


def _mypy(name: str, imported_from: Sequence[str], *target: str) -> Suite:
    """Types, strictly, against the newest core only (they differ from core to core); paths are those in the layout."""

    def run(job: Job) -> str:
        environ = job.environ(MYPYPATH=":".join(str(job.layout / folder) for folder in imported_from))
        settings = ("--config-file", job.collection / "mypy.ini", "--show-traceback")
        with MYPY_CACHE:
            output = job.run("mypy", *settings, *target, cwd=job.layout, env=environ)
        return output.strip().rpartition("\n")[2]

    return Suite(f"lint:mypy-{name}", 60, Kind.QUICK, TOOLS, run)


def _changelog(job: Job) -> str:
    job.run("antsibull-changelog", "lint")
    return "fragments and changelog.yaml are valid"


def _licences(job: Job) -> str:
    job.run("reuse", "lint", "--lines")
    return "every file has its licence"


def _ansible_lint(job: Job) -> str:
    """An empty folder passes ansible-lint too: ask for the number of files."""
    output = job.run("ansible-lint", "--offline", "--profile", "production", "--strict")
    said = re.search(r"in (\d+) files processed", output)
    least = len([*job.collection.glob("roles/*/tasks/*.yml"), *job.collection.glob("playbooks/*.yml")]) + 1
    if not said or int(said[1]) < least:
        raise Failed(f"ansible-lint must process at least {least} files: {said[0] if said else 'it named no number'}")
    return f"{said[1]} files"


# Those of galaxy-importer (eda/tox.ini), which a hub runs on an upload, in a folder without settings.
HUB_RUFF = (
    *("--isolated", "--no-cache", "--quiet", "--select", "ALL"),
    *("--ignore", "D100,D104,INP001,FA102,UP001,UP010,I001,FA100,PLR0913,E501"),
)
HUB_PYLINT = ("--rcfile=", "--output-format=parseable", "-sn", "--disable", "R0801,E0401,C0103,R0913,R0902,R0903")


def _event_sources(job: Job) -> str:
    plugins = job.collection / "extensions" / "eda" / "plugins"
    sources = sorted(plugins.glob("event_source/*.py"))
    if not sources:
        raise Failed("there is no event source to check")
    job.run("ruff", "check", *HUB_RUFF, plugins)
    job.run("pylint", *HUB_PYLINT, *sources)
    return f"{len(sources)} event source{'s' * (len(sources) > 1)}"


SUITES = (
    Suite("lint:ruff", 5, Kind.QUICK, TOOLS, _ruff),
    Suite("lint:yamllint", 10, Kind.QUICK, TOOLS, _yamllint),
    _mypy("plugins", ["."], f"{COLLECTION}/plugins", f"{COLLECTION}/extensions/eda/plugins"),
    _mypy("tests", [".", LAB], *(f"{COLLECTION}/tests/{folder}" for folder in TYPED_TESTS)),
    _mypy("runner", [f"{COLLECTION}/tests"], f"{COLLECTION}/tests/runner", f"{COLLECTION}/tests/unit/runner"),
    _mypy("zonelab", [LAB], f"{LAB}/zonelab", f"{LAB}/selftest"),
    _mypy("benchmark", [f"{COLLECTION}/tests", LAB], f"{COLLECTION}/tests/benchmark"),
    Suite("lint:changelog", 10, Kind.QUICK, TOOLS, _changelog),
    Suite("lint:licences", 20, Kind.QUICK, TOOLS, _licences),
    Suite("lint:eda", 20, Kind.QUICK, IMPORTER, _event_sources),
    Suite("lint:ansible", 120, Kind.MAIN, TOOLS, _ansible_lint),
)
