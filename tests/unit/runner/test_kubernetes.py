# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suites on Kubernetes: what is missing is told, loudly, and fails in CI; without definitions the own schema takes all tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from runner import kubernetes, schedule
from runner.environments import TOOLS
from runner.report import Verdict, closing
from runner.schedule import Run
from runner.suite import Job, Kind, Suite

(NEWEST, OLDER, BOTH, OWN) = kubernetes.SUITES


@dataclass(frozen=True)
class Asked(Job):
    """A job that only remembers what pytest was to run."""

    seen: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def environ(self, **more: str | Path) -> dict[str, str]:
        return {name: str(value) for name, value in more.items()}

    def pytest(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
        self.seen.append((tuple(map(str, arguments)), (env or {})["ZONEOPS_CRDS"]))
        return "5 passed"


@pytest.fixture(autouse=True)
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZONEOPS_CRDS", str(tmp_path / "crds"))
    monkeypatch.setenv("ZONEOPS_FIXTURES", str(tmp_path / "fixtures"))
    monkeypatch.setattr(kubernetes, "no_programs", str)


def provide(tmp_path: Path, *releases: str) -> None:
    for release in releases:
        (tmp_path / "crds" / release).mkdir(parents=True)
        (tmp_path / "crds" / release / "one.yaml").touch()


def said(suite: Suite, tmp_path: Path) -> tuple[str, tuple[str, ...], str]:
    job = Asked(suite=suite, layout=tmp_path, log=tmp_path / "log")
    said = suite.run(job)
    ((arguments, definitions),) = job.seen
    return said, arguments, definitions


@pytest.mark.parametrize(("in_ci", "verdict"), [(False, Verdict.NOT_RUN), (True, Verdict.FAILED)])
def test_missing_definitions_are_told(
    in_ci: bool, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(schedule, "IN_CI", in_ci)
    suite = Suite("one", 5, Kind.MAIN, TOOLS, lambda _job: "never run", needs=OLDER.needs)
    result = Run(tmp_path / "layout")._one(suite)
    assert result.verdict is verdict
    assert (
        result.said
        == f"no definitions of RHOSO 18.0-fr4 in {tmp_path}/crds/18.0-fr4: set ZONEOPS_CRDS, see docs/lab.md"
    )
    assert in_ci or closing([result]).startswith("NOT RUN: one: no definitions of RHOSO")


def test_missing_objects_and_missing_programs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provide(tmp_path, "18.0-fr6", "18.0-fr4")
    assert NEWEST.missing.startswith("no objects of RHOSO 18.0-fr6")
    assert OLDER.missing == OWN.missing == ""
    (tmp_path / "fixtures" / "rhoso-18.0-fr6").mkdir(parents=True)
    assert NEWEST.missing == ""
    monkeypatch.setattr(kubernetes, "no_programs", lambda: "no Go")
    assert {suite.missing for suite in kubernetes.SUITES} == {"no Go"}


def test_each_release_has_its_part(tmp_path: Path) -> None:
    provide(tmp_path, "18.0-fr6", "18.0-fr4")
    crds = tmp_path / "crds"
    assert said(NEWEST, tmp_path) == ("5 passed", ("tests/kubernetes",), str(crds / "18.0-fr6"))
    assert said(OLDER, tmp_path) == ("5 passed", ("tests/kubernetes", "-m", "releases"), str(crds / "18.0-fr4"))
    assert said(OWN, tmp_path) == ("5 passed", ("tests/kubernetes", "-m", "releases"), "own")


def test_the_own_schema_takes_what_it_can_when_it_is_alone_and_says_so(tmp_path: Path) -> None:
    told, arguments, definitions = said(OWN, tmp_path)
    assert told == "5 passed, ONLY on the lab's own small schema"
    assert arguments == ("tests/kubernetes", "-m", "not rhoso")
    assert definitions == "own"


ELSE = Suite("one", 5, Kind.MAIN, TOOLS, lambda _job: "")


@dataclass(frozen=True)
class Build:
    """A build that lasts until it is ended.

    :ivar asked: the commands of the lab that were made.
    :ivar running: the file that it makes and, when it is ended, removes.
    """

    running: Path
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        self.asked.append(arguments)
        wait = "for turn in $(seq 400); do sleep 0.05; done"  # and not for ever, should nobody end it
        return ["sh", "-c", f"trap 'rm {self.running}; exit' TERM; touch {self.running}; {wait}"]

    def wait(self) -> None:
        end = time.monotonic() + 30
        while not self.running.exists():
            assert time.monotonic() < end, "no build was started"
            time.sleep(0.02)


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Build:
    build = Build(tmp_path / "running")
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kubernetes, "zonelab", build.command)
    monkeypatch.setattr(kubernetes, "lab_settings", dict)  # without installing uv in that folder
    return build


@pytest.mark.parametrize("suite", kubernetes.SUITES, ids=lambda suite: suite.name)
def test_programs_are_built_while_their_suites_are_set_up(build: Build, suite: Suite) -> None:
    with kubernetes.building([ELSE, suite]):
        build.wait()
    assert build.asked == [("build-kubernetes",)]
    assert not build.running.exists(), "the build goes on"


def test_nothing_is_built_for_other_suites(build: Build) -> None:
    with kubernetes.building([ELSE]):
        pass
    assert build.asked == []


def test_nothing_is_built_where_nothing_can_be(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "no_programs", lambda: "no Go")
    with kubernetes.building([NEWEST]):
        pass
    assert build.asked == []
