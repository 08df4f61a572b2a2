# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request per call, with limits; what may pass is tried again, a field that the schema lacks is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.access.connect import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import JSON_PATCH, Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import DeadlineExceeded, ZoneopsError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    DROP,
    HANG,
    Answer,
    StandIn,
)

NODE = Ref("v1", "Node", "w1")
FOUND = Answer(body={"kind": "Node", "metadata": {"name": "w1"}})
BODY = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1"}}
UNDECLARED = "failed to create typed patch object (/w1; /v1, Kind=Node): .spec.zone: field not declared in schema"


def failure(status: int, message: str = "", **details: Any) -> Answer:
    return Answer(
        status, {"kind": "Status", "status": "Failure", "message": message, "code": status, "details": details}
    )


def reach(api: StandIn, **options: Any) -> Cluster:
    params = {"host": api.url, "api_key": "t0ken", "connect_timeout": 5.0, "api_timeout": 5.0, "timeout": 60.0}
    return connect({**params, **options})


def authorization(api: StandIn) -> str:
    """Of the first request; the client writes the header's name small."""
    return {name.lower(): value for name, value in api.headers[0].items()}["authorization"]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Tries follow at once; the pauses that they asked for are the value."""
    asked: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", asked.append)
    return asked


def test_one_request_without_discovery(cloud: StandIn) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", FOUND)
    assert reach(cloud).get(NODE) == FOUND.body
    assert cloud.seen == [("GET", "/api/v1/nodes/w1")]
    assert authorization(cloud) == "Bearer t0ken"


def test_an_apply_says_who_applies(cloud: StandIn) -> None:
    cloud.on("PATCH", "/api/v1/nodes/w1", FOUND)
    cluster = reach(cloud)
    cluster.apply(NODE, BODY, "zoneops-az1", dry_run=True, force=True)
    assert cloud.seen == [("PATCH", "/api/v1/nodes/w1?fieldManager=zoneops-az1&force=true&dryRun=All")]
    assert cloud.headers[0]["Content-Type"] == "application/apply-patch+yaml"
    assert cluster.writes == []
    cluster.apply(NODE, BODY, "zoneops-az1", dry_run=False)
    assert [(sent["method"], sent["path"], sent["status"]) for sent in cluster.writes] == [
        ("PATCH", "/api/v1/nodes/w1", 200)
    ]


def test_a_json_patch_is_sent_as_one(cloud: StandIn) -> None:
    cloud.on("PATCH", "/api/v1/nodes/w1", FOUND)
    reach(cloud).patch(NODE, [{"op": "test", "path": "/a", "value": 1}], JSON_PATCH, "zoneops-az1")
    assert cloud.headers[0]["Content-Type"] == JSON_PATCH


def test_what_is_missing_and_what_is_unknown(cloud: StandIn) -> None:
    cluster = reach(cloud)
    cloud.on("GET", "/api/v1/nodes/w1", failure(404, 'nodes "w1" not found', name="w1", kind="nodes"))
    assert cluster.get(NODE) is None
    cloud.on("GET", "/api/v1/nodes/w1", Answer(404, b"404 page not found\n"))
    with pytest.raises(ApiError, match="does not know the kind of Node w1: its CRD is missing") as caught:
        cluster.get(NODE)
    assert caught.value.refused


def test_pages_are_followed(cloud: StandIn) -> None:
    def page(name: str, following: str) -> Answer:
        return Answer(body={"metadata": {"continue": following}, "items": [{"metadata": {"name": name}}]})

    cloud.on("GET", "/api/v1/nodes", page("w1", "more"), page("w2", ""))
    names = [item["metadata"]["name"] for item in reach(cloud).items(Ref("v1", "Node"), labels="zone")]
    assert names == ["w1", "w2"]
    assert "continue=more" in cloud.seen[1][1]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_apply_is_tried_again_when_that_may_help(cloud: StandIn, waits: list[float], status: int) -> None:
    cloud.on("PATCH", "/api/v1/nodes/w1", failure(status), failure(status), FOUND)
    assert reach(cloud).apply(NODE, BODY, "zoneops-az1", dry_run=False) == FOUND.body
    assert cloud.count("PATCH", "/api/v1/nodes/w1?fieldManager=zoneops-az1") == 3
    assert len(waits) <= 2


@pytest.mark.usefixtures("waits")
def test_a_field_that_the_schema_lacks_is_not_tried_again(cloud: StandIn) -> None:
    cloud.on("PATCH", "/api/v1/nodes/w1", failure(500, UNDECLARED))
    with pytest.raises(ApiError, match=r"CRD does not have the field \.spec\.zone") as caught:
        reach(cloud).apply(NODE, BODY, "zoneops-az1", dry_run=False)
    assert caught.value.refused
    assert len(cloud.seen) == 1


@pytest.mark.usefixtures("waits")
def test_a_read_is_tried_again_after_500(cloud: StandIn) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", failure(500, "etcdserver: leader changed"), FOUND)
    assert reach(cloud).get(NODE) == FOUND.body


@pytest.mark.usefixtures("waits")
def test_a_lost_answer_to_an_apply_is_asked_for_again(cloud: StandIn) -> None:
    cloud.on("PATCH", "/api/v1/nodes/w1", DROP, FOUND)
    assert reach(cloud).apply(NODE, BODY, "zoneops-az1", dry_run=False) == FOUND.body


@pytest.mark.usefixtures("waits")
def test_a_lost_answer_to_a_creation_is_not(cloud: StandIn) -> None:
    cloud.on("POST", "/api/v1/nodes", DROP, FOUND)
    with pytest.raises(ApiError, match="no answer") as caught:
        reach(cloud).create(Ref("v1", "Node"), BODY, "zoneops-az1")
    assert caught.value.uncertain
    assert len(cloud.seen) == 1


@pytest.mark.usefixtures("waits")
def test_a_creation_and_a_deletion_that_were_turned_away_are_sent_again(cloud: StandIn) -> None:
    """An API that limits the rate of requests has not begun them; of other answers nobody knows that."""
    cloud.on("POST", "/api/v1/nodes", failure(429), FOUND)
    cloud.on("DELETE", "/api/v1/nodes/w1", failure(429), FOUND, failure(503), FOUND)
    cluster = reach(cloud)
    cluster.create(Ref("v1", "Node"), BODY, "zoneops-az1")
    cluster.delete(NODE, "")
    assert len(cloud.seen) == 4
    with pytest.raises(ApiError, match="503"):
        cluster.delete(NODE, "")


@pytest.mark.usefixtures("waits")
def test_an_eviction_is_of_the_pod_that_was_seen_and_not_repeated(
    cloud: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies: list[Any] = []
    plain = cloud.answer

    def answer(method: str, path: str, body: Any) -> Answer:
        bodies.append(body)
        return plain(method, path, body)

    monkeypatch.setattr(cloud, "answer", answer)
    path = "/api/v1/namespaces/n/pods/p/eviction"
    budget = "Cannot evict pod as it would violate the pod's disruption budget."
    cloud.on("POST", path, Answer(201, {"kind": "Status"}), DROP, *[failure(429, budget)] * 5)
    cluster = reach(cloud)
    pod = Ref("v1", "Pod", "p", "n")
    cluster.evict(pod, "u1")
    assert bodies[0] == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "p", "namespace": "n"},
        "deleteOptions": {"preconditions": {"uid": "u1"}},
    }
    with pytest.raises(ApiError, match="no answer") as caught:
        cluster.evict(pod, "u1")
    assert (caught.value.uncertain, len(cloud.seen)) == (True, 2)
    with pytest.raises(ApiError, match=r"429 Cannot evict .* A PodDisruptionBudget keeps it"):
        cluster.evict(pod, "u1")
    assert [sent["status"] for sent in cluster.writes] == [201, None, 429]


@pytest.mark.usefixtures("waits")
def test_an_api_that_stays_silent(cloud: StandIn) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", HANG)
    with pytest.raises(ApiError, match="no answer in time") as caught:
        reach(cloud, api_timeout=0.1).get(NODE)
    assert not caught.value.uncertain
    assert len(cloud.seen) == 2


def test_no_try_outlives_the_deadline(cloud: StandIn) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", HANG)
    cluster = reach(cloud, timeout=0.2)
    with pytest.raises(ZoneopsError):
        cluster.get(NODE)
    assert len(cloud.seen) == 1
    with pytest.raises(DeadlineExceeded, match=r"deadline of 0\.2 s"):
        cluster.get(NODE)
    assert len(cloud.seen) == 1


def test_a_wait_beyond_the_deadline_is_refused(cloud: StandIn, waits: list[float]) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", Answer(429, {"message": "slow down"}, {"Retry-After": "120"}))
    with pytest.raises(DeadlineExceeded, match="called again after 120 s"):
        reach(cloud).get(NODE)
    assert not waits


CASES: dict[str, tuple[Answer, str]] = {
    "token": (
        failure(401, "Unauthorized"),
        "401 Unauthorized. The token or certificate was refused: it may have expired",
    ),
    "rights": (
        failure(403, 'nodes "w1" is forbidden: User "u" cannot patch resource "nodes"'),
        'cannot patch resource "nodes".* The user lacks this right',
    ),
    "taken": (
        failure(409, 'openstackdataplanedeployments "s-2" already exists'),
        "Another run, or a person, created it in the meantime: run this again.$",
    ),
    "uid": (failure(409, "uid mismatch: the provided object specified uid 1"), "It was deleted or recreated"),
    "webhook": (
        failure(422, 'admission webhook "v.kb.io" denied the request: spec.x: Invalid value'),
        "PATCH Node w1: 422 spec.x: Invalid value.$",
    ),
}


@pytest.mark.parametrize(("answer", "message"), CASES.values(), ids=list(CASES))
def test_errors_say_what_to_do(cloud: StandIn, answer: Answer, message: str) -> None:
    cloud.on("PATCH", "/api/v1/nodes/w1", answer)
    with pytest.raises(ApiError, match=message):
        reach(cloud).apply(NODE, BODY, "zoneops-az1", dry_run=False)


def test_a_conflict_names_the_fields_and_their_owners(cloud: StandIn) -> None:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl-edit" using v1',
            "field": ".spec.replicas",
        }
    ]
    cloud.on("PATCH", "/api/v1/nodes/w1", failure(409, "Apply failed with 1 conflict", causes=causes))
    with pytest.raises(ApiError) as caught:
        reach(cloud).apply(NODE, BODY, "zoneops-az1", dry_run=True)
    assert [str(conflict) for conflict in caught.value.conflicts] == [
        "field .spec.replicas is owned by manager kubectl-edit"
    ]


def test_something_else_answers(cloud: StandIn) -> None:
    cloud.on("GET", "/api/v1/nodes/w1", Answer(200, b"<html>login</html>"))
    with pytest.raises(ApiError, match=r"is not a JSON object\. Is that the address of a Kubernetes API"):
        reach(cloud).get(NODE)


KUBECONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "one",
    "clusters": [{"name": "one", "cluster": {"server": "https://one.example.org"}}],
    "users": [{"name": "one", "user": {"token": "of-the-file"}}],
    "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
}


@pytest.mark.parametrize("by", ["option", "variable", "home"])
def test_the_kubeconfig_is_found(cloud: StandIn, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    """The address is an option, the token is the file's: what the client reads again by itself does not replace the address."""
    file = tmp_path / ".kube" / "config" if by == "home" else tmp_path / "mine.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(KUBECONFIG), encoding="utf-8")
    monkeypatch.setattr(
        "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / ".kube" / "config")
    )
    if by == "variable":
        monkeypatch.setenv("KUBECONFIG", str(file))
    cloud.on("GET", "/api/v1/nodes/w1", FOUND)
    options = {"kubeconfig": str(file)} if by == "option" else {}
    assert reach(cloud, api_key=None, **options).get(NODE) == FOUND.body
    assert authorization(cloud) == "Bearer of-the-file"


BROKEN: dict[str, tuple[Callable[[Any], None], dict[str, Any], str]] = {
    "missing": (lambda file: None, {}, "No configuration found"),
    "not YAML": (lambda file: file.write_text("{", encoding="utf-8"), {}, "cannot be read: line 1"),
    "a list": (lambda file: file.write_text("[1]", encoding="utf-8"), {}, "mine.json: "),
    "no such context": (
        lambda file: file.write_text(json.dumps(KUBECONFIG), encoding="utf-8"),
        {"context": "two"},
        "Expected object with name two",
    ),
}


@pytest.mark.parametrize(("make", "options", "message"), BROKEN.values(), ids=list(BROKEN))
def test_a_kubeconfig_that_cannot_be_used(
    cloud: StandIn, tmp_path: Any, make: Callable[[Any], None], options: dict[str, Any], message: str
) -> None:
    make(tmp_path / "mine.json")
    with pytest.raises(ZoneopsError, match=message) as caught:
        reach(cloud, host=None, api_key=None, kubeconfig=str(tmp_path / "mine.json"), **options)
    assert "mine.json" in caught.value.message
