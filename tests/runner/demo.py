# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a lab that stays up, and a playbook of the collection run on examples/lab of the checkout."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from runner.environments import ensure, exclusive, newest_leg, uv
from runner.layout import sync
from runner.machine import COLLECTION, ROOT, cache, call
from runner.surroundings import lab_settings, surroundings

INVENTORY = Path("examples", "lab")
NEXT = """
The lab is still up. What to try next:
  edit {inventory}/host_vars/az1.yml, then
  make demo ARGS='--check --diff'     shows what a run would change
  make demo                           changes it
  make demo PLAYBOOK=verify           only reads, and fails when the cloud is not what the files say
  make demo-down                      stops the lab (`make clean` removes all that was installed)
"""


def own(purpose: str) -> Path:
    """A folder for this checkout's demo: two checkouts have two labs."""
    return cache() / purpose / f"demo-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"


def zonelab(*arguments: str) -> int:
    """The lab's command line, with the demo's lab."""
    environ = {**os.environ, **lab_settings(), "PYTHONPATH": str(ROOT / "tests" / "lab")}
    environ["PATH"] = f"{environ['PATH']}{os.pathsep}{uv().parent}"
    return call([sys.executable, "-m", "zonelab", "--state", str(own("lab")), *arguments], ROOT, environ)


def demo(playbook: str, arguments: Sequence[str]) -> int:
    """Bring the lab up if it is not, run the playbook, and say what to do next. The exit code is the playbook's."""
    environment = newest_leg()
    print(f"Setting up {environment.name} on Python {environment.python}", flush=True)
    ensure(environment)
    folder = own("layouts")
    with exclusive("demo"):
        sync(folder / COLLECTION)
        if code := zonelab("up"):
            return code
    command = ["ansible-playbook", "-i", str(INVENTORY), *arguments, f"zoneops.openstack.{playbook}"]
    print(f"$ {' '.join(command)}", flush=True)
    environ = surroundings(environment, folder, OS_CLIENT_CONFIG_FILE=own("lab") / "clouds.yaml")
    code = call([ensure(environment) / "bin" / command[0], *command[1:]], ROOT, environ)
    print(NEXT.format(inventory=INVENTORY), flush=True)
    return code


def demo_down() -> int:
    return zonelab("down")
