# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zone maps for the tests of the Kubernetes side: the two whole examples, and a small one to change."""

from __future__ import annotations

import configparser
import copy
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

COLLECTION = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
FSIDS = {zone: f"3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a0{number}" for number, zone in enumerate(("az1", "az2"), 1)}


def example(name: str) -> ZoneMap:
    """The zone map of an example inventory."""
    return load_map(**raw_example(name))


def raw_example(name: str) -> dict[str, Any]:
    """Its `zones` and its `region`, as they are written."""
    folder = COLLECTION / "examples" / name
    region = _read(folder / "group_vars" / "zones.yml")["zoneops_region"]
    zones = {zone: _read(folder / "host_vars" / f"{zone}.yml")["zoneops_zone"] for zone in region["zones"]}
    return {"zones": zones, "region": region}


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def small(*changes: tuple[str, Any]) -> ZoneMap:
    """Two zones on Ceph. Each change is a path, which begins with `region` or a zone's name, and a value; None takes it out."""
    raw: dict[str, Any] = {
        "region": {"zones": ["az1", "az2"], "kubernetes": {"services": {"ceph_files_secret": "all"}}}
    }
    for zone in ("az1", "az2"):
        raw[zone] = {
            "kubernetes": {},
            "ceph": {"fsid": FSIDS[zone], "files_secret": f"files-{zone}"},
            "image_store": {},
            "volume_backends": [{}],
            "share_backends": [{"name": f"cephfs_{zone}", "kubernetes_name": zone}],
        }
    raw = copy.deepcopy(raw)
    for path, value in changes:
        _change(raw, path.split("."), value)
    return load_map({zone: raw[zone] for zone in ("az1", "az2")}, raw["region"])


def _change(raw: Any, path: list[str], value: Any) -> None:
    *parents, last = [int(part) if part.isdigit() else part for part in path]
    for part in parents:
        raw = raw.setdefault(part, {}) if isinstance(raw, dict) else raw[part]
    if value is None:
        del raw[last]
    else:
        raw[last] = value


def parsed(text: str) -> dict[str, dict[str, str]]:
    """What oslo.config reads in the text."""
    parser = configparser.ConfigParser(interpolation=None, default_section="none")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}
