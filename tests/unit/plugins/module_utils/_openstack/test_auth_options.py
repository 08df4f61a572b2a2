# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of the credentials, under each of its names: what openstacksdk and keystoneauth are given, and that no secret is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.module import (
    AUTH_OPTIONS,
    module,
    region_cloud,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import PASSWORD, StandIn

LIMITS = {"connect_timeout": 5.0, "api_timeout": 5.0, "timeout": 60.0}

pytestmark = pytest.mark.usefixtures("nobodys_environment")


def checked(**options: Any) -> dict[str, Any]:
    result = ArgumentSpecValidator(dict(AUTH_OPTIONS)).validate(options)
    assert not result.error_messages
    return dict(result.validated_parameters)


def entry(cloud: StandIn, **more: Any) -> dict[str, Any]:
    """What an entry of clouds.yaml would have."""
    return {"auth": cloud.params()["auth"], "region_name": "RegionOne", **more}


@pytest.mark.parametrize("names", [("validate_certs", "ca_cert"), ("verify", "cacert")])
def test_certificates_of_the_api(cloud: StandIn, tmp_path: Path, names: tuple[str, str]) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("")
    verify, authorities = names
    base = {"auth": cloud.params()["auth"]}
    assert connect(checked(**base, **{verify: False}))._session.verify is False
    assert connect(checked(**base, **{authorities: str(file)}))._session.verify == str(file)


@pytest.mark.parametrize("names", [("client_cert", "client_key"), ("cert", "key")])
def test_a_certificate_of_ones_own(cloud: StandIn, tmp_path: Path, names: tuple[str, str]) -> None:
    files = [tmp_path / name for name in ("own.pem", "own.key")]
    for file in files:
        file.write_text("")
    given = dict(zip(names, map(str, files), strict=True))
    assert connect(checked(auth=cloud.params()["auth"], **given))._session.cert == tuple(map(str, files))


@pytest.mark.parametrize("name", ["interface", "endpoint_type"])
def test_which_endpoints(cloud: StandIn, name: str) -> None:
    found = connect(checked(auth=cloud.params()["auth"], **{name: "internal"}))
    assert found._region.get_interface("compute") == "internal"


def test_a_whole_cloud(cloud: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files and the environment nothing is mixed into it."""
    cloud.on_get("/compute/x", {"found": True})
    (tmp_path / "clouds.yaml").write_text("clouds:\n  mine: {auth: {username: nobody}, region_name: Elsewhere}\n")
    monkeypatch.setenv("OS_CLOUD", "mine")
    found = connect(checked(cloud=entry(cloud, verify=False, interface="public")))
    assert found.service("compute").get("/x") == {"found": True}
    assert found._session.verify is False


def test_a_whole_cloud_takes_its_place_from_the_map(cloud: StandIn) -> None:
    places = {"region_name": "RegionOne", "interface": "internal"}
    region = load_map({"az1": {}}, {"zones": ["az1"], **places}).region
    own = {"auth": cloud.params()["auth"]}
    found = region_cloud(checked(cloud=own), region)._region
    assert (found.region_name, found.get_interface("compute")) == ("RegionOne", "internal")
    assert region_cloud(checked(cloud={**own, "interface": "public"}), region)._region.get_interface("x") == "public"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cloud": {"region_name": "R"}}, "option 'cloud' is a mapping without 'auth'"),
        ({"cloud": {"auth": "x"}}, "option 'cloud' is a mapping without 'auth'"),
        ({"cloud": {"auth": {}}, "region_name": "R"}, "is a complete configuration: leave out region_name"),
        ({"cloud": {"auth": {}}, "verify": False}, "is a complete configuration: leave out validate_certs"),
        ({"cloud": ["mine"]}, "option 'cloud' is neither a name nor a mapping"),
        ({"cloud": {"auth": {"auth_url": "", "password": "x"}}}, "auth.auth_url is empty"),
        ({"cloud": {"auth": {"auth_url": "http://x", "pasword": "x"}}}, "option 'cloud'"),
    ],
)
def test_what_cannot_be_a_cloud(options: dict[str, Any], said: str) -> None:
    with pytest.raises(CloudError) as refused:
        connect(checked(**options))
    assert said in refused.value.message


def test_secrets_of_a_whole_cloud_are_not_shown(cloud: StandIn) -> None:
    """Neither in the result nor in the options that Ansible shows with it; the names of places stay."""

    def body(run: Run) -> dict[str, Any]:
        connect(run.params)
        return {"changed": False, "msg": f"of {PASSWORD} in RegionOne"}

    params = checked(cloud=entry(cloud))
    result = module(body, {}).result(Run(params))
    shown = json.dumps(result)
    assert PASSWORD not in shown
    assert result["invocation"]["module_args"]["cloud"]["region_name"] == "RegionOne"
    assert result["msg"].endswith("in RegionOne")


def test_secrets_of_a_whole_cloud_are_not_logged(
    cloud: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _self, msg, **args: logged.append(f"{msg} {args}"))
    given = {"cloud": entry(cloud)}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)  # new in ansible-core 2.19
    with pytest.raises(SystemExit):
        module(lambda run: {"changed": False, "msg": run.params["cloud"]["auth"]["password"]}, {}).main()
    assert logged
    assert PASSWORD not in "".join(logged)
    assert PASSWORD not in capsys.readouterr().out
