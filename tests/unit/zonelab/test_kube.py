# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes half without a lab: where its programs and definitions come from, its options, what counts as a write."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from zonelab import cache
from zonelab.errors import LabError
from zonelab.kube import definitions, programs, schema
from zonelab.kube.api import ApiError, KubeApi
from zonelab.kube.options import KubeOptions
from zonelab.operators.switches import Switches
from zonelab.proxy.log import KUBERNETES, is_write

CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: {}\n"


def program(folder: Path, name: str, says: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {says}\n")
    (folder / name).chmod(0o755)


@pytest.fixture(autouse=True)
def empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No program, no build, no definitions named."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.delenv("ZONEOPS_CRDS", raising=False)


def test_programs_are_found_in_assets_and_path_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path / "assets"))
    for name in programs.NAMES[:2]:
        program(tmp_path / "assets", name)
    for name in programs.NAMES[1:]:
        program(tmp_path / "bin", name)
    assert programs.missing() == ""
    found = programs.ensure()
    assert found["kube-apiserver"] == tmp_path / "assets" / "kube-apiserver"
    assert found["kwok"] == tmp_path / "bin" / "kwok"


def test_what_was_built_is_found_without_go() -> None:
    assert not programs.ready()
    programs.built().mkdir(parents=True)
    assert programs.ready()
    assert programs.missing() == ""
    assert programs.ensure()["etcd"] == programs.built() / "etcd"


def test_who_waits_for_a_build_tells_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = programs.built()
    programs.workshop().mkdir(parents=True)
    (programs.workshop() / "progress").write_text("700 of about 2600 packages compiled")
    monkeypatch.setattr(cache, "REPORT_SECONDS", 0.3)
    with ThreadPoolExecutor(1) as pool:
        with cache.locked(folder.with_suffix(".lock")):
            waiting = pool.submit(programs.ensure)
            time.sleep(1)
            folder.mkdir()
        assert waiting.result()["etcd"] == folder / "etcd"
    lines = [line for line in capsys.readouterr().err.splitlines() if "700 of about 2600" in line]
    assert 2 <= len(lines) <= 4


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ("", "which is not on PATH; put it on PATH, or the programs etcd"),
        ("go1.23.4", "is go1.23.4, and 1.24 is needed"),
    ],
)
def test_without_a_go_that_is_new_enough_there_is_no_lab(tmp_path: Path, says: str, message: str) -> None:
    if says:
        program(tmp_path / "bin", "go", says)
    assert message in programs.missing()
    with pytest.raises(programs.NoProgramsError, match="no Kubernetes lab"):
        programs.ensure()


def test_the_version_that_is_built_is_that_of_the_module_file() -> None:
    assert "gitMajor=1" in programs.stamp()
    assert (
        f"k8s.io/kubernetes {programs.stamp().split('gitVersion=')[1].split()[0]} "
        in (programs.MODULE / "go.mod").read_text()
    )


def test_a_release_is_the_newest_of_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for release in ("18.0-fr4", "18.0-fr6", "more-18.0-fr6", "more-18.0-fr4", "medik8s"):
        (tmp_path / "crds" / release).mkdir(parents=True)
        (tmp_path / "crds" / release / "a.yaml").write_text(CRD.format(release) + "---\n" + CRD.format("second"))
    monkeypatch.setenv("ZONEOPS_CRDS", str(tmp_path / "crds"))
    source = definitions.source(None)
    assert source == str(tmp_path / "crds" / "18.0-fr6")
    assert sorted(definitions.definitions(source)) == ["18.0-fr6", "medik8s", "more-18.0-fr6", "second"]
    (tmp_path / "crds" / "18.0-fr10").mkdir()
    (tmp_path / "crds" / "18.0-fr10" / "a.yaml").write_text(CRD.format("third"))
    newest = definitions.source(None)
    assert newest == str(tmp_path / "crds" / "18.0-fr10")
    assert sorted(definitions.definitions(newest)) == ["medik8s", "second", "third"]
    assert definitions.source(str(tmp_path / "crds" / "18.0-fr4")).endswith("fr4")


def test_a_named_folder_without_definitions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no custom resource definition in there"):
        definitions.source(str(tmp_path))


class Busy:
    """An API server that gives up so many applies of each definition."""

    def __init__(self, times: int, status: int = 504) -> None:
        self.times, self.status = times, status
        self.asked: list[str] = []

    def apply(self, path: str, _body: bytes, _manager: str, *, force: bool) -> None:
        assert force
        self.asked.append(path.rpartition("/")[2])
        if self.asked.count(self.asked[-1]) <= self.times:
            raise ApiError("PATCH", path, self.status, {})


def test_a_busy_server_is_asked_for_a_definition_again() -> None:
    busy = Busy(2)
    definitions.apply(cast(KubeApi, busy), {"a": b"1", "b": b"22"})
    assert sorted(busy.asked) == ["a"] * 3 + ["b"] * 3
    for refuses in (Busy(1, status=422), Busy(99)):
        with pytest.raises(ApiError):
            definitions.apply(cast(KubeApi, refuses), {"a": b"1"})
    assert len(refuses.asked) == definitions.ATTEMPTS


def test_without_a_folder_the_own_schema_is_served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(definitions, "CHECKOUT", tmp_path / "checkout")
    assert definitions.source(None) == definitions.OWN
    assert definitions.definitions(definitions.OWN).keys() >= {"openstackcontrolplanes.core.openstack.org"}
    assert not definitions.for_operators().keys() & schema.definitions().keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"zones": ()}, "at least one is needed"),
        ({"zones": ("A", "a")}, "each name once"),
        ({"zones": ("a_b",)}, "use letters, digits and -"),
        ({"workers": 0}, "at least 1 worker"),
    ],
)
def test_options_that_could_not_boot_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(LabError, match=message):
        KubeOptions(**options)  # type: ignore[arg-type]


def test_nodes_are_named_after_their_zone() -> None:
    assert list(KubeOptions(workers=2).nodes("AZ1")) == ["master-az1-0", "worker-az1-0", "worker-az1-1"]


@pytest.mark.parametrize(
    ("method", "path", "writes"),
    [
        ("PATCH", "/api/v1/nodes/a?fieldManager=x", True),
        ("PATCH", "/api/v1/nodes/a?fieldManager=x&dryRun=All", False),
        ("PATCH", "/api/v1/nodes/a?dryRun=All&fieldManager=x", False),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", False),
        ("GET", "/api/v1/nodes/a", False),
        ("DELETE", "/api/v1/nodes/a", True),
    ],
)
def test_dry_runs_and_questions_are_no_writes(method: str, path: str, writes: bool) -> None:
    assert is_write(KUBERNETES, method, path) is writes


def test_switches_survive_their_file(tmp_path: Path) -> None:
    switches = Switches(stopped=("cinder",), slow=1.5, unready=("a", "b"), certificates=9.0, failing=("nova",))
    switches.save(tmp_path / "file")
    assert Switches.load(tmp_path / "file") == switches
    assert Switches.load(tmp_path / "none") == Switches()
