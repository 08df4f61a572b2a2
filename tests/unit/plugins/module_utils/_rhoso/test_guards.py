# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of the control plane as it is, and what is said before a change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import reported_to
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane import guards
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.progress import Progress
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import region_part, zone_part
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small

LIVE: dict[str, Any] = {
    "galera": {"templates": {"openstack": {}, "openstack-cell1": {}}},
    "rabbitmq": {"templates": {"rabbitmq": {}, "rabbitmq-cell1": {}}},
    "ovn": {"template": {"ovnDBCluster": {"ovndbcluster-nb": {}, "ovndbcluster-sb": {}}}},
}
SHARED = region_part(small())[-1]
TOPOLOGIES = frozenset({"spread-pods", "spread-quorum-pods", "az1-node-affinity"})


def apis(**layouts: str | None) -> dict[str, Any]:
    found = {key: {} if layout is None else {"type": layout} for key, layout in layouts.items()}
    return {**LIVE, "glance": {"template": {"glanceAPIs": found}}}


def test_nothing_stands_in_the_way() -> None:
    assert guards.rejected(small(), SHARED, LIVE) == ""
    assert guards.rejected(small(), SHARED, apis(default="split")) == ""
    assert guards.rejected(small(), zone_part(small(), "az1"), apis(az1="edge", other="single")) == ""


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (
            {**LIVE, "galera": {"templates": {"db": {}}}},
            "has no galera openstack, openstack-cell1, and this run creates none; it has db",
        ),
        ({**LIVE, "rabbitmq": {}}, "has no rabbitmq rabbitmq, rabbitmq-cell1, and this run creates none; it has none"),
        ({**LIVE, "ovn": None}, "set kubernetes.services.quorum.network_databases of the region"),
        (
            apis(default="single"),
            "glance API default of OpenStackControlPlane controlplane is single and must be split",
        ),
    ],
)
def test_shared_part_is_rejected(live: dict[str, Any], words: str) -> None:
    assert words in guards.rejected(small(), SHARED, live)


def test_a_key_that_was_made_without_a_type_is_split_for_ever() -> None:
    found = guards.rejected(small(), zone_part(small(), "az1"), apis(az1=None))
    assert "glance API az1 of OpenStackControlPlane controlplane is split and must be edge" in found
    assert "give the zone another name" in found


def test_topologies_that_are_missing_are_named() -> None:
    assert guards.lacking(small(), zone_part(small(), "az1"), TOPOLOGIES) == ""
    assert guards.lacking(small(), SHARED, TOPOLOGIES) == ""
    found = guards.lacking(small(), zone_part(small(), "az2"), TOPOLOGIES)
    assert found.startswith("Topology az2-node-affinity does not exist in namespace openstack")
    assert "spread-pods, spread-quorum-pods" in guards.lacking(small(), SHARED, frozenset())


def test_consequences_of_nova_options_are_said_until_they_are_set() -> None:
    nova = ("region.kubernetes.services.nova", {"cross_az_attach": False, "default_schedule_zone": "az2"})
    said = [note.message for note in guards.notes(small(nova), ["az1"], {})]
    assert [message.partition(" is ")[0] for message in said] == ["cross_az_attach", "default_schedule_zone"]
    template = {"apiServiceTemplate": {"customServiceConfig": "default_schedule_zone = az2\ncross_az_attach = False\n"}}
    assert list(guards.notes(small(nova), ["az1"], {"nova": {"template": template}})) == []
    assert list(guards.notes(small(), ["az1"], {})) == []


def test_a_zone_that_is_away_is_said() -> None:
    zone_map = small(("az2.zone_state", "maintenance"))
    assert guards.away(zone_map) == ["az2"]
    own = "zone az2 is in state maintenance: the run applies changes there without waiting for them."
    shared = "az2 (maintenance) is away: the run does not wait for the shared part of the control plane."
    found = [(note.zone, note.message) for note in guards.notes(zone_map, ["az1", "az2"], {})]
    assert found == [("az1", shared), ("az2", own)]
    # It need not be in the call.
    assert [note.message for note in guards.notes(zone_map, ["az1"], {})] == [shared]


def test_progress_is_kept_and_written(tmp_path: Path) -> None:
    progress = Progress(str(tmp_path / "progress"))
    heard: list[str] = []
    with reported_to(heard.append):
        progress("zone az1: waiting")
    assert heard == ["zone az1: waiting"]
    assert progress.lines[0].endswith(" zone az1: waiting")
    assert (tmp_path / "progress").read_text(encoding="utf-8").splitlines() == progress.lines
    nowhere = Progress(str(tmp_path / "no" / "folder"))
    nowhere("a")
    nowhere("b")
    assert (len(nowhere.lines), len(nowhere.warnings)) == (2, 1)
