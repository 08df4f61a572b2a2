# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files kept in a real swift: what check mode promises happens, once, also when an answer is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.play import COLLECTION, Player, Run

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
