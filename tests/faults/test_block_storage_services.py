# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service disabled, and enabled by freezing and thawing it: killed or dropped at every write, the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig
from zonelab.client import LabClient

from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, Bench

HOST = "lab@az1"


@dataclass(frozen=True)
class Life:
    """One call, from and to (status, reason, frozen)."""

    name: str
    status: str
    writes: int
    start: tuple[str, str | None, bool]
    end: tuple[str, str | None, bool]

    @property
    def arguments(self) -> dict[str, Any]:
        return {
            "zones": {"az1": {}},
            "region": {"zones": ["az1"], "cloud": "lab"},
            "status": self.status,
            "binaries": ["volume"],
            "allow": ["thaw"],
            "timeout": 60,
            "api_timeout": 20,
            **({"reason": "work"} if self.status == "disabled" else {}),
        }


ON, OFF = ("enabled", None, False), ("disabled", "zoneops: work", False)
LIVES = (
    Life("disable", "disabled", 1, ON, OFF),
    # What cinder says yes to and does not do, the mark, freezing, the reason, the end of the mark, thawing.
    Life("enable", "enabled", 6, OFF, ON),
)


class Services:
    """Calls of an administrator."""

    def __init__(self, lab: LabClient) -> None:
        session = OpenStackConfig(config_files=[str(lab.clouds_file)], load_envvars=False).get_one("lab").get_session()
        self.api = Adapter(session, service_type="block-storage", default_microversion="3.59")

    def state(self) -> tuple[str, str | None, bool]:
        (found,) = self.api.get(f"/os-services?binary=cinder-volume&host={HOST}").json()["services"]
        return found["status"], found["disabled_reason"] or None, found["frozen"]

    def marks(self) -> dict[str, str]:
        return {entry["name"]: entry["id"] for entry in self.api.get("/qos-specs").json()["qos_specs"]}

    def make(self, state: tuple[str, str | None, bool]) -> None:
        for number in self.marks().values():
            self.api.delete(f"/qos-specs/{number}")
        if not self.state()[2]:
            self._put("freeze")
        self._put("thaw")
        if state[0] == "disabled":
            self._put("disable-log-reason", binary="cinder-volume", disabled_reason=state[1])
        assert self.state() == state

    def _put(self, action: str, **values: Any) -> None:
        self.api.put(f"/os-services/{action}", json={"host": HOST, **values})


@pytest.fixture(scope="module")
def services(lab: LabClient) -> Iterator[Services]:
    found = Services(lab)
    yield found
    lab.clear_faults()
    found.make(ON)


def sweeps() -> Iterator[Any]:
    for life in LIVES:
        for fault in (*KILLS, *DROPS, *ANSWERS):
            often = fault is KILLED_AFTER and life.status == "enabled"
            marks = () if often else (pytest.mark.full,)
            yield pytest.param(life, fault, id=f"{life.name}-{fault.name.replace(' ', '-')}", marks=marks)


@pytest.mark.parametrize(("life", "fault"), sweeps())
def test_sweep(bench: Bench, services: Services, life: Life, fault: Fault) -> None:
    for index in range(life.writes):
        struck(bench, services, life, fault, index)


def struck(bench: Bench, services: Services, life: Life, fault: Fault, index: int) -> None:
    """The fault at one write, then a run without."""
    what = f"{life.name}, write {index + 1} {fault.name}"
    services.make(life.start)
    ended = strike(bench.lab, bench.modules, "block_storage_services", life.arguments, fault, index)
    if ended is not None:
        assert ended.failed or services.state() == life.end, what
        assert ended.answer["changed"] == (services.state()[:2] != life.start[:2]), f"{what}: {ended.answer['msg']}"
    again = bench.modules.run("block_storage_services", life.arguments)
    assert not again.failed, f"{what}: {again.answer['msg']}"
    assert services.state() == life.end, what
    assert services.marks() == {} or not again.answer["changed"], what
