# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A type for a zone or a back end that the service does not have is refused, with what there is."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.plugins.module_utils._types.guards import misplaced
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import Kind, Place, WantedType
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

KIND = Kind("volume type", "cinder", "cinder-volume", "RESKEY:availability_zones", "volume_backend_name")
ZONE = load_map({"az1": {"availability_zone": "north"}}, {"zones": ["az1"]}).zones["az1"]
PLACES = (
    Place("lab@fast", "north", names=frozenset({"fast"})),
    Place("lab@slow", "north", working=False),
    Place("lab@new", "north"),
    Place("lab@other", "south", names=frozenset({"gold"})),
)


def found(backend: str | None, *zones: str) -> list[tuple[str, str]]:
    wanted = WantedType("gold", ("az1",), specs={} if backend is None else {"volume_backend_name": backend})
    return [(refusal.rule, refusal.message) for refusal in misplaced(KIND, wanted, ZONE, zones, PLACES)]


def test_a_zone_with_the_back_end_is_fine() -> None:
    assert found("fast", "north") == []
    assert found(None, "north") == []


def test_a_zone_that_the_service_lacks() -> None:
    assert found("gold", "south", "east") == [
        (
            "unknown_zone",
            (
                "volume type gold: availability zone north is not known to cinder, which has east, south. "
                "Start a cinder-volume there first, or correct the zone's name."
            ),
        )
    ]
    assert "which has none" in found("gold")[0][1]


def test_a_back_end_of_another_zone_is_none_of_this_one() -> None:
    assert found("gold", "north") == [
        (
            "no_backend",
            (
                "volume type gold: no back end of availability zone north reports volume_backend_name gold; there: "
                "lab@fast (fast), lab@new (reports no name), lab@slow (not working, so it reports nothing). "
                "Correct the name, or start or enable that back end."
            ),
        )
    ]
