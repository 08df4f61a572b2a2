# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the collection where the module runs as a process, on this machine and on another one. No cloud is asked: none is named."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins.connection import local
from ansible_collections.zoneops.openstack.plugins.action.findings_info import RULES
from ansible_collections.zoneops.openstack.tests.integration.harness.interpreter import other_python

from .playing import Played, play

AUDIT = "Audit"
ZONE = {"compute": {"hosts": ["a"]}}


def audit(folder: Path, *, values: dict[str, Any] | None = None, **options: Any) -> Played:
    whole = {"cloud": "nowhere", "zones": {"az1": ZONE}, "region": {"zones": ["az1"]}, **options}
    task = {"name": AUDIT, "zoneops.openstack.findings_info": whole, "run_once": True}
    return play(folder, [task], **{"ansible_python_interpreter": sys.executable, **(values or {})})


def rules_of(played: Played) -> list[str]:
    """The files that the module was told to read."""
    result = played.results[AUDIT]["az1"]
    assert "cloud 'nowhere'" in result["msg"], "the rules were read before"
    return list(result["invocation"]["module_args"]["rules"])


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, Any]:
    """Another machine: this one, by a connection that Ansible does not know to lead here."""
    text = inspect.getsource(local)
    changed = text.replace("transport = 'local'", "transport = 'elsewhere'").replace("name: local", "name: elsewhere")
    assert changed != text
    (tmp_path / "connection_plugins").mkdir()
    (tmp_path / "connection_plugins" / "elsewhere.py").write_text(changed)
    return {"ansible_connection": "elsewhere"}


def test_a_process_on_this_machine_reads_them_where_they_are(tmp_path: Path) -> None:
    values = {"ansible_python_interpreter": other_python(tmp_path)}
    assert rules_of(audit(tmp_path, values=values)) == [str(RULES)]


def test_they_are_brought_to_another_machine_and_removed_again(tmp_path: Path, elsewhere: dict[str, Any]) -> None:
    paths = [Path(path) for path in rules_of(audit(tmp_path, values=elsewhere))]
    assert [path.name for path in paths] == sorted(path.name for path in RULES.iterdir())
    assert not [path for path in paths if path.parent == RULES or path.exists()]


def test_without_them_none_are_brought(tmp_path: Path, elsewhere: dict[str, Any]) -> None:
    own = tmp_path / "own.yml"
    own.write_text((RULES / "hosts.yml").read_text())
    assert rules_of(audit(tmp_path, values=elsewhere, builtin=False, rules=str(own))) == [str(own)]


def test_files_can_be_given_as_one_text(tmp_path: Path) -> None:
    text = f"{tmp_path / 'one.yml'},{tmp_path / 'two.yml'}"
    played = audit(tmp_path, rules=text)
    assert f"file {tmp_path / 'one.yml'} cannot be read" in played.results[AUDIT]["az1"]["msg"]
