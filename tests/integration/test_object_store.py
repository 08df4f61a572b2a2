# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files kept in a real swift: what check mode promises happens, once, also when an answer is lost."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.play import COLLECTION, Player, Run

RULE = """
- id: zone-named
  title: A zone has a name
  severity: critical
  of: zone
  when: length(name) > `0`
  message: "it has a name"
  remedy: none
  source: a test
  examples: {good: [{name: ""}], bad: [{name: az1}]}
"""
# Each zone fails, and the region.
FAILING = RULE + RULE.replace("zone", "region")
PLAYBOOK = COLLECTION / "tests" / "integration" / "playbooks" / "object_store_file.yml"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page ä.html"
    file.write_text("<p>first</p>")
    return file


def run(play: Player, *arguments: str, **values: Any) -> Run:
    return play(PLAYBOOK, "localhost,", "-e", json.dumps(values), *arguments)


@pytest.mark.edge
def test_a_file_is_kept_and_comes_back(play: Player, cloud: Cloud, page: Path, tmp_path: Path) -> None:
    asked = {"path": str(page), "container": "there and back", "keep_days": 3}
    check = run(play, "--check", "--diff", **asked)
    assert (check.rc, check.written) == (0, [])
    first = run(play, **asked)
    assert [one.one("Keep").msg for one in (check, first)] == [
        "create container there and back; store object there and back/page ä.html (12 bytes)"
    ] * 2
    second = run(play, **asked)
    assert (second.one("Keep").changed, second.written, len(second.calls("swift"))) == (False, [], 1)
    page.write_text("<p>second</p>")
    assert run(play, **asked).one("Keep").changed
    back = {**asked, "state": "fetched", "name": page.name, "path": str(tmp_path / "back.html"), "keep_days": None}
    del back["keep_days"]
    assert run(play, **back).one("Keep").changed
    assert (tmp_path / "back.html").read_text() == "<p>second</p>"
    assert not run(play, **back).one("Keep").changed
    # Of another project.
    assert not run(play, user="lab-member", **back).one("Keep").result["found"]


def test_an_answer_that_is_lost_fails_nothing_that_was_done(play: Player, lab: LabClient, page: Path) -> None:
    asked = {"path": str(page), "container": "lost"}
    lab.add_fault(service="swift", method="PUT", path="/lost/", kind="drop-after", count=1)
    assert run(play, **asked).rc == 0
    assert not run(play, **asked).one("Keep").changed
    page.write_text("<p>another</p>")
    lab.add_fault(service="swift", method="PUT", path="/lost/", kind="drop-before", count=1)
    failed = run(play, **asked)
    assert failed.rc == 2
    assert "object-store API: PUT /lost/" in failed.one("Keep").msg
    assert run(play, **asked).one("Keep").changed


