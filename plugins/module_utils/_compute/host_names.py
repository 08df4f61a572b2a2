# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host, as nova calls it and as others do: some take its short name, some the whole one. Pure."""

from __future__ import annotations

from collections.abc import Collection


def named_as(name: str, known: Collection[str]) -> tuple[str, ...]:
    """The compute hosts that are meant by a name: that one, or those that differ in the domain alone, which one of both does not have."""
    if name in known:
        return (name,)
    short, _dot, domain = name.partition(".")
    if domain:
        return (short,) if short in known else ()
    return tuple(other for other in known if other.partition(".")[0] == short)


def as_nova_has_it(name: str, hosts: Collection[str]) -> str:
    """Nova's name of a host; the name as it is where nova has none, or several that it could be.

    :param name: as another service has it.
    :param hosts: nova's names.
    """
    found = named_as(name, hosts)
    return found[0] if len(found) == 1 else name
