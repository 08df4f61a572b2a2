# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service answers instead of a result, as a message."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import Answer as JsonAnswer
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    PASSWORD,
    Answer,
    StandIn,
)

PATH = "/compute/os-aggregates"


def error(cloud: StandIn, method: str, answer: Answer) -> ApiError:
    cloud.on(method, PATH, answer)
    service = connect(cloud.params()).service("compute")
    calls: dict[str, Any] = {
        "GET": lambda: service.get("/os-aggregates"),
        "POST": lambda: service.post("/os-aggregates", {"aggregate": {}}),
        "PUT": lambda: service.put("/os-aggregates", {"aggregate": {}}),
        "DELETE": lambda: service.delete("/os-aggregates"),
    }
    with pytest.raises(ApiError) as caught:
        calls[method]()
    assert PASSWORD not in caught.value.message
    assert caught.value.status == answer.status
    return caught.value


def test_no_right(cloud: StandIn) -> None:
    body = {"forbidden": {"code": 403, "message": "Policy doesn't allow os_compute_api:os-aggregates:index"}}
    assert error(cloud, "GET", Answer(403, body, {"X-Openstack-Request-Id": "req-1"})).message == (
        "compute API: GET /os-aggregates: 403 Policy doesn't allow os_compute_api:os-aggregates:index (request req-1) "
        "The user lacks the right: this needs the admin role, or a policy that permits it."
    )


def test_a_page_instead_of_json_as_glance_answers(cloud: StandIn) -> None:
    page = b"<html><head><title>409 Conflict</title></head><body><h1>409 Conflict</h1>\nStore &#39;x&#39; not found<br /></body></html>"
    refused = error(cloud, "POST", Answer(409, page, {"Content-Type": "text/html; charset=UTF-8"}))
    assert refused.message.endswith("POST /os-aggregates: 409 Store 'x' not found")


def test_the_page_of_a_gateway(cloud: StandIn, impatient: list[float]) -> None:
    page = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>"
    for status in (502, 503):
        failed = error(cloud, "GET", Answer(status, page.replace(b"502", b"%d" % status) + b" " * 5000))
        assert failed.message == f"compute API: GET /os-aggregates: {status} Bad Gateway: nginx"


def test_old_name_of_the_request_id(cloud: StandIn) -> None:
    refused = error(cloud, "GET", Answer(404, {}, {"X-Compute-Request-Id": "req-2"}))
    assert refused.message.endswith("404 Not Found (request req-2)")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_refused_write_is_certain(cloud: StandIn, method: str) -> None:
    refused = error(cloud, method, Answer(409, {"conflictingRequest": {"code": 409, "message": "already there"}}))
    assert refused.message == f"compute API: {method} /os-aggregates: 409 already there"
    assert not refused.uncertain
    assert cloud.count(method, PATH) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_that_broke_may_have_taken_effect_and_is_not_repeated(cloud: StandIn, status: int) -> None:
    assert error(cloud, "POST", Answer(status)).uncertain
    assert cloud.count("POST", PATH) == 1


def test_unknown_microversion(cloud: StandIn) -> None:
    assert "does not know this microversion" in error(cloud, "GET", Answer(406)).message


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            {"itemNotFound": {"code": 404, "message": "Aggregate 7 could not be found."}},
            "Aggregate 7 could not be found.",
        ),
        ({"errors": [{"status": 404, "title": "Not Found", "detail": "No resource provider"}]}, "No resource provider"),
        ({"NeutronError": {"type": "NotFound", "message": "No such agent", "detail": ""}}, "No such agent"),
        ({"message": "plain"}, "plain"),
        ({"error": {"message": "two\n  lines"}}, "two lines"),
        ({"badRequest": {"message": ""}}, "Not Found"),
        ({"errors": []}, "Not Found"),
        ([], "Not Found"),
        ("text", "Not Found"),
        (b"<html>no</html>", "no"),
        (b"no healthy upstream", "no healthy upstream"),
        (b"", "Not Found"),
    ],
)
def test_the_reason_is_what_the_service_says(cloud: StandIn, body: Any, reason: str) -> None:
    assert error(cloud, "GET", Answer(404, body)).message == f"compute API: GET /os-aggregates: 404 {reason}"


def test_an_answer_that_is_no_result_at_all(cloud: StandIn) -> None:
    assert error(cloud, "GET", Answer(300, {"choices": []})).message.endswith("300 Multiple Choices")


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", [1], "text"])
def test_an_answer_that_is_no_json_object(cloud: StandIn, body: Any) -> None:
    message = error(cloud, "GET", Answer(200, body)).message
    assert message.startswith("compute API: GET /os-aggregates: 200, but the answer is not a JSON object.")
    assert cloud.url in message


def test_an_answer_without_a_body_is_empty(cloud: StandIn) -> None:
    cloud.on("POST", PATH, Answer(202, b""))
    assert connect(cloud.params()).service("compute").post("/os-aggregates", {}) == {}


def test_an_answer_to_a_new_tag_has_a_body_that_says_nothing(cloud: StandIn) -> None:
    cloud.on("PUT", PATH, Answer(201, b"null"))
    assert connect(cloud.params()).service("compute").put("/os-aggregates", None) == {}


def test_an_answer_without_the_key_that_is_looked_for_names_the_call() -> None:
    answer = JsonAnswer("compute API: GET /os-aggregates", {"other": []})
    with pytest.raises(ApiError, match="compute API: GET /os-aggregates: the answer has no 'aggregates'"):
        answer["aggregates"]
