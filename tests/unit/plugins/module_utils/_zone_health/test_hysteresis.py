# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is reported after which looks: what only one sees never, what lasts always, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.hysteresis import (
    Change,
    Patience,
    Watch,
    Window,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.judge import judge, state_of_zone
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.model import (
    CINDER,
    NOVA,
    Look,
    Member,
    Reading,
    Sight,
    State,
)
from hypothesis import given
from hypothesis import strategies as st

ZONES = ("az1", "az2", "az3")
UP, DOWN = [True, True], [False, False]


def members(hosts: dict[str, list[bool]]) -> tuple[Member, ...]:
    return tuple(
        Member(f"{zone}-{n}", zone, alive=alive) for zone, all_of in hosts.items() for n, alive in enumerate(all_of)
    )


def look(hosts: dict[str, list[bool]]) -> Look:
    """Zones with hosts that are up or not."""
    return judge(Reading({NOVA: members(hosts)}))


def blind(known: Iterable[str] = ()) -> Look:
    return judge(Reading(unread={NOVA: "no answer"}), tuple(known))


def run(looks: Sequence[Look], confirm: int = 2, recover: int = 2) -> list[list[Change]]:
    watch = Watch(Patience(confirm, recover))
    return [watch.step(one, 1000.0 + 10 * number) for number, one in enumerate(looks)]


def told(steps: list[list[Change]]) -> list[tuple[int, str | None, str]]:
    return [(number, one.zone, one.state) for number, changes in enumerate(steps) for one in changes]


FINE = look({"az1": UP, "az2": UP})
BAD = look({"az1": UP, "az2": DOWN})
HALF = look({"az1": UP, "az2": [True, False]})
DARK = look({"az1": DOWN, "az2": DOWN})
BLIND = blind()


def test_what_one_look_sees_is_not_reported() -> None:
    assert told(run([FINE, BAD, FINE, BAD, FINE])) == []


def test_an_outage_and_its_end() -> None:
    steps = run([FINE, BAD, BAD, BAD, FINE, FINE, FINE])
    assert told(steps) == [(2, "az2", "down"), (5, "az2", "up")]
    down, up = steps[2][0], steps[5][0]
    assert (down.before, down.since, down.lasted, down.at_start) == ("up", 1010.0, None, False)
    assert (up.before, up.since, up.lasted, up.services) == ("down", 1040.0, 30.0, {NOVA: State.UP})


def test_what_is_not_up_at_the_start_is_reported() -> None:
    steps = run([BAD, BAD, BAD])
    assert told(steps) == [(1, "az2", "down")]
    assert steps[1][0].at_start


def test_a_zone_that_varies_between_two_evils_is_reported_as_the_lesser() -> None:
    assert told(run([FINE, HALF, BAD, HALF, BAD])) == [(2, "az2", "degraded")]
    assert told(run([FINE, HALF, BAD, BAD])) == [(2, "az2", "degraded"), (3, "az2", "down")]


def test_all_down_is_about_the_region_and_no_zone() -> None:
    assert told(run([FINE, DARK, DARK, DARK, FINE, FINE])) == [(2, None, "all_down"), (5, None, "sees")]
    # As nova's control plane fails: hosts go down one by one.
    assert told(run([FINE, BAD, DARK, DARK, BAD, FINE, FINE])) == [(3, None, "all_down"), (5, None, "sees")]


def test_a_zone_that_is_still_down_afterwards_is_reported_then() -> None:
    assert told(run([FINE, DARK, DARK, BAD, BAD])) == [(2, None, "all_down"), (4, None, "sees"), (4, "az2", "down")]


def test_blind_looks_are_passed_over() -> None:
    assert told(run([FINE, BAD, BLIND, BAD])) == [(3, "az2", "down")]
    assert told(run([BLIND, BLIND, FINE, FINE])) == [(1, None, "blind"), (3, None, "sees")]


def test_a_zone_that_is_no_longer_listed() -> None:
    alone = look({"az1": UP})
    steps = run([FINE, alone, alone, alone, FINE])
    assert told(steps) == [(2, "az2", "gone")]
    # Of a list that is not complete this is unknown.
    part = judge(Reading({NOVA: members({"az1": UP})}, {CINDER: "no answer"}))
    assert [one for one in told(run([FINE, part, part, part])) if one[1]] == []


def test_a_service_that_left_the_zone_is_no_trouble_any_more() -> None:
    broken = Look(Sight.SEES, {"az1": {NOVA: State.UP, CINDER: State.DOWN}})
    without = Look(Sight.SEES, {"az1": {NOVA: State.UP}})
    steps = run([broken, broken, without, without])
    assert told(steps) == [(1, "az1", "degraded"), (3, "az1", "up")]
    assert steps[3][0].services == {NOVA: State.UP}


def test_a_change_of_a_service_is_reported_where_the_zone_stays_as_it_is() -> None:
    one = Look(Sight.SEES, {"az1": {NOVA: State.DOWN, CINDER: State.UP}})
    both = Look(Sight.SEES, {"az1": {NOVA: State.DOWN, CINDER: State.DOWN}})
    steps = run([one, one, both, both])
    assert told(steps) == [(1, "az1", "down"), (3, "az1", "down")]
    assert steps[3][0].services == {CINDER: State.DOWN, NOVA: State.DOWN}
    assert steps[3][0].since == steps[1][0].since


