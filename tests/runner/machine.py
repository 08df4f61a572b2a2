# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on this machine: the folders used and the Pythons found."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "tests" / "locks"
# Where a distribution has its own Pythons.
SYSTEM = Path("/usr/bin")
COLLECTION = Path("ansible_collections", "zoneops", "openstack")
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

Version = tuple[int, int]


class Problem(Exception):
    """Something is missing or wrong; the message says what it is and what to do."""


def cache() -> Path:
    """Where environments, layouts and logs are kept between runs: never in the checkout, where tools would find them."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "zoneops-openstack")
    return Path(os.environ.get("ZONEOPS_CACHE") or default).resolve()


@dataclass(frozen=True)
class Python:
    """One interpreter, under the path it gives itself."""

    path: Path
    version: Version

    @property
    def of_distribution(self) -> bool:
        return self.path.is_relative_to(SYSTEM)

    def __str__(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


def _candidates() -> list[Path]:
    """The distribution's own first: it is built with profile-guided optimisation, which pyenv leaves out, and needs a quarter less processor time."""
    names = ["python3", *(f"python3.{minor}" for minor in range(11, 15))]
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    return [
        *(SYSTEM / name for name in names),
        Path(sys.executable),
        *(folder / name for folder in folders for name in names),
        *(folder / "bin" / "python3" for folder in sorted(pyenv.glob("3.*"), reverse=True)),
    ]


def _ask(candidate: Path) -> Python | None:
    """The interpreter behind a name, or None: a pyenv shim exists for versions that are not chosen, and then fails."""
    question = "import sys; print(*sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"
    answer = subprocess.run([candidate, "-c", question], capture_output=True, text=True, check=False)
    if answer.returncode:
        return None
    major, minor, path = answer.stdout.strip().split(" ", 2)
    return Python(Path(path), (int(major), int(minor)))


@functools.cache
def pythons() -> dict[Version, Python]:
    """The first interpreter found of each version from 3.11 on."""
    found: dict[Version, Python] = {}
    asked: set[Path] = set()
    for candidate in _candidates():
        if not candidate.is_file() or candidate in asked:
            continue
        asked.add(candidate)
        python = _ask(candidate)
        if python and python.version >= (3, 11):
            found.setdefault(python.version, python)
    return found


def newest(lowest: Version, highest: Version) -> Python | None:
    """The newest interpreter between two versions, both included."""
    return max(_fitting(lowest, highest), key=lambda python: python.version, default=None)


def fastest(lowest: Version, highest: Version) -> Python | None:
    """The distribution's own between two versions, else the newest: for tools, of which no version has to be shown."""
    own = [python for python in _fitting(lowest, highest) if python.of_distribution]
    return max(own, key=lambda python: python.version, default=newest(lowest, highest))


def _fitting(lowest: Version, highest: Version) -> list[Python]:
    return [python for version, python in pythons().items() if lowest <= version <= highest]


def call(command: Sequence[str | Path], folder: Path, environ: Mapping[str, str] | None = None) -> int:
    """Run a command in the user's sight, by default with his environment."""
    return subprocess.run(command, cwd=folder, env=environ, check=False).returncode
