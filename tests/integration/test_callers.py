# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Site by whatever starts ansible-playbook for people, and under the settings that they have: the same outcome, and its progress is seen."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.play import Player, surroundings
from .test_four_ways import CONVERGED, WANTED_METADATA, drifted

SITE = "zoneops.openstack.site"
CALLERS = {
    "ansible-runner": ["ansible-runner", "run", "{folder}/data", "-p", SITE, "--inventory", "{inventory}"],
    "ansible-navigator": [
        *(
            "ansible-navigator",
            "run",
            SITE,
            "-i",
            "{inventory}",
            "--mode",
            "stdout",
            "--execution-environment",
            "false",
        ),
        *("--playbook-artifact-save-as", "{folder}/artifact.json", "--log-file", "{folder}/navigator.log"),
    ],
}
PROGRESS = "availability_zones: az3: rename aggregate third to az3 (3 of 3)"


@pytest.mark.callers
@pytest.mark.parametrize("caller", CALLERS)
def test_callers(cloud: Cloud, make_inventory: MakeInventory, lab: LabClient, tmp_path: Path, caller: str) -> None:
    drifted(cloud)
    inventory = make_inventory(**WANTED_METADATA)
    (tmp_path / "data").mkdir()
    command = [part.format(folder=tmp_path, inventory=inventory) for part in CALLERS[caller]]
    environ = surroundings() | {"OS_CLIENT_CONFIG_FILE": str(lab.clouds_file), "HOME": str(tmp_path), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=300, check=False)
    print(done.stdout + done.stderr)  # pytest shows it for a test that fails
    assert done.returncode == 0
    assert cloud.aggregates() == CONVERGED
    assert PROGRESS in done.stdout
    assert "ZONE  RESULT" in done.stdout
    found = {"ansible-runner": of_runner, "ansible-navigator": of_navigator}[caller](tmp_path)
    assert PROGRESS in found


def of_runner(folder: Path) -> str:
    """What its events show; the last has what set_stats hands to workflows."""
    events = [json.loads(path.read_text()) for path in folder.glob("data/artifacts/*/job_events/*.json")]
    (stats,) = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
    assert stats["artifact_data"]["zoneops_changed_zones"] == ["az1", "az2", "az3"]
    return "\n".join(event["stdout"] for event in events)


def of_navigator(folder: Path) -> str:
    artifact: dict[str, Any] = json.loads((folder / "artifact.json").read_text())
    assert artifact["status"] == "successful"
    return "\n".join(artifact["stdout"])


@pytest.mark.parametrize(
    "environ",
    [{"ANSIBLE_FORKS": "1"}, {"ANSIBLE_ANY_ERRORS_FATAL": "true"}, {"ANSIBLE_STDOUT_CALLBACK": "minimal"}],
    ids=lambda one: next(iter(one)).lower(),
)
def test_settings(play: Player, cloud: Cloud, make_inventory: MakeInventory, environ: dict[str, str]) -> None:
    drifted(cloud)
    run = play(SITE, make_inventory(**WANTED_METADATA), environ=environ)
    assert run.rc == 0
    assert cloud.aggregates() == CONVERGED