def test_the_report_and_its_data_outlive_a_container(
    play: Player, cloud: Cloud, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    """A job has nothing of the job before it but what the object store has."""
    for zone in ("az1", "az2", "az3"):
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-{number}" for number in range(2)])
    inventory = make_inventory()

    def job(name: str, *arguments: str) -> Run:
        values = {"zoneops_report_container": "reports", "zoneops_report_dest": str(tmp_path / f"{name}.html")}
        return play("zoneops.openstack.report", inventory, "-e", json.dumps(values), *arguments)

    looked = job("looked", "--check")
    assert (looked.rc, looked.written) == (0, [])
    cloud.set_service("compute-az2-0", status="disabled")
    first = job("first")
    assert first.rc == 0, first.output
    assert "and in container reports of the object store" in first.output
    assert "Since the audit of" not in (tmp_path / "first.html").read_text()
    cloud.set_service("compute-az2-0", status="enabled")
    assert job("second").rc == 0
    assert "Since the audit of" in (tmp_path / "second.html").read_text()
    page = tmp_path / "zoneops-report.html"
    assert run(play, state="fetched", path=str(page), container="reports").rc == 0
    assert page.read_bytes() == (tmp_path / "second.html").read_bytes()


def test_the_journal_outlives_a_container_also_after_a_failure(
    play: Player, cloud: Cloud, lab: LabClient, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    inventory, journal = make_inventory(), tmp_path / "zones.journal"
    values = {"zoneops_journal_container": "journals", "zoneops_journal": str(journal)}

    def job(*arguments: str, playbook: str = "zoneops.openstack.site", **more: Any) -> Run:
        return play(playbook, inventory, *arguments, "-e", json.dumps({**values, **more}))

    def kept(ran: Run) -> list[str]:
        """The events of the journal that a run says that it has kept."""
        (name,) = re.findall(r"zones\.journal-[\dT:-]+Z-[0-9a-f]{8}", ran.one("Print where the journal is").msg)
        copy = tmp_path / name
        assert run(play, state="fetched", path=str(copy), container="journals", name=name).rc == 0
        return [json.loads(line)["event"] for line in copy.read_text().splitlines()]

    looked = job("--check")
    assert (looked.rc, looked.written, journal.exists()) == (0, [], False)
    lab.add_fault("status", status=500, service="nova", method="POST", path=".*/action", count=1)
    failed = job()
    assert failed.rc != 0
    assert {"begin", "write failed"} <= set(kept(failed))
    again = job()
    assert (again.rc, kept(again).count("begin")) == (0, 2)
    # What wrote nothing would keep the whole file once more.
    unchanged = job()
    assert (unchanged.rc, unchanged.written, unchanged.of("Print where the journal is")) == (0, [], {})
    journal.unlink()
    emptied = job(
        playbook="zoneops.openstack.host_maintenance", zoneops_maintenance="begin", zoneops_hosts="compute-az1-0"
    )
    assert (emptied.rc, kept(emptied)[0]) == (0, "begin")

    # What is not kept is a failure of its own, and the file has it.
    lab.add_fault(service="swift", method="PUT", path="/journals/", kind="drop-before", count=1)
    lost = job(playbook="zoneops.openstack.host_maintenance", zoneops_maintenance="end", zoneops_hosts="compute-az1-0")
    assert (lost.rc, lost.recap["az1"]["failures"]) == (2, 1)
    assert (
        "the journal of this run is not in container journals"
        in lost.one("Fail because the journal is not in the object store").msg
    )
    assert cloud.services()["compute-az1-0"]["status"] == "enabled"
    nameless = job("--check", zoneops_journal="")
    assert "zoneops_journal is empty; set it to a file" in nameless.failures["az1"]
    assert nameless.requests == ()


def test_an_audit_in_a_container_knows_the_last_one(play: Player, cloud: Cloud, make_inventory: MakeInventory) -> None:
    """How long a host has been disabled; the first audit, which nobody can tell that, fails for nothing."""
    for zone in ("az1", "az2", "az3"):
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-{number}" for number in range(2)])
    inventory = make_inventory()
    cloud.set_service("compute-az2-0", status="disabled")

    def audit(*arguments: str) -> Run:
        return play("zoneops.openstack.audit", inventory, "-e", "zoneops_audit_container=audits", *arguments)

    looked = audit("--check")
    assert (looked.rc, looked.written) == (0, [])
    first = audit()
    assert first.rc == 0, first.output
    assert "host compute-az2-0 has been so" in outcome(first)["unknown"]["host-disabled-for-long"]
    cloud.set_service("compute-az1-0", status="disabled")
    foreseen = audit("--check")
    assert (foreseen.rc, foreseen.written, foreseen.recap["az1"]["changed"]) == (0, [], 0)
    second = audit()
    # What is written is a change, and nothing else.
    assert second.recap["az1"]["changed"] == 1
    for job in (foreseen, second):
        assert "host-disabled-for-long" not in outcome(job)["unknown"]
        new = {(one["rule"], one["name"]) for one in outcome(job)["new"]}
        assert ("host-disabled-without-reason", "compute-az1-0") in new
        assert ("host-disabled-without-reason", "compute-az2-0") not in new
        assert not temporary(job).exists()


def temporary(job: Run) -> Path:
    return Path(job.one("Create a file for the data that the object store keeps").result["path"])


def outcome(job: Run) -> Mapping[str, Any]:
    return job.one("Audit the region, one call for all zones").result


def test_an_audit_shows_what_is_wrong_also_where_the_object_store_is(
    play: Player, cloud: Cloud, lab: LabClient, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    """It is wanted most when services are down. What it says of the past is not replaced by what knows none."""
    for zone in ("az1", "az2", "az3"):
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-{number}" for number in range(2)])
    inventory, kept, rules = make_inventory(), tmp_path / "kept.json", tmp_path / "rules.yml"
    rules.write_text(FAILING)

    def audit(*arguments: str, **values: Any) -> Run:
        whole = {"zoneops_audit_container": "outages", **values}
        return play("zoneops.openstack.audit", inventory, "-e", json.dumps(whole), *arguments)

    def in_store() -> str:
        there = run(play, state="fetched", path=str(kept), container="outages", name="zoneops-audit.json")
        assert there.one("Keep").result["found"]
        return kept.read_text()

    def fails_as_always(job: Run) -> None:
        assert job.rc == 2
        assert all("critical: zone az" in job.failures[zone] for zone in ("az2", "az3")), job.failures
        assert "critical: region " in job.one("Verify that the region is in order").msg
        assert set(job.stats["zoneops_audit_counts"]) == {"critical", "warning", "note"}
        assert not temporary(job).exists()

    assert audit().rc == 0
    before = in_store()
    critical = {"zoneops_audit_rules": [str(rules)]}
    for arguments in ((), ("--check",)):
        # Once: a write would succeed.
        lab.add_fault("status", status=403, service="swift", method="HEAD", path="/outages/", count=1)
        silent = audit(*arguments, **critical)
        lab.clear_faults()
        fails_as_always(silent)
        said = silent.one("Verify that the region is in order").msg
        assert "object zoneops-audit.json in container outages: the data of the last audit could not be read: " in said
        assert "403" in said
        assert silent.written == []
    assert in_store() == before

    lab.add_fault("status", status=507, service="swift", method="PUT", path="/outages/")
    full = audit(**critical)
    lab.clear_faults()
    fails_as_always(full)
    said = full.one("Verify that the region is in order").msg
    assert "object zoneops-audit.json in container outages: the data of this audit was not written: " in said
    assert "It is lost" in said
    assert in_store() == before

    # What somebody else has put there is named, not the copy of it.
    (tmp_path / "foreign.json").write_text(before[: len(before) // 2])
    run(play, path=str(tmp_path / "foreign.json"), container="outages", name="zoneops-audit.json")
    foreign = audit()
    assert foreign.rc == 2
    named = "zoneops_audit_object: object zoneops-audit.json in container outages is no report of an audit: delete it, or name"
    assert named in foreign.failures["az1"]
    assert audit(zoneops_audit_object="another").rc == 0


def test_a_file_that_is_lost_with_its_container_is_read_from_the_object_store(
    play: Player, cloud: Cloud, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    for zone in ("az1", "az2", "az3"):
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-{number}" for number in range(2)])
    inventory, file = make_inventory(), tmp_path / "audit.json"
    values = {"zoneops_audit_container": "mounts", "zoneops_audit_json": str(file)}
    cloud.set_service("compute-az2-0", status="disabled")

    def audit(*arguments: str) -> Run:
        return play("zoneops.openstack.audit", inventory, "-e", json.dumps(values), *arguments)

    assert "host-disabled-for-long" in outcome(audit())["unknown"]
    file.unlink()
    looked = audit("--check")
    assert (looked.rc, file.exists()) == (0, False)
    second = audit()
    for one in (looked, second):
        assert "host-disabled-for-long" not in outcome(one)["unknown"]
        assert "host-disabled-without-reason" not in {one["rule"] for one in outcome(one)["new"]}
    # A file that is there goes before, and the object has what it has.
    third = audit()
    assert not [call for call in third.calls("swift") if call.startswith("GET")]
    copy = tmp_path / "copy.json"
    assert run(play, state="fetched", path=str(copy), container="mounts", name="zoneops-audit.json").rc == 0
    assert copy.read_bytes() == file.read_bytes()


def test_a_report_is_where_it_is_wanted_although_the_object_store_fails(
    play: Player, cloud: Cloud, lab: LabClient, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    for zone in ("az1", "az2", "az3"):
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-{number}" for number in range(2)])
    web = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (tmp_path / "web.yml").write_text(json.dumps({"web": {"hosts": {"web-1": web}}}))
    inventory = make_inventory()

    def report(name: str) -> Run:
        values = {
            "zoneops_report_container": "pages",
            "zoneops_report_dest": str(tmp_path / name),
            "zoneops_report_host": "web-1",
        }
        return play("zoneops.openstack.report", inventory, "-i", str(tmp_path / "web.yml"), "-e", json.dumps(values))

    first = report("first.html")
    assert first.rc == 0, first.output
    for number, (method, task, said) in enumerate(
        (
            ("PUT", "Verify that the page is in the object store", "object zoneops-report.html in container pages: "),
            ("HEAD", "Verify that the object store has the data", "object zoneops-report.json in container "),
        )
    ):
        lab.add_fault("status", status=503, service="swift", method=method, path="/pages/")
        failed = report(f"{number}.html")
        lab.clear_faults()
        assert failed.rc == 2
        assert said in failed.one(task).msg
        assert f"The report is in {tmp_path / f'{number}.html'} on web-1: findings" in failed.output
        assert (tmp_path / f"{number}.html").exists()
        assert {one.outcome for one in failed.of("Verify that the zones could be read").values()} == {"ok"}
    assert "Since the audit of" in (tmp_path / "0.html").read_text()
    last = report("last.html")
    assert last.rc == 0, last.output
    assert "Since the audit of" in (tmp_path / "last.html").read_text()
