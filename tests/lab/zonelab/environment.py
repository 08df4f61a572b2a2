# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's virtual environment: made once per lock file and Python, and shared by all labs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from zonelab.cache import cache_root, locked
from zonelab.errors import LabError

LOCK = Path(__file__).parents[1] / "requirements.txt"
UV = "uv==0.13.8"
SILENCE = 10  # seconds without a line of progress
OLDEST, NEWEST = (3, 11), (3, 13)


class Environment:
    """The environment for one Python."""

    def __init__(self) -> None:
        """Nothing is made yet."""
        self.base = os.environ.get("ZONELAB_PYTHON") or sys.executable
        version = python_version(self.base)
        if not OLDEST <= version[:2] <= NEWEST:
            raise LabError(
                f"{self.base} is Python {version[0]}.{version[1]}: the lab runs on 3.11, 3.12 and 3.13;"
                " name one of these in ZONELAB_PYTHON"
            )
        self.key = hashlib.sha256(LOCK.read_bytes() + repr(version).encode()).hexdigest()[:16]
        self.path = cache_root() / f"lab-venv-{self.key}"
        self.python = self.path / "bin" / "python"

    def ensure(self) -> bool:
        """Make it unless it exists: aside, then renamed, so that it is whole whenever it is there."""
        if self.python.exists():
            return False
        with locked(self.path.with_suffix(".lock")):
            if self.python.exists():
                return False
            aside = self.path.with_suffix(".new")
            shutil.rmtree(aside, ignore_errors=True)
            self._make(aside)
            aside.rename(self.path)
        return True

    def _make(self, path: Path) -> None:
        uv = find_uv(self.base)
        say(f"making the lab's virtual environment (only once): {self.path}")
        if uv:
            run([uv, "venv", "--quiet", "--no-project", "--python", self.base, path])
            install: list[str | Path] = [
                uv,
                "pip",
                "install",
                "--quiet",
                "--no-config",
                "--compile-bytecode",
                "--python",
                path / "bin/python",
            ]
        else:
            run([self.base, "-m", "venv", path])
            install = [path / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        say("installing OpenStack's services")
        run([*install, "--requirement", LOCK])


def find_uv(base: str) -> str | None:
    """uv installs in seconds what takes pip a minute: the one on PATH, or one in the cache; None when it can't be had."""
    found = shutil.which("uv")
    if found:
        return found
    folder = cache_root() / f"lab-{UV.replace('==', '-')}"
    uv = folder / "bin" / "uv"
    with locked(folder.with_suffix(".lock")):
        if not uv.exists():
            say("installing uv, the package installer")
            shutil.rmtree(folder, ignore_errors=True)
            try:
                run([base, "-m", "venv", folder])
                run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV])
            except LabError as error:
                say(f"no uv, so pip will do it, more slowly: {error}")
                shutil.rmtree(folder, ignore_errors=True)
                return None
    return str(uv)


def python_version(python: str) -> tuple[int, int, int]:
    """Of an interpreter."""
    code = "import sys; print(*sys.version_info[:3])"
    try:
        output = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LabError(f"ZONELAB_PYTHON={python}: not a Python interpreter that runs: {error}") from None
    major, minor, micro = (int(part) for part in output.split())
    return major, minor, micro


def run(command: list[str | Path]) -> None:
    """Run a command, with a sign of life now and then; on failure its output is the error."""
    words = [str(part) for part in command]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while True:
        try:
            output, _nothing = process.communicate(timeout=SILENCE)
            break
        except subprocess.TimeoutExpired:
            say("still at it")
    if process.returncode:
        lines = "\n".join(output.splitlines()[-25:])
        raise LabError(f"{' '.join(words)}: failed with {process.returncode}\n{lines}")


_started = time.monotonic()


def say(text: str) -> None:
    """A line of progress, with the seconds since the command began."""
    print(f"{time.monotonic() - _started:6.1f} s  {text}", file=sys.stderr, flush=True)
