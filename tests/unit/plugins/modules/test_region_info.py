# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module region_info: options in, one JSON object out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.modules import region_info
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    PASSWORD,
    Answer,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import CALLS, fill
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

LAYOUT = Path(__file__).resolve().parents[7]
Look = Callable[..., dict[str, Any]]


def module_args(**options: Any) -> bytes:
    return json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Look:
    """Run the module with these options."""

    def run(options: dict[str, Any], *, check: bool = False) -> dict[str, Any]:
        warnings = hand(monkeypatch, {**options, "_ansible_check_mode": check})
        with pytest.raises(SystemExit) as ended:
            region_info.main()
        written = capsys.readouterr()
        assert PASSWORD not in written.out + written.err
        answer: dict[str, Any] = json.loads(written.out)
        assert ended.value.code == (1 if answer.get("failed") else 0)
        return answer | ({"warnings": warnings} if warnings else {})

    return run


@pytest.mark.parametrize("check", [True, False])
def test_everything(cloud: StandIn, look: Look, check: bool) -> None:
    fill(cloud)
    answer = look(cloud.params(), check=check)
    assert not answer["changed"]
    assert [host["name"] for host in answer["region"]["hosts"]] == ["compute-2", "compute-1"]
    assert answer["region"]["default_availability_zone"] == "nova"
    assert set(answer["region"]["availability_zones"]) == {"nova", "cinder", "manila", "neutron"}
    assert answer["errors"] == {}
    assert answer["absent"] == []
    assert "warnings" not in answer
    assert len(cloud.seen) == sum(CALLS.values())
    assert {method for method, _path in cloud.seen} == {"GET"}


def test_what_is_asked_for(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    region = look(cloud.params(gather=["aggregates"]))["region"]
    assert [aggregate["name"] for aggregate in region["aggregates"]] == ["az1"]
    assert region["hosts"] == region["services"] == []


def test_what_failed_and_what_is_not_there(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    del cloud.services["network"]
    cloud.on("GET", "/share/services", Answer(403, {"forbidden": {"message": "no right"}}))
    answer = look(cloud.params())
    assert answer["absent"] == ["neutron"]
    assert list(answer["errors"]) == ["manila services"]
    (warning,) = answer["warnings"]
    text = warning if isinstance(warning, str) else json.dumps(warning)
    assert "manila services could not be read: shared-file-system API: GET /services: 403 no right" in text
    assert len(answer["region"]["hosts"]) == 2


def test_a_section_that_nothing_is_known_of_is_named(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    del cloud.services["shared-file-system"]
    answer = look(cloud.params(gather=["aggregates", "share_types"]))
    assert answer["absent"] == ["manila"]
    assert answer["warnings"] == ["share_types: the catalog of the cloud has no manila, so it was not read"]


def test_wrong_credentials(cloud: StandIn, look: Look) -> None:
    answer = look(cloud.params(auth={**cloud.params()["auth"], "password": "wr0ng"}))
    assert answer["failed"]
    assert answer["msg"].startswith("keystone refused the credentials: ")
    assert "wr0ng" not in json.dumps(answer)


@pytest.mark.usefixtures("nobodys_environment")
def test_unknown_cloud(look: Look) -> None:
    answer = look({"cloud": "nowhere"})
    assert answer["failed"]
    assert answer["msg"].startswith("cloud 'nowhere': Cloud nowhere was not found.")
    assert "exception" not in answer


@pytest.mark.usefixtures("nobodys_environment")
@pytest.mark.parametrize(
    ("options", "part"),
    [
        (
            {"gather": ["hosts", "everything"]},
            "image_stores, images. Got no match for: everything",
        ),
        ({"interface": "secret"}, "public, internal, admin, got: secret"),
        ({"zones": {}}, "Unsupported parameters for"),
        ({"timeout": "soon"}, "timeout"),
        ({"timeout": 0}, "option 'timeout' is 0"),
    ],
)
def test_options_that_cannot_be_used(look: Look, options: dict[str, Any], part: str) -> None:
    answer = look(options)
    assert answer["failed"]
    assert part in answer["msg"]


@pytest.mark.parametrize("missing", [["openstack.config"], ["openstack", "keystoneauth1", "requests", "yaml"]])
def test_a_missing_library_is_named(missing: list[str]) -> None:
    start = f"""
import sys
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: None if name in {missing} else find_spec(name, *where)
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = {module_args(cloud="nowhere")!r}
basic._ANSIBLE_PROFILE = "legacy"
from {region_info.__name__} import main
main()
"""
    finished = subprocess.run(
        [sys.executable, "-c", start],
        env={"PYTHONPATH": str(LAYOUT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 1
    assert "Failed to import the required Python library (openstacksdk)" in json.loads(finished.stdout)["msg"]
