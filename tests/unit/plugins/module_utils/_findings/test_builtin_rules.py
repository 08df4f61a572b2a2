# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every built-in rule finds something in what services answer: the fields that it reads are there, and mean what it takes them for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import MEMORY, VCPU
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Question, Workload
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.prometheus import prometheus
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.losses import lost
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.uses import Use
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import REPLACED_BY, Image
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.model import Defaults

from .._capacity import regions as capacity
from .regions import NOW, ZONES, backup, host, pod, pool, seen, server, service, volume, zone_map
from .test_rules import RULES

MARK = "zoneops: maintenance of the zone until 2030-01-31T06:00Z, emptied: new power supply"
EARLIER = NOW - timedelta(hours=2)


@dataclass(frozen=True)
class Case:
    """What a rule finds in the region of `regions`, after a change of what was read.

    :ivar zones: what differs in the zone map.
    :ivar hours: since an audit that saw the same.
    """

    rule: str
    names: tuple[str, ...]
    change: Callable[[Seen], None] = lambda _found: None
    zones: Mapping[str, Any] = field(default_factory=dict)
    hours: float = 0


def hosts(*listed: dict[str, Any]) -> Callable[[Seen], None]:
    def change(found: Seen) -> None:
        names = {one["name"] for one in listed}
        found.region.hosts = [*(one for one in found.region.hosts if one["name"] not in names), *listed]

    return change


def add(what: str, *listed: dict[str, Any]) -> Callable[[Seen], None]:
    return lambda found: getattr(found.region, what).extend(listed)


def has(**fields: Any) -> Callable[[Seen], None]:
    """What was read has these instead."""

    def change(found: Seen) -> None:
        for name, value in fields.items():
            setattr(found, name, value)

    return change


def metadata(**of_zones: dict[str, str]) -> Callable[[Seen], None]:
    def change(found: Seen) -> None:
        for one in found.region.aggregates:
            one["metadata"] = of_zones.get(one["name"], {})

    return change


def losing(*servers: Workload, room: int = 8) -> Callable[[Seen], None]:
    """Of az1; the hosts of the other zones have room for as many vCPUs."""
    others = {name: {"room": {VCPU: room, MEMORY: 8192}} for name, zone in capacity.HOSTS.items() if zone != "az1"}

    def change(found: Seen) -> None:
        facts = capacity.facts(*servers, hosts=others)
        found.losses, found.rooms = lost(facts, Question(), {zone: zone for zone in ZONES})
        found.unread = {}

    return change


def of_manila(state: str, zone: str) -> dict[str, Any]:
    return {**service("manila-share", zone, state), "service": "manila"}


def share_type(name: str, **specs: str) -> dict[str, Any]:
    return {"id": name, "name": name, "public": True, "description": None, "extra_specs": specs, "projects": None}


def pods(**more: Any) -> Callable[[Seen], None]:
    listed = [pod("a", "worker-1"), pod("b", "worker-2", ready=False)]
    zones = {"az1": {"state": {"pods": listed, "survives_loss": False}}}
    return has(pods={"zones": zones, **more})


def without_cinder_backup_in(zone: str) -> Callable[[Seen], None]:
    def change(found: Seen) -> None:
        for one in found.region.services:
            if (one["binary"], one["availability_zone"]) == ("cinder-backup", zone):
                one["state"] = "down"

    return change


def offers(service_name: str, *zones: str) -> Callable[[Seen], None]:
    return lambda found: found.region.availability_zones.update({service_name: [{"name": zone} for zone in zones]})


