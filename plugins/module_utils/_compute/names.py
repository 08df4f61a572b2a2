# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts: one service calls a host by its full name, another one by its first part. Pure."""

from __future__ import annotations

from collections.abc import Collection


def as_nova_has_it(name: str, hosts: Collection[str]) -> str:
    """Nova's name of a host; the name as it is where nova has none, or several that it could be.

    :param name: as another service has it.
    :param hosts: nova's names.
    """
    if name in hosts:
        return name
    short, _dot, domain = name.partition(".")
    found = [host for host in hosts if host.partition(".")[0] == short and ("." not in host or not domain)]
    return found[0] if len(found) == 1 else name
