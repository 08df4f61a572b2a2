# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mutating webhook of the control plane fills in. It belongs to no field manager (section 2)."""

from __future__ import annotations

import copy
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zonelab.operators.world import Object

TIMEOUT = 60
LAYOUT = "split"
INJECTED = {"type": LAYOUT, "replicas": 0, "apiTimeout": TIMEOUT}
SUFFIXED = ("glance", "cinder")


def filled(own: Object, before: Object | None, *, images: bool = False) -> Object:
    """The object with its defaults; a name that was drawn once stays.

    `images`: the release's definition wants the image of each glance API, which its webhook fills with nothing.
    """
    body = copy.deepcopy(own)
    spec = body.setdefault("spec", {})
    spec.setdefault("secret", "")
    spec.setdefault("storageClass", "")
    for service in SUFFIXED:
        part = spec.get(service)
        if part and part.get("uniquePodNames") and not part.get("serviceName"):
            last = (((before or {}).get("spec") or {}).get(service) or {}).get("serviceName")
            part["serviceName"] = last or f"{service}-{secrets.token_hex(3)[:5]}"
    template = (spec.get("glance") or {}).get("template")
    if template is not None:
        _glance(spec["glance"], template)
        for api in template["glanceAPIs"].values() if images else ():
            api.setdefault("containerImage", "")
    return body


def wants_images(definition: Object) -> bool:
    """Whether this definition of the control plane is of such a release (18.0-fr4)."""
    part = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for name in ("spec", "glance", "template", "glanceAPIs"):
        part = (part.get("properties") or {}).get(name) or {}
    return "containerImage" in (part.get("additionalProperties") or {}).get("required", ())


def _glance(glance: Object, template: Object) -> None:
    """An API of no name means one called default, which gets no later timeout of the template (section 2)."""
    if not template.get("glanceAPIs"):
        template["glanceAPIs"] = {"default": dict(INJECTED)}
    apis: dict[str, Object] = template["glanceAPIs"]
    for api in apis.values():
        api.setdefault("type", LAYOUT)
        api.setdefault("apiTimeout", template.get("apiTimeout", TIMEOUT))
    if len(apis) == 1 and not template.get("keystoneEndpoint"):
        template["keystoneEndpoint"] = next(iter(apis))
    if "default" in apis:
        seconds = f"{apis['default']['apiTimeout']}s"
        notes = {"api.glance.openstack.org/timeout": seconds, "haproxy.router.openshift.io/timeout": seconds}
        route = {"route": {"metadata": {"annotations": notes}}}
        glance.setdefault("apiOverrides", {}).setdefault("default", route)
