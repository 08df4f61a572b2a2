# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows for hosts without a service: copies of what nova and placement wrote for a running host, under other names."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from zonelab.shims.compute_driver import node_uuid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zonelab.state import StateFolder

Row = dict[str, Any]
UNUSED = dict.fromkeys(("vcpus_used", "memory_mb_used", "local_gb_used", "running_vms", "current_workload"), 0)


class HostRows:
    """The databases in which a compute host has rows."""

    def __init__(self, state: StateFolder) -> None:
        """Opened for each use."""
        self._files = [state.database(name) for name in ("nova_cell1", "nova_api", "placement")]

    def missing(self, names: Iterable[str]) -> list[str]:
        """The hosts that nova does not know yet."""
        with closing(self._open(0)) as cell:
            known = {row["host"] for row in cell.execute("SELECT host FROM services WHERE binary = 'nova-compute'")}
        return [name for name in names if name not in known]

    def copy(self, template: str, names: list[str]) -> None:
        """Give each of the hosts the rows that the template has, without what runs on it."""
        with ExitStack() as stack:
            cell, api, placement = (stack.enter_context(closing(self._open(number))) for number in range(3))
            for connection in (cell, api, placement):
                connection.execute("BEGIN IMMEDIATE")
            for name in names:
                self._copy_nova(cell, api, template, name)
                self._copy_provider(placement, template, name)
            for connection in (cell, api, placement):
                connection.commit()

    def _open(self, number: int) -> sqlite3.Connection:
        connection = sqlite3.connect(self._files[number], timeout=120, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    def _copy_nova(self, cell: sqlite3.Connection, api: sqlite3.Connection, template: str, name: str) -> None:
        [service] = rows(cell, "services", "host = ? AND binary = 'nova-compute' AND deleted = 0", template)
        changes = {"host": name, "uuid": str(uuid.uuid4()), "disabled": 0, "forced_down": 0}
        number = insert(cell, "services", {**service, **changes})
        [node] = rows(cell, "compute_nodes", "host = ? AND deleted = 0", template)
        changes = {"host": name, "hypervisor_hostname": name, "uuid": node_uuid(name)}
        service_id = node["service_id"] and number
        insert(cell, "compute_nodes", {**node, **UNUSED, **changes, "service_id": service_id, "mapped": 1})
        [mapping] = rows(api, "host_mappings", "host = ?", template)
        insert(api, "host_mappings", {**mapping, "host": name})

    def _copy_provider(self, placement: sqlite3.Connection, template: str, name: str) -> None:
        [provider] = rows(placement, "resource_providers", "name = ?", template)
        number = insert(placement, "resource_providers", {**provider, "uuid": node_uuid(name), "name": name})
        placement.execute("UPDATE resource_providers SET root_provider_id = id WHERE id = ?", (number,))
        for inventory in rows(placement, "inventories", "resource_provider_id = ?", provider["id"]):
            insert(placement, "inventories", {**inventory, "resource_provider_id": number})
        kept = "resource_provider_id = ? AND trait_id NOT IN (SELECT id FROM traits WHERE name = 'COMPUTE_STATUS_DISABLED')"
        for trait in rows(placement, "resource_provider_traits", kept, provider["id"]):
            insert(placement, "resource_provider_traits", {**trait, "resource_provider_id": number})

    def report(self, names: Iterable[str]) -> None:
        """The heartbeat of hosts that have no process to send one."""
        with closing(self._open(0)) as cell:
            cell.execute("BEGIN IMMEDIATE")
            cell.executemany(
                "UPDATE services SET last_seen_up = strftime('%Y-%m-%d %H:%M:%f000', 'now'),"
                " report_count = report_count + 1 WHERE host = ? AND binary = 'nova-compute'",
                [(name,) for name in names],
            )
            cell.commit()


def rows(connection: sqlite3.Connection, table: str, where: str, value: object) -> list[Row]:
    """The rows of a table, as dictionaries."""
    return [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE {where}", (value,))]


def insert(connection: sqlite3.Connection, table: str, row: Row) -> int | None:
    """Insert a row; its id, where it has one, is a new one."""
    values = {key: value for key, value in row.items() if key != "id"}
    marks = ",".join("?" * len(values))
    cursor = connection.execute(f"INSERT INTO {table} ({','.join(values)}) VALUES ({marks})", tuple(values.values()))
    return cursor.lastrowid
