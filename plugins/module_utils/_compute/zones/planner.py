# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plans of one zone have in common, whatever its state shall be. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping

from ..._plan.change import Note, Refusal
from ..._plan.text.near import near
from ..._zones.overrides import OVERRIDES
from ..._zones.schema.zone_map import Compute, Zone, ZoneMap
from ..changes import DisableHost, MoveHost, RemoveHost, ZoneChange
from ..marks import is_on_its_way, mark
from ..model import LOCK_NAME, Aggregate, Observed
from ..options import Options
from .guards import Guards, Obstacle
from .ownership import unnamed_aggregates

#: Refusals of hosts that nova may still discover.
UNKNOWN, UNDISCOVERED = "unknown_host", "undiscovered_host"


#: What to do about a host in the lock's aggregate; to be filled in with its name.
OUT_OF_LOCK = (
    f"aggregate {LOCK_NAME}, which is the lock of a run and must be empty. "
    f"Run 'openstack aggregate remove host {LOCK_NAME} {{}}'."
)


def host_item(host: str) -> tuple[dict[str, object], ...]:
    """What such a refusal is about."""
    return ({"kind": "host", "name": host},)


class ZonePlanner(ABC):
    """Collects the changes of one zone in three groups that the whole plan puts in order: first, moves between zones, last."""

    def __init__(self, wanted: ZoneMap, zone: Zone, compute: Compute, observed: Observed, options: Options) -> None:
        self.wanted = wanted
        self.zone = zone
        self.compute = compute
        self.observed = observed
        self.options = options
        self.guards = Guards(observed, options)
        self.name = compute.aggregate
        self.first: list[ZoneChange] = []
        self.moves: list[MoveHost] = []
        self.last: list[ZoneChange] = []
        self.refusals: list[Refusal] = []
        self.notes: list[Note] = []

    @abstractmethod
    def plan(self, found: Aggregate | None) -> None:
        """Collect changes, refusals and notes; `found` is the zone's aggregate as it is."""

    def run(self, found: Aggregate | None) -> None:
        self.plan(found)
        if (self.first or self.moves or self.last) and self.observed.incomplete:
            reasons = "; ".join(self.observed.incomplete)
            self.refuse(
                "incomplete_listing",
                f"nova returned an incomplete list: {reasons}. Nothing is changed until it is complete.",
            )

    def refuse(self, rule: str, message: str, items: Iterable[Mapping[str, object]] = ()) -> None:
        hint = (
            f" To do it anyway, add to zoneops_allow (option allow): [{rule}]."
            if rule in OVERRIDES["availability_zones"]
            else ""
        )
        self.refusals.append(Refusal(self.zone.name, rule, message + hint, tuple(dict(item) for item in items)))

    def refuse_all(self, obstacles: Iterable[Obstacle]) -> None:
        for obstacle in obstacles:
            self.refuse(obstacle.rule, obstacle.message, obstacle.items)

    def note(
        self, message: str, *, mended: bool = False, past: bool = False, wrong: bool = False, owed: bool = False
    ) -> None:
        self.notes.append(Note(self.zone.name, message, mended, past, wrong, owed))

    def note_interrupted(self, host: str) -> None:
        """Say that a host was left on its way by another run, and that this one finishes that."""
        found = self.observed.hosts[host]
        if is_on_its_way(found):
            self.note(
                f"the move of host {host} was interrupted ({found.disabled_reason}): finished now",
                mended=True,
                past=True,
            )

    def refuse_unknown(self, host: str) -> None:
        if self.observed.incomplete:
            reasons = "; ".join(self.observed.incomplete)
            self.refuse("incomplete_listing", f"host {host} is not in nova's list, which is incomplete: {reasons}.")
            return
        found = near(host, self.observed.hosts, most=3)
        hint = f"Did you mean {' or '.join(found)}?" if found else "Is nova-compute running there?"
        self.refuse(UNKNOWN, f"host {host} is not a compute host of this cloud. {hint}", host_item(host))

    def refuse_other_zone(self, found: Aggregate) -> None:
        """An aggregate with another zone than the map says is no proof that this is what shall go."""
        if found.availability_zone not in (None, self.zone.availability_zone):
            self.refuse(
                "other_zone",
                f"aggregate {found.name} has availability zone {found.availability_zone}, the map says {self.zone.availability_zone}, so "
                "it is not used for this zone. Correct the zone file.",
            )

    def note_others(self) -> None:
        """What else makes the availability zone when this zone's aggregate does not any more."""
        others = unnamed_aggregates(self.wanted, self.zone, self.observed)
        if others:
            names = ", ".join(sorted(other.name for other in others))
            self.note(
                f"availability zone {self.zone.availability_zone} also has aggregates that the map does not name: {names}; they are kept"
            )

    def removal(self, aggregate: Aggregate, host: str, back: str = "") -> Iterator[DisableHost | RemoveHost]:
        """Taking a host out: guarded, and disabled where it loses its zone by that. One that was on its way elsewhere is so no longer.

        :param back: inventory name of the zone that it returns to in the same run.
        """
        others = [other for other in self.observed.zone_aggregates(host) if other.id != aggregate.id]
        loses_zone = aggregate.availability_zone is not None and not others
        if loses_zone:
            self.refuse_all(self.guards.leaving(host, aggregate.availability_zone or ""))
        found = self.observed.hosts.get(host)
        # Enabled before its first heartbeat, a host that is down would stay unschedulable: it is not switched only to come back at once.
        switched = found is not None and found.enabled and (found.state == "up" or not back)
        reason = mark(self.zone.name, back) if loses_zone and switched else None
        taken_out = mark(self.zone.name, "")
        if (
            found is not None
            and is_on_its_way(found)
            and loses_zone
            and not back
            and found.disabled_reason != taken_out
        ):
            yield DisableHost(self.zone.name, host, taken_out, found.disabled_reason)
        yield RemoveHost(self.zone.name, aggregate.name, host, reason, loses_zone)
