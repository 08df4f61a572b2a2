# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a zone works: by the hosts, services and store that it has, whoever manages them. Pure.

Nova calls a zone available whose compute hosts are all dead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cells import NOVA, of_zone, unread

DOWN, DEGRADED = "down", "degraded"
SERVICES = {"cinder-volume": "cinder services", "manila-share": "manila services", "cinder-backup": "cinder services"}

Look = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """Something of the zone does not work.

    :ivar unable: all of its kind, so that the zone cannot do this at all; else it still can.
    :ivar short: the message without what each one has.
    :ivar of: names of the hosts that do not work.
    """

    status: str
    unable: bool
    short: str
    each: str = ""
    of: tuple[str, ...] = ()

    def message(self, said: str = "") -> str | None:
        """What to say, beside what is said already; None where that is all there is to say."""
        covered = bool(self.of) and all(name in said for name in self.of)
        if covered and not self.unable:
            return None
        return self.short if covered or not self.each else f"{self.short}: {self.each}"


def findings(zone: Mapping[str, Any], look: Look) -> list[Finding]:
    """What does not work. What could not be read says nothing."""
    if not look.get("region"):
        return []
    found = [*_compute(zone, look), *_services(zone, look), *_store(zone, look)]
    return [finding for finding in found if finding is not None]


def _compute(zone: Mapping[str, Any], look: Look) -> Iterator[Finding | None]:
    if unread(look, *NOVA):
        return
    hosts = of_zone(zone, look["region"].get("hosts", []))
    if not hosts and (zone.get("compute") or {}).get("hosts"):
        name = zone["availability_zone"]
        yield Finding(DOWN, True, f"availability zone {name} has no compute host: no server can be created there")
    # The hosts of a new zone are enabled once it is to be used.
    waits = zone.get("zone_state") == "new"
    yield _counted(DOWN, "compute host", "name", hosts, waits=waits)


def _services(zone: Mapping[str, Any], look: Look) -> Iterator[Finding | None]:
    for binary, section in SERVICES.items():
        if not unread(look, section):
            listed = [entry for entry in look["region"].get("services", []) if entry["binary"] == binary]
            yield _counted(DEGRADED, binary, "host", of_zone(zone, listed))


def _store(zone: Mapping[str, Any], look: Look) -> Iterator[Finding | None]:
    wanted = zone.get("image_store")
    if not wanted or "image_stores" not in look["region"].get("gathered", ()) or unread(look, "glance stores"):
        return
    stores = sorted(str(store["id"]) for store in look["region"]["image_stores"])
    if wanted["name"] not in stores:
        listed = ", ".join(stores) or "no store"
        yield Finding(DEGRADED, True, f"image store {wanted['name']} is missing; glance has {listed}")


def _counted(
    status: str, kind: str, key: str, entries: Sequence[Mapping[str, Any]], *, waits: bool = False
) -> Finding | None:
    works = [entry for entry in entries if entry["state"] == "up" and (waits or entry["status"] == "enabled")]
    broken = [entry for entry in entries if entry not in works]
    if not broken:
        return None
    each = "; ".join(f"{entry.get(key) or kind} is {_state(entry)}" for entry in broken)
    of = tuple(str(entry[key]) for entry in broken if entry.get(key))
    fit = "up" if waits else "up and enabled"
    if works:
        return Finding(DEGRADED, False, f"{len(works)} of {len(entries)} {kind}s are {fit}", each, of)
    return Finding(
        status,
        True,
        f"none of {len(entries)} {kind}s is {fit}" if len(entries) > 1 else f"the only {kind} is not {fit}",
        each,
        of,
    )


def _state(entry: Mapping[str, Any]) -> str:
    states = [] if entry["state"] == "up" else [str(entry["state"])]
    if entry["status"] != "enabled":
        states.append(f"{entry['status']} ({entry.get('disabled_reason') or 'no reason given'})")
    return " and ".join(states)
