# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credential plugins of a kubeconfig: their credentials are used, their limits kept, their failures said; nothing secret is shown."""

from __future__ import annotations

import base64
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.access.connect import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.scrub import MASK, SCRUBBER
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn

VERSION = "client.authentication.k8s.io/v1"
NODE = Ref("v1", "Node", "w1")
SETTINGS = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a"}}
FOUND = Answer(body={"kind": "Node", "metadata": {"name": "w1"}})


def credential(version: str = VERSION, kind: str = "ExecCredential", **status: Any) -> str:
    return f"echo '{json.dumps({'apiVersion': version, 'kind': kind, 'status': status})}'"


def reach(cloud: StandIn, folder: Path, script: str, user: dict[str, Any] | None = None, **options: Any) -> Cluster:
    """A cluster behind a kubeconfig whose plugin is this script."""
    plugin = {"apiVersion": VERSION, "command": "sh", "args": ["-c", script], **options.pop("plugin", {})}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": cloud.url, "extensions": [SETTINGS]}}],
        "users": [{"name": "one", "user": {"exec": plugin} if user is None else user}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
    }
    file = folder / "mine.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    limits = {"connect_timeout": 5.0, "api_timeout": 5.0, "timeout": 60.0}
    return connect({"kubeconfig": str(file), **limits, **options})


def authorizations(cloud: StandIn) -> list[str]:
    return [{key.lower(): value for key, value in sent.items()}.get("authorization", "") for sent in cloud.headers]


def test_the_token_of_a_plugin_is_sent(cloud: StandIn, tmp_path: Path) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", FOUND)
    reach(cloud, tmp_path, credential(token="of-the-plugin")).get(NODE)
    assert authorizations(cloud) == ["Bearer of-the-plugin"]
    assert SCRUBBER.text("see of-the-plugin") == f"see {MASK}"


def test_a_token_that_has_expired_is_asked_for_again(cloud: StandIn, tmp_path: Path) -> None:
    """And a plugin that fails then is named, too."""
    cloud.on("GET", "/api/v1/nodes/w1", FOUND)
    answer = credential(token="tok-$N", expirationTimestamp="2020-01-01T00:00:00Z").replace("$N", "'$N'")
    counted = f"N=$(cat n 2>/dev/null || echo 0); N=$((N+1)); echo $N > n; [ $N -lt 3 ] || exit 7; {answer}"
    cluster = reach(cloud, tmp_path, counted)
    cluster.get(NODE)
    assert authorizations(cloud) == ["Bearer tok-2"]
    with pytest.raises(ZoneopsError, match="exec plugin sh failed with exit code 7"):
        cluster.get(NODE)


def test_a_plugin_gets_what_it_asks_for(cloud: StandIn, tmp_path: Path) -> None:
    script = 'echo "$KUBERNETES_EXEC_INFO" > info; printf %s "$EXTRA" > extra; ' + credential(token="t0ken-of-it")
    plugin = {"env": [{"name": "EXTRA", "value": "mine"}], "provideClusterInfo": True}
    reach(cloud, tmp_path, script, plugin=plugin)
    info = json.loads((tmp_path / "info").read_text())
    assert info["spec"] == {"interactive": False, "cluster": {"server": cloud.url, "config": {"audience": "a"}}}
    assert (tmp_path / "extra").read_text() == "mine"


FAILING: dict[str, tuple[str, dict[str, Any], str]] = {
    "exit code": (
        "echo one >&2; echo 'token expired' >&2; echo >&2; exit 3",
        {},
        r"exec plugin sh failed with exit code 3 \(token expired\)\. Sign in again",
    ),
    "silent": ("exit 1", {}, "exec plugin sh failed with exit code 1 without any output"),
    "signal": ("kill -9 $$", {}, "exec plugin sh was ended by signal 9"),
    "missing": ("", {"command": "no-such-plugin"}, "no-such-plugin cannot be run: No such file or directory"),
    "no JSON": ("echo please sign in", {}, "exec plugin sh: its answer is not JSON"),
    "no object": ("echo '[1]'", {}, "its answer is not an ExecCredential"),
    "no status": ("echo '{}'", {}, "its answer is not an ExecCredential"),
    "other version": (
        credential(version="client.authentication.k8s.io/v1beta1", token="t0ken-of-it"),
        {},
        r"answers in client\.authentication\.k8s\.io/v1beta1, the kubeconfig says apiVersion",
    ),
    "nothing in it": (credential(), {}, "neither a token nor a client certificate"),
    "no key": (credential(clientCertificateData="x"), {}, "neither a token nor a client certificate"),
    "odd token": (credential(token=5), {}, "token of its answer is not text"),
    "no command": ("", {"command": None}, "exec of the user has no 'command'"),
    "odd arguments": ("", {"args": 5}, "not have the structure of a kubeconfig"),
    "odd environment": ("", {"env": [{"name": "X"}]}, "not have the structure of a kubeconfig"),
}


