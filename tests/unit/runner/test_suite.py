# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A suite that fails says why in one line, which is all that there is of it in the table."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from runner.catalogue import SUITES
from runner.process import Failed
from runner.suite import SHOWN, Job

LONG = "a_name_as_long_as_those_of_the_tests_of_this_project_often_are_or_even_longer"
TESTS = f"""
import logging
import pytest

@pytest.mark.parametrize("number", range({SHOWN + 2}))
def test_{LONG}(number):
    logging.error("said before the summary")
    assert number == 7, "no seven"
"""


def job(folder: Path) -> Job:
    return Job(SUITES[0], folder, folder / "log")


def environ() -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_tests_that_failed_are_named_with_their_errors(tmp_path: Path) -> None:
    found = job(tmp_path)
    found.collection.mkdir(parents=True)
    (found.collection / "test_it.py").write_text(TESTS)
    with pytest.raises(Failed) as failed:
        found.pytest("test_it.py", "-p", "no:randomly", env=environ())
    first, *others, last = str(failed.value).split("; ")
    assert first == f"FAILED test_it.py::test_{LONG}[0] - AssertionError: no seven"
    assert (len(others), last) == (SHOWN - 1, "and 2 more")


def test_where_no_test_is_named_the_exit_code_is(tmp_path: Path) -> None:
    found = job(tmp_path)
    found.collection.mkdir(parents=True)
    with pytest.raises(Failed, match=r"^bash ended with exit code 3$"):
        found.run("bash", "-c", "echo 'ERROR    of:a.log:1 line'; exit 3", env=environ())
    (found.collection / "conftest.py").write_text("print('ERROR of a log'); raise SystemExit(5)")
    (found.collection / "test_it.py").write_text("")
    with pytest.raises(Failed, match=r"^python ended with exit code 5$"):
        found.pytest("test_it.py", env=environ())
