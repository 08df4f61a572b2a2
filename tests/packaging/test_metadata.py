# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fact, one value: versions named in several files agree."""

from __future__ import annotations

import re

import pytest

from .documented import ROOT, load, own_modules
from .tasks import all_files

LOCKS = ROOT / "tests" / "locks"
GALAXY = load(ROOT / "galaxy.yml")
FIRST = "1.0.0"
LOWEST_SDK = re.search(r"^openstacksdk>=([\d.]+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def pinned(lock: str, package: str) -> list[str]:
    return re.findall(rf"^{package}==(\S+)", (LOCKS / f"{lock}.txt").read_text(), re.MULTILINE)


def test_the_oldest_leg_has_the_lowest_openstacksdk() -> None:
    assert LOWEST_SDK
    assert pinned("core-2.16", "openstacksdk") == [LOWEST_SDK[1]]


def test_modules_document_the_lowest_openstacksdk() -> None:
    assert LOWEST_SDK
    for name, documented in own_modules().items():
        for line in documented["doc"].get("requirements", []):
            if line.startswith("openstacksdk"):
                assert line == f"openstacksdk >= {LOWEST_SDK[1]}", name


@pytest.mark.parametrize("leg", ["core-2.16", "core-2.18", "core-2.19", "core-2.20", "core-newest"])
def test_the_readme_names_what_is_tested(leg: str) -> None:
    readme = (ROOT / "README.md").read_text()
    for package in ("ansible-core", "openstacksdk"):
        (version,) = pinned(leg, package)
        assert version in readme, f"README.md (support) does not name {package} {version}, which leg {leg} tests"


def test_the_oldest_leg_is_the_oldest_core_allowed() -> None:
    lowest = load(ROOT / "meta" / "runtime.yml")["requires_ansible"].removeprefix(">=")
    (tested,) = pinned("core-2.16", "ansible-core")
    assert tested.split(".")[:2] == lowest.split(".")[:2]


def added() -> dict[str, set[str]]:
    """The versions that each documented file names: modules, filters, fragments, and entry points of roles."""
    files = all_files("plugins/**/*.py", "plugins/**/*.yml", "roles/*/meta/argument_specs.yml")
    named = {file: re.findall(r"\bversion_added: (.+)$", file.read_text(), re.MULTILINE) for file in files}
    return {
        str(file.relative_to(ROOT)): {version.strip("\"'") for version in found}
        for file, found in named.items()
        if found
    }


def test_nothing_is_older_than_the_first_release_or_newer_than_this_one() -> None:
    documented = added()
    assert len(documented) >= len([*ROOT.glob("plugins/modules/*.py"), *ROOT.glob("roles/*/meta/argument_specs.yml")])
    for file, versions in documented.items():
        for version in versions:
            assert numbers(FIRST) <= numbers(version) <= numbers(GALAXY["version"]), f"{file}: version_added: {version}"


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_locks_name_no_place() -> None:
    """A lock file has versions only: no index, no host, no path of the machine that wrote it."""
    for lock in LOCKS.glob("*.txt"):
        assert not re.search(r"://|^-|@|^\s*#", lock.read_text(), re.MULTILINE), lock.name
