# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module latency_info: real connections to this host, and a real HTTP server in the place of Prometheus."""

from __future__ import annotations

import json
import socket
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.modules import latency_info
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

Look = Callable[..., dict[str, Any]]
MASTERS = {"az1": ["master-1"], "az2": ["master-2"]}
ZONES = {zone: {"kubernetes": {"masters": names}} for zone, names in MASTERS.items()}
TOKEN = "sha256~metrics"


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Look:
    def run(**options: Any) -> dict[str, Any]:
        given = {"zones": ZONES, "region": {"zones": list(ZONES)}, **options}
        hand(monkeypatch, given)
        with pytest.raises(SystemExit):
            latency_info.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


@pytest.mark.parametrize("option", ["limit_ms", "attempts"])
@pytest.mark.parametrize("value", ["nan", "-1", "0", "1e300"])
def test_a_number_that_measures_nothing_is_refused(look: Look, option: str, value: str) -> None:
    if option == "attempts" and not value.lstrip("-").isdigit():
        value = str(10**9)
    answer = look(start_zone="az1", targets=[{"zone": "az2", "address": "127.0.0.1"}], **{option: value})
    assert answer["failed"]
    assert f"option '{option}' is " in answer["msg"]
    assert "it must be a number above 0 and at most " in answer["msg"]


@pytest.fixture
def listener() -> Iterator[int]:
    """A port of this host that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class Prometheus(BaseHTTPRequestHandler):
    """Two members of etcd, for those who have the token."""

    def do_GET(self) -> None:
        """Answer a query."""
        granted = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("query", [""])[0]
        rows = [{"metric": {"server_id": f"{one}a", "pod": f"etcd-master-{one}"}, "value": [0, "1"]} for one in (1, 2)]
        if query != "etcd_server_id":
            rows = [{"metric": {"pod": "etcd-master-1", "To": "2a"}, "value": [0, "0.02"]}]
        body = json.dumps({"status": "success", "data": {"result": rows}}).encode()
        self.send_response(200 if granted else 403)
        self.end_headers()
        self.wfile.write(body if granted else b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def prometheus() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Prometheus) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def target(port: int, zone: str = "az2", **more: Any) -> dict[str, Any]:
    return {"zone": zone, "address": "127.0.0.1", "port": port, **more}


def test_connections_to_hosts_of_other_zones(look: Look, listener: int) -> None:
    answer = look(start_zone="az1", targets=[target(listener, name="compute-2"), target(listener, "az1")])
    assert (answer.get("failed", False), answer["too_long"]) == (False, False)
    (pair,) = answer["pairs"]  # the way within the zone is none between zones
    assert (pair["from_zone"], pair["to"], pair["to_zone"], pair["source"]) == ("az1", "compute-2", "az2", "TCP")
    assert 0 < pair["milliseconds"] < 15
    assert answer["msg"] == "1 paths between zones, none too slow"


def test_a_way_that_is_too_long_fails_its_zones_and_not_the_task(look: Look, listener: int) -> None:
    answer = look(start_zone="az1", targets=[target(listener)], limit_ms=0.000001)
    assert answer["too_long"] is True
    assert {zone for zone, verdict in answer["zones"].items() if verdict["failed"]} == {"az1", "az2"}
    assert answer.get("failed", False) is False


def test_a_host_that_does_not_answer_is_too_long(look: Look) -> None:
    answer = look(start_zone="az1", targets=[{"zone": "az2", "address": "host.invalid"}], attempts=1)
    assert (answer["too_long"], answer["pairs"][0]["milliseconds"]) == (True, None)
    assert answer["pairs"][0]["why"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: metrics_url, targets"),
        ({"targets": []}, "nothing to measure: give metrics_url, or targets"),
        ({"targets": [{"zone": "az2", "address": "x"}]}, "targets needs start_zone"),
        ({"targets": [{"zone": "az9", "address": "x"}], "start_zone": "az1"}, "no zone of the map is named az9"),
        ({"targets": [{"zone": "az2", "address": "x"}], "start_zone": "az8"}, "no zone of the map is named az8"),
        ({"metrics_url": "http://x", "limit": ["az9"]}, "option 'limit': no zone of the map is named az9"),
    ],
)
def test_what_is_asked_wrongly(look: Look, options: dict[str, Any], words: str) -> None:
    answer = look(**options)
    assert answer["failed"] is True
    assert words in answer["msg"]


def test_what_etcd_measured(look: Look, prometheus: str) -> None:
    answer = look(metrics_url=prometheus, api_key=TOKEN)
    (pair,) = answer["pairs"]
    assert (pair["from"], pair["to"], pair["milliseconds"], pair["source"]) == ("master-1", "master-2", 20.0, "etcd")
    assert answer["too_long"] is True
    assert answer["zones"]["az1"]["failed"]
    assert look(metrics_url=prometheus, api_key=TOKEN, limit_ms=25)["too_long"] is False


def test_a_token_that_sees_no_metrics(look: Look, prometheus: str) -> None:
    answer = look(metrics_url=prometheus, api_key="other")
    assert answer["failed"] is True
    assert "answered 403" in answer["msg"]
    assert "cluster-monitoring-view" in answer["msg"]
    assert "other" not in answer["msg"]


def test_a_prometheus_that_is_not_there(look: Look) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    answer = look(metrics_url=f"http://127.0.0.1:{port}")
    assert answer["failed"] is True
    assert "cannot be read" in answer["msg"]
