# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that arrives: what follows from what it shows, and when that says nothing yet."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.flight import Flight
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.migrations import Found
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.model import EVACUATION, Move
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.servers.arrival import (
    SETTLE_SECONDS,
    TASK_SECONDS,
    TRIES,
    Arrival,
    next_step,
    unseen,
)

LATE = SETTLE_SECONDS + 1


def found(status: str, host: str = "h2", task: str | None = None) -> Found:
    return Found("s", "web", host, status, task)


@pytest.mark.parametrize(
    ("wanted", "shows", "now", "what"),
    [
        # It shows ACTIVE, or its old host, for a moment before it is stopped.
        ("ACTIVE", found("ACTIVE"), 0.0, ""),
        ("SHUTOFF", found("ACTIVE"), 0.0, ""),
        ("ACTIVE", found("SHUTOFF", "h1"), 0.0, ""),
        ("ACTIVE", found("SHUTOFF", task="powering-off"), LATE, ""),
        ("ACTIVE", found("ACTIVE"), LATE, "moved"),
        ("SHUTOFF", found("ACTIVE"), LATE, "os-stop"),
        ("ACTIVE", found("SHUTOFF", "h1"), LATE, "elsewhere"),
        ("ACTIVE", found("SHUTOFF"), 0.0, "os-start"),
        ("SHUTOFF", found("SHUTOFF"), 0.0, "moved"),
        ("ACTIVE", found("ERROR"), 0.0, "failed"),
        ("ACTIVE", None, 0.0, "gone"),
    ],
)
def test_what_follows(wanted: str, shows: Found | None, now: float, what: str) -> None:
    arrival = Arrival(wanted, starts=True, stops=True, since=0.0)
    assert next_step(arrival, "h2", shows, now).what == what


@pytest.mark.parametrize("status", ["ACTIVE", "SHUTOFF"])
def test_one_that_nova_does_not_stop_is_what_it_shows(status: str) -> None:
    """Before 2.95, and one that was in status ERROR."""
    arrival = Arrival("SHUTOFF", starts=True, stops=False, since=0.0)
    assert next_step(arrival, "h2", found(status), 0.0).what == {"ACTIVE": "os-stop", "SHUTOFF": "moved"}[status]


def test_at_a_stop_point_it_stays_stopped() -> None:
    assert (
        next_step(Arrival("ACTIVE", starts=False, stops=True, since=0.0), "h2", found("SHUTOFF"), 0.0).what == "moved"
    )


def test_a_request_without_effect_is_repeated_and_then_given_up() -> None:
    arrival, now = Arrival("ACTIVE", starts=True, stops=True, since=0.0), LATE
    for _attempt in range(TRIES):
        assert next_step(arrival, "h2", found("SHUTOFF"), now).what == "os-start"
        arrival.note("os-start", "r", now)
        assert next_step(arrival, "h2", found("SHUTOFF"), now).what == ""
        now += TASK_SECONDS
    assert next_step(arrival, "h2", found("SHUTOFF"), now).what == "failed"


@pytest.mark.parametrize(
    ("shows", "now", "uncertain", "what"),
    [
        (None, 0.0, False, "gone"),
        (found("ACTIVE", "h3"), 0.0, False, "elsewhere"),
        (found("ACTIVE", "h1"), 0.0, True, ""),
        (found("ACTIVE", "h1"), LATE, True, "again"),
        (found("ACTIVE", "h1"), LATE, False, "failed"),
    ],
)
def test_a_server_without_a_record(shows: Found | None, now: float, uncertain: bool, what: str) -> None:
    flight = Flight(Move("s", "web", "h1", "h2", EVACUATION, named=True), 0.0, uncertain=uncertain)
    assert unseen(flight, shows, now).what == what
