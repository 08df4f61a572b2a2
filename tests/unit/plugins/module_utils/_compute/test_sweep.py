# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault at every write of every converge that tests/faults strikes on a real nova, here on nova's model: the same starts and ends."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.lock import Locked, RegionLock
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import LOCK_NAME
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.options import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.reconcile import AvailabilityZones
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.services import ComputeServices, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.faults import region as real
from ansible_collections.zoneops.openstack.tests.faults.harm import at_home, difference, unharmed
from ansible_collections.zoneops.openstack.tests.faults.scenarios import A0, A1, B0, B1, C0, C1, SCENARIOS, Scenario
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute import clouds
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import (
    DEAD,
    LOST,
    REFUSED,
    StandIn,
    provider_of,
    standing_in,
)

HOSTS = (A0, A1, B0, B1, C0, C1)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def made(state: real.State) -> StandIn:
    aggregates = [
        clouds.aggregate(name, " ".join(sorted(found.hosts)), found.zone, **dict(found.metadata))
        for name, found in state.aggregates.items()
    ]
    hosts = [clouds.host(name, reason=state.disabled.get(name)) for name in HOSTS]
    region = standing_in(clouds.cloud(*aggregates, special=hosts))
    for name, found in state.aggregates.items():
        members = found.hosts if found.mirrored is None else found.mirrored
        region.members[f"uuid-{name}"] = {provider_of(host) for host in members}
    return region


def seen(region: StandIn) -> real.State:
    aggregates = {
        found.name: real.Aggregate(
            found.availability_zone,
            frozenset(found.hosts),
            frozenset(found.metadata.items()),
            frozenset(name for name in HOSTS if provider_of(name) in region.members.get(found.uuid or "", ())),
        )
        for found in region.observed.aggregates
        if found.name != LOCK_NAME
    }
    hosts = region.observed.hosts.values()
    return real.State(aggregates, {host.name: host.disabled_reason or "" for host in hosts if not host.enabled})


def run(region: StandIn, scenario: Scenario, *, break_lock: bool = False) -> dict[str, Verdict]:
    """As the module does it."""
    asked: dict[str, Any] = dict(scenario.asked)
    wanted, deadline = load_map(dict(scenario.zones), {"zones": list(scenario.zones)}), Deadline(60)
    only = tuple(asked.pop("limit", scenario.zones))
    at_once = asked.pop("parallel", 1)
    reconciler: Any
    if scenario.module == "compute_services":
        body = {"hosts": None, "reason": None, "forced_down": None, "allow": frozenset(), **asked}
        reconciler = ComputeServices(region.nova(), region.placement(), wanted, Wanted(only=only, **body))
    else:
        asked["mirror"] = asked.pop("placement_mirror", False)
        asked["allow"] = frozenset(asked.get("allow", ()))
        reconciler = AvailabilityZones(region.nova(), region.placement(), wanted, Options(only=only, **asked), deadline)
    lock = RegionLock(region.nova(), deadline, break_lock=break_lock)
    return Converge(reconciler, check=False, deadline=deadline, lock=lock, settle=0, at_once=at_once).run()


def clean(scenario: Scenario) -> int:
    """A run without a fault; how many writes it makes."""
    region = made(scenario.start)
    assert seen(region) == scenario.start
    verdicts = run(region, scenario)
    assert [verdict.errors for verdict in verdicts.values() if verdict.failed] == []
    assert seen(region) == scenario.end
    assert LOCK_NAME not in region.observed.by_name
    return len(region.writes)


@pytest.mark.parametrize("fault", [REFUSED, LOST, DEAD])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_next_run_ends_where_a_clean_one_does(scenario: Scenario, fault: str) -> None:
    """Dead at a write is killed there, and behind the write before it."""
    for number in range(clean(scenario)):
        region = made(scenario.start)
        region.faults[number] = fault
        verdicts = struck(region, scenario)
        left, found = LOCK_NAME in region.observed.by_name, seen(region)
        assert number < len(region.writes), f"write {number} was never made"
        unharmed(scenario, found)
        if fault != DEAD:
            at_home(scenario, found)
        if verdicts is not None and not any(verdict.failed for verdict in verdicts.values()):
            assert found == scenario.end, f"write {number} {fault}: not failed, but {difference(scenario.end, found)}"
        region.faults.clear()
        region.dead = False
        if left and found != scenario.end:
            # Its owner, this process, has not died: only an operator breaks it.
            with pytest.raises(Locked):
                run(region, scenario)
        again = run(region, scenario, break_lock=left)
        assert [verdict.errors for verdict in again.values() if verdict.failed] == []
        assert seen(region) == scenario.end, f"write {number} {fault}: {difference(scenario.end, seen(region))}"


def struck(region: StandIn, scenario: Scenario) -> dict[str, Verdict] | None:
    """None where the run failed as a whole, before it wrote anything."""
    try:
        return run(region, scenario)
    except ApiError:
        assert seen(region) == scenario.start
        return None


def test_every_converge_is_struck_often() -> None:
    """The model is asked as often as a real nova was: a converge that writes nothing proves nothing."""
    assert all(clean(scenario) >= 3 for scenario in SCENARIOS)
