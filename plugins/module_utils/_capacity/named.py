# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that operators name. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .model import Workload


def is_named(server: Workload, given: Collection[str], servers: Iterable[Workload]) -> bool:
    """Whether it is meant, by its id or its name. A name that another server has as well, or as its id, says nothing: the other one can be another owner's."""
    if server.id in given:
        return True
    if server.name not in given:
        return False
    return not any(one.id != server.id and server.name in (one.name, one.id) for one in servers)
