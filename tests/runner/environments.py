# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments: one per leg of the test matrix and one for the tools, each from its lock file, made by uv."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runner.machine import LOCKS, Problem, Python, Version, cache, fastest, newest, pythons

UV_VERSION = "0.13.8"


@dataclass(frozen=True)
class Environment:
    """A lock file and the Pythons it is installed on.

    :ivar choose: how one of them is chosen.
    """

    name: str
    lowest: Version
    highest: Version
    choose: Callable[[Version, Version], Python | None] = newest

    @property
    def lock(self) -> Path:
        return LOCKS / f"{self.name}.txt"

    @property
    def folder(self) -> Path:
        return cache() / "venvs" / self.name

    @property
    def python(self) -> Python | None:
        return self.choose(self.lowest, self.highest)

    @property
    def missing(self) -> str:
        """Why this environment cannot exist here, or nothing."""
        if self.python:
            return ""
        low, high = (".".join(map(str, version)) for version in (self.lowest, self.highest))
        wanted = low if low == high else f"{low} to {high}"
        return f"no Python {wanted} found (found: {', '.join(map(str, pythons().values()))})"


# The oldest of everything: its lock has the lowest openstacksdk and kubernetes, too.
CORE_216 = Environment("core-2.16", (3, 11), (3, 11))
CORE_218 = Environment("core-2.18", (3, 11), (3, 13))
CORE_219 = Environment("core-2.19", (3, 11), (3, 11))
CORE_220 = Environment("core-2.20", (3, 12), (3, 13))
CORE_NEWEST = Environment("core-newest", (3, 12), (3, 14))
TOOLS = Environment("tools", (3, 11), (3, 14), fastest)
# What the collection is measured beside, see tests/benchmark; no suite runs in it.
BENCHMARK = Environment("benchmark", (3, 11), (3, 11))
IMPORTER = Environment("importer", (3, 11), (3, 11))
EVENT_QUERY = Environment("event-query", (3, 11), (3, 14), fastest)
EVENTS = Environment("events", (3, 12), (3, 13))
LEGS = (CORE_216, CORE_218, CORE_219, CORE_220, CORE_NEWEST)
ENVIRONMENTS = (*LEGS, TOOLS, BENCHMARK, IMPORTER, EVENT_QUERY, EVENTS)


def newest_leg() -> Environment:
    """The newest core that a Python of this machine runs: for what is run once, on one leg."""
    return CORE_219 if CORE_NEWEST.missing else CORE_NEWEST


def quick_leg() -> Environment:
    """For long suites that show what this collection does, not how a core plays it: core 2.19 where the distribution's own Python runs it, else the newest.

    That Python needs a quarter less processor time, and newer cores do not run on it.
    """
    python = CORE_219.python
    return CORE_219 if python and python.of_distribution else newest_leg()


@contextlib.contextmanager
def exclusive(name: str) -> Iterator[None]:
    """One process and thread at a time, over all runners that share the cache."""
    path = cache() / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def uv() -> Path:
    """The pinned uv, installed with pip into an environment of its own on first use."""
    folder = cache() / f"uv-{UV_VERSION}"
    program = folder / "bin" / "uv"
    with exclusive("uv"):
        if not program.exists():
            _bootstrap(folder)
    return program


def _bootstrap(folder: Path) -> None:
    said: list[str] = []
    for python in pythons().values():
        shutil.rmtree(folder, ignore_errors=True)
        made = subprocess.run([python.path, "-m", "venv", folder], capture_output=True, text=True, check=False)
        if made.returncode == 0:
            break
        said.append(f"Python {python} ({python.path}): {made.stdout.strip()}{made.stderr.strip()}")
    else:
        raise Problem(
            "No Python can make a virtual environment; on Debian: apt install python3-venv\n" + "\n".join(said)
        )
    installed = subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"], check=False
    )
    if installed.returncode:
        shutil.rmtree(folder)
        raise Problem(f"pip could not install uv {UV_VERSION} (see above): is the package index reachable?")


def run_uv(*arguments: str | Path) -> None:
    """Run uv, which says something only when it fails."""
    environ = {**os.environ, **uv_settings()}
    done = subprocess.run([uv(), *arguments], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"uv {' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")


def uv_settings() -> dict[str, str]:
    """uv takes the index that pip is set to, the certificates that the system trusts, and no Python of its own."""
    settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true"}
    if any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        return settings
    asked = [str(uv().parent / "python"), "-m", "pip", "config", "get", "global.index-url"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    url = os.environ.get("PIP_INDEX_URL") or (answer.stdout.strip() if answer.returncode == 0 else "")
    return settings | ({"UV_DEFAULT_INDEX": url} if url else {})


def ensure(environment: Environment) -> Path:
    """The environment's folder, made or brought to its lock file when it differs."""
    python = environment.python
    if python is None:
        raise Problem(f"{environment.name}: {environment.missing}")
    folder = environment.folder
    stamp = folder / "zoneops-stamp"
    # Resolved: a Python that is found by another name is no reason to pull the environment from under who uses it.
    wanted = f"{python.path.resolve()} {python} {hashlib.sha256(environment.lock.read_bytes()).hexdigest()}"
    with exclusive(f"venv-{environment.name}"):
        if not stamp.exists() or stamp.read_text() != wanted:
            run_uv("venv", "--quiet", "--clear", "--python", python.path, folder)
            run_uv("pip", "sync", "--quiet", "--python", folder / "bin" / "python", environment.lock)
            stamp.write_text(wanted)
    return folder


def compile_locks() -> None:
    """Resolve every tests/locks/*.in anew. The lock files name versions only: no index, no host, no path of a machine."""
    for environment in ENVIRONMENTS:
        lowest = ".".join(map(str, environment.lowest))
        universal = ["--universal"] if environment.lowest != environment.highest else []
        source = environment.lock.with_suffix(".in")
        options = ["--quiet", "--upgrade", "--no-header", "--no-annotate", "--only-binary", ":all:"]
        run_uv("pip", "compile", *options, *universal, "--python-version", lowest, source, "-o", environment.lock)
