# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a snapshot knows besides what OpenStack lists: how long, of pods, of majorities, and what people attest."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.audit import Report
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.files import earlier, write
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.rules import parsed
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot import read as reading
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.kinds import FIELDS, SECTIONS
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import Cloud
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import ShareService
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

from .regions import NOW, ZONES, pod, seen, service, zone_map
from .test_rules import RULES


def found(about: Seen, described: ZoneMap | None = None) -> dict[str, list[str]]:
    """Names by rule."""
    names: dict[str, list[str]] = {}
    for one in evaluate(RULES, build(about, described or zone_map(), NOW)).findings:
        names.setdefault(one.rule.id, []).append(one.name)
    return names


def many(count: int, away: int) -> ZoneMap:
    zones: dict[str, Any] = {f"az{number}": {"compute": {"hosts": []}} for number in range(count)}
    for number, zone in enumerate(zones.values()):
        if number < away:
            zone["zone_state"] = "down"
    return load_map(zones, {"zones": list(zones), "region_name": "RegionOne"})


def test_what_was_not_read_once_is_as_old_as_it_was(tmp_path: Path) -> None:
    """An hour that cinder is silent for does not make everything new."""
    path, times = str(tmp_path / "audit.json"), []
    for hours, change in ((0, {}), (1, {"volumes": [], "unread": {"volumes": "silent"}}), (2, {}), (3, {})):
        before = earlier(path)
        snapshot = build(seen(**change), zone_map(), NOW + timedelta(hours=hours), before and before["snapshot"])
        write(Report(snapshot, RULES, evaluate(RULES, snapshot), ZONES), {"json": path}, {})
        times.append({one["id"]: one["hours_in_state"] for one in snapshot["objects"]["volume"]}.get("v1"))
        assert ("remembered" in snapshot) == bool(change)
    assert times == [None, None, 2, 3]


def test_what_is_gone_is_forgotten_once_it_can_be_read() -> None:
    first = build(seen(), zone_map(), NOW)
    silent = build(seen(volumes=[], unread={"volumes": "silent"}), zone_map(), NOW, first)
    again = build(seen(volumes=[]), zone_map(), NOW, silent)
    assert {one["id"] for one in silent["remembered"]["volume"]} == {"v1", "v2", "v3", "v4"}
    assert "remembered" not in again


@pytest.mark.parametrize(
    ("count", "away", "rule"),
    [(3, 1, None), (3, 2, "two-zones-away"), (30, 2, "several-zones-away"), (30, 15, "two-zones-away"), (2, 1, None)],
)
def test_zones_that_are_away_together(count: int, away: int, rule: str | None) -> None:
    rules = {"two-zones-away", "several-zones-away"} & found(seen(), many(count, away)).keys()
    assert rules == ({rule} if rule else set())


def test_attested_facts_are_compared() -> None:
    assert not {"zone-not-attested", "zone-not-redundant", "zones-share-fire-zone"} & found(seen()).keys()
    whole = ["power", "external_connection", "core_routers", "cooling"]
    names = found(
        seen(),
        zone_map(
            az1={"attested": {"fire_zone": "hall", "redundant": whole}},
            az2={"attested": {"fire_zone": "hall", "redundant": whole[1:]}},
        ),
    )
    assert names["zones-share-fire-zone"] == ["az1", "az2"]
    assert names["zone-not-redundant"] == ["az2"]
    assert names["zone-not-attested"] == ["az3"]
    assert "zone-cooling-not-redundant" not in names


def test_pods_are_what_pod_placement_found() -> None:
    pods = [pod("a", "worker-1"), pod("b", "worker-2", ready=False)]
    zones = {"az1": {"state": {"pods": pods, "survives_loss": False}}, "az2": {"state": {"pods": pods[:1]}}}
    names = found(
        seen(
            pods={
                "zones": zones,
                "uneven": ["CinderAPI a: 2-1-0"],
                "waiting": [],
                "instance_ha_off": ["InstanceHa ha is off"],
            }
        )
    )
    assert names["zone-loss-breaks-majority"] == names["zone-pods-not-ready"] == ["az1"]
    assert names["services-uneven"] == names["instance-ha-off"] == ["RegionOne"]
    assert "pods-wait" not in names


