# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queries by which an automation controller counts managed hosts, run by jq on recorded results."""

from __future__ import annotations

from runner.environments import EVENT_QUERY
from runner.suite import Job, Kind, Suite


def _queries(job: Job) -> str:
    return job.pytest("tests/event_query")


SUITES = (Suite("packaging:event-query", 5, Kind.QUICK, EVENT_QUERY, _queries),)
