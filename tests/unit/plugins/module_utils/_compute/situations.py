# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever nova permits to be there, and whatever an operator may ask for: drawn by Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.options import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.reconcile import AvailabilityZones
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import OVERRIDES
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    host,
    server,
    zone_file,
    zone_map,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import StandIn, standing_in
from hypothesis import strategies as st

ALLOW = OVERRIDES["availability_zones"]

HOSTS = tuple(f"h{number}" for number in range(6))
ZONES = ("a", "b", "c")
# Aggregates with the names of zones, and others.
NAMES = (*ZONES, "rack", "gpu")
REASONS = (*[None] * 12, "broken fan", "zoneops:a->b", "zoneops:->c", "zoneops: firmware", "reserved")


@dataclass(frozen=True)
class Situation:
    """A region, and what is asked of it."""

    observed: Observed
    wanted: ZoneMap
    options: Options
    newest: bool = True

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(self.text())

    def text(self) -> str:
        """Only what differs from the usual, one thing per line: a failing case is for people to read."""
        there = [f"{a.name}: zone {a.availability_zone} {dict(a.metadata)} {a.hosts}" for a in self.observed.aggregates]
        hosts = self.observed.hosts.values()
        odd = [
            f"{h.name} {h.state} {h.status} {h.disabled_reason}" for h in hosts if not h.enabled or h.state == "down"
        ]
        servers = [f"{s.name} on {s.host} pinned {s.pinned}" for s in self.observed.servers or ()]
        asked = [f"{z.name}: {z.zone_state} {z.availability_zone} {z.compute}" for z in self.wanted.zones.values()]
        return "\n  ".join(["", *there, *odd, *servers, "wanted:", *asked, f"{self.options}, newest={self.newest}"])

    def region(self) -> StandIn:
        return standing_in(self.observed, maximum=(2, 104) if self.newest else (2, 95))

    def run(self, region: StandIn, *, check: bool = False) -> dict[str, Verdict]:
        deadline = Deadline(60)
        reconciler = AvailabilityZones(region.nova(), region.placement(), self.wanted, self.options, deadline)
        return Converge(reconciler, check=check, deadline=deadline, settle=0).run()


@st.composite
def grown(draw: st.DrawFn) -> Observed:
    """A cloud as nova lets it become, whatever the map says: no host is in two zones."""
    zones = {name: draw(st.sampled_from((None, *ZONES, "x"))) for name in HOSTS}
    aggregates = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        zone = draw(st.sampled_from((None, name, name, *ZONES, "x")))
        fitting = [host for host in HOSTS if zone in (None, zones[host])]
        hosts = draw(st.lists(st.sampled_from(fitting), unique=True)) if fitting else []
        metadata = draw(st.dictionaries(st.sampled_from(("tier", "other")), st.sampled_from(("1", "2"))))
        aggregates.append(aggregate(name, " ".join(hosts), zone, **metadata))
    return inhabited(draw, aggregates)


@st.composite
def drifted(draw: st.DrawFn, wanted: ZoneMap) -> Observed:
    """A cloud that has the zones of the map; some hosts are in another zone than they should be, or in none."""
    owners = {name: zone for zone in wanted.zones for name in wanted.zones[zone].compute_hosts}
    places = {name: draw(st.sampled_from((owners.get(name), owners.get(name), None, *ZONES))) for name in HOSTS}
    aggregates = [
        aggregate(
            zone.compute.aggregate,
            " ".join(name for name in HOSTS if places[name] == zone.name),
            zone.availability_zone,
        )
        for zone in wanted.zones.values()
        if zone.compute
    ]
    return inhabited(draw, aggregates)


def inhabited(draw: st.DrawFn, aggregates: list[Aggregate]) -> Observed:
    """The cloud with these aggregates, with services in all states, and some servers."""
    states, reasons = st.sampled_from(("up", "up", "up", "up", "down")), st.sampled_from(REASONS)
    hosts = [host(name, state=draw(states), reason=draw(reasons)) for name in HOSTS]
    places = draw(st.lists(st.sampled_from((None, *HOSTS)), max_size=2))
    servers = [server(f"s{number}", on, draw(st.sampled_from((None, *ZONES, "x")))) for number, on in enumerate(places)]
    return cloud(*aggregates, special=hosts, servers=servers)


@st.composite
def zone_maps(draw: st.DrawFn) -> ZoneMap:
    """Every host in one zone at most; names of aggregates and availability zones mostly those of the zones."""
    owners = {name: draw(st.sampled_from((None, *ZONES))) for name in HOSTS}
    files: dict[str, Any] = {}
    for zone in ZONES:
        properties: dict[str, Any] = {}
        if draw(st.booleans()):
            properties["metadata"] = draw(
                st.dictionaries(st.sampled_from(("tier", "gone")), st.sampled_from(("1", None)))
            )
        properties["zone_state"] = draw(st.sampled_from(("active", "active", "active", "new", "maintenance", "down")))
        files[zone] = zone_file(" ".join(name for name in HOSTS if owners[name] == zone), **properties)
    odd = draw(st.sampled_from((None, None, "aggregate", "availability_zone", "unmanaged")))
    if odd == "unmanaged":
        files["a"] = {}
    elif odd == "aggregate":
        files["a"]["compute"]["aggregate"] = "rack"
    elif odd is not None:
        files["a"]["availability_zone"] = "x"
    return zone_map(**files)


@st.composite
def options_of(draw: st.DrawFn) -> Options:
    return Options(
        only=draw(st.one_of(st.just(ZONES), st.lists(st.sampled_from(ZONES), min_size=1, unique=True).map(tuple))),
        state=draw(st.sampled_from(("present", "present", "present", "absent", "without_az"))),
        allow=frozenset(draw(st.one_of(st.just(tuple(ALLOW)), st.lists(st.sampled_from(tuple(ALLOW)))))),
        purge_hosts=draw(st.booleans()),
        max_removed_hosts=draw(st.integers(0, 3)),
        purge_metadata=draw(st.booleans()),
        mirror=draw(st.booleans()),
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    wanted = draw(zone_maps())
    observed = draw(st.one_of(grown(), drifted(wanted), drifted(wanted)))
    return Situation(observed, wanted, draw(options_of()), draw(st.booleans()))
