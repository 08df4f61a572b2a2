# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a lab that stays up, and a playbook of the collection run on an example of the checkout.

Both halves of the lab where Kubernetes can be had, else OpenStack alone. While the Kubernetes programs are being built, which takes minutes and is
done once, `site` is shown on OpenStack alone first.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runner import kubernetes
from runner.environments import ensure, exclusive, newest_leg, uv
from runner.layout import sync
from runner.machine import COLLECTION, ROOT, cache, call
from runner.surroundings import lab_settings, surroundings


@dataclass(frozen=True)
class Show:
    """What is shown: an inventory, and the lab that it is for, with the commands that bring that up."""

    inventory: Path
    lab: str
    up: tuple[tuple[str, ...], ...]


OPENSTACK = Show(Path("examples", "lab"), "lab", (("up",),))
# Stores, back ends and hosts come from the Kubernetes half: OpenStack has none of them at first.
WHOLE = Show(
    Path("examples", "lab-rhoso"),
    "lab-rhoso",
    (("up", "--openstack", "--declared", "--hosts", "0"), ("up", "--kubernetes", "--operators", "--installed")),
)
WITHOUT = """
Kubernetes cannot run here, so this is the OpenStack part of the demo only: {why}
"""
FIRST = """
That was the OpenStack part. The Kubernetes programs are being built (once); then follows the whole, on {inventory}.
"""
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


def zonelab(lab: str, *arguments: str) -> int:
    """The lab's command line, with a lab of the demo's."""
    environ = {**os.environ, **lab_settings(), "PYTHONPATH": str(ROOT / "tests" / "lab")}
    environ["PATH"] = f"{environ['PATH']}{os.pathsep}{uv().parent}"
    return call([sys.executable, "-m", "zonelab", "--state", str(own(lab)), *arguments], ROOT, environ)


def demo(playbook: str, arguments: Sequence[str]) -> int:
    """Bring the lab up if it is not, run the playbook, and say what to do next. The exit code is the playbook's."""
    environment = newest_leg()
    why = kubernetes.no_programs()
    show = OPENSTACK if why else WHOLE
    building = not why and not kubernetes.ready()
    print(f"Setting up {environment.name} on Python {environment.python}", flush=True)
    # Built in parallel with everything else that is set up.
    with kubernetes.programs(wanted=building):
        ensure(environment)
        with exclusive("demo"):
            sync(own("layouts") / COLLECTION)
            if building and playbook == "site":
                if code := bring_up(OPENSTACK) or _play(OPENSTACK, playbook, arguments):
                    return code
                print(FIRST.format(inventory=show.inventory), flush=True)
                zonelab(OPENSTACK.lab, "down")
            if code := bring_up(show):
                return code
    code = _play(show, playbook, arguments)
    print((WITHOUT.format(why=why) if why else "") + NEXT.format(inventory=show.inventory), flush=True)
    return code


def bring_up(show: Show) -> int:
    """Bring its lab up; the exit code of the first command that fails."""
    return next((code for command in show.up if (code := zonelab(show.lab, *command))), 0)


def _play(show: Show, playbook: str, arguments: Sequence[str]) -> int:
    """Run the playbook as a user would type it."""
    environment = newest_leg()
    typed = ["ansible-playbook", "-i", str(show.inventory), *arguments, f"zoneops.openstack.{playbook}"]
    print(f"$ {' '.join(typed)}", flush=True)
    clouds, config = own(show.lab) / "clouds.yaml", own(show.lab) / "kubernetes" / "kubeconfig"
    environ = surroundings(environment, own("layouts"), OS_CLIENT_CONFIG_FILE=clouds, K8S_AUTH_KUBECONFIG=config)
    return call([ensure(environment) / "bin" / typed[0], *typed[1:]], ROOT, environ)


def demo_down() -> int:
    """Whichever of them was ever up."""
    return max(zonelab(show.lab, "down") for show in (OPENSTACK, WHOLE))
