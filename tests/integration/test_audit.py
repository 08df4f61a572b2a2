# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit of the lab: flaws are found, reports are written, what is muted or could not be read is said."""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.inventory import hosts_of, lab_zones
from .harness.play import Player, Run
from .harness.waiting import until

AUDIT = "zoneops.openstack.audit"
REPORT = "zoneops.openstack.report"
CALL = "Audit the region, one call for all zones"
OWN = """
- id: shop-servers
  title: Servers of the shop
  severity: warning
  of: server
  when: starts_with(name, 'shop-')
  message: "it is on {host}"
  remedy: move it out
  source: the shop
  examples:
    good: [{name: x, host: a}]
    bad: [{name: shop-1, host: a}]
"""


@pytest.fixture
def zones(cloud: Cloud) -> Cloud:
    for zone in lab_zones():
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    return cloud


def audit(play: Player, inventory: Path, *arguments: str, **values: Any) -> Run:
    return play(AUDIT, inventory, "-e", json.dumps(values), *arguments)


def found(run: Run) -> dict[str, set[str]]:
    """Names by rule, of what is not muted."""
    names: dict[str, set[str]] = {}
    for one in run.one(CALL).result["findings"]:
        if not one["muted"]:
            names.setdefault(one["rule"], set()).add(one["name"])
    return names