SHARES = {"share_backends": [{"name": "az1", "type": "vendor"}]}
WHOLE = ["power", "external_connection", "core_routers", "cooling"]
HALL = {"attested": {"fire_zone": "hall", "redundant": WHOLE}}
REPLACED: dict[str, Any] = {"stores": ("az1",), "disk_format": "raw", "properties": {REPLACED_BY: "i1"}}
CASES = (
    Case("host-down", ("az3-a", "az3-b")),
    Case("host-forced-down-and-enabled", ("az1-a",), hosts({**host("az1-a", "az1", "down"), "forced_down": True})),
    Case("host-disabled-without-reason", ("az1-a",), hosts(host("az1-a", "az1", reason=""))),
    Case("host-disabled-for-long", ("az1-a",), hosts(host("az1-a", "az1", reason="fan")), hours=721),
    Case("host-maintenance-for-long", ("az1-a",), hosts(host("az1-a", "az1", reason=MARK)), hours=169),
    Case("host-in-no-zone", ("free",)),
    Case("host-not-in-map", ("az1-z",), hosts(host("az1-z", "az1"))),
    Case("host-in-another-zone", ("az1-a",), hosts(host("az1-a", "az2"))),
    Case(
        "host-with-stray-allocations",
        ("az1-a",),
        has(uses={"az1-a": Use({VCPU: 4, MEMORY: 512}, {VCPU: 2, MEMORY: 512}, {})}),
    ),
    Case("instance-ha-without-limit", ("az2", "az3"), metadata(az1={"instanceha:max_failures": "1"})),
    Case(
        "instance-ha-limit-too-high",
        ("az2",),
        metadata(az1={"instanceha:max_failures": "1"}, az2={"instanceha:max_failures": "2"}),
    ),
    Case("service-down", ("cinder-volume lab@az3",)),
    Case(
        "service-disabled-without-reason",
        ("cinder-backup lab@new",),
        add("services", {**service("cinder-backup", "az1"), "host": "lab@new", "status": "disabled"}),
    ),
    Case("server-on-dead-host", ("name-lost",)),
    Case("server-in-error", ("name-bad",), has(servers=[server("bad", "az1-a", status="ERROR")])),
    Case("server-unconfirmed", ("name-new",), has(servers=[server("new", "az1-a", status="VERIFY_RESIZE")])),
    Case(
        "server-task-stuck",
        ("name-old",),
        has(servers=[server("old", "az1-a", updated=EARLIER.isoformat(), **{"OS-EXT-STS:task_state": "powering-off"})]),
    ),
    Case("server-pinned-to-gone-zone", ("name-gone",)),
    Case("server-pinned-to-default-zone", ("name-old",)),
    Case("server-outside-its-zone", ("name-out",)),
    Case("server-volume-elsewhere", ("name-in",)),
    Case(
        "port-on-dead-host",
        ("gateway",),
        has(ports=[{"id": "gateway", "device_owner": "network:router_gateway", "binding:host_id": "az3-a"}]),
    ),
    Case(
        "port-binding-failed",
        ("unbound",),
        has(ports=[{"id": "unbound", "binding:host_id": "az1-a", "binding:vif_type": "binding_failed"}]),
    ),
    Case("volume-attached-to-nothing", ("name-v3",)),
    Case("volume-stuck", ("name-v9",), has(volumes=[volume("v9", "az1", status="deleting", changed=EARLIER)])),
    Case("volume-in-error", ("name-v9",), has(volumes=[volume("v9", "az1", status="error_deleting")])),
    Case("volume-backups-in-own-zone", ("name-v1",)),
    Case("backup-in-error", ("b9",), has(backups=[replace(backup("b9", "v1", "az1", 1), status="error")])),
    Case("backup-service-away", ("b3",), without_cinder_backup_in("az2")),
    Case("volume-type-of-gone-zone", ("gold",)),
    Case("volume-type-without-zone", ("loose",), add("volume_types", share_type("loose"))),
    Case(
        "zones-share-storage",
        ("lab@az1#p", "lab@az2#p"),
        lambda found: setattr(found.region, "volume_pools", [pool(zone, "one array") for zone in ("az1", "az2")]),
    ),
    Case("share-type-of-gone-zone", ("nfs",), add("share_types", share_type("nfs", availability_zones="az9"))),
    Case("share-type-without-zone", ("nfs",), add("share_types", share_type("nfs"))),
    Case("image-in-one-store", ("one",)),
    Case(
        "image-of-servers-in-one-store",
        ("mine",),
        has(
            images=(Image("i9", "mine", "active", visibility="private", disk_format="raw", stores=("az1",)),),
            servers=[server("near", "az1-a", "az1", image={"id": "i9"})],
        ),
    ),
    Case(
        "replaced-image-of-servers-in-one-store",
        ("last-year",),
        has(
            images=(
                Image("i8", "kept", "active", visibility="public", **REPLACED),
                Image("i9", "last-year", "active", hidden=True, **REPLACED),
            ),
            servers=[server("near", "az1-a", "az1", image={"id": "i9"})],
        ),
    ),
    Case("image-away-from-its-servers", ("one",), has(servers=[server("far", "az2-a", "az2", image={"id": "i1"})])),
    Case("image-not-raw-on-rbd", ("one",)),
    Case("zone-without-serving-host", ("az3",)),
    Case("zone-with-one-serving-host", ("az1",), hosts(host("az1-a", "az1", reason="fan"))),
    Case("zone-with-hosts-down", ("az1",), hosts(host("az1-a", "az1", "down"))),
    Case("zone-not-in-nova", ("az3",), offers("nova", "az1", "az2")),
    Case("zone-hosts-missing", ("az1",), zones={"az1": {"compute": {"hosts": ["az1-a", "az1-b", "az1-c"]}}}),
    Case("zone-name-differs-in-cinder", ("az3",)),
    Case("zone-name-differs-in-manila", ("az1",), zones={"az1": SHARES}),
    Case("zone-without-volume-service", ("az3",)),
    Case("zone-without-share-service", ("az1",), add("services", of_manila("down", "az1"))),
    Case("zone-without-backup-service", ("az2",), without_cinder_backup_in("az2")),
    Case("zone-backups-old", ("az1",)),
    Case("zone-image-store-missing", ("az1", "az2", "az3"), lambda found: found.region.image_stores.clear()),
    Case("zone-is-default", ("az2",), has(defaults=Defaults(image_store="az2"))),
    Case("zone-loss-does-not-fit", ("az1",), losing(capacity.server("a", shape=capacity.shape(4)), room=2)),
    Case("zone-loss-leaves-little-room", ("az1",), losing(capacity.server("a", shape=capacity.shape(1)), room=1)),
    Case("zone-loss-needs-restore", ("az1",), losing(capacity.server("a", shape=capacity.shape(local=True)))),
    Case("zone-single-gateway", ("az1",)),
    Case("zone-maintenance-overdue", ("az1",), hosts(host("az1-a", "az1", reason=MARK))),
    Case("two-zones-away", ("RegionOne",), zones={"az1": {"zone_state": "down"}, "az2": {"zone_state": "down"}}),
    Case(
        "several-zones-away",
        ("RegionOne",),
        zones={zone: {"zone_state": "down"} for zone in ("az1", "az2")} | {f"az{n}": {} for n in range(4, 9)},
    ),
    Case("zone-loss-breaks-majority", ("az1",), pods()),
    Case("zone-pods-not-ready", ("az1",), pods()),
    Case("services-uneven", ("RegionOne",), pods(uneven=["CinderAPI a: 2-1-0"])),
    Case("pods-wait", ("RegionOne",), pods(waiting=["pod a is not scheduled"])),
    Case("instance-ha-off", ("RegionOne",), pods(instance_ha_off=["InstanceHa ha is off"])),
    Case("zones-share-fire-zone", ("az1", "az2"), zones={"az1": HALL, "az2": HALL}),
    Case("zone-not-redundant", ("az1",), zones={"az1": {"attested": {"fire_zone": "hall", "redundant": WHOLE[1:]}}}),
    Case(
        "zone-cooling-not-redundant",
        ("az1",),
        zones={"az1": {"attested": {"fire_zone": "hall", "redundant": WHOLE[:3]}}},
    ),
    Case("zone-not-attested", ("az2", "az3"), zones={"az1": HALL}),
    Case("pins-not-visible", ("RegionOne",), has(pins_seen=False)),
)


