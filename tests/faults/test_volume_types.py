# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of volume types: killed or dropped at every write, the next run ends where a clean one does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig
from zonelab.client import LabClient

from .module_process import PATIENCE
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, Bench, chosen

AZ, BACKEND = "RESKEY:availability_zones", "volume_backend_name"
DEFAULT = "__DEFAULT__"
DROPPED_AFTER = DROPS[1]
# Name, extra specs and the rest of each type, without ids, which a successor changes.
Types = Mapping[str, tuple[Mapping[str, str], bool, str | None, int]]


@dataclass(frozen=True)
class Life:
    """One converge.

    :ivar start: extra specs of the types that are there, private where the name says so.
    :ivar used: names of types that a volume has.
    """

    name: str
    start: Mapping[str, Mapping[str, str]]
    types: tuple[Mapping[str, Any], ...]
    end: frozenset[str]
    used: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()

    @property
    def arguments(self) -> dict[str, Any]:
        zones: dict[str, Any] = {"az1": {}, "az2": {}}
        region = {"zones": list(zones), "cloud": "lab", "volume_types": list(self.types)}
        return {"zones": zones, "region": region, "timeout": 60, "api_timeout": 20, "allow": list(self.allow)}


LIVES = (
    Life(
        "create_and_change",
        {"az1-gold": {AZ: "az9", "own": "kept", "old": "1"}},
        (
            {"name": "{zone}-gold", BACKEND: "{zone}", "description": "fast", "extra_specs": {"old": None}},
            {"name": "team", "public": False, "projects": ["admin"]},
        ),
        frozenset({"az1-gold", "az2-gold", "team"}),
    ),
    Life(
        "successor",
        {"private-gold": {BACKEND: "az1", "own:spec": "kept"}},
        ({"name": "private-gold", "zones": ["az1"]},),
        frozenset({"private-gold", "private-gold-replaced"}),
        used=("private-gold",),
        allow=("successor_types",),
    ),
    Life(
        "delete",
        {"az1-gold": {AZ: "az1"}, "az2-gold": {AZ: "az2"}, "other": {AZ: "az1"}},
        ({"name": "{zone}-gold", "state": "absent"},),
        frozenset({"other"}),
    ),
)


class Cinder:
    """Calls of an administrator."""

    def __init__(self, clouds: Path) -> None:
        session = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one("lab").get_session()
        self.api = Adapter(session, service_type="block-storage")
        self.project = session.get_project_id()

    def _listed(self) -> list[dict[str, Any]]:
        entries = self.api.get("/types?is_public=none").json()["volume_types"]
        return [entry for entry in entries if entry["name"] != DEFAULT]

    def types(self) -> Types:
        return {
            # The name of a replaced type ends with a part of its id.
            entry["name"].partition("-replaced-")[0] + "-replaced" * ("-replaced-" in entry["name"]): (
                entry["extra_specs"],
                entry["is_public"],
                entry["description"],
                self._allowed(entry),
            )
            for entry in self._listed()
        }

    def _allowed(self, entry: Mapping[str, Any]) -> int:
        """How many projects may use a private type."""
        if entry["is_public"]:
            return 0
        return len(self.api.get(f"/types/{entry['id']}/os-volume-type-access").json()["volume_type_access"])

    def empty(self) -> None:
        for volume in self.api.get("/volumes").json()["volumes"]:
            self.api.delete(f"/volumes/{volume['id']}?force=true")
        end = time.monotonic() + PATIENCE
        while self.api.get("/volumes").json()["volumes"]:
            assert time.monotonic() < end, "volumes are still there after their deletion"
            time.sleep(0.05)
        for entry in self._listed():
            self.api.delete(f"/types/{entry['id']}")

    def make(self, life: Life) -> None:
        self.empty()
        for name, specs in life.start.items():
            public = not name.startswith("private")
            wanted = {"name": name, "extra_specs": dict(specs), "os-volume-type-access:is_public": public}
            number = self.api.post("/types", json={"volume_type": wanted}).json()["volume_type"]["id"]
            if not public:
                self.api.post(f"/types/{number}/action", json={"addProjectAccess": {"project": self.project}})
        for name in life.used:
            # That it has the type is what counts, not that it can be made.
            self.api.post("/volumes", json={"volume": {"size": 1, "volume_type": name}})


@pytest.fixture(scope="module")
def cinder(lab: LabClient) -> Iterator[Cinder]:
    found = Cinder(lab.clouds_file)
    yield found
    found.empty()


def lives() -> Iterator[Any]:
    for life in LIVES:
        for fault in (*KILLS, *DROPS, *ANSWERS):
            often = fault in (KILLED_AFTER, DROPPED_AFTER)
            marks = () if often else (pytest.mark.full,)
            yield pytest.param(life, fault, id=f"{life.name}-{fault.name.replace(' ', '-')}", marks=marks)


@pytest.mark.parametrize(("life", "fault"), lives())
def test_sweep(bench: Bench, cinder: Cinder, life: Life, fault: Fault) -> None:
    bench.lab.clear_faults()
    cinder.make(life)
    mark = bench.lab.mark()
    clean = bench.modules.run("volume_types", life.arguments)
    assert not clean.failed, clean.answer["msg"]
    number = chosen(bench.lab.requests(mark), writes=True)
    end = cinder.types()
    assert set(end) == life.end
    for index in range(number):
        struck(bench, cinder, life, fault, index, end)


def struck(bench: Bench, cinder: Cinder, life: Life, fault: Fault, index: int, end: Types) -> None:
    """The fault at one write, then a run without."""
    what = f"{life.name}, write {index + 1} {fault.name}"
    cinder.make(life)
    start = cinder.types()
    ended = strike(bench.lab, bench.modules, "volume_types", life.arguments, fault, index)
    if ended is not None:
        found = cinder.types()
        assert ended.failed or found == end, what
        assert ended.answer["changed"] == any(zone["changed"] for zone in ended.answer["zones"].values()), what
        if not ended.answer["changed"]:
            # A type under its successor's name is no type of the map yet.
            assert {name: kind for name, kind in found.items() if not name.startswith("zoneops:")} == start, what
    again = bench.modules.run("volume_types", life.arguments)
    assert not again.failed, f"{what}: {again.answer['msg']}"
    assert cinder.types() == end, what
