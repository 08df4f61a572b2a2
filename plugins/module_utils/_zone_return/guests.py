# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hypervisors are said to run, against where nova places it: no guest may write to its volumes from two hosts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._plan.text.listing import first
from .model import Observed, Wanted

SHOWN = 5


def of_guests(observed: Observed, wanted: Wanted, host: str) -> Iterator[tuple[str, str, tuple[dict[str, Any], ...]]]:
    """Why a host may not come back; nothing where nobody has looked at its hypervisor."""
    if wanted.guests is None or host not in wanted.guests:
        return
    found = _elsewhere(observed, wanted, host)
    if found:
        message = (
            f"host {host} is said to run guests that nova places elsewhere: {_listed(found)}. "
            "Restart nova-compute there, which removes what was evacuated, or stop them on the hypervisor; then list its guests again."
        )
        yield "guests_elsewhere", message, _items(host, found)
    found = _twice(observed, wanted, host)
    if found:
        message = (
            f"host {host} is said to run guests that another hypervisor runs as well: {_listed(found)}. "
            "Stop them on the hypervisor where nova does not place them; then list the guests again."
        )
        yield "guests_twice", message, _items(host, found)


def _listed(found: Mapping[str, str]) -> str:
    texts = (f"server {server} on {other}" for server, other in found.items())
    return first(SHOWN, texts, of=len(found))


def _items(host: str, found: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    return tuple({"kind": "server", "id": server, "host": host, "other": other} for server, other in found.items())


def _elsewhere(observed: Observed, wanted: Wanted, host: str) -> dict[str, str]:
    """The host by server. What nova does not know was deleted meanwhile, and goes when nova-compute starts."""
    mine = (wanted.guests or {}).get(host, ())
    return {
        server: observed.placed[server] or "no host"
        for server in mine
        if server in observed.placed and observed.placed[server] != host
    }


def _twice(observed: Observed, wanted: Wanted, host: str) -> dict[str, str]:
    """Those that nova places here, by what other host is said to run them, too."""
    found: dict[str, str] = {}
    guests = wanted.guests or {}
    for server in guests.get(host, ()):
        others = [other for other, listed in guests.items() if other != host and server in listed]
        if others and observed.placed.get(server) == host:
            found[server] = others[0]
    return found


def unlisted(wanted: Wanted, hosts: Iterable[str]) -> list[str]:
    """The hosts of which nobody said what their hypervisors run."""
    return [host for host in hosts if wanted.guests is None or host not in wanted.guests]
