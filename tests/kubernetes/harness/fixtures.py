# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that were read after the real operators: the folder that ZONEOPS_FIXTURES names, never a copy in the project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from zonelab.operators.world import VERSION, World

Object = dict[str, Any]

RELEASE: Final = "rhoso-18.0-fr6"
VARIANTS: Final = ("plain", "unique-pod-names")
FILES: Final = {
    "OpenStackControlPlane": "openstackcontrolplane",
    **{kind: f"{kind.lower()}s" for kind in VERSION if kind.startswith(("Glance", "Cinder", "Manila"))},
    "StatefulSet": "statefulsets",
    "Service": "services",
    "Pod": "pods",
    "Topology": "topologies",
}


def read(variant: str, name: str) -> list[Object]:
    """One file."""
    folder = os.environ.get("ZONEOPS_FIXTURES")
    assert folder, (
        "ZONEOPS_FIXTURES names the folder of objects that were read after the real operators; see docs/lab.md"
    )
    found = json.loads((Path(folder) / RELEASE / variant / f"{name}.json").read_text())
    return found if isinstance(found, list) else [found]


def world(variant: str) -> World:
    """The cluster as it was read, with what must have been there and is in no file."""
    objects = [one for file in FILES.values() for one in read(variant, file)]
    secrets = {name for one in objects for name in (one.get("spec") or {}).get("customServiceConfigSecrets") or ()}
    ready = {"conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "Setup complete"}]}
    unseen = [{"kind": "Secret", "metadata": {"name": name}} for name in secrets]
    for one in read(variant, "statefulsets"):
        (owner,) = one["metadata"]["ownerReferences"]
        if owner["kind"] in ("Memcached", "RabbitMq"):
            unseen.append({"kind": owner["kind"], "metadata": {"name": owner["name"]}, "status": ready})
    for plane in read(variant, FILES["OpenStackControlPlane"]):
        galeras, databases = plane["spec"]["galera"]["templates"], plane["spec"]["ovn"]["template"]["ovnDBCluster"]
        unseen += [{"kind": "Galera", "metadata": {"name": name}, "status": ready} for name in galeras]
        unseen += [{"kind": "OVNDBCluster", "metadata": {"name": name}, "status": ready} for name in databases]
    return World.of([*objects, *unseen])