@pytest.mark.smoke
def test_flaws_are_found_and_a_zone_fails_for_them(
    zones: Cloud, play: Player, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    host = zones.add_server("shop-1", "az1")
    zones.set_service("compute-az2-0", status="disabled")
    zones.act("az3", remove_host={"host": "compute-az3-1"})
    rules = tmp_path / "own.yml"
    rules.write_text(OWN)
    inventory = make_inventory()
    run = audit(
        play,
        inventory,
        zoneops_audit_rules=[str(rules)],
        zoneops_audit_severities={"host-in-no-zone": "critical"},
        zoneops_audit_junit=str(tmp_path / "audit.xml"),
        zoneops_audit_prometheus=str(tmp_path / "audit.prom"),
        zoneops_audit_sarif=str(tmp_path / "audit.sarif"),
    )
    assert run.rc != 0
    names = found(run)
    assert names["host-disabled-without-reason"] == {"compute-az2-0"}
    assert names["host-in-no-zone"] == {"compute-az3-1"}
    assert names["zone-with-one-serving-host"] == {"az2", "az3"}
    assert names["shop-servers"] == {"shop-1"}
    assert set(run.failures) == {"az3"}
    assert "critical: host compute-az3-1: it is enabled and in no availability zone" in run.failures["az3"]
    assert f"az1: server shop-1: it is on {host}" in run.output
    assert run.written == []
    suites = ET.parse(tmp_path / "audit.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["az1", "az2", "az3", "region"]
    assert 'zoneops_zone_hosts{zone="az1",state="up"} 2' in (tmp_path / "audit.prom").read_text()
    sarif = json.loads((tmp_path / "audit.sarif").read_text())
    assert sarif["version"] == "2.1.0"
    # Found beside the inventory, as nobody named the files.
    places = {
        one["locations"][0]["logicalLocations"][0]["name"]: one["locations"][0].get("physicalLocation")
        for one in sarif["runs"][0]["results"]
    }
    file = inventory / "host_vars" / "az2.yml"
    place = places["compute-az2-0"]
    assert place["artifactLocation"]["uri"].endswith(f"/{inventory.name}/host_vars/az2.yml")
    assert "compute-az2-0" in file.read_text().splitlines()[place["region"]["startLine"] - 1]


def test_a_report_is_written_where_it_is_wanted(
    zones: Cloud, play: Player, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    """Also on another host of the inventory, which is this machine; in check mode nowhere, and never twice."""
    name = "<b>{{ 7 * 7 }}</b>"
    zones.add_server(name, "az1")
    zones.set_service("compute-az2-0", status="disabled")
    inventory = make_inventory()
    # Its interpreter counts: what Ansible discovers may be one that cannot be started.
    web = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (tmp_path / "web.yml").write_text(json.dumps({"web": {"hosts": {"web-1": web}}}))
    here, there = tmp_path / "here.html", tmp_path / "there.html"
    kept = tmp_path / "audit.json"

    def report(dest: Path, *arguments: str, **values: Any) -> Run:
        whole = {"zoneops_report_dest": str(dest), "zoneops_audit_json": str(kept), **values}
        return play(REPORT, inventory, "-i", str(tmp_path / "web.yml"), "-e", json.dumps(whole), *arguments)

    assert report(here, "--check").rc == 0
    assert not here.exists()
    first = report(here)
    assert (first.rc, first.written) == (0, [])
    text = here.read_text()
    found = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    assert found["counts"] == first.one(CALL).result["counts"]
    assert [zone["hosts"]["disabled"] for zone in found["zones"]] == [0, 1, 0]
    assert [zone["servers"] for zone in found["zones"]] == [1, 0, 0]
    assert all(zone["vcpus"] > zone["vcpus_free"] - 1 for zone in found["zones"])
    assert found["changes"] is None
    assert name not in text
    zones.set_service("compute-az2-0", status="enabled")
    second = report(there, zoneops_report_host="web-1")
    assert second.rc == 0
    assert f"The report is in {there} on web-1" in second.output
    assert "Since the audit of" in there.read_text()
    assert "host-disabled-without-reason" in there.read_text()
    wrong = report(there, zoneops_report_host="web-2")
    assert wrong.rc != 0
    assert "web-2 is not in the inventory" in wrong.output


def test_two_audits_are_compared_and_mutes_hold(
    zones: Cloud, play: Player, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    kept, inventory = str(tmp_path / "audit.json"), make_inventory()
    zones.set_service("compute-az2-0", status="disabled")
    first = audit(play, inventory, zoneops_audit_json=kept)
    assert (first.one(CALL).result["new"], first.rc) == ([], 0)
    zones.set_service("compute-az2-0", status="enabled")
    zones.set_service("compute-az1-0", status="disabled")
    looked = audit(play, inventory, "--check", zoneops_audit_json=kept)
    mute = {"rule": "host-disabled-without-reason", "reason": "fan", "until": "2999-12-31", "object": "compute-az1-0"}
    second = audit(play, inventory, zoneops_audit_json=kept, zoneops_audit_mute=[mute], zoneops_audit_fail_on="note")

    def changes(run: Run, key: str) -> set[tuple[str, str]]:
        listed: list[Mapping[str, Any]] = run.one(CALL).result[key]
        return {(one["rule"], one["name"]) for one in listed}

    for run in (looked, second):
        assert ("host-disabled-without-reason", "compute-az1-0") in changes(run, "new")
        assert ("host-disabled-without-reason", "compute-az2-0") in changes(run, "gone")
    assert "host-disabled-without-reason" not in found(second)
    assert json.loads(Path(kept).read_text())["summary"] == second.one(CALL).result["msg"]


def test_an_allocation_of_no_server_is_named(zones: Cloud, play: Player, make_inventory: MakeInventory) -> None:
    """Beside a server that has its own. One whose resize nobody has confirmed has two, and is no finding."""
    host, rule = zones.add_server("web", "az2"), "host-with-stray-allocations"
    placement = Adapter(zones.region.get_session(), service_type="placement", default_microversion="1.28")
    listed = placement.get("/resource_providers").json()["resource_providers"]
    (provider,) = (one["uuid"] for one in listed if one["name"] == host)
    consumer = f"/allocations/{uuid.uuid4()}"
    body = {
        "allocations": {provider: {"resources": {"VCPU": 1, "MEMORY_MB": 128}}},
        "consumer_generation": None,
        "project_id": "left",
        "user_id": "over",
    }
    inventory = make_inventory()

    def look() -> Run:
        return audit(play, inventory, zoneops_audit_fail_on="never")

    with unconfirmed_resize(zones, "db", "az1"):
        assert rule not in found(look())
        placement.put(consumer, json=body)
        try:
            run = look()
        finally:
            placement.delete(consumer)
        assert found(run)[rule] == {host}
        (message,) = (one["message"] for one in run.one(CALL).result["findings"] if one["rule"] == rule)
        vcpus_used, used, vcpus_needed, needed = map(int, re.findall(r"\d+", message))
        assert (vcpus_used - vcpus_needed, used - needed) == (1, 128)
        assert rule not in found(look())


@contextmanager
def unconfirmed_resize(cloud: Cloud, name: str, zone: str) -> Iterator[None]:
    """A server that is on another host than before, with a larger flavor, and waits for its confirmation."""
    cloud.add_server(name, zone)
    number = cloud.servers()[name]["id"]
    old = cloud.servers()[name]["flavor"]
    wanted = {"flavor": {"name": "grown", "ram": 2 * old["ram"], "vcpus": 1 + old["vcpus"], "disk": old["disk"]}}
    flavor = cloud.compute.post("/flavors", json=wanted).json()["flavor"]["id"]
    try:
        answer = cloud.compute.post(
            f"/servers/{number}/action", json={"resize": {"flavorRef": flavor}}, raise_exc=False
        )
        assert answer.status_code == 202, answer.text
        until(lambda: cloud.servers()[name]["status"] == "VERIFY_RESIZE", f"server {name} is resized")
        yield
    finally:
        cloud.delete_server(name)
        cloud.compute.delete(f"/flavors/{flavor}")


def test_two_zones_on_one_storage_are_named(
    zones: Cloud, play: Player, lab: LabClient, make_inventory: MakeInventory
) -> None:
    """The folder of one back end becomes that of another."""
    assert zones.aggregates()
    inventory, rule = make_inventory(), "zones-share-storage"
    assert rule not in found(audit(play, inventory, zoneops_audit_fail_on="never"))
    folder = lab.state.data / "cinder" / "az2"
    aside = folder.with_name("az2-aside")
    folder.rename(aside)
    folder.symlink_to("az1")
    try:
        report_of("az2", lab)
        run = audit(play, inventory, zoneops_audit_fail_on="never")
        assert found(run)[rule] == {"lab@az1#az1", "lab@az2#az2"}
        messages = [one["message"] for one in run.one(CALL).result["findings"] if one["rule"] == rule]
        assert sorted(message.partition(" (")[0] for message in messages) == [
            "it is in zone az1 and on the same storage as lab@az2#az2 of az2",
            "it is in zone az2 and on the same storage as lab@az1#az1 of az1",
        ]
    finally:
        folder.unlink()
        aside.rename(folder)
        report_of("az2", lab)
    assert rule not in found(audit(play, inventory, zoneops_audit_fail_on="never"))


def report_of(backend: str, lab: LabClient) -> None:
    """It looks at itself and tells the scheduler."""
    lab.fail("backend", backend)
    lab.heal("backend", backend)


def test_what_cannot_be_read_is_unknown(
    zones: Cloud, play: Player, lab: LabClient, make_inventory: MakeInventory
) -> None:
    zones.add_server("web", "az1")
    lab.add_fault("status", status=503, service="cinder", path=".*/volumes.*")
    run = audit(play, make_inventory())
    result = run.one(CALL).result
    assert "volumes could not be read: " in result["unknown"]["volume-in-error"]
    assert "server-volume-elsewhere" in result["unknown"]
    assert "server-in-error" not in result["unknown"]
    assert "NOT EVALUATED" in run.output


def test_the_number_of_calls_grows_with_nothing(
    zones: Cloud, play: Player, request: pytest.FixtureRequest, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    """Once with servers, so that placement is asked for their shape, and again with more of everything, a host in each of many zones."""
    zones.add_server("web", "az1")
    before = len(audit(play, make_inventory(), zoneops_audit_fail_on="never").requests)
    zones.add_server("db", "az2")
    # Only now: the first audit must not see these hosts.
    records: list[str] = request.getfixturevalue("record_hosts")
    more = {f"zone-{name}": {"compute": {"hosts": [name]}} for name in records}
    for zone, described in more.items():
        zones.add_aggregate(zone, zone, described["compute"]["hosts"])
    kept = tmp_path / "audit.json"
    inventory = make_inventory({**lab_zones(), **more})
    after = audit(play, inventory, zoneops_audit_fail_on="never", zoneops_audit_json=str(kept)).requests
    listed = json.loads(kept.read_text())["snapshot"]["objects"]["zone"]
    assert {one["name"]: one["hosts"] for one in listed if one["name"] in more} == {
        zone: described["compute"]["hosts"] for zone, described in more.items()
    }
    assert len(after) == before
    # Of what grows, each list once.
    for path in ("servers/detail", "volumes/detail", "backups/detail", "/ports", "os_hidden=true", "os_hidden=false"):
        assert len([one for one in after if path in one.path.lower()]) == 1, path


def test_wrong_rules_are_named_with_their_line(
    zones: Cloud, play: Player, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    assert zones.aggregates()
    rules = tmp_path / "own.yml"
    rules.write_text(OWN.replace("starts_with(name, 'shop-')", "starts_with(nome, 'shop-')"))
    run = audit(play, make_inventory(), zoneops_audit_rules=[str(rules)])
    assert run.rc != 0
    assert f"{rules}, line 2: rule shop-servers" in run.failures["az1"]
    assert run.calls("nova") == []
