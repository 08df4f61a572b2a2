# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of share types and share services: killed or dropped at every write, the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig

from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, Bench, chosen

AZ, BACKEND, HANDLES = "availability_zones", "share_backend_name", "driver_handles_share_servers"
# Name, extra specs and the rest of each type, and the status of each service: without ids, which a type made anew changes.
State = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Life:
    """One converge.

    :ivar start: extra specs of the types that are there.
    :ivar disabled: reasons of services that are disabled.
    """

    name: str
    module: str
    start: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    disabled: Mapping[str, str] = field(default_factory=dict)
    types: tuple[Mapping[str, Any], ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        zones: dict[str, Any] = {"az1": {}, "az2": {}}
        region = {"zones": list(zones), "cloud": "lab", "share_types": list(self.types)}
        return {"zones": zones, "region": region, "timeout": 60, "api_timeout": 20, **self.asked}


LIVES = (
    Life(
        "types",
        "share_types",
        {"az1-gold": {AZ: "az9", "own": "kept", "old": "1"}},
        types=(
            {"name": "{zone}-gold", BACKEND: "{zone}", "description": "fast", "extra_specs": {"old": None}},
            {"name": "team", "public": False, "projects": ["admin"]},
        ),
    ),
    Life(
        "delete",
        "share_types",
        {"az1-gold": {AZ: "az1"}, "az2-gold": {AZ: "az2"}, "other": {AZ: "az1"}},
        types=({"name": "{zone}-gold", "state": "absent"},),
    ),
    Life("disable", "share_services", asked={"status": "disabled", "reason": "work"}),
    Life("enable", "share_services", disabled={"lab@az1": "zoneops: work"}, asked={"status": "enabled"}),
)


class Manila:
    """Calls of an administrator."""

    def __init__(self, clouds: Path) -> None:
        session = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one("lab").get_session()
        self.api = Adapter(session, service_type="shared-file-system", default_microversion="2.83")

    def _types(self) -> list[dict[str, Any]]:
        entries = self.api.get("/types?is_public=all").json()["share_types"]
        return [entry for entry in entries if entry["name"] != "default"]

    def _services(self) -> list[dict[str, Any]]:
        return list(self.api.get("/services?binary=manila-share").json()["services"])

    def state(self) -> State:
        types = {
            entry["name"]: (
                entry["extra_specs"],
                entry["share_type_access:is_public"],
                entry["description"],
                self._allowed(entry),
            )
            for entry in self._types()
        }
        return types, {entry["host"]: (entry["status"], entry["disabled_reason"]) for entry in self._services()}

    def _allowed(self, entry: Mapping[str, Any]) -> int:
        """How many projects may use a private type."""
        if entry["share_type_access:is_public"]:
            return 0
        return len(self.api.get(f"/types/{entry['id']}/share_type_access").json()["share_type_access"])

    def empty(self) -> None:
        for entry in self._types():
            self.api.delete(f"/types/{entry['id']}")
        for entry in self._services():
            if entry["status"] == "disabled":
                self.api.put("/services/enable", json={"host": entry["host"], "binary": "manila-share"})

    def make(self, life: Life) -> None:
        self.empty()
        for name, specs in life.start.items():
            wanted = {"name": name, "extra_specs": {HANDLES: "False", **specs}}
            self.api.post("/types", json={"share_type": wanted})
        for host, reason in life.disabled.items():
            body = {"host": host, "binary": "manila-share", "disabled_reason": reason}
            self.api.put("/services/disable", json=body)


@pytest.fixture
def manila(bench: Bench) -> Iterator[Manila]:
    found = Manila(bench.lab.clouds_file)
    yield found
    bench.lab.clear_faults()
    found.empty()


def lives() -> Iterator[Any]:
    """Killed in each; the two ways to drop take turns."""
    for number, life in enumerate(LIVES):
        for fault in (*KILLS, *DROPS, *ANSWERS):
            often = fault in (KILLED_AFTER, DROPS[number % 2])
            marks = () if often else (pytest.mark.full,)
            yield pytest.param(life, fault, id=f"{life.name}-{fault.name.replace(' ', '-')}", marks=marks)


@pytest.mark.parametrize(("life", "fault"), lives())
def test_sweep(bench: Bench, manila: Manila, life: Life, fault: Fault) -> None:
    manila.make(life)
    mark = bench.lab.mark()
    clean = bench.modules.run(life.module, life.arguments)
    assert not clean.failed, clean.answer["msg"]
    number = chosen(bench.lab.requests(mark), writes=True)
    assert number
    end = manila.state()
    for index in range(number):
        struck(bench, manila, life, fault, index, end)


def struck(bench: Bench, manila: Manila, life: Life, fault: Fault, index: int, end: State) -> None:
    """The fault at one write, then a run without."""
    what = f"{life.name}, write {index + 1} {fault.name}"
    manila.make(life)
    start = manila.state()
    ended = strike(bench.lab, bench.modules, life.module, life.arguments, fault, index)
    if ended is not None:
        found = manila.state()
        assert ended.failed or found == end, what
        assert ended.answer["changed"] == any(zone["changed"] for zone in ended.answer["zones"].values()), what
        assert ended.answer["changed"] == (found != start), f"{what}: {ended.answer['msg']}"
    assert all(specs.get("own", "kept") == "kept" for specs, *_rest in manila.state()[0].values()), what
    again = bench.modules.run(life.module, life.arguments)
    assert not again.failed, f"{what}: {again.answer['msg']}"
    assert manila.state() == end, what