def test_a_service_that_follows_another_is_reported() -> None:
    """A service that nobody uses may be down for years: what nova does afterwards is no less news."""

    def region(nova: bool | None, cinder: bool | None) -> Look:
        given = {NOVA: nova, CINDER: cinder}
        listed = {name: (Member(name, "az1", alive=up),) for name, up in given.items() if up is not None}
        return judge(Reading(listed, {name: "no answer" for name, up in given.items() if up is None}), ("az1",))

    down, both, dark = region(True, False), region(False, False), region(None, False)
    assert told(run([down, down, both, both, both])) == [(1, None, "all_down"), (3, None, "all_down")]
    assert told(run([down, down, dark, dark, dark])) == [(1, None, "all_down"), (3, None, "all_down")]
    assert told(run([down, down, both, down, both])) == [(1, None, "all_down")]
    steps = run([down, down, both, both, down, down, down])
    assert told(steps) == [(1, None, "all_down"), (3, None, "all_down"), (5, None, "all_down")]
    assert [(one.before, one.since) for one in steps[3]] == [("all_down", 1020.0)]


VALUES = st.lists(st.integers(0, 3), max_size=40)
PATIENCE = st.builds(Patience, st.integers(1, 4), st.integers(1, 4))


@given(VALUES, PATIENCE)
def test_a_window_reports_what_all_its_looks_agree_on(values: list[int], patience: Patience) -> None:
    window, reported = Window(patience), 0
    for number, value in enumerate(values):
        changed = window.see(value, float(number)) is not None
        worse, better = values[: number + 1][-patience.confirm :], values[: number + 1][-patience.recover :]
        if changed and window.reported > reported:
            assert window.reported == min(worse)
            assert len(worse) == patience.confirm
        elif changed:
            assert window.reported == max(better) < reported
            assert len(better) == patience.recover
        else:
            assert window.reported == reported
            assert len(worse) < patience.confirm or min(worse) <= reported
            assert len(better) < patience.recover or max(better) >= reported
        reported = window.reported


HOSTS = st.fixed_dictionaries({zone: st.lists(st.booleans(), min_size=1, max_size=2) for zone in ZONES})
LOOKS = st.lists(st.one_of(HOSTS, st.none()), min_size=1, max_size=25)


def seen(reading: dict[str, list[bool]] | None) -> Look:
    return blind(ZONES) if reading is None else look(reading)


@given(LOOKS, PATIENCE)
def test_no_zone_is_reported_for_what_was_not_seen_of_it(
    readings: list[dict[str, list[bool]] | None], patience: Patience
) -> None:
    looks = [seen(one) for one in readings]
    watch = Watch(patience)
    last: dict[str | None, str] = {}
    for number, one in enumerate(looks):
        for change in watch.step(one, float(number)):
            assert change.state != last.get(change.zone, "sees" if change.zone is None else "up")
            assert change.before == last.get(change.zone, "sees" if change.zone is None else "up")
            last[change.zone] = change.state
            if change.zone is not None:
                # This very look saw it, or saw something that is worse, for a change to worse; the reverse for one to better.
                assert one.sight is Sight.SEES
                now = state_of_zone(one.states[change.zone])
                worse = State[change.state.upper()] > State[change.before.upper()]
                assert now >= State[change.state.upper()] if worse else now <= State[change.state.upper()]
            assert change.since <= number


@given(LOOKS, HOSTS, PATIENCE)
def test_what_lasts_is_reported_in_the_end(
    readings: list[dict[str, list[bool]] | None], final: dict[str, list[bool]], patience: Patience
) -> None:
    looks = [*(seen(one) for one in readings), *[seen(final)] * max(patience.confirm, patience.recover)]
    watch = Watch(patience)
    last: dict[str | None, str] = {}
    for number, one in enumerate(looks):
        last |= {change.zone: change.state for change in watch.step(one, float(number))}
    end = seen(final)
    assert last.get(None, "sees") == end.sight.text
    if end.sight is Sight.SEES:
        assert {zone: last.get(zone, "up") for zone in ZONES} == {
            zone: state_of_zone(end.states[zone]).text for zone in ZONES
        }


@given(HOSTS, PATIENCE)
def test_a_watch_that_starts_anew_reports_all_that_is_not_up(final: dict[str, list[bool]], patience: Patience) -> None:
    one = seen(final)
    watch = Watch(patience)
    steps = [watch.step(one, float(number)) for number in range(patience.confirm + patience.recover)]
    wanted = {zone for zone, states in one.states.items() if state_of_zone(states) is not State.UP}
    assert {change.zone for change in steps[patience.confirm - 1]} - {None} == wanted
    assert all(change.at_start for changes in steps for change in changes)
    assert sum(map(len, steps)) == len(steps[patience.confirm - 1])


@pytest.mark.parametrize("sight", [Sight.PARTLY, Sight.BLIND])
def test_what_the_looks_are_worth_is_reported_like_a_zone(sight: Sight) -> None:
    bad, good = Look(sight, unread={NOVA: "x"}), Look(Sight.SEES)
    assert told(run([good, bad, good, bad, bad, good, good])) == [(4, None, sight.text), (6, None, "sees")]
