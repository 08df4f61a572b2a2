# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options to a cloud: settings that cannot be used are messages, and never show the password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import PASSWORD, StandIn

LIMITS = {"connect_timeout": 5.0, "api_timeout": 5.0, "timeout": 60.0}

pytestmark = pytest.mark.usefixtures("nobodys_environment")


@pytest.fixture
def clouds_yaml(tmp_path: Path) -> Path:
    return tmp_path / "clouds.yaml"


def message(**options: Any) -> str:
    with pytest.raises(ZoneopsError) as caught:
        connect({**LIMITS, **options})
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_reads_clouds_yaml(cloud: StandIn, clouds_yaml: Path) -> None:
    cloud.on_get("/compute/x", {"found": True})
    auth = "\n".join(f"      {name}: '{value}'" for name, value in cloud.params()["auth"].items())
    clouds_yaml.write_text(f"clouds:\n  mine:\n    region_name: RegionOne\n    auth:\n{auth}\n")
    assert connect({**LIMITS, "cloud": "mine"}).service("compute").get("/x") == {"found": True}


def test_the_credential_of_the_automation_platform(cloud: StandIn, clouds_yaml: Path) -> None:
    """A file with one cloud, named devstack, and no OS_CLOUD."""
    cloud.on_get("/compute/x", {"found": True})
    entry = {"auth": cloud.params()["auth"], "verify": False, "region_name": "RegionOne"}
    clouds_yaml.write_text(yaml.safe_dump({"clouds": {"devstack": entry}}))
    assert connect(LIMITS).service("compute").get("/x") == {"found": True}
    assert message(cloud="zoneops").endswith(f"{clouds_yaml} has devstack.")


def test_reads_the_environment(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.on_get("/compute/x", {"found": True})
    for name, value in cloud.params()["auth"].items():
        monkeypatch.setenv(f"OS_{name.upper()}", value)
    assert connect(LIMITS).service("compute").get("/x") == {"found": True}


def test_sends_nothing_yet(cloud: StandIn) -> None:
    connect(cloud.params())
    assert cloud.seen == []
    assert cloud.logins == 0


def test_unknown_cloud(clouds_yaml: Path) -> None:
    clouds_yaml.write_text("clouds:\n  mine: {auth: {auth_url: 'http://127.0.0.1'}}\n")
    assert message(cloud="yours") == (
        f"cloud 'yours': Cloud yours was not found. Known clouds come from clouds.yaml: {clouds_yaml} has mine."
    )


def test_no_cloud_at_all() -> None:
    text = message()
    assert text.startswith("cloud 'from the environment': ")
    assert "auth_url. Give the option 'cloud', set OS_CLOUD, or give 'auth'." in text


def test_missing_auth_url() -> None:
    assert "not given: auth_url" in message(auth={"username": "operator", "password": PASSWORD})


def test_auth_url_that_is_no_address() -> None:
    auth = {"auth_url": "127.0.0.1:5000", "username": "operator", "password": PASSWORD}
    assert "auth_url is not an address" in message(auth=auth)


def test_unknown_auth_type() -> None:
    auth = {"auth_url": "http://127.0.0.1", "password": PASSWORD}
    assert "The plugin nonsense could not be found." in message(auth=auth, auth_type="nonsense")


def test_unknown_key_in_auth() -> None:
    auth = {"auth_url": "http://127.0.0.1", "password": PASSWORD, "pasword": PASSWORD}
    text = message(auth=auth)
    assert "the option 'auth' cannot be used" in text
    assert "'pasword'" in text


@pytest.mark.parametrize(
    "text",
    [
        "clouds: [",
        "[]",
        "clouds: [mine]",
        "clouds: {mine: text}",
        "clouds: {mine: {auth: text}}",
        "clouds: {mine: {auth: {auth_url: 'http://127.0.0.1', password: '" + PASSWORD + "'}, regions: [One]}}",
    ],
)
def test_clouds_yaml_that_cannot_be_used(clouds_yaml: Path, text: str) -> None:
    clouds_yaml.write_text(text)
    assert message(cloud="mine", region_name="Two").startswith("cloud 'mine': ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clouds:\n\tmine: {}\n", "line 2, column 1: found a tab that"),
        ("clouds:\n  mine:\n    auth: {password: '" + PASSWORD + "\n", "begun in line 3"),
        (
            "clouds:\n  mine:\n    auth: {password: *" + PASSWORD.replace("-", "") + "}\n",
            "line 3, column 22: found undefined alias",
        ),
        (
            "clouds:\n  mine:\n    auth: {password: !" + PASSWORD + " x}\n",
            "line 3, column 22: could not determine a constructor",
        ),
        ("clouds: [\n", "line 2, column 1: "),
    ],
)
def test_a_clouds_yaml_that_is_no_yaml(clouds_yaml: Path, text: str, expected: str) -> None:
    clouds_yaml.write_text(text)
    said = message(cloud="mine")
    assert said.startswith(f"cloud 'mine': {clouds_yaml} cannot be read: line ")
    assert expected in said
    assert PASSWORD.replace("-", "") not in said


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ("password: ", "auth.password is empty"),
        ("password: ''", "auth.password is empty"),
        ("password: [x]", "auth.password is not text"),
        (f"password: {PASSWORD}\n      auth_url: ", "auth.auth_url is empty"),
    ],
)
def test_what_is_empty_in_clouds_yaml(clouds_yaml: Path, auth: str, expected: str) -> None:
    clouds_yaml.write_text(
        f"clouds:\n  mine:\n    auth:\n      auth_url: http://127.0.0.1\n      username: u\n      project_name: p\n      {auth}\n"
    )
    assert expected in message(cloud="mine")


def test_an_auth_url_that_cannot_be_read_is_not_quoted_by_half() -> None:
    text = message(auth={"auth_url": f"https://u:pa/{PASSWORD}@h", "username": "u", "password": "x" * 9})
    assert "is not an address" in text


@pytest.mark.parametrize("option", ["connect_timeout", "api_timeout", "timeout"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan"), 1e15])
def test_time_limits_are_seconds_above_0_within_reason(option: str, value: float) -> None:
    rule = "at most 2592000 seconds, which is 30 days" if value > 0 else "a number of seconds above 0"
    assert message(**{option: value}) == f"option '{option}' is {value:g}: it must be {rule}."


def test_certificates_that_are_not_there(cloud: StandIn) -> None:
    cloud.services["compute"] = "https://127.0.0.1:1"
    service = connect(cloud.params(ca_cert="/no/such/file")).service("compute")
    with pytest.raises(CloudError, match=r"/no/such/file\. Check ca_cert"):
        service.get("/x")
