# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that resumes an interrupted one does only what is in the plan of that one."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Change, Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.changes import (
    Close,
    Disable,
    Drain,
    Reopen,
    Start,
    Stop,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.marks import LEFT
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.model import (
    LIVE,
    LIVE_MIGRATION,
    Awaited,
    Move,
    Powered,
    Record,
)

OWN, DEAD = "zoneops: maintenance, draining: r", "zoneops: maintenance, draining by run: r"
ONE = Move("s1", "one", "c1", "c2", LIVE, named=True)
TWO = Move("s2", "two", "c1", "c3", LIVE, named=False)
GOING = Awaited(Record("m1", "s1", LIVE_MIGRATION, "running", "c1", "c2"), "one", ours=True)
WEB, DATA = Powered("s1", "web", "c1"), Powered("s2", "data", "c1")


def refused(planned: tuple[Change, ...], now: tuple[Change, ...]) -> list[str]:
    plan = SavedPlan("plan.yml", "then", changes={"az1": as_entries(change.as_dict() for change in planned)})
    return [refusal.message for refusal in plan.limit(Plan(now)).refusals]


def test_a_host_is_emptied_further() -> None:
    planned = (
        Disable("az1", "c1", None, OWN),
        Drain("az1", ("c1",), (ONE, TWO)),
        Close("az1", "c1", OWN, "zoneops: maintenance, emptied: r"),
    )
    resumed = (
        Disable("az1", "c1", DEAD, OWN, resumed=True),
        Drain("az1", ("c1",), (TWO,), (GOING,)),
        Close("az1", "c1", DEAD, "zoneops: maintenance, emptied: r"),
    )
    assert refused(planned, planned) == refused(planned, resumed) == []
    # The scheduler chooses the host of a pinned server, so it is no part of the plan.
    assert refused(planned, (Drain("az1", ("c1",), (replace(TWO, target="c2"),)),)) == []
    elsewhere = refused(planned, (Drain("az1", ("c1",), (replace(ONE, target="c3"),)),))
    assert len(elsewhere) == 1
    assert "move one (s1) live from c1 to c3" in elsewhere[0]


def test_a_plan_of_the_whole_has_what_is_only_prepared() -> None:
    disable = Disable("az1", "c1", None, OWN)
    left = Close("az1", "c1", OWN, "zoneops: maintenance, left: r", phase=LEFT)
    emptied = Close("az1", "c1", OWN, "zoneops: maintenance, emptied: r")
    assert refused((disable, Drain("az1", ("c1",), (ONE,)), emptied), (disable, left)) == []
    assert "host c1 is empty" in refused((disable, left), (disable, emptied))[0]
    assert "disable host c1" in refused((), (disable, left))[0]


def test_only_migrations_under_way_are_left() -> None:
    planned = (Drain("az1", ("c1",), (ONE,)),)
    assert refused(planned, (Drain("az1", ("c1",), (), (GOING,)),)) == []


def test_servers_are_stopped_and_started_further() -> None:
    planned: tuple[Change, ...] = (Stop("az1", ("c1",), (WEB, DATA)),)
    assert refused(planned, (Stop("az1", ("c1",), (DATA,)),)) == []
    assert "stop server web (s1)" in refused((Stop("az1", ("c1",), (DATA,)),), planned)[0]
    planned = (Reopen("az1", "c1", "old", None, starting=(WEB, DATA)), Start("az1", "c2", (WEB,)))
    assert refused(planned, (Reopen("az1", "c1", DEAD, None, starting=(DATA,)),)) == []
    assert refused(planned, (Reopen("az1", "c1", DEAD, None),)) == []
    assert "start server more" in refused(planned, (Start("az1", "c2", (replace(WEB, server="s3", name="more"),)),))[0]
