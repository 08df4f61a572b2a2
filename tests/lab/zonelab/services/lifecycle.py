# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a service of a host die, as if its process were killed: it stops to consume messages and to report."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RPC_SERVERS = ("rpcserver", "rpcserver_alt", "backend_rpcserver")
PATIENCE = 60
LONG_AGO = "'2000-01-01 00:00:00.000000'"


def kill(service: Any) -> None:
    """No goodbye: the projects' own stop() would set states in the database and stop what the process shares."""
    for name in RPC_SERVERS:
        server = vars(service).get(name)
        if server is not None:
            server.stop()
            server.wait()
    reports = [timer for timer in service.tg.timers if getattr(timer.f, "__name__", "").endswith("report_state")]
    service.tg.stop()
    for timer in reports:
        # One that is under way is not stopped, and would bring the dead back to life.
        timer.done.wait(PATIENCE)


def age_heartbeat(
    database: Path, change: str, hosts: Sequence[str], binary_prefix: str, table: str = "services"
) -> None:
    """Make the last report of dead services old, so that they are down now and not after service_down_time."""
    marks = ",".join("?" * len(hosts))
    with closing(sqlite3.connect(database, timeout=120)) as connection, connection:  # pylint: disable=confusing-with-statement
        connection.execute(
            f"UPDATE {table} SET {change} WHERE host IN ({marks}) AND binary LIKE ?", (*hosts, f"{binary_prefix}%")
        )
