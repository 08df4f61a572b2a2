# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A marker in every input that can be a secret, and servers that answer with all that they were sent: no output has one.

Real runs at -vvvv --diff, in the controller's process and in processes of their own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.tests.integration.harness.interpreter import other_python
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import ZONES, Played, play
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    PASSWORD,
    Answer,
    standing_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill

MARK = "s3cret-marker"
WAYS = ("in process", "as a process")
GIVEN: dict[str, Any] = {
    "zones": {zone: {"compute": {"hosts": [f"h-{zone}"]}, "kubernetes": {"masters": [f"m-{zone}"]}} for zone in ZONES},
    "region": {"zones": list(ZONES), "kubernetes": {"namespace": "openstack"}},
}
# Where a server's words have to be in the message, or nothing was tried.
ECHOED = (
    *("auth", "auth with a journal", "auth in an address", "cloud lab", "cloud token", "cloud secure", "environment"),
    *("api_key", "host", "kubeconfig token", "kubeconfig password", "kubeconfig working", "server"),
)
# A process differs in what Ansible itself says of options, and in what is left when it ends.
AS_A_PROCESS = ("auth", "misspelt option", "environment", "kubeconfig key", "kubeconfig working", "secret_values")
TLS = ("tls of the cloud", "tls of the cluster", "tls of the metrics")


