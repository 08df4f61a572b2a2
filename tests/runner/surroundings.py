# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables and the home folder in which tools run: the same on every machine, whatever the user has in his."""

from __future__ import annotations

import configparser
import functools
import os
import shutil
from pathlib import Path

from runner.environments import Environment, ensure, uv, uv_settings
from runner.machine import cache, fastest

# Settings of the user's that would change a verdict, point at his clouds, or at his own home.
DROPPED = ("ANSIBLE_", "GIT_", "MOLECULE_", "OS_", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "ZONEOPS_", "XDG_")


def surroundings(environment: Environment, layout: Path, **more: str | Path) -> dict[str, str]:
    """The variables for a command of an environment that works on a layout."""
    path = [str(ensure(environment) / "bin"), os.environ.get("PATH", os.defpath), str(uv().parent)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    return (
        inherited
        | lab_settings()
        | {
            "HOME": str(home()),
            "PATH": os.pathsep.join(path),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(layout),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(cache() / "hypothesis"),
            # Nothing beside the sources, but compiled once: else each start of a module compiles openstacksdk anew.
            "PYTHONPYCACHEPREFIX": str(cache() / "bytecode"),
            **{name: str(value) for name, value in more.items()},
        }
    )


@functools.cache
def lab_settings() -> dict[str, str]:
    """One lab environment, made by the pinned uv, whichever Python calls zonelab."""
    python = fastest((3, 11), (3, 13))
    chosen = os.environ.get("ZONELAB_PYTHON") or (str(python.path) if python else "")
    own = {"ZONELAB_PYTHON": chosen} if chosen else {}
    return own | uv_settings() | {"ZONEOPS_CACHE": str(cache())}


@functools.cache
def home(name: str = "home") -> Path:
    """A home folder for the tools: what they download stays there between runs, what the user has in his is not seen.

    :param name: another one, for a tool that cannot run twice at once in the same.
    """
    folder = cache() / name
    (folder / ".config" / "pip").mkdir(parents=True, exist_ok=True)
    _hand_on_pip_settings(folder / ".config" / "pip" / "pip.conf")
    return folder


def _hand_on_pip_settings(target: Path) -> None:
    """ansible-test starts pip in this home and without PIP_* variables: write both sources into the one file it reads."""
    settings = configparser.RawConfigParser()
    settings.read([Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"])
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            settings.set("global", name.removeprefix("PIP_").lower().replace("_", "-"), value)
    fresh = target.with_name(f"pip.conf.{os.getpid()}")
    fresh.touch(0o600)
    with fresh.open("w") as file:
        settings.write(file)
    fresh.replace(target)


def stray_collections() -> Path:
    """Where ansible-lint and molecule install the collection unless they are told not to: it would shadow the layout."""
    return home() / ".ansible" / "collections" / "ansible_collections"


def forget_stray_collections() -> None:
    """Remove what an earlier run left, so that this run is judged by what it does itself."""
    if stray_collections().exists():
        shutil.rmtree(stray_collections())
