# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools that are green with nothing done: each such answer, as the tool gives it with exit code 0, fails its suite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from runner import importer, lab, linters, sanity, schedule
from runner.catalogue import SUITES
from runner.environments import TOOLS, Environment
from runner.machine import COLLECTION
from runner.process import Failed
from runner.report import Verdict
from runner.schedule import Run
from runner.suite import Job, Kind, Suite


@dataclass(frozen=True)
class Said(Job):
    """A job whose commands are not run; they say what the test gives, by the words of the command."""

    answers: Mapping[str, str] = field(default_factory=dict)

    def environ(self, **more: str | Path) -> dict[str, str]:
        return {name: str(value) for name, value in more.items()}

    def run(self, *argv: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        command = " ".join(map(str, argv))
        if "collection build" in command:
            (Path(argv[argv.index("--output-path") + 1]) / "zoneops-openstack-0.1.0.tar.gz").touch()
        if "galaxy_importer.main" in command:
            found = {"content_type": "module", "content_name": "one", "doc_strings": self.answers.get("doc_strings")}
            (Path(cwd or "") / "importer_result.json").write_text(json.dumps({"docs_blob": {"contents": [found]}}))
        return next((answer for words, answer in self.answers.items() if words in command), "")


def said(folder: Path, suite: str, answers: Mapping[str, str]) -> str:
    collection = folder / COLLECTION
    (collection / "plugins" / "modules").mkdir(parents=True)
    (collection / "plugins" / "modules" / "one.py").touch()
    (collection / "meta").mkdir()
    (collection / "meta" / "runtime.yml").touch()
    (collection / "playbooks").mkdir()
    for name in ("site", "verify"):
        (collection / "playbooks" / f"{name}.yml").touch()
    scenario = collection / "extensions" / "molecule" / "availability_zones"
    scenario.mkdir(parents=True)
    (scenario / "converge.yml").touch()
    (chosen,) = (one for one in SUITES if one.name == suite)
    return chosen.run(Said(suite=chosen, layout=folder, log=folder / "log", answers=answers))


@pytest.fixture(autouse=True)
def nothing_is_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sanity, "_provide_pip", lambda *_given: None)


IMPORTED = """\
Importing with galaxy-importer 0.4.44
Getting doc strings via ansible-doc
Finding content inside collection
Loading module one
Collection loading complete
Importer processing completed successfully
"""
IMPORT = {
    "Config.DEFAULTS": " ".join(importer.SETTINGS).lower(),
    "galaxy_importer.main": IMPORTED,
    "doc_strings": "{}",
    "flake8": "0.1        seconds elapsed\n1          total files processed",
}
MANY_TESTS = "".join(f"Running sanity test '{number}'\n" for number in range(24))


@pytest.mark.parametrize(
    ("suite", "answers", "message"),
    [
        ("sanity:core-2.18", {"--list-files": ""}, "ansible-test sees 0 files"),
        ("sanity:core-2.18", {"--list-files": "a b c", "sanity": "All targets skipped."}, "ran only 0 tests"),
        ("sanity:importer", IMPORT | {"Config.DEFAULTS": "run_flake8"}, "ignores CHECK_CHANGELOG, "),
        (
            "sanity:importer",
            IMPORT | {"galaxy_importer.main": f"{IMPORTED}WARNING: No changelog found."},
            "warns: WARNING: No changelog",
        ),
        (
            "sanity:importer",
            IMPORT | {"galaxy_importer.main": f"{IMPORTED}SPDX: unknown"},
            "warns: SPDX: unknown",
        ),
        ("sanity:importer", IMPORT | {"doc_strings": ""}, "no documentation of one"),
        ("sanity:importer", IMPORT | {"flake8": "0          total files processed"}, "at least 1 files: 0 "),
        ("sanity:importer", IMPORT | {"flake8": ""}, "it named no number"),
        (
            "lint:ansible",
            {"ansible-lint": "Passed: 0 failure(s) in 2 files processed of 2"},
            "at least 3 files: in 2 files",
        ),
        ("lint:ansible", {"ansible-lint": ""}, "it named no number"),
        ("lint:yamllint", {"--list-files": ""}, "only 0 files"),
        ("molecule", {"molecule test": "skipping: no hosts matched"}, "matched no host"),
        ("molecule", {"molecule test": "[WARNING]: Could not match supplied host pattern"}, "matched no host"),
        ("molecule", {"molecule test": "Molecule executed 0 scenarios"}, "did not verify availability_zones"),
        ("molecule-full", {"molecule test": "Molecule executed 0 scenarios"}, "did not verify availability_zones"),
        ("unit:core-2.19", {"pytest": "no tests ran in 0.01s"}, "no tests ran"),
        ("unit:core-2.19", {"pytest": "12 passed, 1 skipped in 0.01s"}, "1 skipped"),
        ("unit:core-2.19", {"pytest": "12 passed, 1 xfailed in 0.01s"}, "1 xfailed"),
    ],
)
def test_nothing_done_is_a_failure(suite: str, answers: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match=message.replace("(", r"\(")):
        said(tmp_path, suite, answers)