class Echo(BaseHTTPRequestHandler):
    """Refuses everything in the words of the one who asks, as keystone's 400 does."""

    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        said = f"cannot read {self.path} {dict(self.headers)} {sent}"
        body = json.dumps({"error": {"message": said, "code": 400}, "kind": "Status", "message": said}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_HEAD = answer

    def log_message(self, *_arguments: Any) -> None:
        """Nothing on the test's output."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def kubeconfig(folder: Path, name: str, server: str, user: Mapping[str, Any], **cluster: str) -> str:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "one", "user": dict(user)}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return str(path)


def plugin(script: str) -> dict[str, Any]:
    """A user whose credentials come from a program."""
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "sh",
            "args": ["-c", script, "x", "--client-secret", f"{MARK}-of-arguments"],
            "env": [{"name": "CLIENT_SECRET", "value": f"{MARK}-of-environment"}],
        }
    }


CREDENTIAL = {
    "apiVersion": "client.authentication.k8s.io/v1",
    "kind": "ExecCredential",
    "status": {"token": f"{MARK}-of-plugin"},
}
USERS: dict[str, dict[str, Any]] = {
    "token": {"token": f"{MARK}-of-kubeconfig"},
    "password": {"username": "me", "password": f"{MARK}-of-basic"},
    "key": {
        # "s3cret-marker-of-key", as a kubeconfig has it.
        "client-certificate-data": "czNjcmV0LW1hcmtlci1vZi1rZXk=",
        "client-key-data": "czNjcmV0LW1hcmtlci1vZi1rZXk=",
    },
    "failing": plugin('echo "$CLIENT_SECRET $2" >&2; exit 1'),
    "working": plugin(f"echo '{json.dumps(CREDENTIAL)}'"),
    "odd": plugin("echo $CLIENT_SECRET"),
    "wrong": {"token": [f"{MARK}-of-list"]},
}
# Secrets in the places of a zone map where people have put them.
WRONG_ZONES: dict[str, dict[str, Any]] = {
    "free option": {"block_storage": {"backends": [{"type": "vendor", "options": {"san_password": f"{MARK}-1"}}]}},
    "address": {"image_store": {"options": {"s3_store_host": f"https://me:{MARK}-2@s3.example.org"}}},
    "address without a scheme": {"image_store": {"options": {"s3_store_host": f"me:{MARK}-3@s3.example.org"}}},
    "unknown key": {"compute": {"password": f"{MARK}-4"}},
    "reference": {"image_store": {"options": {"s3_store_secret_key": {"secret": f"{MARK} 5", "key": 7}}}},
    "metadata": {"compute": {"metadata": {"token": f"{MARK}-6"}}},
    "list": {"compute": {"hosts": f"password={MARK}-7"}},
    "list item": {"compute": {"hosts": [{"password": f"{MARK}-8"}]}},
}  # fmt: skip


def clouds(port: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of OpenStack a person has in clouds.yaml, and in secure.yaml."""
    me = {"username": "admin", "project_name": "admin", "user_domain_name": "Default", "project_domain_name": "Default"}
    here = f"http://127.0.0.1:{port}/v3"
    entries = {
        "lab": {**me, "auth_url": here, "password": f"{MARK}-of-clouds"},
        "address": {**me, "auth_url": here.replace("//", f"//me:{MARK}-of-address@"), "password": f"{MARK} of, clouds"},
        "bare": {**me, "auth_url": f"me:{MARK}/of@127.0.0.1:{port}/v3", "password": f"{MARK}-of-clouds"},
        "secure": {**me, "auth_url": here},
        "odd": {**me, "auth_url": here, "password": {"a": f"{MARK}-of-mapping"}},
        "unknown": {**me, "auth_url": here, "password": f"{MARK}-of-clouds", "passwd": f"{MARK}-of-misspelt"},
    }
    found: dict[str, Any] = {name: {"auth": auth, "region_name": "one"} for name, auth in entries.items()}
    found["token"] = {"auth_type": "token", "auth": {"auth_url": here, "token": f"{MARK}-of-token"}}
    found["top"] = {"auth": {**me, "auth_url": here}, "password": f"{MARK}-of-top", "region_name": "one"}
    found["secret"] = {
        "auth_type": "v3applicationcredential",
        "auth": {
            "auth_url": here,
            "application_credential_id": "a",
            "application_credential_secret": f"{MARK}-of-credential",
        },
    }
    return {"clouds": found}, {"clouds": {"secure": {"auth": {"password": f"{MARK}-of-secure"}}}}


def calls(folder: Path, port: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, module and options of one task for each input; none of them can succeed."""
    here, there = f"127.0.0.1:{port}", f"http://me:{MARK}-of-address@127.0.0.1:{port}"
    entries, secure = clouds(port)
    (folder / "clouds.yaml").write_text(yaml.safe_dump(entries))
    (folder / "secure.yaml").write_text(yaml.safe_dump(secure))
    (folder / "broken.json").write_text(f'{{"users": [{{"token": "{MARK}-of-broken')
    auth = {**entries["clouds"]["lab"]["auth"], "password": f"{MARK}-of-auth"}
    limits = {"connect_timeout": 5, "api_timeout": 5, "timeout": 20}
    zones, topologies = "availability_zones", "topologies"
    key = {"api_key": f"{MARK}-of-api-key"}
    files = {name: {"kubeconfig": kubeconfig(folder, name, f"http://{here}", user)} for name, user in USERS.items()}
    tls = {"validate_certs": False, **limits}
    return [
        ("auth", zones, {"auth": auth}),
        ("auth with a journal", zones, {"auth": auth, "journal": str(folder / "journal.log")}),
        ("auth in an address", zones, {"auth": {**auth, "auth_url": f"{there}/v3"}}),
        ("half an address", zones, {"auth": {**auth, "auth_url": f"http://me:{MARK}#x@{here}/v3"}}),
        ("no scheme", zones, {"auth": {**auth, "auth_url": f"me:{MARK}/x@{here}/v3"}}),
        ("wrong option", zones, {"auth": auth, "timeout": f"{there}/"}),
        ("unknown option", zones, {"auth": auth, "auth_urll": f"{there}/"}),
        ("misspelt option", zones, {"auth": auth, "pasword": f"{MARK}-of-option", "zones": WRONG_ZONES}),
        ("unknown auth", zones, {"auth": {**auth, "passwordd": f"{MARK}-of-misspelt"}}),
        *((f"cloud {name}", zones, {"cloud": name}) for name in entries["clouds"]),
        ("environment", "region_info", {"gather": ["aggregates"]}),
        *((f"map with {name}", zones, {"zones": {**GIVEN["zones"], "az1": zone}}) for name, zone in WRONG_ZONES.items()),
        *((f"map with {name}, rendered", "render", {"zones": {**GIVEN["zones"], "az1": zone}, "dest": str(folder / "rendered")})
          for name, zone in WRONG_ZONES.items()),
        ("map of other modules", topologies, {"zones": {"az1": WRONG_ZONES["free option"]}, "host": f"http://{here}", **key}),
        ("api_key", topologies, {"host": f"http://{here}", **key}),
        ("host", topologies, {"host": there, **key}),
        ("wrong host", topologies, {"host": f"me:{MARK}-of-address@{here}", **key}),
        ("token as a host", topologies, {"host": f"{MARK}-of-address@{here}", **key}),
        *((f"kubeconfig {name}", topologies, options) for name, options in files.items()),
        ("server", topologies, {"kubeconfig": kubeconfig(folder, "server", there, USERS["token"])}),
        ("bare server", topologies, {"kubeconfig": kubeconfig(folder, "bare", f"me:{MARK}/x@{here}", USERS["token"])}),
        ("proxy", topologies, {"kubeconfig": kubeconfig(
            folder, "proxy", f"https://{here}", USERS["token"], **{"proxy-url": f"http://me:{MARK}-of-proxy@{here}"})}),
        ("broken kubeconfig", topologies, {"kubeconfig": str(folder / "broken.json")}),
        ("secret_values", "control_plane", {"host": f"http://{here}", "api_key": "k", "secret_values": {"a": {"b": f"{MARK}-of-values"}}}),
        ("latency", "latency_info", {"metrics_url": f"{there}/", **key}),
        ("latency without a scheme", "latency_info", {"metrics_url": f"me:{MARK}-x@{here}", **key}),
        ("tls of the cloud", zones, {"auth": {**auth, "auth_url": f"{there}/v3".replace("http:", "https:")}, **tls}),
        ("tls of the cluster", topologies, {"host": there.replace("http:", "https:"), **key, **tls}),
        ("tls of the metrics", "latency_info", {"metrics_url": there.replace("http:", "https:"), **key, "validate_certs": False}),
    ]  # fmt: skip


def searched(folder: Path, run: Played, *mine: str) -> None:
    """No marker is in what the run has printed and in the files that it has left anywhere."""
    for line in (*run.output.splitlines(), *json.dumps(run.results, indent=1).splitlines()):
        assert "s3cret-" not in line
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("book.yml", "values.json", "hosts.json", *mine):
            assert "s3cret-" not in path.read_text(errors="replace"), path


def environ(folder: Path, **more: str) -> dict[str, str]:
    """Everything that a run writes is in the folder."""
    temporary = folder / "temporary"
    temporary.mkdir()
    return {
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_SHOW_CUSTOM_STATS": "true",
        "ANSIBLE_RETRY_FILES_ENABLED": "true",
        "TMPDIR": str(temporary),
        **more,
    }


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_leaves_a_module(tmp_path: Path, port: int, way: str) -> None:
    asked = [call for call in calls(tmp_path, port) if way == "in process" or call[0] in AS_A_PROCESS]
    mine = [path.name for path in tmp_path.iterdir()]
    of_cloud = {f"OS_{name.upper()}": value for name, value in clouds(port)[0]["clouds"]["lab"]["auth"].items()}
    run = play(
        tmp_path,
        [
            {"name": name, f"zoneops.openstack.{module}": _given(module) | options, "run_once": True, "failed_when": False}
            for name, module, options in asked
        ],
        "-vvvv",
        "--diff",
        environ=environ(
            tmp_path,
            OS_CLIENT_CONFIG_FILE=str(tmp_path / "clouds.yaml"),
            OS_CLIENT_SECURE_FILE=str(tmp_path / "secure.yaml"),
            **{**of_cloud, "OS_PASSWORD": f"{MARK}-of-the-environment"},
        ),
        ansible_python_interpreter="{{ ansible_playbook_python }}" if way == "in process" else other_python(tmp_path),
    )  # fmt: skip
    assert run.output.count("Using module file") == (0 if way == "in process" else len(asked))
    done = {name: next(iter(results.values())) for name, results in run.results.items()}
    assert list(done) == [name for name, _module, _options in asked]
    said = {name: json.dumps(result) for name, result in done.items()}
    assert set(said) >= {*ECHOED, *TLS} or way != "in process"
    for name, result in done.items():
        assert "exception" not in result, f"{name}: {said[name]}"
    for name in set(ECHOED) & set(said):
        assert "cannot read" in said[name], f"{name}: {said[name]}"
    for name in set(TLS) & set(said):
        assert "TLS" in said[name] or "SSL" in said[name], f"{name}: {said[name]}"
    for name, result in done.items():
        assert not name.startswith("map with") or "The zone map has" in result["msg"], f"{name}: {result}"
    searched(tmp_path, run, *mine)


def _given(module: str) -> dict[str, Any]:
    return {} if module == "region_info" else dict(GIVEN)


def role(name: str) -> dict[str, Any]:
    return {"ansible.builtin.import_role": {"name": f"zoneops.openstack.{name}", "rolespec_validate": False}}


def test_no_secret_leaves_a_run(tmp_path: Path) -> None:
    """The cloud quotes what it was sent when it is changed: in the journal, the verdicts, the table and what workflows get."""
    values = {
        "zoneops_zone": {"compute": {"aggregate": "{{ inventory_hostname }}", "metadata": {"tier": "silver"}}},
        "zoneops_region": {"zones": list(ZONES)},
        "zoneops_journal": "journal.log",
        "zoneops_parallel": 1,
    }
    with standing_in() as cloud:
        fill(cloud)
        said = {
            "code": 400,
            "message": f"cannot read X-Auth-Token: token-of-the-stand-in, s3cret-of-the-stand-in {PASSWORD}",
        }
        lock = {"id": 9, "uuid": "l", "name": "zoneops:lock", "availability_zone": "lock"}
        cloud.on("POST", "/compute/os-aggregates", Answer(body={"aggregate": lock}))
        cloud.on("DELETE", "/compute/os-aggregates/9", Answer())
        cloud.on("POST", "/compute/os-aggregates/1/action", Answer(400, {"badRequest": said}))
        auth = {f"OS_{name.upper()}": value for name, value in cloud.params()["auth"].items()}
        run = play(
            tmp_path,
            [role("zone_map"), {"block": [role("availability_zones")], "always": [role("zone_report")]}],
            "-vvvv",
            "--diff",
            environ=environ(tmp_path, OS_REGION_NAME="RegionOne", **auth),
            ansible_python_interpreter="{{ ansible_playbook_python }}",
            **values,
        )
    assert cloud.count("POST", "/compute/os-aggregates/1/action")
    assert "zoneops_failed_zones" in run.output
    assert "cannot read" in run.output
    assert (tmp_path / "journal.log").read_text().count("cannot read")
    assert "token-of-the-stand-in" not in run.output
    searched(tmp_path, run)
