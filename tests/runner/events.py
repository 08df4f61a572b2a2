# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else a controller takes from the collection: queries by which it counts managed hosts, and the event source with its rulebooks, on a lab."""

from __future__ import annotations

from runner.environments import EVENT_QUERY, EVENTS
from runner.suite import Job, Kind, Suite


def _queries(job: Job) -> str:
    """Run by jq on recorded results."""
    return job.pytest("tests/event_query")


def _events(job: Job) -> str:
    lab = job.collection / "tests" / "lab"
    return job.pytest("tests/events", env=job.environ(PYTHONPATH=f"{job.layout}:{lab}"))


SUITES = (
    Suite("event-query", 5, Kind.QUICK, EVENT_QUERY, _queries),
    Suite("events", 100, Kind.LAB, EVENTS, _events),
)
