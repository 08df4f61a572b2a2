# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: zone files in, availability zones that users can use out; one zone in trouble does not stop the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.block_storage import BlockStorage
from .harness.cloud import Aggregate, Cloud
from .harness.inventory import EXAMPLE, ZONES, hosts_of, lab_zones
from .harness.play import Player, Run
from .harness.shares import Shares

SITE = "zoneops.openstack.site"
VERIFY = "zoneops.openstack.verify"
CONVERGED = {zone: Aggregate(zone, tuple(hosts_of(zone))) for zone in ZONES}
# Back ends with what they have free, backup, types.
STORAGE = ["1/1 900G", "1/1 1.2T", "1/1", "0+0"]
DIFFERS = "differs from its file; a run would:"


def stats(
    changed: tuple[str, ...] = (),
    failed: tuple[str, ...] = (),
    down: tuple[str, ...] = (),
    degraded: tuple[str, ...] = (),
) -> dict[str, list[str]]:
    return {
        "zoneops_changed_zones": list(changed),
        "zoneops_failed_zones": list(failed),
        "zoneops_down_zones": list(down),
        "zoneops_degraded_zones": list(degraded),
    }


def verdicts(run: Run) -> dict[str, str]:
    """The column RESULT of the table."""
    return {zone: cells[0] for zone, cells in run.table.items()}


@pytest.mark.aged
@pytest.mark.smoke
def test_from_nothing_to_servers_in_every_zone(play: Player, cloud: Cloud) -> None:
    BlockStorage(cloud).empty()
    Shares(cloud).empty()
    cloud.until_none_is_counted()
    run = play(SITE, EXAMPLE)
    assert run.rc == 0
    assert cloud.aggregates() == CONVERGED
    assert run.table == {zone: ["changed", "3", "active", "yes", "2/2", "0", zone, *STORAGE] for zone in ZONES}
    assert run.stats == stats(changed=ZONES)

    verify = play(VERIFY, EXAMPLE)
    assert (verify.rc, verify.written) == (0, [])
    assert verdicts(verify) == dict.fromkeys(ZONES, "ok")

    busy = {zone: cloud.add_server(f"server-{zone}", zone) for zone in ZONES}
    assert all(busy[zone] in hosts_of(zone) for zone in ZONES)

    (idle,) = {*hosts_of("az1")} - {busy["az1"]}
    cloud.act("az1", remove_host={"host": idle})
    cloud.rename_aggregate("az3", "renamed")
    cloud.act("renamed", set_metadata={"metadata": {"somebody": "else"}})
    drifted = cloud.aggregates()
    verify = play(VERIFY, EXAMPLE)
    assert verify.rc != 0
    assert verify.failures == {
        "az1": f"zone az1 {DIFFERS} add host {idle} to aggregate az1",
        "az3": f"zone az3 {DIFFERS} rename aggregate renamed to az3",
    }
    assert verify.written == []
    assert cloud.aggregates() == drifted
    assert verdicts(verify) == {"az1": "FAILED", "az2": "ok", "az3": "FAILED"}
    assert verify.stats == stats(failed=("az1", "az3"))


def test_a_zone_whose_hosts_are_dead_is_not_ok(
    play: Player, cloud: Cloud, lab: LabClient, make_inventory: MakeInventory
) -> None:
    """Nova itself goes on calling it available."""
    inventory = make_inventory()
    assert play(SITE, inventory).rc == 0
    cloud.set_service("compute-az1-0", status="disabled")
    half = play(VERIFY, inventory)
    assert (half.rc, verdicts(half)) == (0, {"az1": "degraded", "az2": "ok", "az3": "ok"})
    assert half.stats == stats(degraded=("az1",))

    cloud.set_service("compute-az1-1", status="disabled")
    dead = play(VERIFY, inventory)
    reason = "none of 2 compute hosts is up and enabled"
    assert dead.rc != 0
    assert dead.failures == {"az1": reason}
    assert dead.table["az1"][:5] == ["down", "-", "active", "no", "0/2"]
    assert f"az1: wrong: {reason}" in dead.output.splitlines()
    assert dead.stats == stats(failed=("az1",), down=("az1",))

    site = play(SITE, inventory)
    assert (site.rc, verdicts(site)) == (0, {"az1": "down", "az2": "ok", "az3": "ok"})
    assert site.stats == stats(down=("az1",))

    zones = {**lab_zones(), "az1": {**lab_zones()["az1"], "zone_state": "down"}}
    expected = play(VERIFY, make_inventory(zones))
    assert (expected.rc, verdicts(expected)) == (0, dict.fromkeys(ZONES, "ok"))


