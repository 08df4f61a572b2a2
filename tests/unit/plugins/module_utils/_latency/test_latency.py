# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Round-trip times: from etcd's own metrics, by opening connections, and what of them is too long."""

from __future__ import annotations

import io
import json
import socket
import urllib.error
import urllib.parse
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._latency import etcd, tcp
from ansible_collections.zoneops.openstack.plugins.module_utils._latency.pairs import Pair, verdicts
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import DeadlineExceeded, ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

MASTERS = {"master-0.example.org": "az0", "master-1": "az1", "master-2": "az2"}


class Prometheus:
    """Answers as Prometheus does."""

    def __init__(self) -> None:
        self.members = {f"{index}a": f"etcd-master-{index}" for index in range(3)}
        self.seconds: dict[tuple[str, str], str] = {("0", "1"): "0.0009", ("1", "0"): "0.001", ("0", "2"): "0.02"}

    def fetch(self, address: str) -> bytes:
        url = urllib.parse.urlsplit(address)
        assert url.path == "/api/v1/query"
        query = urllib.parse.parse_qs(url.query)["query"][0]
        return json.dumps({"status": "success", "data": {"result": self._rows(query)}}).encode()

    def _rows(self, query: str) -> list[dict[str, Any]]:
        if query == "etcd_server_id":
            return [{"metric": {"server_id": key, "pod": pod}, "value": [0, "1"]} for key, pod in self.members.items()]
        assert "etcd_network_peer_round_trip_time_seconds_bucket" in query
        return [
            {"metric": {"pod": f"etcd-master-{start}", "To": f"{end}a"}, "value": [0, seconds]}
            for (start, end), seconds in self.seconds.items()
        ]


def by_etcd(prometheus: Prometheus, masters: dict[str, str] | None = None) -> list[Pair]:
    return etcd.measured("https://thanos.example.org/", prometheus.fetch, MASTERS if masters is None else masters)


def test_etcd_knows_the_way_between_its_members() -> None:
    found = {
        (pair.start, pair.end): (pair.start_zone, pair.end_zone, pair.milliseconds) for pair in by_etcd(Prometheus())
    }
    assert found == {
        ("master-0", "master-1"): ("az0", "az1", 0.9),
        ("master-0", "master-2"): ("az0", "az2", 20.0),
        ("master-1", "master-0"): ("az1", "az0", 1.0),
        # No member has times of these two, and who asked for all of them is told.
        ("master-1", "master-2"): ("az1", "az2", None),
    }


def test_a_member_that_is_gone_is_left_out_and_one_that_is_silent_is_not() -> None:
    prometheus = Prometheus()
    prometheus.seconds = {("0", "9"): "0.1", ("0", "1"): "NaN"}
    pair, *unknown = by_etcd(prometheus)
    assert (pair.end, pair.milliseconds) == ("master-1", None)
    assert "nothing was sent" in pair.why
    assert {(one.start, one.end, one.why) for one in unknown} == {
        (start, "master-2", "Prometheus has no measurements of them") for start in ("master-0", "master-1")
    }


def test_a_master_without_a_member_of_etcd_is_named() -> None:
    prometheus = Prometheus()
    del prometheus.members["2a"]
    silent = [pair for pair in by_etcd(prometheus) if pair.milliseconds is None]
    assert {(pair.start, pair.end) for pair in silent} == {("master-0", "master-2"), ("master-1", "master-2")}
    assert {pair.why for pair in silent} == {"Prometheus knows no member of etcd on master-2"}
    found = verdicts(zone_map(), ["az0", "az1", "az2"], by_etcd(prometheus), 15)
    assert all(verdict.failed for verdict in found.values())


def test_a_master_of_no_zone() -> None:
    with pytest.raises(ZoneopsError, match=r"master-2, which is no master of a zone.*kubernetes\.masters"):
        by_etcd(Prometheus(), {"master-0": "az0", "master-1": "az1"})


