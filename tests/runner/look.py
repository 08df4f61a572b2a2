# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report in a real browser, and its picture in the README. Only on request: Chromium comes from the system, which takes root."""

from __future__ import annotations

import os
import shutil

from runner.environments import TOOLS, ensure
from runner.layout import laid_out
from runner.machine import COLLECTION, ROOT, call
from runner.suite import Job, Kind, Suite
from runner.surroundings import surroundings

# As tests/look/browser.py looks for it.
NAMES = ("chromium", "chromium-browser", "google-chrome")


def _why_none() -> str:
    return "" if any(map(shutil.which, NAMES)) else "no Chromium on PATH; on Debian: apt install chromium"


def _look(job: Job) -> str:
    pictures = {name: value for name, value in os.environ.items() if name == "ZONEOPS_LOOK"}
    return job.pytest("tests/look", env=job.environ(PYTHONPATH=job.layout, **pictures))


def picture() -> int:
    """Make docs/report.png anew."""
    with laid_out() as folder:
        environ = surroundings(TOOLS, folder, PYTHONPATH=f"{folder}:{folder / COLLECTION / 'tests'}")
        return call([ensure(TOOLS) / "bin" / "python", "-m", "look", str(ROOT)], folder, environ)


SUITES = (Suite("report-full", 70, Kind.MAIN, TOOLS, _look, on_request=True, needs=_why_none),)
