# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories of the shape that users write: hosts.yml, group_vars/zones.yml, and host_vars per zone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .play import COLLECTION

# The lab's zones without types and images, which have tests of their own.
EXAMPLE = COLLECTION / "tests" / "integration" / "inventory"
ZONES = ("az1", "az2", "az3")


def hosts_of(zone: str) -> list[str]:
    """The compute hosts that the lab has for a zone."""
    return [f"compute-{zone}-0", f"compute-{zone}-1"]


# What tests about servers begin with.
HOSTS = {zone: hosts_of(zone) for zone in ZONES}


def lab_zones(**changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The zones of the lab; `az2={"metadata": {...}}` changes what is below `compute` of a zone."""
    return {zone: {"compute": {"hosts": hosts_of(zone), **changes.get(zone, {})}} for zone in ZONES}


def write(
    folder: Path, zones: Mapping[str, Any], region: Mapping[str, Any] | None = None, group: str = "zones"
) -> Path:
    """An inventory below the folder.

    :param zones: `zoneops_zone` by host; None for a host without the variable, text for a file as it is.
    :param region: what differs from a region of exactly these zones in the cloud `lab`.
    """
    (folder / "host_vars").mkdir(parents=True)
    (folder / "group_vars").mkdir()
    _dump(folder / "hosts.yml", {group: {"hosts": dict.fromkeys(zones)}, "sites": {"children": {group: None}}})
    whole = {"zones": list(zones), "cloud": "lab", **(region or {})}
    _dump(folder / "group_vars" / f"{group}.yml", {"zoneops_region": whole})
    for name, zone in zones.items():
        path = folder / "host_vars" / f"{name}.yml"
        if isinstance(zone, str):
            path.write_text(zone)
        elif zone is not None:
            _dump(path, {"zoneops_zone": zone})
    return folder


def _dump(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
