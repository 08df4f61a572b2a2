# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map of the region whose objects are the fixtures."""

from __future__ import annotations

from typing import Any

ZONES = {"az0": "zoneA", "az1": "zoneB", "az2": "zoneC"}


def raw_map(namespace: str = "openstack", **states: str) -> dict[str, Any]:
    """As options of a module, or as `load_map` takes it; `az2="down"` sets the state of a zone."""
    zones: dict[str, Any] = {}
    for number, (name, label) in enumerate(ZONES.items()):
        zones[name] = {
            "zone_state": states.get(name, "active"),
            "kubernetes": {
                "node_label": label,
                "topology": f"{label[-1].lower()}zone-node-affinity",
                "load_balancer_address": f"172.17.0.8{number + 1}",
            },
            "image_store": {"type": "cinder", "volume_type": f"glance-{name}"},
            "volume_backends": [{"name": f"ontap-{name}", "driver": "x.Y", "kubernetes_name": f"ontap-{name}"}],
            "share_backends": [{"name": f"nfs_{name}", "driver": "x.Y", "kubernetes_name": name}],
            "backup": {"type": "nfs", "address": f"10.0.0.{number}", "path": "/backup"},
        }
    region = {"zones": list(zones), "backup": {"mode": "per_zone"}, "kubernetes": {"namespace": namespace}}
    return {"zones": zones, "region": region}
