# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of the credentials: what the client is made of and sends, from the option, its alias and the environment; no secret is shown."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.access.connect import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import KubernetesError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.module import AUTH_OPTIONS, module
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn

NODE = Ref("v1", "Node", "w1")
SECRET = "s3cret-of-the-operator"
BASIC = f"Basic {base64.b64encode(f'operator:{SECRET}'.encode()).decode()}"
HOST = "https://api.example.org:6443"


def checked(**options: Any) -> dict[str, Any]:
    result = ArgumentSpecValidator(dict(AUTH_OPTIONS)).validate(options)
    assert not result.error_messages
    return dict(result.validated_parameters)


def configuration(**options: Any) -> Any:
    return connect(checked(**options))._client.client.configuration


@pytest.mark.parametrize(
    ("names", "attribute"),
    [
        (("ca_cert", "ssl_ca_cert", "K8S_AUTH_SSL_CA_CERT"), "ssl_ca_cert"),
        (("client_cert", "cert_file", "K8S_AUTH_CERT_FILE"), "cert_file"),
        (("client_key", "key_file", "K8S_AUTH_KEY_FILE"), "key_file"),
        (("proxy", "K8S_AUTH_PROXY"), "proxy"),
        (("no_proxy", "K8S_AUTH_NO_PROXY"), "no_proxy"),
    ],
)
def test_what_the_client_is_made_of(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], attribute: str) -> None:
    """Files are read when the client connects, so the API has no TLS here."""
    value, sign_in = "http://there.example.org:3128", {"host": "http://127.0.0.1:1", "api_key": "t0ken"}
    for name in names:
        if name.startswith("K8S_AUTH_"):
            monkeypatch.setenv(name, value)
            found = configuration(**sign_in)
        else:
            found = configuration(**sign_in, **{name: value})
        assert str(getattr(found, attribute)).endswith(value.rpartition("/")[2]), name


@pytest.mark.parametrize("name", ["validate_certs", "verify_ssl"])
def test_whether_certificates_are_verified(name: str) -> None:
    assert configuration(host=HOST, api_key="t0ken", **{name: False}).verify_ssl is False


def test_headers_for_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in = {"host": HOST, "api_key": "t0ken", "proxy": "http://there.example.org:3128"}
    found = configuration(**sign_in, proxy_headers={"proxy_basic_auth": f"operator:{SECRET}", "user_agent": "foo/1.0"})
    assert found.proxy_headers == {"proxy-authorization": BASIC, "user-agent": "foo/1.0"}
    monkeypatch.setenv("K8S_AUTH_PROXY_HEADERS_BASIC_AUTH", f"operator:{SECRET}")
    assert configuration(**sign_in).proxy_headers == {"authorization": BASIC}


def sent(cloud: StandIn) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in cloud.headers[-1].items()]


@pytest.mark.parametrize("where", ["options", "environment"])
def test_a_user_and_a_password(cloud: StandIn, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """They are sent, which the client does not do with its own settings of these names; a kubeconfig is not needed."""
    cloud.on("GET", "/api/v1/nodes/w1", Answer(body={"kind": "Node", "metadata": {"name": "w1"}}))
    given = {"username": "operator", "password": SECRET}
    for name, value in given.items() if where == "environment" else ():
        monkeypatch.setenv(f"K8S_AUTH_{name.upper()}", value)
    options = checked(host=cloud.url, **(given if where == "options" else {}))
    connect(options).get(NODE)
    assert ("authorization", BASIC) in sent(cloud)


@pytest.mark.parametrize("where", ["options", "environment"])
def test_in_the_name_of_another_user(cloud: StandIn, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Each group is a header of its own."""
    cloud.on("GET", "/api/v1/nodes/w1", Answer(body={"kind": "Node", "metadata": {"name": "w1"}}))
    if where == "environment":
        monkeypatch.setenv("K8S_AUTH_IMPERSONATE_USER", "eve")
        monkeypatch.setenv("K8S_AUTH_IMPERSONATE_GROUPS", "admins,readers")
        given: dict[str, Any] = {}
    else:
        given = {"impersonate_user": "eve", "impersonate_groups": ["admins", "readers"]}
    lines: list[tuple[str, Any]] = []
    cluster = connect(checked(host=cloud.url, api_key="t0ken", **given))
    manager = cluster._client.client.rest_client.pool_manager
    plain = manager.urlopen

    def urlopen(method: str, url: str, **more: Any) -> Any:
        lines.extend(more["headers"].items())
        return plain(method, url, **more)

    monkeypatch.setattr(manager, "urlopen", urlopen)
    cluster.get(NODE)
    asked = [(name, value) for name, value in lines if name.startswith("Impersonate")]
    assert asked == [("Impersonate-User", "eve"), ("Impersonate-Group", "admins"), ("Impersonate-Group", "readers")]
    assert ("impersonate-user", "eve") in sent(cloud)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"username": "operator"}, "options 'username' and 'password' go together"),
        ({"password": SECRET}, "options 'username' and 'password' go together"),
        (
            {"api_key": "t0ken", "impersonate_groups": ["admins"]},
            "option 'impersonate_groups' needs 'impersonate_user'",
        ),
    ],
)
def test_what_is_given_by_half(options: dict[str, Any], said: str) -> None:
    with pytest.raises(KubernetesError) as refused:
        connect(checked(host=HOST, **options))
    assert said in refused.value.message


def test_no_secret_is_shown() -> None:
    secrets = {
        "username": "operator",
        "password": SECRET,
        "proxy": f"http://me:{SECRET}-2@there.example.org:3128",
        "proxy_headers": {
            "proxy_basic_auth": f"me:{SECRET}-3",
            "basic_auth": f"me:{SECRET}-4",
            "user_agent": "foo/1.0",
        },
    }

    def body(run: Run) -> dict[str, Any]:
        found = connect(run.params)._client.client.configuration
        return {"changed": False, "msg": f"{found.api_key} {found.proxy} {found.proxy_headers}"}

    result = module(body, {}).result(Run(checked(host=HOST, **secrets)))
    shown = json.dumps(result)
    assert SECRET not in shown
    assert BASIC.partition(" ")[2] not in shown
    assert result["invocation"]["module_args"]["proxy_headers"]["user_agent"] == "foo/1.0"
