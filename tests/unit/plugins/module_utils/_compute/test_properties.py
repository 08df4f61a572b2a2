# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of every run, on any cloud, for any map: what is foreseen comes true, and nobody is harmed on the way."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.marks import is_on_its_way
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.ownership import aggregate_of
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.situations import (
    HOSTS,
    Situation,
    situations,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import (
    DEAD,
    LOST,
    REFUSED,
    StandIn,
)
from hypothesis import given
from hypothesis import strategies as st


@dataclass
class Story:
    """A run in check mode, the run itself with the states that it passed through, and a second run."""

    asked: Situation
    region: StandIn
    foreseen: dict[str, Verdict]
    came: dict[str, Verdict]
    states: list[Observed]
    again: dict[str, Verdict]
    written: int

    @property
    def before(self) -> Observed:
        return self.asked.observed

    @property
    def after(self) -> Observed:
        return self.region.observed


def story_of(asked: Situation) -> Story:
    foreseen = asked.run(asked.region(), check=True)
    region, states = asked.region(), list[Observed]()
    region.on_write = lambda: states.append(region.observed)
    came = asked.run(region)
    written = len(region.writes)
    return Story(asked, region, foreseen, came, states, asked.run(region), written)


@given(situations())
def test_every_run(asked: Situation) -> None:
    """One story for all properties: runs cost more than looks."""
    told = story_of(asked)
    what_nova_refuses_is_seen_before_the_first_write(told)
    check_mode_foresees_the_run(told)
    a_second_run_has_nothing_to_do(told)
    a_refused_zone_is_left_as_it_is(told)
    nothing_outside_the_run_is_touched(told)
    what_others_disabled_stays_as_it_is(told)
    instances_keep_their_zone(told)
    for state in told.states:
        no_host_is_let_loose(asked, state, also_down=False)
        no_zone_is_emptied(asked, state)
    no_host_is_let_loose(asked, told.after, also_down=True)


def what_nova_refuses_is_seen_before_the_first_write(told: Story) -> None:
    """The stand-in answers as nova does, so no write of a run is ever refused."""
    for verdict in told.came.values():
        assert not verdict.errors


def check_mode_foresees_the_run(told: Story) -> None:
    for zone, foreseen in told.foreseen.items():
        came = told.came[zone]
        assert (foreseen.changed, foreseen.refusals) == (came.changed, came.refusals)
        assert [change.text for change in foreseen.plan] == [change.text for change in came.plan]
        assert foreseen.after == came.after


def a_second_run_has_nothing_to_do(told: Story) -> None:
    """But for a zone that was refused for what another zone of the first run has mended, such as an availability zone that is in two aggregates now."""
    freed = {zone for zone, came in told.came.items() if came.refusals and not told.again[zone].refusals}
    assert freed or len(told.region.writes) == told.written
    for zone, verdict in told.again.items():
        if zone not in freed:
            assert verdict.failed == told.came[zone].failed
            assert freed or not verdict.plan


def a_refused_zone_is_left_as_it_is(told: Story) -> None:
    for verdict in told.came.values():
        if verdict.refusals:
            assert not verdict.plan
            assert not verdict.changed
            name = verdict.before.get("aggregate", "")
            assert told.after.by_name.get(name) == told.before.by_name.get(name)


def nothing_outside_the_run_is_touched(told: Story) -> None:
    asked, was, now = told.asked, by_id(told.before), by_id(told.after)
    adopt = asked.options.state == "present"
    zones = [asked.wanted.zones[name] for name in asked.options.only]
    owned = [aggregate_of(asked.wanted, zone, told.before, adopt=adopt) for zone in zones]
    mine = {found.id for found in owned if found is not None}
    for number in set(was) - mine:
        assert now[number] == was[number]
    named = {name for zone in zones for name in zone.compute_hosts} | {h for number in mine for h in was[number].hosts}
    for name in set(HOSTS) - named:
        assert told.after.hosts[name] == told.before.hosts[name]


def what_others_disabled_stays_as_it_is(told: Story) -> None:
    for name, before in told.before.hosts.items():
        if not before.enabled and not is_on_its_way(before):
            after = told.after.hosts[name]
            assert (after.status, after.disabled_reason) == (before.status, before.disabled_reason)


def instances_keep_their_zone(told: Story) -> None:
    for server in told.before.servers or ():
        if server.host is not None:
            assert told.after.zone_of(server.host) == told.before.zone_of(server.host)


def no_host_is_let_loose(asked: Situation, state: Observed, *, also_down: bool) -> None:
    """What leaves its zone is off while it is in none: enabled it would take any server. One that is down takes none."""
    for name, host in state.hosts.items():
        left = asked.observed.zone_of(name) is not None and state.zone_of(name) is None
        if left and asked.options.state != "without_az":
            assert not host.enabled or (host.state == "down" and not also_down)


def no_zone_is_emptied(asked: Situation, state: Observed) -> None:
    if asked.options.state == "present" and "empty_zone" not in asked.options.allow:
        for number, found in by_id(asked.observed).items():
            assert by_id(state)[number].hosts or not found.hosts


@given(situations(), st.integers(0, 12), st.sampled_from((REFUSED, LOST, DEAD)))
def test_whatever_fails_the_next_run_ends_where_an_undisturbed_one_does(
    asked: Situation, number: int, fault: str
) -> None:
    # Twice: a zone can be refused for what another zone of the same run mends.
    undisturbed = asked.region()
    asked.run(undisturbed)
    asked.run(undisturbed)
    region, states = asked.region(), list[Observed]()
    region.on_write = lambda: states.append(region.observed)
    region.faults[number] = fault
    broken = asked.run(region)
    for state in states:
        no_host_is_let_loose(asked, state, also_down=False)
        no_zone_is_emptied(asked, state)
    if number < len(region.writes):
        assert any(verdict.failed for verdict in broken.values()) or fault == LOST
    region.faults.clear()
    region.dead = False
    asked.run(region)
    asked.run(region)
    assert shape(region.observed) == shape(undisturbed.observed)


def by_id(observed: Observed) -> dict[int | None, Aggregate]:
    return {found.id: found for found in observed.aggregates}


def shape(observed: Observed) -> tuple[object, object]:
    """What counts in the end: ids and the order of hosts do not, nor does which of our marks a disabled host bears."""
    aggregates = {
        found.name: (found.availability_zone, found.metadata, sorted(found.hosts)) for found in observed.aggregates
    }
    hosts = {
        name: (found.status, "ours" if is_on_its_way(found) else found.disabled_reason)
        for name, found in observed.hosts.items()
    }
    return aggregates, hosts
