# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which networks exist in which zone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..._compute.host_names import as_nova_has_it
from .servers import Ports

# Agents say which physical networks their host reaches, in one of these. OVN's is a text.
MAPPINGS = ("bridge_mappings", "bridge-mappings", "interface_mappings", "device_mappings")
# Any host can bind these.
USUAL = frozenset(("", "normal", "virtio-forwarder"))


def ports_of(entries: Iterable[Mapping[str, Any]]) -> Ports:
    """What ports say of the servers that they belong to."""
    networks: dict[str, set[str]] = {}
    by_hand: dict[str, set[str]] = {}
    for entry in entries:
        server = str(entry.get("device_id") or "")
        if not server:
            continue
        networks.setdefault(server, set()).add(str(entry["network_id"]))
        kind = str(entry.get("binding:vnic_type") or "")
        if kind not in USUAL:
            by_hand.setdefault(server, set()).add(f"a port of type {kind}")
        if entry.get("resource_request"):
            by_hand.setdefault(server, set()).add("a port with guaranteed bandwidth")
    return Ports(
        {server: frozenset(found) for server, found in networks.items()},
        {server: tuple(sorted(found)) for server, found in by_hand.items()},
    )


def physical_of(entries: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """The physical networks of each network; none for one that tunnels carry everywhere."""
    found: dict[str, frozenset[str]] = {}
    for entry in entries:
        segments = [entry, *(entry.get("segments") or ())]
        names = [segment.get("provider:physical_network") for segment in segments]
        found[str(entry["id"])] = frozenset(str(name) for name in names if name)
    return found


def reach_of(agents: Iterable[Mapping[str, Any]], zones: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The physical networks that the hosts of each zone reach.

    :param zones: by host, as nova calls it: agents can call it by another domain, or none.
    """
    found: dict[str, set[str]] = {}
    for agent in agents:
        zone = zones.get(as_nova_has_it(str(agent.get("host") or ""), zones))
        if zone is not None:
            configured = agent.get("configurations") or {}
            for key in MAPPINGS:
                found.setdefault(zone, set()).update(_mapped(configured.get(key)))
    return {zone: frozenset(names) for zone, names in found.items()}


def _mapped(mappings: Any) -> Iterable[str]:
    if isinstance(mappings, Mapping):
        return [str(name) for name in mappings]
    if isinstance(mappings, str):
        return [part.partition(":")[0].strip() for part in mappings.split(",") if ":" in part]
    return []
