# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rulebooks of the collection in the real ansible-rulebook: a zone dies, the event comes within seconds, a playbook runs, the recovery is reported."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_rulebook.validators import Validate
from zonelab.client import LabClient
from zonelab.ports import hold, port_of

from .activation import PATIENCE, RULEBOOKS, with_actions_shown
from .conftest import Activate

COMMAND = "ansible-rulebook -r zoneops.openstack.zone_health -i inventory"
DOWN = "zone az2 is down, it was up: .*nova down"
UP = "zone az2 is up, it was (down|degraded): .*nova up"
STARTED = "run_job_template <zones: verify> limit <az2>"


@pytest.mark.parametrize("rulebook", sorted(RULEBOOKS.glob("*.yml")), ids=lambda path: path.stem)
def test_the_schema_of_ansible_rulebook(rulebook: Path) -> None:
    Validate.rulebook(yaml.safe_load(rulebook.read_text()))


def test_an_outage(activate: Activate, lab: LabClient) -> None:
    activation = activate(COMMAND)
    activation.until("Loading rulebook from")
    mark = lab.mark()
    end = time.monotonic() + PATIENCE
    while not any("os-services" in request.path for request in lab.requests(mark)):
        assert time.monotonic() < end, activation.output
        time.sleep(0.1)
    lab.stop_zone("az2", now=True)
    # Beside the looks, this has the time that the lab's manila takes, and that of a busy machine.
    assert activation.until(DOWN) < 20
    activation.until(r"az2 +down +- +active")
    activation.until(r"If one zone at a time is lost")
    assert "fatal: [az2]" in activation.output
    assert "[az1]" not in activation.output
    lab.start_zone("az2")
    activation.until(UP)
    activation.until(r"az2 +ok +- +active")
    assert [
        request for request in lab.requests(mark) if request.method != "GET" and "auth/tokens" not in request.path
    ] == []
    assert activation.stop() < 20


def test_an_outage_that_began_before(activate: Activate, lab: LabClient) -> None:
    """Activations are restarted."""
    lab.stop_zone("az2", now=True)
    activation = activate(COMMAND)
    activation.until(DOWN)
    activation.until(r"az2 +down +- +active")


def test_what_is_wrong_at_the_start_ends_the_activation(activate: Activate) -> None:
    activation = activate(COMMAND, zoneops_cloud="nowhere")
    assert activation.end() == 1
    assert "cloud 'nowhere'" in activation.output


def test_two_places_have_to_agree(activate: Activate, lab: LabClient, tmp_path: Path) -> None:
    clouds = yaml.safe_load(lab.clouds_file.read_text())
    # The second place cannot reach nova.
    clouds["clouds"]["second"] = {**clouds["clouds"]["lab"], "compute_endpoint_override": "http://127.0.0.1:9/v2.1"}
    both = tmp_path / "clouds.yaml"
    both.write_text(yaml.safe_dump(clouds))
    command = f"ansible-rulebook -r {with_actions_shown('zone_health_controller', tmp_path)} -i inventory"
    one_eyed = activate(command, both, zoneops_second_cloud="second")
    two_eyed = activate(command)
    one_eyed.until("services cannot be read.*nova.*seen from internal")
    lab.stop_zone("az2", now=True)
    two_eyed.until(STARTED)
    two_eyed.until("run_job_template <zone: evacuate check> limit <az2>")
    one_eyed.until(f"{DOWN}.*seen from public")
    lab.start_zone("az2")
    for activation in (one_eyed, two_eyed):
        # One that begins with a check and an approval.
        activation.until("run_workflow_template <zone: return> limit <az2>")
    assert STARTED not in one_eyed.output
    assert two_eyed.output.count(STARTED) == 1


def test_alerts(activate: Activate, tmp_path: Path) -> None:
    with hold() as held:
        port = port_of(held)
    activation = activate(
        f"ansible-rulebook -r {with_actions_shown('zone_alerts', tmp_path)} -i inventory",
        zoneops_alerts_port=port,
        zoneops_alerts_token="the-token-of-alertmanager",
    )
    labels = [{"zone": "az2"}, {"instance": "no zone"}, {"zone": "az2", "instance": "the same zone"}]
    alerts = [{"status": "firing", "labels": {"alertname": "HostDown", **one}} for one in labels]
    message = {
        "version": "4",
        "status": "firing",
        "alerts": [*alerts, {"status": "resolved", "labels": {"zone": "az1"}}],
    }
    end = time.monotonic() + PATIENCE
    while (status := _tried(port, "wrong", message)) is None:
        activation.runs()
        assert time.monotonic() < end, activation.output
        time.sleep(0.1)
    assert status == 401
    assert _posted(port, "the-token-of-alertmanager", {"test": True}) == 200
    assert _posted(port, "the-token-of-alertmanager", message) == 200
    activation.until(STARTED)
    activation.until("run_job_template <zones: verify> limit <az1>")
    assert activation.output.count("run_job_template") == 2


def _tried(port: int, token: str, message: Mapping[str, Any]) -> int | None:
    """None while nobody listens, or hangs up before it answers."""
    try:
        return _posted(port, token, message)
    except OSError:
        return None


def _posted(port: int, token: str, message: Mapping[str, Any]) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/alerts", json.dumps(message).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