def test_limit_touches_one_zone(play: Player, cloud: Cloud) -> None:
    run = play(SITE, EXAMPLE, "--limit", "az2")
    assert run.rc == 0
    assert cloud.aggregates() == {"az2": CONVERGED["az2"]}
    assert run.changed_hosts == {"az2"}
    assert verdicts(run) == {"az1": "not run", "az2": "changed", "az3": "not run"}
    assert run.stats == stats(changed=("az2",))


def test_limit_that_would_do_is_named(play: Player, cloud: Cloud, make_inventory: MakeInventory) -> None:
    """A host that sits in az1 and belongs to az2: both zones would be touched."""
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    inventory = make_inventory(az1={"hosts": ["compute-az1-0"]}, az2={"hosts": [*hosts_of("az2"), "compute-az1-1"]})
    run = play(SITE, inventory, "--limit", "az2", "-e", '{"zoneops_allow": ["host_moves"]}')
    assert run.rc != 0
    assert run.failures == {
        "az2": "host compute-az1-1 is in availability zone az1 (aggregate az1): moving it also changes zone "
        "az1, which is outside this run's limit. Use --limit az2,az1."
    }
    assert run.written == []


def unknown_host(cloud: Cloud) -> tuple[list[str], str]:
    return ["compute-az2-0", "compute-az2-7"], (
        "host compute-az2-7 is not a compute host of this cloud. "
        "Did you mean compute-az2-1 or compute-az2-0 or compute-az3-1?"
    )


def host_of_another_zone(cloud: Cloud) -> tuple[list[str], str]:
    cloud.add_aggregate("foreign", "foreign", ["compute-az2-0"])
    return hosts_of("az2"), (
        "host compute-az2-0 is in availability zone foreign (aggregate foreign), through an aggregate outside the map: "
        "such aggregates are never changed. If that is zone az2 under its former name, keep its aggregate: "
        "set compute.aggregate to foreign in the zone file; otherwise remove the host there first."
    )


def busy_host(cloud: Cloud) -> tuple[list[str], str]:
    """In no zone and with an instance: nova gives it none."""
    cloud.add_server("early", "nova:compute-az2-0")
    number = cloud.servers()["early"]["id"]
    return hosts_of("az2"), (
        "nova adds only hosts without instances to availability zone az2. Can be added first: compute-az2-1. "
        f"Must be emptied: compute-az2-0 (1 instance: {number}). To do it anyway, add to zoneops_allow (option allow): [free_hosts_first]."
    )


@pytest.mark.parametrize("trouble", [unknown_host, host_of_another_zone, busy_host], ids=lambda one: one.__name__)
def test_one_zone_is_refused_and_the_others_converge(
    play: Player, cloud: Cloud, make_inventory: MakeInventory, trouble: Callable[[Cloud], tuple[list[str], str]]
) -> None:
    hosts, message = trouble(cloud)
    before = cloud.aggregates()
    run = play(SITE, make_inventory(az2={"hosts": hosts}))
    assert run.rc != 0
    assert run.failures == {"az2": message}
    assert cloud.aggregates() == before | {zone: CONVERGED[zone] for zone in ("az1", "az3")}
    assert verdicts(run) == {"az1": "changed", "az2": "FAILED", "az3": "changed"}
    assert f"az2: wrong: {message}" in run.output.splitlines()
    assert run.stats == stats(changed=("az1", "az3"), failed=("az2",))


@pytest.mark.smoke
def test_all_zones_fail(play: Player, cloud: Cloud, make_inventory: MakeInventory) -> None:
    run = play(SITE, make_inventory(**{zone: {"hosts": [f"nowhere-{zone}"]} for zone in ZONES}))
    assert run.rc != 0
    nowhere = "is not a compute host of this cloud. Is nova-compute running there?"
    assert run.failures == {zone: f"host nowhere-{zone} {nowhere}" for zone in ZONES}
    assert run.written == []
    assert verdicts(run) == dict.fromkeys(ZONES, "FAILED")
    assert run.stats == stats(failed=ZONES)


