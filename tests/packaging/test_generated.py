# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What repeats the roles' argument specifications is generated from them, so that a new variable of a role is written into four files at most."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .documented import FQCN, ROOT

NEW = "zoneops_images_patience"
# What the new variable is handed to: an option of both modules.
OPTION = "connect_timeout"
DESCRIBED = f"""\
      {NEW}:
        type: float
        default: 25
        description: Seconds after which a connection to the cloud is given up.
"""


# It imports generate_settings.
sys.path.insert(0, str(ROOT / "docs"))


def generator(name: str = "generate_settings") -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = {**generator().generated(ROOT), **generator("generate_playbooks").generated(ROOT)}


@pytest.mark.parametrize("path", GENERATED, ids=str)
def test_it_is_current(path: Path) -> None:
    assert (ROOT / path).read_text() == GENERATED[path], (
        f"{path} differs from the argument specifications: run `make generate`"
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The collection as somebody who adds a variable has it."""
    target = tmp_path / "ansible_collections" / FQCN.replace(".", "/")
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".git", "lab", "__pycache__"))
    return target


def specification(root: Path, playbook: str) -> str:
    return (root / "playbooks" / f"{playbook}.meta.yml").read_text()


def insert(path: Path, before: str, text: str) -> None:
    content = path.read_text()
    assert content.count(before) == 1, path
    path.write_text(content.replace(before, text + before))


def test_a_new_variable_of_a_role_is_written_into_four_files(copy: Path) -> None:
    """Of a role that the first look and the verification stand for, too: no other case needs as many."""
    insert(copy / "roles/images/meta/argument_specs.yml", "      zoneops_allow:\n", DESCRIBED)
    for name in ("images/tasks/calls.yml", "images/tasks/verify_calls.yml", "site_info/tasks/calls.yml"):
        insert(copy / "roles" / name, "    timeout: ", f'    {OPTION}: "{{{{ {NEW} }}}}"\n')

    stale = [path for path, text in generator().generated(copy).items() if (copy / path).read_text() != text]
    assert sorted(map(str, stale)) == [
        "docs/settings.md",
        "plugins/module_utils/_zones/settings/of_roles.py",
        "roles/images/README.md",
        "roles/images/defaults/main.yml",
        "roles/site_info/README.md",
        "roles/site_info/defaults/main.yml",
        "roles/site_info/meta/argument_specs.yml",
    ]
    for name in ("generate_settings.py", "generate_playbooks.py"):
        subprocess.run([sys.executable, copy / "docs" / name], check=True)
    reading = [name for name in ("site", "verify", "images_sync", "zone_remove") if NEW in specification(copy, name)]
    assert reading == ["site", "verify", "images_sync"]
    assert NEW in (copy / "roles/site_info/meta/argument_specs.yml").read_text()

    # The tests of what knows the variables; those of their values take long and know no more of this one.
    tests = ["packaging/test_generated.py", "unit/plugins/module_utils/_zones/test_settings.py"]
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
    chosen = "current or say_the_same or one_of_theirs or is_known or on_its_page or default_is_right"
    environ = {
        **os.environ,
        "PYTHONPATH": str(copy.parents[2]),
        "ANSIBLE_COLLECTIONS_PATH": str(copy.parents[2]),
    }
    done = subprocess.run(
        [*command, "-k", chosen, *(copy / "tests" / name for name in tests)],
        cwd=copy,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_variable_means_the_same_in_all_roles() -> None:
    one = {"type": "int", "default": 1, "description": ["Number of copies.", "Here of images."]}
    shared = generator().shared
    assert list(shared({"a": {"zoneops_x": one}, "b": {"zoneops_x": {**one, "description": "Number of copies."}}}))
    for other in ({"default": 2}, {"type": "str"}, {"description": "Number of images."}):
        with pytest.raises(SystemExit, match="zoneops_x: role b describes it in another way"):
            shared({"a": {"zoneops_x": one}, "b": {"zoneops_x": {**one, **other}}})
