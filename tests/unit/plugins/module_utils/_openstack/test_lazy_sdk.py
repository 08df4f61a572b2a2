# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openstacksdk's configuration is imported without its services, and all of it is there for whoever asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import lazy_sdk
from ansible_collections.zoneops.openstack.plugins.modules import availability_zones

LAYOUT = Path(__file__).resolve().parents[8]


def said(program: str) -> str:
    """What a Python of its own prints: in this one others have imported the package already."""
    command = [sys.executable, "-c", program]
    finished = subprocess.run(
        command, env={"PYTHONPATH": str(LAYOUT)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_a_module_does_not_import_the_services() -> None:
    program = f"import sys, {availability_zones.__name__}; print('openstack.config' in sys.modules, 'openstack.connection' in sys.modules)"
    assert said(program) == "True False"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("openstack.connect.__name__", "connect"),
        ("openstack.connection.Connection.__name__", "Connection"),
        ("hasattr(openstack, 'no_such_thing')", "False"),
        ("openstack.config.OpenStackConfig.__name__", "OpenStackConfig"),
    ],
)
def test_the_package_is_whole_for_whoever_asks(asked: str, answer: str) -> None:
    program = (
        f"import {lazy_sdk.__name__}\nimport openstack\nimport openstack.config\nfrom openstack import exceptions\n"
    )
    needed = "import openstack.connection\n" if "connection" in asked else ""
    assert said(f"{program}{needed}print({asked})") == answer


def test_a_package_that_is_there_already_stays() -> None:
    assert (
        said(
            f"import openstack\nfirst = openstack\nimport {lazy_sdk.__name__}\nimport openstack\nprint(openstack is first)"
        )
        == "True"
    )


def test_without_the_package_nothing_happens() -> None:
    program = f"import sys\nsys.path = [one for one in sys.path if 'site-packages' not in one]\nimport {lazy_sdk.__name__}\nprint('openstack' in sys.modules)"
    assert said(program) == "False"


def release(folder: Path, **parts: str) -> None:
    """A package of this name with these files."""
    (folder / "openstack" / "config").mkdir(parents=True)
    files = {"__init__": "", "config/__init__": "", "config/loader": "", "config/cloud_region": "", "exceptions": ""}
    for name, text in {**files, **{name.replace("__of__", "/"): text for name, text in parts.items()}}.items():
        (folder / "openstack" / f"{name}.py").write_text(text)


@pytest.mark.parametrize(
    "loader",
    [
        pytest.param(
            "import sys\nWHOLE = sys.modules['openstack'].__dict__['MARK']", id="needs what the package defines"
        ),
        pytest.param("from openstack import MARK as WHOLE, later", id="needs what comes later"),
        pytest.param(
            "import openstack\nif '__getattr__' in vars(openstack): raise RuntimeError\nWHOLE = 'mark'", id="notices"
        ),
    ],
)
def test_a_release_whose_parts_need_the_whole_is_imported_as_usual(tmp_path: Path, loader: str) -> None:
    release(
        tmp_path, __init__="MARK = 'mark'\nlater = 1\nfrom openstack.config import loader", config__of__loader=loader
    )
    program = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport {lazy_sdk.__name__}\n"
        "import openstack.config.loader\nprint(openstack.config.loader.WHOLE, openstack.MARK)"
    )
    assert said(program) == "mark mark"


def test_a_package_that_is_broken_says_so_itself(tmp_path: Path) -> None:
    release(tmp_path, __init__="import no_such_package_of_anybody", exceptions="import no_such_package_of_anybody")
    program = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import module\nprint(module.IMPORT_ERROR)"
    )
    assert "No module named 'no_such_package_of_anybody'" in said(program)