def test_pods_are_objects_of_rules() -> None:
    text = """
- id: pod-on-one-node
  title: A pod is on a node that is to go
  severity: note
  of: pod
  when: node == 'worker-1' && placed_by == 'zone' && !ready
  message: "{service} has it on {node}"
  remedy: drain the node
  source: ours
  examples:
    good: [{node: worker-2, placed_by: zone, ready: false, service: s}]
    bad: [{node: worker-1, placed_by: zone, ready: false, service: s}]
"""
    rules = parsed(text, "own.yml", FIELDS, SECTIONS)
    listed = [pod("a", "worker-1", ready=False, placed_by="zone"), pod("b", "worker-1"), pod("c", "worker-2")]
    snapshot = build(seen(pods={"zones": {"az2": {"state": {"pods": listed}}, "az3": {}}}), zone_map(), NOW)
    assert [(one["name"], one["zone"]) for one in snapshot["objects"]["pod"]] == [
        ("a", "az2"),
        ("b", "az2"),
        ("c", "az2"),
    ]
    (finding,) = evaluate(rules, snapshot).findings
    assert (finding.about, finding.zone, finding.message) == ("pod a", "az2", "CinderAPI cinder-api has it on worker-1")
    silent = build(seen(unread={"pods": "nobody asked"}), zone_map(), NOW)
    assert evaluate(rules, silent).unknown == {"pod-on-one-node": "pods could not be read: nobody asked"}


def port(number: str, host: str, owner: str, **more: str) -> dict[str, Any]:
    return {"id": number, "name": "", "device_id": "d", "device_owner": owner, "binding:host_id": host, **more}


def test_ports_with_a_trouble() -> None:
    """Of servers on a dead host there is a finding already; of what works there is none."""
    ports = [
        port("gateway", "az3-a", "network:router_gateway"),
        port("server", "az3-a", "compute:az3"),
        port("fine", "az1-a", "network:dhcp"),
        port("unbound", "az1-a", "compute:az1", **{"binding:vif_type": "binding_failed"}),
        port("node", "net-1", "network:dhcp"),
        port("other-node", "net-2", "network:dhcp"),
        port("nowhere", "", ""),
    ]
    agents = [{"host": "net-1", "alive": False}, {"host": "net-2", "alive": True}, {"host": "net-2", "alive": False}]
    names = found(seen(ports=ports, agents=agents))
    assert names["port-on-dead-host"] == ["node", "gateway"]
    assert names["port-binding-failed"] == ["unbound"]
    about = seen(ports=ports, agents=agents)
    assert len(build(about, zone_map(), NOW)["objects"]["port"]) == 3


class Manila:
    """One that says why, or does not."""

    keeps = True

    def __init__(self, _service: object) -> None:
        self.keeps_reasons = self.keeps

    def share_services(self, *, reasons: bool) -> tuple[ShareService, ...]:
        assert reasons
        return (ShareService("lab@az1", "manila-share", "az1", enabled=False, disabled_reason="new disks"),)


class Catalog:
    def service(self, _name: str) -> object:
        return self


@pytest.mark.parametrize("keeps", [True, False])
def test_why_a_share_service_is_disabled(monkeypatch: pytest.MonkeyPatch, keeps: bool) -> None:
    """The list that every manila answers does not say it."""
    monkeypatch.setattr(Manila, "keeps", keeps)
    monkeypatch.setattr(reading, "Manila", Manila)
    about = seen()
    disabled = {**service("manila-share", "az1"), "service": "manila", "host": "lab@az1", "status": "disabled"}
    other = {**disabled, "host": "lab@az2"}
    about.region.services = [disabled, other]
    about.share_reasons = reading._read_share_reasons(cast(Cloud, Catalog()), about.region)
    assert about.share_reasons == keeps
    expected = ["manila-share lab@az2"] if keeps else []
    assert found(about).get("service-disabled-without-reason", []) == expected
