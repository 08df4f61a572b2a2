# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute hosts in the order in which they are worked on, so many of one zone at a time. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

#: One zone of the map in normal form.
Zone = Mapping[str, Any]


def batches(
    zones: Mapping[str, Zone],
    limit: Sequence[str],
    hosts: Sequence[str] | None,
    serial: int,
    first: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Lists of hosts, each with the zones that a call about them is limited to, and whether it comes ahead of all that an earlier run has not begun.

    :param serial: how many of one zone are in a list; 0 for one list of all of them.
    :param hosts: these only; None for all hosts of the zones.
    :param first: hosts that an earlier run has left in the middle of the work. No other one leaves before they are back.
    """
    if not serial:
        whole = hosts if hosts is not None else [host for zone in limit for host in _known(zones[zone])]
        return [_batch(limit, whole, ahead=True)] if whole else []
    parts = [(zone, part) for zone in limit for part in _parts(zones[zone], hosts, serial, first)]
    found = [_batch([zone], part, ahead=bool(set(part) & set(first))) for zone, part in parts]
    found.sort(key=lambda batch: not batch["ahead"])
    unknown = [host for host in hosts or () if not any(host in batch["hosts"] for batch in found)]
    # In a call of its own, which refuses them as any other call would.
    return [*([_batch(limit, unknown, ahead=True)] if unknown else []), *found]


def _batch(zones: Sequence[str], hosts: Sequence[str], *, ahead: bool) -> dict[str, Any]:
    return {"zones": list(zones), "hosts": list(hosts), "ahead": ahead}


def _parts(zone: Zone, hosts: Sequence[str] | None, serial: int, first: Collection[str]) -> Iterator[list[str]]:
    chosen = [host for host in _known(zone) if hosts is None or host in hosts]
    ahead, behind = ([host for host in chosen if (host in first) is early] for early in (True, False))
    for part in (ahead, behind):
        for start in range(0, len(part), serial):
            yield part[start : start + serial]


def _known(zone: Zone) -> list[str]:
    return list((zone.get("compute") or {}).get("hosts") or ())
