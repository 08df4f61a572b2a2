# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight knows every Secret that the control plane object comes to name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.secrets_named import (
    secrets_of_region,
    secrets_of_zone,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import region_spec, zone_spec
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example, small

REGION = "region.kubernetes.services"
NFS = {"type": "nfs", "address": "10.0.0.1", "path": "/b", "config_secrets": ["target"]}


def sections(secret: str) -> dict[str, Any]:
    return {"extra": {"password": {"secret": secret, "key": "k"}}}


def everywhere() -> ZoneMap:
    """A Secret in every place that may name one."""
    return small(
        (f"{REGION}.glance.config", sections("glance")),
        (f"{REGION}.glance.config_secrets", ["glance-parts"]),
        (f"{REGION}.cinder.config", sections("cinder")),
        (f"{REGION}.manila.config", sections("manila")),
        (f"{REGION}.nova.api_config", sections("nova-api")),
        (f"{REGION}.nova.scheduler_config", sections("nova-scheduler")),
        (f"{REGION}.mounts", [{"name": "m", "secret": "mounted", "path": "/m", "propagation": ["Nova"]}]),
        ("region.backup", {"zone": "az1", "target": NFS}),
        ("az1.kubernetes.services", {f"{kind}_config": sections(kind) for kind in ("glance", "volume", "share")}),
        ("az1.image_store.config_secrets", ["store"]),
        ("az1.volume_backends.0", {"config_secrets": ["array"], "options": sections("array-login")["extra"]}),
    )


def named(spec: object) -> Iterator[str]:
    """The Secrets of an object's fields."""
    if isinstance(spec, list):
        for one in spec:
            yield from named(one)
    for key, value in spec.items() if isinstance(spec, Mapping) else ():
        if key == "customServiceConfigSecrets":
            yield from value
        elif key == "secretName":
            yield value
        else:
            yield from named(value)


@pytest.mark.parametrize(
    "zone_map", [everywhere(), example("rhoso-ceph"), example("rhoso-third-party")], ids=["all", "ceph", "third-party"]
)
def test_every_secret_of_the_object_is_looked_for(zone_map: ZoneMap) -> None:
    known = secrets_of_region(zone_map)
    for name, zone in zone_map.zones.items():
        own = secrets_of_zone(zone)
        assert set(named(zone_spec(zone_map, name))) <= {*own, *known}
        known |= own
    assert set(named(region_spec(zone_map))) <= set(known)


def test_it_is_said_what_they_are_for() -> None:
    zone_map = everywhere()
    found = {**secrets_of_region(zone_map), **secrets_of_zone(zone_map.zones["az1"])}
    assert {name: found[name] for name in ("glance-parts", "mounted", "nova-scheduler", "volume")} == {
        "glance-parts": "configuration of the glance API for all",
        "mounted": "files that are mounted at /m",
        "nova-scheduler": "configuration of nova's scheduler",
        "volume": "configuration of the zone's volume services",
    }
