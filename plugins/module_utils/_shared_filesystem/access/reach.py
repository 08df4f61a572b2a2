# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a share is exported, and from where it may be used. Pure.

The article lets shares be used across zones; what keeps them in their zone is the network, and these findings only tell where it is not so.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Union

from ..api.model import Rule

# ansible-test's pylint does not know "|" between classes.
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]  # noqa: UP007


def networks(*lists: Iterable[str]) -> tuple[Network, ...]:
    """Networks of the map, each once."""
    return tuple(dict.fromkeys(ipaddress.ip_network(text) for texts in lists for text in texts))


def hosts_of(path: str) -> tuple[str, ...]:
    """The addresses or host names in an export location; none where it has none.

    NFS and GlusterFS `host:/path`, CephFS `host:port,host:port:/path`, CIFS `\\\\host\\share`, HDFS `hdfs://host:port/path`; IPv6 in brackets or not.
    """
    if path.startswith(("\\\\", "//")):
        return tuple(host for host in (re.split(r"[\\/]", path[2:], maxsplit=1)[0],) if host)
    if "://" in path:
        head = path.partition("://")[2].partition("/")[0]
    else:
        head, found, _rest = path.partition(":/")
        head = head if found else ""
    return tuple(_without_port(part.strip()) for part in head.split(",") if part.strip())


def _without_port(part: str) -> str:
    if part.startswith("["):
        return part[1:].partition("]")[0]
    try:
        ipaddress.ip_address(part)
    except ValueError:
        host, found, port = part.rpartition(":")
        return host if found and port.isdecimal() else part
    return part


def lies_in(host: str, allowed: Iterable[Network]) -> bool | None:
    """Whether an address is in one of the networks; None for a host name, which only its users can resolve."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return any(address in network for network in allowed)


def reach(rule: Rule, allowed: tuple[Network, ...]) -> str | None:
    """How an access rule reaches beyond the networks; None where it does not."""
    if rule.access_type != "ip":
        return f"is for the {rule.access_type} identity {rule.access_to}, wherever it comes from (unbounded)"
    try:
        source = ipaddress.ip_network(rule.access_to, strict=False)
    except ValueError:
        return f"is for {rule.access_to}, which is not an address (unbounded)"
    if any(source.version == network.version and _inside(source, network) for network in allowed):
        return None
    within = f"which is not within {', '.join(map(str, allowed))}" if allowed else "and its zone names no networks"
    return f"is for {rule.access_to}, {within}"


def _inside(source: Network, network: Network) -> bool:
    return network.network_address <= source.network_address and source.broadcast_address <= network.broadcast_address  # type: ignore[operator]
