# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that users name: whole paths from where they stand, and nothing that would hold a run up."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files import paths as files
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files.paths import absolute, refuse_unfit, unfit
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress
from ansible_collections.zoneops.openstack.plugins.plugin_utils.paths import whole_variables, with_whole_paths


def test_files_that_can_be_appended_to(tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert unfit(str(new)) == ""
    assert not new.exists()
    new.write_text("kept")
    assert unfit(str(new)) == ""
    assert new.read_text() == "kept"
    assert unfit("/dev/null") == ""
    refuse_unfit(None, "journal")


def test_what_is_no_such_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    start = time.monotonic()
    assert unfit(str(pipe)) == "is a pipe; name a file"
    assert Progress(str(pipe), "image", "store").warnings == [f"the progress file {pipe} is a pipe; name a file."]
    assert time.monotonic() - start < 5
    assert unfit(str(tmp_path)) == "is a folder; name a file"
    assert unfit(str(tmp_path / "no" / "file")) == "cannot be written (No such file or directory)"
    assert unfit(f"{pipe}/file") == "cannot be written (Not a directory)"
    assert unfit("j.log") == "is not an absolute path; begin it with '/'"
    with pytest.raises(ZoneopsError, match=r"the journal .*pipe is a pipe; name a file. Nothing was changed."):
        refuse_unfit(str(pipe), "journal")


def test_a_file_system_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(files, "_looked_at", lambda _path: time.sleep(2))
    assert unfit(str(tmp_path / "file")) == "does not answer within 0.1 s; is its file system available?"


def test_relative_paths_begin_where_the_person_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("PLACE", "/var/log")
    assert absolute("j.log") == str(tmp_path / "j.log")
    assert (absolute("~/j.log"), absolute("$PLACE/j.log"), absolute("/j.log")) == (
        "/home/me/j.log",
        "/var/log/j.log",
        "/j.log",
    )
    options: dict[str, dict[str, Any]] = {
        "journal": {"type": "path"},
        "ca": {"type": "path", "aliases": ["cert"]},
        "name": {"type": "str"},
        "rules": {"type": "list", "elements": "path"},
        "outputs": {"type": "dict", "options": {"json": {"type": "path"}, "title": {"type": "str"}}},
    }
    given: dict[str, Any] = {"journal": "j.log", "cert": "c", "name": "n", "ca": None}
    given |= {"rules": ["r.yml", "/r"], "outputs": {"json": "a.json", "title": "t"}}
    assert with_whole_paths(given, options) == {
        "journal": str(tmp_path / "j.log"),
        "cert": str(tmp_path / "c"),
        "name": "n",
        "ca": None,
        "rules": [str(tmp_path / "r.yml"), "/r"],
        "outputs": {"json": str(tmp_path / "a.json"), "title": "t"},
    }
    assert with_whole_paths({"journal": ""}, options) == {"journal": ""}


def test_variables_that_name_files_are_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    given = {
        "KUBECONFIG": f"one{os.pathsep}/two",
        "K8S_AUTH_KUBECONFIG": "~/three",
        "OS_CACERT": "/ca",
        "OTHER": "x",
        "OS_CERT": "",
    }
    assert whole_variables(given) == {
        "KUBECONFIG": f"{tmp_path}/one{os.pathsep}/two",
        "K8S_AUTH_KUBECONFIG": "/home/me/three",
    }