def snapshot_of(case: Case) -> dict[str, Any]:
    found, described = seen(), zone_map(**case.zones)
    case.change(found)
    earlier = build(found, described, NOW - timedelta(hours=case.hours)) if case.hours else None
    return build(found, described, NOW, earlier)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_rule_finds_what_services_answer(case: Case) -> None:
    outcome = evaluate(RULES, snapshot_of(case))
    assert tuple(sorted(one.name for one in outcome.findings if one.rule.id == case.rule)) == case.names
    assert case.rule in outcome.evaluated


def test_every_rule_is_among_them() -> None:
    assert [case.rule for case in CASES] == [rule.id for rule in RULES]


def test_instance_ha_leaves_alone_what_has_no_tag_where_others_have_one() -> None:
    found = seen()
    metadata(az1={"evacuable": "true"}, az2={"evacuable": "false"})(found)
    names = [
        one.name for one in evaluate(RULES, build(found, zone_map(), NOW)).findings if "instance-ha" in one.rule.id
    ]
    assert names == ["az1"]


def test_instance_ha_evacuates_the_hosts_of_a_tagged_aggregate_also_from_a_zone_without_the_tag() -> None:
    """One aggregate without an availability zone has hosts of az1 and az2, and the tag."""
    found = seen()
    shared = {"id": 9, "uuid": "9", "name": "all", "availability_zone": None, "metadata": {"evacuable": "true"}}
    found.region.aggregates.append({**shared, "hosts": ["az1-a", "az2-a", "az2-b"]})
    snapshot = build(found, zone_map(), NOW)
    assert {one["name"]: one["instance_ha"] for one in snapshot["objects"]["aggregate"]} == {
        "az1": True,
        "az2": True,
        "az3": False,
        "all": True,
    }
    names = [one.name for one in evaluate(RULES, snapshot).findings if one.rule.id == "instance-ha-without-limit"]
    assert names == ["az1", "az2"]


def test_a_replaced_image_names_no_playbook_because_none_copies_it() -> None:
    (case,) = (one for one in CASES if one.rule == "replaced-image-of-servers-in-one-store")
    of_images = [one for one in evaluate(RULES, snapshot_of(case)).findings if one.kind == "image"]
    assert [(one.rule.id, one.rule.playbook) for one in of_images] == [(case.rule, "")]


def test_a_loss_that_does_not_fit_is_a_finding_and_a_number() -> None:
    """The servers of az1 find no room elsewhere; the other zones have none that could be lost."""
    (case,) = (one for one in CASES if one.rule == "zone-loss-does-not-fit")
    found = snapshot_of(case)
    outcome = evaluate(RULES, found)
    (finding,) = (one for one in outcome.findings if one.rule.id == case.rule)
    assert (finding.severity, finding.zone) == ("critical", "az1")
    assert finding.message == "if it is lost, there is no room for 1 of its servers"
    lines = prometheus(outcome, found).splitlines()
    assert [line for line in lines if line.startswith("zoneops_zone_loss_fits")] == [
        'zoneops_zone_loss_fits{lost="az1"} 0',
        'zoneops_zone_loss_fits{lost="az2"} 1',
        'zoneops_zone_loss_fits{lost="az3"} 1',
    ]
    assert 'zoneops_finding{rule="zone-loss-does-not-fit",severity="critical",zone="az1"} 1' in lines
