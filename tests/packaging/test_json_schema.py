# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of zone files is that of the zone map's classes: it takes every example, and refuses what the checker of keys and types refuses."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import Region, Zone
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.validation.check import Checker
from jsonschema import Draft202012Validator

from .documented import ROOT

PATH = ROOT / "docs" / "zone-map.schema.json"
SCHEMA = json.loads(PATH.read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
FILES = sorted(
    path
    for folder in ("examples", "extensions", "tests/integration/inventory")
    for path in (ROOT / folder).rglob("*.yml")
    if path.parent.name in ("host_vars", "group_vars")
)
CLASSES: dict[str, type] = {"zoneops_zone": Zone, "zoneops_region": Region}


def problems(data: Any) -> list[str]:
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def test_it_is_current() -> None:
    spec = importlib.util.spec_from_file_location("generate_json_schema", ROOT / "docs" / "generate_json_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert PATH.read_text() == module.text(), "the zone map's schema has changed: run `make generate`"
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_takes_every_zone_file_of_this_collection(path: Path) -> None:
    assert problems(yaml.safe_load(path.read_text())) == []


def broken(value: Any) -> Iterator[tuple[str, Any]]:
    """The data with one thing wrong in it: a key that is unknown, or a value of another type, in each place."""
    if isinstance(value, dict):
        yield "unknown key", {**value, "unknown_key_of_a_test": 1}
        for key, item in value.items():
            yield from ((f"{key}.{what}", {**value, key: wrong}) for what, wrong in broken(item))
    elif isinstance(value, list):
        yield "no list", 5
        for index, item in enumerate(value):
            for what, wrong in broken(item):
                changed = copy.copy(value)
                changed[index] = wrong
                yield f"[{index}].{what}", changed
    elif isinstance(value, str):
        yield "no text", [1]
    elif isinstance(value, (bool, int)):
        yield "no number", "seven"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_refuses_what_the_checker_refuses_in_keys_and_types(path: Path) -> None:
    found = yaml.safe_load(path.read_text()) or {}
    compared = 0
    for name, cls in CLASSES.items():
        if not isinstance(found.get(name), dict) or "{{" in json.dumps(found[name]):
            continue
        for what, data in broken(found[name]):
            checker = Checker("az1" if cls is Zone else "")
            checker.read(cls, data)
            if checker.problems:
                compared += 1
                assert problems({name: data}), f"{name}.{what}: {checker.problems[0]}"
    if compared == 0:
        assert "zoneops_zone" not in found or "{{" in json.dumps(found)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"zoneops_zone": {"compute": {"hosts": "{{ groups['computes'] }}"}}}, False),
        ({"zoneops_zone": {"compute": {}}, "mine": 5}, False),
        ({"zoneops_zone": {"zone_state": "maintenance"}}, False),
        ({"zoneops_zone": {"zone_state": "sleeping"}}, True),
        ({"zoneops_zone": {"compute": None}}, True),
        ({"zoneops_region": {"cloud": "lab"}}, True),
        ({"zoneops_region": {"zones": ["az1"], "volume_types": [{"name": "gold", "zones": "all"}]}}, False),
        ({"zoneops_region": {"zones": ["az1"], "volume_types": [{"name": "gold", "zones": "some"}]}}, True),
        ({"zoneops_region": {"zones": ["az1", "az1"]}}, True),
    ],
)
def test_what_it_takes(data: dict[str, Any], wrong: bool) -> None:
    assert bool(problems(data)) == wrong
