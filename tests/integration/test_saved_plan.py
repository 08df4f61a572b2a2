# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode saved is carried out, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from .conftest import MakeInventory
from .harness.cloud import Aggregate, Cloud
from .harness.inventory import EXAMPLE, ZONES, hosts_of
from .harness.play import Player

SITE = "zoneops.openstack.site"
REMOVE = "zoneops.openstack.zone_remove"
HOSTS = "zoneops.openstack.host_maintenance"
DRAIN = "zoneops.openstack.zone_drain"
CONVERGED = {zone: Aggregate(zone, tuple(hosts_of(zone))) for zone in ZONES}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return tmp_path / "plan.yml"


def planned(plan: Path) -> dict[str, list[str]]:
    found = yaml.safe_load(plan.read_text())
    return {zone: [change["text"] for change in one["changes"]] for zone, one in found["zones"].items()}


WRITERS = pytest.mark.parametrize(
    ("playbook", "values"),
    [
        (SITE, {}),
        (REMOVE, {"zoneops_remove": "az3"}),
        (HOSTS, {"zoneops_maintenance": "begin", "zoneops_hosts": "compute-az1-0"}),
        (HOSTS, {"zoneops_maintenance": "end", "zoneops_hosts": "compute-az1-1"}),
        (
            DRAIN,
            {
                "zoneops_drain_to": "az2",
                "zoneops_capacity_shared_disks": True,
                "zoneops_capacity_storage_reachable": True,
            },
        ),
    ],
    ids=["site", "zone_remove", "begin", "end", "zone_drain"],
)


@WRITERS
def test_check_mode_hands_the_plan_to_workflows(
    play: Player, cloud: Cloud, playbook: str, values: dict[str, object]
) -> None:
    """Without a file, and what an earlier job handed over comes back as extra variables without effect."""
    one = _zones_for(cloud, playbook)
    check = play(playbook, EXAMPLE, "--check", *one, "-e", json.dumps(values))
    assert (check.rc, check.written) == (0, [])
    assert check.stats["zoneops_plan_lines"]
    assert check.stats["zoneops_summary"].startswith(f"{playbook.rpartition('.')[2]}: ")
    again = play(playbook, EXAMPLE, "--check", *one, "-e", json.dumps({**check.stats, **values}))
    assert again.stats["zoneops_plan_id"] == check.stats["zoneops_plan_id"]
    assert "is not a setting of this collection" not in again.output


def _zones_for(cloud: Cloud, playbook: str) -> list[str]:
    """Zones in which each playbook has something to do; the limit that it needs."""
    for zone in ZONES[: 1 if playbook == SITE else None]:
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    mark = "zoneops: maintenance, emptied: work"
    cloud.set_service("compute-az1-1", status="disabled", disabled_reason=mark)
    if playbook == DRAIN:
        cloud.add_server("web", "az1")
    return ["--limit", "az1"] if playbook == DRAIN else []


@WRITERS
def test_who_wants_to_be_asked_needs_a_terminal(
    play: Player, cloud: Cloud, playbook: str, values: dict[str, object]
) -> None:
    one = _zones_for(cloud, playbook)
    run = play(playbook, EXAMPLE, *one, "-e", json.dumps({"zoneops_confirm": True, **values}))
    assert (run.rc, run.written) == (2, [])
    assert "this run has no terminal: nothing was changed" in run.output


def test_site_carries_out_its_plan_and_refuses_what_changed_since(play: Player, cloud: Cloud, plan: Path) -> None:
    check = play(SITE, EXAMPLE, "--check", "-e", f"zoneops_plan={plan}")
    assert (check.rc, check.written) == (0, [])
    texts = planned(plan)
    # The same for who approves it in a workflow.
    assert check.stats["zoneops_plan_id"] == yaml.safe_load(plan.read_text())["id"]
    assert check.stats["zoneops_plan_lines"] == [f"{zone}: {text}" for zone in ZONES for text in texts[zone]]
    assert check.stats["zoneops_summary"].startswith("site: ")
    assert all(f"add host {host} to aggregate {zone}" in texts[zone] for zone in ZONES for host in hosts_of(zone))

    # Somebody adds a zone of the plan in another way meanwhile.
    cloud.add_aggregate("az2", "az2", [])
    cloud.act("az2", set_metadata={"metadata": {"rack": "7"}})
    cloud.rename_aggregate("az2", "other")
    run = play(SITE, EXAMPLE, "-e", f"zoneops_plan={plan}")
    assert run.rc == 2
    assert f"the plan {plan} of " in run.failures["az2"]
    assert "does not have: rename aggregate other to az2" in run.failures["az2"]
    assert "Something has changed since it was saved" in run.failures["az2"]
    assert {name: found for name, found in cloud.aggregates().items() if name != "other"} == {
        zone: found for zone, found in CONVERGED.items() if zone != "az2"
    }
    assert "other" in cloud.aggregates()

    # As it was when the plan was saved: the rest of the plan is carried out, and what is done already is no obstacle.
    cloud.delete_aggregate("other")
    run = play(SITE, EXAMPLE, "-e", f"zoneops_plan={plan}")
    assert run.rc == 0, run.failures
    assert cloud.aggregates() == CONVERGED
    assert run.changed_hosts == {"az2"}
    again = play(SITE, EXAMPLE, "-e", f"zoneops_plan={plan}")
    assert (again.rc, again.written) == (0, [])


def test_a_plan_is_for_its_files_and_its_playbook(
    play: Player, cloud: Cloud, make_inventory: MakeInventory, plan: Path
) -> None:
    before = make_inventory()
    assert play(SITE, before, "--check", "--limit", "az1,az2", "-e", f"zoneops_plan={plan}").rc == 0
    changed = make_inventory(az2={"metadata": {"rack": "1"}})
    outdated = play(SITE, changed, "-e", f"zoneops_plan={plan}")
    assert "since then the file of zone az2 changed. Save a new plan with --check" in outdated.output
    # Where nothing is planned, a plan that is left out in silence would be believed.
    verify = play("zoneops.openstack.verify", before, "-e", f"zoneops_plan={plan}")
    assert "the playbook verify has no plan to save" in verify.output
    assert cloud.aggregates() == {}
    run = play(SITE, changed, "--limit", "az1,az3", "-e", f"zoneops_plan={plan}")
    assert list(run.failures) == ["az3"]
    assert cloud.aggregates() == {"az1": CONVERGED["az1"]}


def test_a_zone_is_removed_by_plan(play: Player, cloud: Cloud, make_inventory: MakeInventory, plan: Path) -> None:
    inventory = make_inventory()
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    asked = ["-e", json.dumps({"zoneops_remove": "az2", "zoneops_plan": str(plan), "zoneops_allow": ["empty_zone"]})]
    check = play(REMOVE, inventory, "--check", *asked)
    assert (check.rc, check.written) == (0, [])
    assert list(planned(plan)) == ["az2"]
    run = play(REMOVE, inventory, *asked)
    assert run.rc == 0, run.failures
    assert sorted(cloud.aggregates()) == ["az1", "az3"]