@pytest.mark.aged
def test_purge_hosts_has_limits(play: Player, cloud: Cloud, make_inventory: MakeInventory) -> None:
    """One host more than the file says goes, two are too many, and the last one stays."""
    cloud.add_aggregate("az1", "az1", ["compute-az1-0"])
    cloud.add_aggregate("az2", "az2", hosts_of("az2"))
    cloud.add_aggregate("az3", "az3", [*hosts_of("az3"), "compute-az1-1"])
    before = cloud.aggregates()
    wanted = {"az1": {"hosts": []}, "az2": {"hosts": ["compute-az2-0"]}, "az3": {"hosts": ["compute-az3-0"]}}
    run = play(SITE, make_inventory(**wanted), "-e", "zoneops_purge_hosts=true")
    assert run.rc != 0
    assert run.failures == {
        "az1": "removing host compute-az1-0 from aggregate az1 leaves no host in it. "
        "To do it anyway, add to zoneops_allow (option allow): [empty_zone].",
        "az3": "purge_hosts would remove 2 hosts from zone az3 (compute-az1-1, compute-az3-1), "
        "max_removed_hosts is 1. Raise zoneops_max_removed_hosts (option max_removed_hosts) if this is intended.",
    }
    assert cloud.aggregates() == before | {"az2": Aggregate("az2", ("compute-az2-0",))}
    # A host in no zone would take any server that asks for none.
    disabled = {host: one["disabled_reason"] for host, one in cloud.services().items() if one["status"] == "disabled"}
    assert disabled == {"compute-az2-1": "zoneops:az2->"}


def test_hosts_stay_without_purge(play: Player, cloud: Cloud, make_inventory: MakeInventory) -> None:
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    run = play(SITE, make_inventory(az2={"hosts": ["compute-az2-0"]}))
    assert (run.rc, run.written) == (0, [])
    assert cloud.aggregates() == CONVERGED
    note = "hosts in aggregate az2 that the map does not name: compute-az2-1; they are kept (zoneops_purge_hosts=true, option purge_hosts, removes them)"
    assert f"az2: note: {note}" in run.output.splitlines()


def test_names_that_nova_takes(play: Player, cloud: Cloud, make_inventory: MakeInventory) -> None:
    """The longest name, letters of any script, inner spaces, '/', and an aggregate with ':'."""
    long, other = "z" * 255, "Zürich 1/日本"
    zones = {
        "az1": {"availability_zone": long, "compute": {"hosts": hosts_of("az1")}},
        "az2": {"availability_zone": other, "compute": {"aggregate": "rack:2 ü", "hosts": hosts_of("az2")}},
    }
    run = play(SITE, make_inventory(zones))
    assert run.rc == 0
    expected = {long: Aggregate(long, tuple(hosts_of("az1"))), "rack:2 ü": Aggregate(other, tuple(hosts_of("az2")))}
    assert cloud.aggregates() == expected


@pytest.mark.aged
def test_pins_of_servers(play: Player, cloud: Cloud, lab: LabClient, make_inventory: MakeInventory) -> None:
    """An availability zone to which servers are pinned stays; before 2.96 nova shows no pins, and all servers count."""
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    for host in ("compute-az1-1", *hosts_of("az2"), *hosts_of("az3")):
        cloud.set_service(host, status="disabled")
    host = cloud.add_server("unpinned")
    number = cloud.servers()["unpinned"]["id"]
    project = cloud.servers()["unpinned"]["tenant_id"]
    zones = {"az1": {"availability_zone": "other", "compute": {"aggregate": "az1", "hosts": hosts_of("az1")}}}
    run = play(SITE, make_inventory(zones), "-e", '{"zoneops_allow": ["az_change"]}')
    assert run.rc != 0
    assert run.written == []
    server = f"unpinned ({number}, project {project}, ACTIVE)"
    assumed = (
        "1 server pinned to availability zone az1 (assumed: this nova does not show pins, so every server of the zone "
        f"and every one without a host counts): {server}. Without the zone the scheduler ignores the pin. "
        "Delete, move or unpin them first. To do it anyway, add to zoneops_allow (option allow): [pinned_servers].\n"
    )
    instances = f"host {host} cannot leave zone az1 while it has 1 instance: {server}. Move them away first."
    assert run.failures == {"az1": (assumed if lab.info()["age"] == "antelope" else "") + instances}


def test_strategy_of_the_user_does_not_matter(play: Player, cloud: Cloud) -> None:
    """The playbooks set the strategy that they need."""
    run = play(SITE, EXAMPLE, "--check", environ={"ANSIBLE_STRATEGY": "free"})
    assert (run.rc, run.written) == (0, [])
    assert run.changed_hosts == {*ZONES}
    # And the plan, as check mode hands it to workflows.
    assert {**run.stats, **stats(changed=ZONES)} == run.stats