def test_a_prometheus_without_etcd() -> None:
    prometheus = Prometheus()
    prometheus.members = {}
    with pytest.raises(ZoneopsError, match="knows no member of etcd"):
        by_etcd(prometheus)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            urllib.error.HTTPError("u", 403, "Forbidden", Message(), io.BytesIO()),
            "403 Forbidden.*cluster-monitoring-view",
        ),
        (urllib.error.HTTPError("u", 502, "Bad Gateway", Message(), io.BytesIO()), "502 Bad Gateway"),
        (urllib.error.URLError("no route"), "no route"),
        (b"<html>", "cannot be read"),
        (b'{"status": "error"}', "without /api"),
        (b"[]", "without /api"),
    ],
)
def test_what_a_prometheus_may_answer_instead(answer: Any, words: str) -> None:
    def fetch(_address: str) -> bytes:
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    with pytest.raises(ZoneopsError, match=words):
        etcd.measured("https://thanos.example.org", fetch, MASTERS)


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def connect(port: int, **options: Any) -> Pair:
    target = {"zone": "az1", "address": "127.0.0.1", "port": port, "name": None}
    asked = {"attempts": 3, "timeout": 1.0, "deadline": Deadline(10), **options}
    (pair,) = tcp.measured("here", "az0", [target], **asked)
    return pair


def test_the_way_to_an_open_port(port: int) -> None:
    pair = connect(port)
    assert (pair.start, pair.end, pair.source) == ("here", f"127.0.0.1:{port}", "TCP")
    assert pair.milliseconds is not None
    assert 0 < pair.milliseconds < 1000


def test_a_refusal_is_an_answer(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    assert connect(closed).milliseconds is not None


def test_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def silent(*_arguments: Any, **_options: Any) -> None:
        tries.append(1)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", silent)
    assert (connect(22).milliseconds, connect(22).why) == (None, "timed out")
    assert len(tries) == 2, "what does not answer is not asked again"


def test_the_deadline() -> None:
    with pytest.raises(DeadlineExceeded):
        connect(22, deadline=Deadline(0))


def zone_map(**states: str) -> ZoneMap:
    zones = {name: {"zone_state": states.get(name, "active")} for name in ("az0", "az1", "az2")}
    return load_map(zones, {"zones": list(zones)})


def pair(end: str, milliseconds: float | None) -> Pair:
    return Pair("c0", "c1", "az0", end, milliseconds, "TCP", "" if milliseconds else "timed out")


def test_a_way_that_is_too_long_fails_both_its_zones() -> None:
    found = verdicts(zone_map(), ["az0", "az1", "az2"], [pair("az1", 20.4), pair("az2", 3), pair("az0", 99)], 15)
    assert [name for name, verdict in found.items() if verdict.failed] == ["az0", "az1"]
    assert "c0 (az0) to c1 (az1): 20.4 ms by TCP; zones of one region need at most 15 ms" in found["az0"].message()
    assert found["az0"].state == {"longest": {"az1": 20.4, "az2": 3}}


def test_a_zone_that_nothing_was_measured_of_is_told() -> None:
    found = verdicts(zone_map(), ["az0", "az1", "az2"], [pair("az1", 3)], 15)
    assert not any(verdict.failed for verdict in found.values())
    assert [name for name, verdict in found.items() if verdict.warnings] == ["az2"]
    assert "nothing measured the path between zone az2 and another one" in found["az2"].warnings[0]


def test_where_nothing_at_all_was_measured_nothing_is_well() -> None:
    found = verdicts(zone_map(az2="down"), ["az0", "az1", "az2"], [pair("az0", 3)], 15)
    assert [[one.rule for one in verdict.refusals] for verdict in found.values()] == [
        ["not_measured"],
        ["not_measured"],
        [],
    ]
    one = load_map({"az0": {}}, {"zones": ["az0"]})
    assert not verdicts(one, ["az0"], [], 15)["az0"].failed


def test_no_answer_is_wrong_but_of_a_zone_that_is_lost() -> None:
    found = verdicts(zone_map(), ["az0"], [pair("az1", None)], 15)
    assert "no answer (timed out)" in found["az0"].message()
    assert not verdicts(zone_map(az1="down"), ["az0"], [pair("az1", None)], 15)["az0"].failed


def test_a_zone_in_maintenance_is_told_and_does_not_fail() -> None:
    found = verdicts(zone_map(az0="maintenance"), ["az0"], [pair("az1", 20)], 15)["az0"]
    assert not found.failed
    assert "expected: the zone is maintenance" in found.warnings[0]
