# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behind the data plane: nova's discovery is waited for, and what it does not bring is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from zonelab.client import LabClient

from .harness.cloud import Cloud
from .harness.play import Player, Run

PLAYBOOK = Path(__file__).parent / "playbooks" / "discovery.yml"
SAID = "Report which hosts are still missing"
pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture
def lost(cloud: Cloud, lab: LabClient) -> str:
    """A host that nova does not know."""
    assert "compute-az1-9" not in cloud.services()
    lab.clear_faults()
    return "compute-az1-9"


def run(play: Player, *hosts: str, **variables: object) -> Run:
    return play(PLAYBOOK, "localhost,", "-e", json.dumps({"hosts": hosts, **variables}))


def test_hosts_that_are_there_are_not_waited_for(play: Player) -> None:
    found = run(play, "compute-az1-0")
    assert (found.rc, found.of(SAID)) == (0, {})
    assert len([call for call in found.calls("nova") if "os-services" in call]) == 1


def test_hosts_that_do_not_come_are_named_and_the_run_goes_on(play: Player, lost: str) -> None:
    found = run(play, "compute-az1-0", lost, zoneops_data_plane_discovery_timeout=1)
    assert found.one(SAID).msg == f"nova has not discovered {lost}: not within 1 seconds"
    assert found.one("Go on").outcome == "ok"
    assert found.rc == 0
    assert len([call for call in found.calls("nova") if "os-services" in call]) == 2


def test_a_service_that_refuses_is_named(play: Player, lab: LabClient, lost: str) -> None:
    lab.add_fault("status", status=403, service="nova", path=".*os-services.*")
    found = run(play, lost, zoneops_data_plane_discovery_timeout=1)
    assert found.one(SAID).msg.startswith(f"nova has not discovered {lost}: compute API: GET /os-services: 403")
    assert found.one("Go on").outcome == "ok"


def test_a_cloud_that_cannot_be_used_is_not_waited_for(play: Player, lost: str) -> None:
    found = run(play, lost, zoneops_map={"region": {"cloud": "nowhere"}})
    assert found.one(SAID).msg.startswith(f"nova has not discovered {lost}: ")
    assert "nowhere" in found.one(SAID).msg
    assert found.requests == ()


def test_where_nova_knows_all_hosts_nobody_asks(play: Player) -> None:
    assert run(play).requests == ()