@pytest.mark.parametrize(("script", "plugin", "message"), FAILING.values(), ids=list(FAILING))
def test_a_plugin_that_fails_is_named(
    cloud: StandIn, tmp_path: Path, script: str, plugin: dict[str, Any], message: str
) -> None:
    with pytest.raises(ZoneopsError, match=message) as caught:
        reach(cloud, tmp_path, script, plugin=plugin)
    assert "mine.json: " in caught.value.message
    assert not cloud.seen


@pytest.mark.parametrize("limit", ["api_timeout", "timeout"])
def test_a_plugin_that_hangs_is_ended_with_what_it_started(cloud: StandIn, tmp_path: Path, limit: str) -> None:
    child = tmp_path / "child"
    for seconds in (0.5, 4.0, 20.0):
        limits: dict[str, Any] = {limit: seconds}
        # A busy machine may not have begun by then.
        with pytest.raises(ZoneopsError, match=r"exec plugin sh gave no answer in \d+ s and was ended"):
            reach(cloud, tmp_path, "sleep 600 & echo $! > started && mv started child; wait", **limits)
        if child.exists():
            break
    process, end = Path("/proc", child.read_text().strip()), time.monotonic() + 20
    while process.exists():
        assert time.monotonic() < end, "what it started is left"
        time.sleep(0.02)


def test_what_a_plugin_is_given_is_not_shown(cloud: StandIn, tmp_path: Path) -> None:
    plugin = {
        "env": [{"name": "CLIENT_SECRET", "value": "s3cret-of-env"}, {"name": "AWS_PROFILE", "value": "production"}],
        "args": ["-c", "echo $CLIENT_SECRET of $AWS_PROFILE, $2 >&2; exit 1", "x", "--client-secret", "s3cret-of-args"],
    }
    with pytest.raises(ZoneopsError) as caught:
        reach(cloud, tmp_path, "", plugin=plugin)
    assert f"({MASK} of production, {MASK})" in SCRUBBER.text(caught.value.message)


def test_secrets_of_the_file_are_not_shown(cloud: StandIn, tmp_path: Path) -> None:
    reach(cloud, tmp_path, "", {"username": "admin", "password": "s3cret-of-file"})
    assert SCRUBBER.text("s3cret-of-file for admin") == f"{MASK} for admin"


def test_a_broken_file_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("users:\n- {name: one, user: {token: *s3cret-of-file }}\n")
    limits = {"connect_timeout": 5.0, "api_timeout": 5.0, "timeout": 60.0}
    with pytest.raises(ZoneopsError, match=r"mine: it cannot be read: line 2, column \d+: ") as caught:
        connect({"kubeconfig": str(tmp_path / "mine"), **limits})
    assert "s3cret" not in caught.value.message


def oidc(issuer: str, expires: int = 1, **settings: str) -> dict[str, Any]:
    claims = json.dumps({"exp": expires, "iss": issuer}).encode()
    token = ".".join(("e30", base64.urlsafe_b64encode(claims).decode().rstrip("="), "c2ln"))
    config = {
        "idp-issuer-url": issuer,
        "client-id": "me",
        "client-secret": "s3cret-of-me",
        "refresh-token": "r3fresh-me",
    }
    return {"auth-provider": {"name": "oidc", "config": {**config, "id-token": token, **settings}}}


@pytest.mark.parametrize("limits", [{"api_timeout": 0.5}, {"timeout": 0.5}], ids=["api_timeout", "timeout"])
def test_an_auth_provider_that_hangs_keeps_the_limits(cloud: StandIn, tmp_path: Path, limits: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(ZoneopsError, match=r"auth-provider oidc gave no token in .* Is its server reachable"):
            reach(cloud, tmp_path, "", user=oidc(issuer), **limits)
        assert time.monotonic() - begun < 5
    assert not cloud.seen


def test_an_auth_provider_that_is_away_is_named(cloud: StandIn, tmp_path: Path) -> None:
    """Not gone on with as system:anonymous, and nothing secret is said."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        issuer = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(ZoneopsError, match=r"mine\.json: auth-provider oidc gave no token \(") as caught:
        reach(cloud, tmp_path, "", user=oidc(issuer))
    assert "s3cret-of-me" not in str(caught.value)
    assert not cloud.seen


@pytest.mark.parametrize("name", ["azure", "none-such"])
def test_an_auth_provider_that_gives_nothing_is_named(cloud: StandIn, tmp_path: Path, name: str) -> None:
    user = {"auth-provider": {"name": name}}
    with pytest.raises(ZoneopsError, match=f"auth-provider {name} gave no token"):
        reach(cloud, tmp_path, "", user=user)
    # What else is there signs in.
    cloud.on("GET", "/api/v1/nodes/w1", FOUND)
    reach(cloud, tmp_path, "", user={**user, "token": "t0ken-of-mine"}).get(NODE)
    assert authorizations(cloud) == ["Bearer t0ken-of-mine"]


def test_a_token_that_has_not_expired_asks_nobody(cloud: StandIn, tmp_path: Path) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", FOUND)
    user = oidc("http://127.0.0.1:9", expires=int(time.time()) + 3600)
    reach(cloud, tmp_path, "", user=user).get(NODE)
    assert authorizations(cloud) == [f"Bearer {user['auth-provider']['config']['id-token']}"]
