# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as users get it: what is in the tarball, and that it works from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.playbooks import PLAYBOOKS

from .documented import FQCN, MODULES, ROLES, ROOT

ALLOWED = re.compile(
    r"""(plugins|roles|playbooks|examples|docs|LICENSES|meta)/.+
    | changelogs/(config|changelog)\.yaml
    | extensions/(eda|audit)/.+
    | tests/config\.yml
    | \.ansible-lint | (CHANGELOG|CODE_OF_CONDUCT|CONTRIBUTING|MAINTAINERS|README|SUPPORT)\.md | LICENSE | REUSE\.toml | bindep\.txt | requirements\.txt
    | FILES\.json | MANIFEST\.json""",
    re.VERBOSE,
)
NEEDED = {
    ".ansible-lint",
    "CODE_OF_CONDUCT.md",
    "SUPPORT.md",
    "README.md",
    "LICENSE",
    "meta/runtime.yml",
    "meta/execution-environment.yml",
    "requirements.txt",
    "bindep.txt",
    "extensions/eda/plugins/event_source/zone_health.py",
    "extensions/eda/rulebooks/zone_health.yml",
}


def ansible(path: Path, *command: str | Path, code: int = 0) -> str:
    """Run from a folder and with a collections path where the checkout is not."""
    environ = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(path)}
    environ.pop("PYTHONPATH", None)  # ansible-core finds collections on the path of Python too
    done = subprocess.run(command, cwd=path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("build")
    ansible(target, "ansible-galaxy", "collection", "build", "--output-path", target, ROOT)
    (built,) = target.glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty collections path with nothing but the installed tarball."""
    target = tmp_path_factory.mktemp("collections")
    ansible(target, "ansible-galaxy", "collection", "install", "--offline", "-p", target, tarball)
    return target


def test_names_in_the_tarball(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = {member.name for member in archive.getmembers() if member.isfile()}
    assert [name for name in sorted(names) if not ALLOWED.fullmatch(name)] == []
    assert names >= NEEDED
    assert {f"plugins/modules/{name}.py" for name in MODULES} <= names
    assert {f"roles/{name}/meta/argument_specs.yml" for name in ROLES} <= names
    rules = {str(path.relative_to(ROOT)) for path in (ROOT / "roles" / "audit" / "files" / "rules").glob("*.yml")}
    assert rules
    assert rules <= names


def test_every_module_and_role_is_found_after_the_installation(installed: Path) -> None:
    modules = ansible(installed, "ansible-doc", "--list", FQCN)
    assert {line.split()[0] for line in modules.splitlines() if line.startswith(FQCN)} == {
        f"{FQCN}.{m}" for m in MODULES
    }
    roles = ansible(installed, "ansible-doc", "--type", "role", "--list", FQCN)
    assert all(f"{FQCN}.{name}" in roles for name in ROLES)


@pytest.mark.parametrize("playbook", sorted(PLAYBOOKS))
def test_playbooks_are_found_by_their_full_name(installed: Path, playbook: str) -> None:
    """Without zones a playbook does nothing and says so: an error, never a green run."""
    (installed / "hosts.yml").write_text("all:\n")
    said = ansible(installed, "ansible-playbook", "-i", "hosts.yml", f"{FQCN}.{playbook}", code=2)
    assert "zones" in said


def test_execution_environment(installed: Path, tmp_path: Path) -> None:
    """ansible-builder finds the requirements of the installed collection and accepts a definition that uses them."""
    said = ansible(installed, "ansible-builder", "introspect", installed)
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    for requirement in (line for line in lines if not line.startswith("#")):
        assert f"{requirement}  # from collection {FQCN}" in said
    definition = tmp_path / "execution-environment.yml"
    definition.write_text(f"version: 3\ndependencies:\n  galaxy:\n    collections:\n      - name: {FQCN}\n")
    ansible(installed, "ansible-builder", "create", "-f", definition, "-c", tmp_path / "context")
    assert FQCN in (tmp_path / "context" / "_build" / "requirements.yml").read_text()
