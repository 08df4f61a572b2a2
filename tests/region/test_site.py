# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an installed control plane without zones to a region of three, by one playbook."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud

from .harness import ZONES, Region

STEPS = [
    "node_zones",
    "topologies",
    "control_plane",
    "data_plane",
    "availability_zones",
    "volume_types",
    "share_types",
    "images",
    "pod_placement_info",
]


def test_a_zone_that_nova_refuses_is_not_written_to_kubernetes(region: Region, cloud: Cloud) -> None:
    """Two aggregates have its availability zone, and none is called as the map says: no step of the run mends that."""
    for name in ("one", "other"):
        cloud.add_aggregate(name, "az1")
    refused = region.play("site", "--limit", "az1")
    assert (refused.run.rc != 0, refused.written) == (True, [])
    looks = ["node_zones", "topologies", "control_plane", "data_plane", "site_info"]
    assert [step for step in refused.steps if step in (*STEPS, "site_info")] == looks
    assert "name the zone's own in compute.aggregate" in refused.run.output
    for entry in cloud.compute.get("/os-aggregates").json()["aggregates"]:
        cloud.compute.delete(f"/os-aggregates/{entry['id']}")


def test_from_nothing_to_three_zones(region: Region, cloud: Cloud) -> None:
    assert cloud.services() == {}
    check = region.play("site", "--check", "--diff")
    assert (check.run.rc, check.written) == (0, [])
    assert check.run.changed_hosts == set(ZONES)
    # Nobody can tell what OpenStack would do with hosts and services that are still to come, and none of it is an error.
    assert "checked again when the Kubernetes side is created" in check.run.output

    made = region.play("site")
    assert made.run.rc == 0
    assert [step for step in made.steps if step in STEPS] == STEPS
    assert made.column("NODES") == dict.fromkeys(ZONES, "4/4")
    ready, all_of_them = zip(*(cell.split("/") for cell in made.column("PODS").values()), strict=True)
    assert ready == all_of_them
    assert made.column("HOSTS UP") == dict.fromkeys(ZONES, "2/2")
    assert made.column("STORE") == {zone: zone for zone in ZONES}
    assert made.column("BACKUP") == dict.fromkeys(ZONES, "1/1")
    assert made.column("IMAGES") == dict.fromkeys(ZONES, "1/1")
    assert set(cloud.services()) == {f"compute-{zone}-{n}.ctlplane.example.com" for zone in ZONES for n in range(2)}

    again = region.play("site")
    assert (again.run.rc, again.run.changed_hosts, again.written) == (0, set(), [])
    assert region.play("verify").run.rc == 0
