# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make drill`: a whole zone of the demo is lost, evacuated and comes back (tests/drill)."""

from __future__ import annotations

from runner import demo, kubernetes
from runner.environments import ensure, exclusive, newest_leg
from runner.layout import sync
from runner.machine import COLLECTION, ROOT, call
from runner.surroundings import surroundings

MODULE = "ansible_collections.zoneops.openstack.tests.drill"


def drill() -> int:
    """On the demo's lab, which stays up. Both halves where Kubernetes is there already: the demo builds it."""
    environment = newest_leg()
    whole = not kubernetes.no_programs() and kubernetes.ready()
    show = demo.WHOLE if whole else demo.OPENSTACK
    layouts = demo.own("layouts")
    python = ensure(environment) / "bin" / "python"
    with exclusive("demo"):
        sync(layouts / COLLECTION)
        if code := demo.bring_up(show):
            return code
    if not whole:
        print("This is the OpenStack part only. `make demo` builds Kubernetes where that is possible.", flush=True)
    state = demo.own(show.lab)
    words = ["--state", str(state), "--inventory", str(ROOT / show.inventory), "--folder", str(demo.own("drill"))]
    environ = surroundings(
        environment,
        layouts,
        PYTHONPATH=f"{layouts}:{layouts / COLLECTION / 'tests' / 'lab'}",
        OS_CLIENT_CONFIG_FILE=state / "clouds.yaml",
        K8S_AUTH_KUBECONFIG=state / "kubernetes" / "kubeconfig",
    )
    return call([python, "-m", MODULE, *words, *(["--kubernetes"] if whole else [])], ROOT, environ)
