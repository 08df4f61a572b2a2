# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxies log every request and inject each kind of fault."""

from __future__ import annotations

import http.client
import threading
import time
from typing import TYPE_CHECKING

import pytest
from selftest.api import until

if TYPE_CHECKING:
    from selftest.api import Api
    from zonelab.client import LabClient

AGGREGATES = "/v2.1/os-aggregates"


def names(api: Api) -> list[str]:
    return [aggregate["name"] for aggregate in api.call("nova", "GET", "/os-aggregates")["aggregates"]]


def create(api: Api, name: str) -> int:
    return api.request("nova", "POST", AGGREGATES, {"aggregate": {"name": name}}).status


def test_requests_are_logged_with_all_that_tells_them_apart(lab: LabClient, api: Api) -> None:
    mark = lab.mark()
    answer = api.request(
        "nova", "GET", f"{AGGREGATES}?a=b", headers={"OpenStack-API-Version": "compute 2.61", "User-Agent": "me"}
    )
    [request] = lab.requests(mark)
    assert (request.service, request.method, request.path, request.status) == ("nova", "GET", f"{AGGREGATES}?a=b", 200)
    assert (request.microversion, request.user_agent, request.writes, request.fault) == ("2.61", "me", False, None)
    assert request.request_id == answer.headers["x-openstack-request-id"]
    assert request.milliseconds > 0
    assert lab.mark() == mark + 1 == request.number + 1


def test_status_hits_writes_only_and_as_often_as_told(faults: LabClient, api: Api) -> None:
    number = faults.add_fault("status", service="nova", status=503, writes=True, skip=1, count=2)
    names(api)
    assert [create(api, f"status-{index}") for index in range(4)] == [200, 503, 503, 200]
    assert {"status-0", "status-3"} <= set(names(api))
    assert not {"status-1", "status-2"} & set(names(api))
    [fault] = faults.faults()
    assert (fault["id"], fault["seen"], fault["hits"]) == (number, 4, 2)


def test_too_many_requests_comes_with_retry_after(faults: LabClient, api: Api) -> None:
    faults.add_fault("status", status=429, retry_after=7, path="os-aggregates")
    answer = api.request("nova", "GET", AGGREGATES)
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert api.request("nova", "GET", "/v2.1/flavors").status == 200


def test_connection_stays_usable_after_an_injected_status(faults: LabClient, api: Api) -> None:
    faults.add_fault("status", service="nova", method="POST", status=409, count=1)
    connection = http.client.HTTPConnection("127.0.0.1", api.ports["nova"], timeout=10)
    headers = {"X-Auth-Token": api.token, "Content-Type": "application/json"}
    connection.request("POST", AGGREGATES, b'{"aggregate": {"name": "never"}}', headers)
    response = connection.getresponse()
    assert (response.status, response.read()[:9]) == (409, b'{"error":')
    connection.request("GET", AGGREGATES, headers=headers)
    assert connection.getresponse().status == 200
    connection.close()


def test_delay_answers_later(faults: LabClient, api: Api) -> None:
    faults.add_fault("delay", service="nova", seconds=1.5, count=1)
    began = time.monotonic()
    names(api)
    assert time.monotonic() - began >= 1.5


def test_hanging_request_never_reaches_the_server_and_ends_when_cleared(faults: LabClient, api: Api) -> None:
    faults.add_fault("hang", service="nova", method="POST")
    mark = faults.mark()
    with pytest.raises(TimeoutError):
        api.request("nova", "POST", AGGREGATES, {"aggregate": {"name": "hung"}}, timeout=1)
    ended = threading.Event()

    def wait_for_the_end() -> None:
        with pytest.raises(ConnectionError):
            create(api, "hung")
        ended.set()

    waiting = threading.Thread(target=wait_for_the_end)
    waiting.start()
    until(lambda: len(faults.requests(mark)), 2)
    assert not ended.wait(1)
    faults.clear_faults()
    waiting.join(10)
    assert ended.is_set()
    assert [request.status for request in faults.requests(mark)] == [None, None]
    assert "hung" not in names(api)


def test_what_a_client_sent_that_is_gone_is_waited_for(faults: LabClient, api: Api) -> None:
    faults.add_fault("delay", service="nova", method="POST", seconds=5, count=1)
    with pytest.raises(TimeoutError):
        create_within(api, "left", 1)
    assert "left" not in names(api)
    faults.until_answered()
    assert "left" in names(api)
    faults.add_fault("hang", service="nova", method="POST", count=1)
    with pytest.raises(TimeoutError):
        create_within(api, "lost", 1)
    faults.until_answered()


def create_within(api: Api, name: str, seconds: float) -> int:
    return api.request("nova", "POST", AGGREGATES, {"aggregate": {"name": name}}, timeout=seconds).status


def test_drop_before_and_after_the_server_acted(faults: LabClient, api: Api) -> None:
    faults.add_fault("drop-before", method="post", count=1)
    faults.add_fault("drop-after", method="POST", count=1)
    mark = faults.mark()
    for name in ("lost", "made"):
        with pytest.raises(ConnectionError):
            create(api, name)
    assert [(request.status, request.fault is None) for request in faults.requests(mark)] == [(None, False)] * 2
    assert "lost" not in names(api)
    assert "made" in names(api)


def test_status_and_hang_after_the_server_acted(faults: LabClient, api: Api) -> None:
    faults.add_fault("status-after", method="POST", status=504, count=1)
    faults.add_fault("hang-after", method="POST", count=1)
    mark = faults.mark()
    assert create(api, "made-504") == 504
    with pytest.raises(TimeoutError):
        api.request("nova", "POST", AGGREGATES, {"aggregate": {"name": "made-hung"}}, timeout=2)
    # Nova may act later than its client waits.
    until(lambda: len(faults.requests(mark)), 2)
    assert [(request.status, request.request_id is None) for request in faults.requests(mark)] == [
        (504, False),
        (None, False),
    ]
    assert {"made-504", "made-hung"} <= set(names(api))


def test_services_among_themselves_are_not_hit(faults: LabClient, api: Api) -> None:
    token = api.call("nova", "GET", "/os-services")  # nova validates this token anew at most once in a while
    assert token["services"]
    mark = faults.mark()
    faults.add_fault("status", service="placement", status=500)
    faults.add_fault("status", service="keystone", status=500)
    host = {"host": "compute-az1-0", "binary": "nova-compute"}
    for action in ("disable", "enable"):  # nova calls placement for it
        assert api.call("nova", "PUT", f"/os-services/{action}", host)["service"]["status"] == f"{action}d"
    assert {request.service for request in faults.requests(mark)} == {"nova"}
