# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which the modules write: where it starts, what is asked, where it has to end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .region import State, aggregate

A0, A1 = "compute-az1-0", "compute-az1-1"
B0, B1 = "compute-az2-0", "compute-az2-1"
C0, C1 = "compute-az3-0", "compute-az3-1"
# Disabled by somebody else, before and after.
TICKET = {C1: "ticket 4711"}
# No zone of any map: never touched.
FOREIGN = {"foreign": aggregate(None, C1, owner="somebody else")}


@dataclass(frozen=True)
class Scenario:
    """One converge.

    :ivar asked: arguments of the module without the zone map's frame.
    :ivar gone: metadata and hosts that the converge itself takes away.
    """

    name: str
    start: State
    zones: Mapping[str, Any]
    end: State
    module: str = "availability_zones"
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        region = {"zones": list(self.zones), "cloud": "lab"}
        limits: dict[str, Any] = {"timeout": 60, "api_timeout": 20}
        if self.module == "availability_zones":
            # One zone after the other, so that the writes of two runs have the same order.
            limits["parallel"] = 1
        return {"zones": dict(self.zones), "region": region, **limits, **self.asked}


def zone(*hosts: str, state: str = "active", aggregate: str | None = None, **metadata: str) -> dict[str, Any]:
    compute: dict[str, Any] = {"hosts": list(hosts), "metadata": metadata}
    if aggregate:
        compute["aggregate"] = aggregate
    return {"compute": compute, "zone_state": state}


def state(disabled: Mapping[str, str] | None = None, **aggregates: Any) -> State:
    return State({**FOREIGN, **aggregates}, {**TICKET, **(disabled or {})})


THREE: Mapping[str, Any] = {
    "az1": aggregate("az1", A0, A1, tier="gold"),
    "az2": aggregate("az2", B0, tier="silver"),
    "az3": aggregate("az3", C0),
}

SCENARIOS: Sequence[Scenario] = (
    Scenario(
        "create",
        state(),
        {"az1": zone(A0, A1, tier="gold"), "az2": zone(B0, tier="silver"), "az3": zone(C0)},
        state(**THREE),
    ),
    Scenario(
        "create_side_by_side",
        state(),
        {"az1": zone(A0, A1, tier="gold"), "az2": zone(B0, tier="silver"), "az3": zone(C0)},
        state(**THREE),
        asked={"parallel": 3},
    ),
    Scenario(
        "create_new",
        state(),
        {"az1": zone(A0, state="new"), "az2": zone(B0)},
        state({A0: "zoneops:->az1"}, az1=aggregate("az1", A0), az2=aggregate("az2", B0)),
    ),
    Scenario(
        "activate",
        state({A0: "zoneops:->az1", A1: "zoneops:->az1"}, az1=aggregate("az1", A0, A1)),
        {"az1": zone(A0, A1)},
        state(az1=aggregate("az1", A0, A1)),
    ),
    Scenario(
        # Two hosts trade their zones; a third one, which somebody disabled, moves as it is.
        "swap",
        state({B1: "power work"}, az1=aggregate("az1", A0, A1), az2=aggregate("az2", B0, B1)),
        {"az1": zone(A0, B0), "az2": zone(A1), "az3": zone(B1)},
        state({B1: "power work"}, az1=aggregate("az1", A0, B0), az2=aggregate("az2", A1), az3=aggregate("az3", B1)),
        asked={"allow": ["host_moves"]},
    ),
    Scenario(
        "rename_and_purge",
        state(old=aggregate("az1", A0, A1, tier="silver", agent="its own"), az2=aggregate("az2", B0)),
        {"az1": zone(A0, tier="gold"), "az2": zone(B0)},
        state(
            {A1: "zoneops:az1->"},
            az1=aggregate("az1", A0, tier="gold", agent="its own"),
            az2=aggregate("az2", B0),
        ),
        asked={"purge_hosts": True},
    ),
    Scenario(
        "az_change",
        state(az1=aggregate("old", A0, tier="gold"), az2=aggregate(None, B0)),
        {"az1": zone(A0, tier="gold"), "az2": zone(B0)},
        state(az1=aggregate("az1", A0, tier="gold"), az2=aggregate("az2", B0)),
        asked={"allow": ["az_change"]},
    ),
    Scenario(
        "absent",
        state(az1=aggregate("az1", A0, A1, tier="gold"), az2=aggregate("az2", B0)),
        {"az1": zone(A0, A1, tier="gold"), "az2": zone(B0)},
        state({A0: "zoneops:az1->", A1: "zoneops:az1->"}, az2=aggregate("az2", B0)),
        asked={"state": "absent", "limit": ["az1"]},
    ),
    Scenario(
        "without_az",
        state({B1: "power work"}, az2=aggregate("az2", B0, B1, tier="gold"), az1=aggregate("az1", A0)),
        {"az1": zone(A0), "az2": zone(B0, B1, tier="gold")},
        state({B1: "power work"}, az2=aggregate(None, B0, B1, tier="gold"), az1=aggregate("az1", A0)),
        asked={"state": "without_az", "limit": ["az2"], "allow": ["recreate_aggregate"]},
    ),
    Scenario(
        "mirror",
        state(
            az1=aggregate("az1", A0, A1, mirrored=[A0]),
            az2=aggregate("az2", B0, mirrored=[B0, B1]),
        ),
        {"az1": zone(A0, A1), "az2": zone(B0)},
        state(az1=aggregate("az1", A0, A1), az2=aggregate("az2", B0)),
        asked={"placement_mirror": True},
    ),
    Scenario(
        "disable_services",
        state(**THREE),
        {"az1": zone(A0, A1), "az2": zone(B0), "az3": zone(C0)},
        state({A0: "zoneops: power work", A1: "zoneops: power work"}, **THREE),
        module="compute_services",
        asked={"limit": ["az1"], "status": "disabled", "reason": "power work"},
    ),
    Scenario(
        "enable_services",
        state({A0: "zoneops: power work", A1: "zoneops: power work"}, **THREE),
        {"az1": zone(A0, A1), "az2": zone(B0), "az3": zone(C0)},
        state(**THREE),
        module="compute_services",
        asked={"limit": ["az1"], "status": "enabled"},
    ),
)