@pytest.mark.parametrize(
    ("suite", "answers"),
    [
        ("sanity:core-2.18", {"--list-files": "a b", "sanity": MANY_TESTS}),
        ("sanity:importer", IMPORT),
        ("lint:ansible", {"ansible-lint": "Passed: 0 failure(s) in 3 files processed of 5"}),
        (
            "molecule",
            {"molecule test": "availability_zones > verify: Successful host_maintenance > verify: Successful"},
        ),
        ("molecule-full", {"molecule test": "availability_zones > verify: Executed: Successful"}),
        ("unit:core-2.19", {"pytest": "12 passed in 0.01s"}),
    ],
)
def test_the_same_with_something_done_passes(suite: str, answers: dict[str, str], tmp_path: Path) -> None:
    assert said(tmp_path, suite, answers)


def test_an_installed_copy_of_the_collection_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stray = tmp_path / "ansible_collections"
    monkeypatch.setattr(schedule, "stray_collections", lambda: stray)

    def install(_job: Job) -> str:
        stray.mkdir()
        return "done"

    result = Run(tmp_path / "layout")._one(Suite("one", 5, Kind.MAIN, TOOLS, install))
    assert result.verdict is Verdict.FAILED
    assert "shadows the layout" in result.said


@pytest.mark.parametrize(("in_ci", "verdict"), [(False, Verdict.NOT_RUN), (True, Verdict.FAILED)])
def test_a_missing_python(in_ci: bool, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "IN_CI", in_ci)
    leg = Environment("leg", (3, 98), (3, 99))
    result = Run(tmp_path / "layout")._one(Suite("one", 5, Kind.MAIN, leg, lambda _job: "never run"))
    assert result.verdict is verdict
    assert result.said.startswith("no Python 3.98 to 3.99 found (found: 3.")


def test_the_suites_tested_here_are_those_that_run() -> None:
    assert {*linters.SUITES, *sanity.SUITES, *importer.SUITES, *lab.SUITES} <= {*SUITES}


def test_each_leg_of_sanity_has_a_home_of_its_own(tmp_path: Path) -> None:
    """Legs on the same Python share ansible-test's environments otherwise, and one finds what the other has half made."""
    homes = {}
    for suite in sanity.SUITES:
        folder = tmp_path / suite.name.replace(":", "-")
        folder.mkdir()
        job = _Homes(
            suite=suite,
            layout=folder,
            log=folder / "log",
            answers={"--list-files": "a b", "ansible-test sanity": MANY_TESTS},
        )
        (job.collection / "plugins").mkdir(parents=True)
        suite.run(job)
        homes[suite.name] = job.homes
    assert all(len(found) == 1 for found in homes.values())
    by_leg = {suite.environment: homes[suite.name] for suite in sanity.SUITES}
    assert len({next(iter(found)) for found in by_leg.values()}) == len(by_leg)


@dataclass(frozen=True)
class _Homes(Said):
    """Notes the home of each command of ansible-test."""

    homes: set[str] = field(default_factory=set)

    def run(self, *argv: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        if argv[0] == "ansible-test":
            self.homes.add((env or {})["HOME"])
        return super().run(*argv, cwd=cwd, env=env)
