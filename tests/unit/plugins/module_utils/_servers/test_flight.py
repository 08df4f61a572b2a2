# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows for a server of which nova shows no migration."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.flight import LATE_SECONDS, Flight, by_server
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.migrations import Found
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.model import (
    LIVE,
    LIVE_MIGRATION,
    PENDING,
    Move,
    Record,
)

MOVE = Move("s1", "db", "az1-0", "az1-1", LIVE, named=False)
RECORD = Record("m1", "s1", LIVE_MIGRATION, "running", "az1-0", "az1-1")


def busy(task: str) -> Found:
    return Found("s1", "db", "az1-0", "MIGRATING", task)


@pytest.mark.parametrize(
    ("task", "record", "seconds", "outcome"),
    [
        ("migrating", None, LATE_SECONDS - 1, ""),
        ("migrating", None, LATE_SECONDS, PENDING),
        ("resize_prep", None, LATE_SECONDS, PENDING),
        ("migrating", RECORD, 10 * LATE_SECONDS, ""),
        ("rebooting", None, LATE_SECONDS, ""),
    ],
    ids=["a moment more", "lost", "lost resize", "recorded", "another task"],
)
def test_a_request_that_nova_lost_is_not_awaited_for_ever(
    task: str, record: Record | None, seconds: float, outcome: str
) -> None:
    """It holds up the other servers of its host."""
    step = by_server(Flight(MOVE, 0.0, request="req-1", record=record), busy(task), seconds)
    assert step.what == outcome
    assert (MOVE.server in step.reason) == bool(outcome)
