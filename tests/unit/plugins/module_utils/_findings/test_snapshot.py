# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshot of a region, and what the built-in rules find in it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.model import Finding
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.kinds import (
    COMMON,
    FIELDS,
    SECTIONS,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.verdicts import problems

from .regions import NOW, host, seen, server, volume, zone_map
from .test_rules import RULES


def snapshot(previous: dict[str, Any] | None = None, later: float = 0, **changes: Any) -> dict[str, Any]:
    return build(seen(**changes), zone_map(), NOW + timedelta(hours=later), previous)


def by_name(kind: str, found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in found["objects"][kind]}


def test_it_is_json_with_the_fields_that_are_promised_and_no_others() -> None:
    found = snapshot()
    assert json.loads(json.dumps(found)) == found
    assert set(found["objects"]) == set(FIELDS)
    for kind, objects in found["objects"].items():
        for one in objects:
            assert set(one) - {"since"} == set(FIELDS[kind]), kind
    assert set(found["unread"]) <= set(SECTIONS)
    assert found["taken"] == "2030-01-31T12:00:00Z"


def test_every_kind_but_shares_ports_and_pods_has_an_object_here() -> None:
    assert [kind for kind, objects in snapshot()["objects"].items() if not objects] == ["share_type", "port", "pod"]


@pytest.mark.parametrize("rule", ["volume-stuck", "zones-share-storage", "zone-not-in-nova", "pins-not-visible"])
def test_what_is_in_order_is_no_finding(rule: str) -> None:
    outcome = evaluate(RULES, snapshot())
    assert [one.name for one in outcome.findings if one.rule.id == rule] == []
    assert rule in outcome.evaluated


def test_what_could_not_be_read_is_said_for_each_rule_that_needs_it() -> None:
    outcome = evaluate(RULES, snapshot(unread={"servers": "nova is silent"}, servers=[]))
    silent = {rule for rule, reason in outcome.unknown.items() if "nova is silent" in reason}
    assert {"server-in-error", "volume-attached-to-nothing"} <= silent
    assert not {one.rule.id for one in outcome.findings} & silent


def test_a_service_that_is_down_is_found_although_another_does_not_answer() -> None:
    outcome = evaluate(RULES, snapshot(unread={"network": "neutron is silent"}))
    assert [one.name for one in outcome.findings if one.rule.id == "service-down"] == ["cinder-volume lab@az3"]
    assert outcome.unknown["service-down"] == "network could not be read: neutron is silent"
    assert "zone-single-gateway" not in outcome.evaluated


def test_a_service_that_the_cloud_does_not_have_has_no_zones() -> None:
    found = seen()
    found.region.absent = ["manila"]
    wants = {"share_backends": [{"name": "az1", "type": "vendor"}]}
    outcome = evaluate(RULES, build(found, zone_map(az1=wants), NOW))
    assert [one.name for one in outcome.findings if one.rule.id == "zone-name-differs-in-manila"] == ["az1"]


def test_time_counts_from_the_first_snapshot_that_shows_the_state() -> None:
    first = snapshot()
    again = snapshot(first, later=2)
    assert by_name("volume", again)["name-v4"]["hours_in_state"] == 2
    outcome = evaluate(RULES, again)
    assert [one.name for one in outcome.findings if one.rule.id == "volume-stuck"] == ["name-v4"]
    changed = snapshot(again, later=3, volumes=[volume("v4", "az2", status="available")])
    assert by_name("volume", changed)["name-v4"]["hours_in_state"] == 0
    assert by_name("host", changed)["az3-a"]["hours_in_state"] == 3


def test_without_an_earlier_audit_nobody_knows_how_long_a_host_has_been_disabled() -> None:
    """What is not disabled is so whatever the past was."""
    timed = {"host-disabled-for-long", "host-maintenance-for-long"}
    found = seen()
    assert not timed & evaluate(RULES, build(found, zone_map(), NOW)).unknown.keys()
    found.region.hosts = [host("az1-a", "az1", reason="fan"), host("az1-b", "az1", reason="zoneops: maintenance, x")]
    first = build(found, zone_map(), NOW)
    outcome = evaluate(RULES, first)
    assert by_name("host", first)["az1-a"]["hours_in_state"] is None
    assert timed <= outcome.unknown.keys() - outcome.evaluated.keys()
    assert outcome.undated == timed
    assert outcome.unknown["host-disabled-for-long"] == (
        "no earlier audit says since when host az1-a and 1 more have been so: keep the data of each audit for the next one, "
        "with zoneops_audit_json or zoneops_audit_container (option 'previous')"
    )
    assert not [one for one in problems(outcome, "note") if "could not be evaluated: no earlier audit" in one]
    # An earlier audit that could not ask nova says no more.
    silent = build(seen(unread={"compute": "silent"}), zone_map(), NOW)
    silent["objects"]["host"] = []
    assert evaluate(RULES, build(found, zone_map(), NOW, silent)).undated == timed
    second = evaluate(RULES, build(found, zone_map(), NOW + timedelta(hours=721), first))
    assert not second.undated
    assert {one.rule.id for one in second.findings} >= timed


def test_services_date_servers_and_volumes_without_an_earlier_audit() -> None:
    earlier = NOW - timedelta(hours=5)
    task = {"OS-EXT-STS:task_state": "powering-off"}
    found = snapshot(
        servers=[
            server("stuck", "az1-a", **task, updated=earlier.strftime("%Y-%m-%dT%H:%M:%SZ")),
            server("busy", "az1-a", **task, updated=NOW.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ],
        volumes=[volume("old", "az1", status="deleting", changed=earlier)],
    )
    outcome = evaluate(RULES, found)
    assert {(one.rule.id, one.name) for one in outcome.findings} >= {
        ("server-task-stuck", "name-stuck"),
        ("volume-stuck", "name-old"),
    }
    assert by_name("server", found)["name-busy"]["hours_in_state"] == 0
    assert not outcome.undated
    undated = evaluate(RULES, snapshot(servers=[server("stuck", "az1-a", **task)]))
    assert undated.undated == {"server-task-stuck"}


def test_where_a_service_dates_an_object_what_audits_saw_does_not_count() -> None:
    """At each audit the volume is backed up, and the server starts; in between they were something else."""
    first: dict[str, Any] | None = None
    for later in (0, 24, 48):
        written = NOW + timedelta(hours=later, minutes=-10)
        first = snapshot(
            first,
            later=later,
            servers=[server("busy", "az1-a", updated=written.isoformat(), **{"OS-EXT-STS:task_state": "powering-on"})],
            volumes=[volume("nightly", "az1", status="backing-up", changed=written)],
        )
        assert by_name("volume", first)["name-nightly"]["hours_in_state"] == 0
        assert by_name("server", first)["name-busy"]["hours_in_state"] == 0
        assert not [one for one in evaluate(RULES, first).findings if one.rule.id.endswith("-stuck")]


def test_a_disabled_host_is_in_the_state_of_its_reason() -> None:
    def with_reason(reason: str, previous: dict[str, Any] | None, later: float) -> dict[str, Any]:
        found = seen()
        found.region.hosts = [host("az1-a", "az1", reason=reason)]
        return build(found, zone_map(), NOW + timedelta(hours=later), previous)

    first = with_reason("zoneops: maintenance, emptied: new kernel", None, 0)
    later = with_reason("zoneops: maintenance, emptied: new kernel", first, 200)
    assert [one.rule.id for one in evaluate(RULES, later).findings if one.kind == "host"] == [
        "host-maintenance-for-long"
    ]
    assert by_name("host", with_reason("fan", later, 201))["az1-a"]["hours_in_state"] == 0


def test_a_server_whose_image_its_zone_has_no_copy_of() -> None:
    listed = [
        server("far", "az2-a", "az2", image={"id": "i1"}),
        server("near", "az1-a", "az1", image={"id": "i1"}),
        server("everywhere", "az2-a", "az2", image={"id": "i2"}),
        server("unknown", "az2-a", "az2", image={"id": "deleted"}),
        server("of-a-volume", "az2-a", "az2", image=""),
        server("nowhere", "free", None, image={"id": "i1"}),
    ]
    found = snapshot(servers=listed)
    assert {name for name, one in by_name("server", found).items() if one["image_elsewhere"]} == {"name-far"}
    (finding,) = away(found)
    assert (finding.name, finding.zone) == ("one", "")
    assert finding.message.startswith("1 server that was made of it runs in az2, whose stores have no copy: ")


def away(found: dict[str, Any]) -> list[Finding]:
    return [one for one in evaluate(RULES, found).findings if one.rule.id == "image-away-from-its-servers"]


def test_an_image_is_one_finding_however_many_servers_are_made_of_it() -> None:
    hosts = ("az1-a", "az2-a", "az3-a", "az3-b")
    listed = [server(f"{number}", hosts[number % 4], None, image={"id": "i1"}) for number in range(40)]
    (finding,) = away(snapshot(servers=listed))
    assert finding.message.startswith("30 servers that were made of it run in az2, az3, whose stores have no copy: ")
    assert away(snapshot(servers=[], unread={"servers": "nova is silent"})) == []


def test_deleted_servers_are_none() -> None:
    assert "name-deleted" not in by_name("server", snapshot())
    found = snapshot(servers=[server("5e", None, status="SOFT_DELETED")], volumes=[volume("v1", "az1", "5e")])
    assert by_name("volume", found)["name-v1"]["lost_servers"] == ["5e"]


def test_the_page_lists_the_fields_of_each_kind() -> None:
    text = (Path(__file__).parents[5] / "docs" / "audit.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (`.*`) \|$", text, re.MULTILINE))
    assert {kind: re.findall(r"`(\w+)`", fields) for kind, fields in rows.items()} == {
        kind: [field for field in fields if field not in COMMON] for kind, fields in FIELDS.items()
    }


def test_without_hosts_and_aggregates_nobody_knows_where_servers_may_be() -> None:
    found = seen(unread={"compute": "nova is silent"})
    found.region.aggregates, found.region.hosts = [], []
    outcome = evaluate(RULES, build(found, zone_map(), NOW))
    assert "nova is silent" in outcome.unknown["server-pinned-to-gone-zone"]
    assert not [one for one in outcome.findings if one.kind == "server"]
