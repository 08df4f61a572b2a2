# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight has read of a cluster. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Union

from ..status.pods import Body

# ansible-test's pylint does not know "|" between classes.
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]  # noqa: UP007
#: Rule and message.
Found = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Cluster:
    """What was read, by kind; `secrets` has each name that was asked for, and whether it is there (None: not to be seen).

    :ivar templates: whether each remediation template that a health check names is there (None: not to be seen).
    :ivar rules: what the user may do.
    :ivar hidden_rules: why the cluster cannot list all of them; empty where it can.
    """

    lists: Mapping[str, tuple[Body, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, bool | None] = field(default_factory=dict)
    templates: Mapping[str, bool | None] = field(default_factory=dict)
    rules: tuple[Body, ...] = ()
    hidden_rules: str = ""

    def all(self, kind: str) -> tuple[Body, ...]:
        return self.lists.get(kind, ())


def within(address: str, where: str) -> bool:
    """Whether an address is in a network, or in a range such as MetalLB writes them."""
    own = ipaddress.ip_address(address)
    first, last = ends(where)
    return own.version == first.version and int(first) <= int(own) <= int(last)


def ends(where: str) -> tuple[Address, Address]:
    """The first and the last address of a network or a range."""
    first, dash, last = (part.strip() for part in where.partition("-"))
    if dash:
        return ipaddress.ip_address(first), ipaddress.ip_address(last)
    network = ipaddress.ip_network(where, strict=False)
    return network[0], network[-1]
