# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a region that stands in: what they cost, and what they make of a service that fails."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError, CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health import read
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.arguments import arguments_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.model import CINDER, MANILA, NODES, NOVA
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.read import Eyes
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    PASSWORD,
    Answer,
    StandIn,
    standing_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill

pytestmark = pytest.mark.usefixtures("impatient")
# Of one look.
CALLS = {"/compute/os-aggregates": 1, "/compute/os-services": 1, "/volume/os-services": 1, "/share/services": 1}


def eyes(cloud: StandIn, **more: Any) -> Eyes:
    given = {**cloud.params(), "connect_timeout": 2, "api_timeout": 2, "timeout": 8, **more}
    return Eyes(arguments_of(given))


def test_a_look_costs_as_many_requests_whatever_the_size(cloud: StandIn) -> None:
    fill(cloud)
    up = {"state": "up", "status": "enabled", "disabled_reason": None, "forced_down": False}
    hosts = [{"id": f"s{n}", "binary": "nova-compute", "host": f"h{n}", "zone": f"z{n % 30}", **up} for n in range(300)]
    cloud.on_get("/compute/os-services", {"services": hosts})
    zones = [
        {
            "id": n,
            "uuid": str(n),
            "name": f"z{n}",
            "metadata": {"availability_zone": f"z{n}"},
            "hosts": [f"h{m}" for m in range(n, 300, 30)],
        }
        for n in range(30)
    ]
    cloud.on_get("/compute/os-aggregates", {"aggregates": zones})
    watching = eyes(cloud)
    watching.sign_in()
    for _look in range(3):
        cloud.seen.clear()
        reading = watching.look()
        assert Counter(path for _method, path in cloud.seen) == CALLS
        assert reading.unread == {}
        assert Counter(one.zone for one in reading.members[NOVA]) == {f"z{n}": 10 for n in range(30)}
    assert cloud.logins == 1
    assert watching.place == ("", "RegionOne")


def test_every_look_has_its_own_time(cloud: StandIn) -> None:
    fill(cloud)
    watching = eyes(cloud, timeout=3)
    assert watching.look().unread == {}
    time.sleep(3.1)
    assert watching.look().unread == {}


def test_what_is_read(cloud: StandIn) -> None:
    fill(cloud)
    members = eyes(cloud).look().members
    assert [(one.name, one.zone, one.serves) for one in members[NOVA]] == [
        ("compute-2", "az1", True),
        ("compute-1", None, True),
    ]
    assert [(one.name, one.zone, one.serves) for one in members[CINDER]] == [("cinder-volume lab@az1", "az1", False)]
    assert [(one.name, one.alive) for one in members[MANILA]] == [("manila-share lab@az1", False)]


@pytest.mark.parametrize(
    "answer", [Answer(503), Answer(body={"nothing": 1}), Answer(after="close"), Answer(after="hang")]
)
def test_a_service_that_fails_is_a_sign(cloud: StandIn, answer: Answer) -> None:
    fill(cloud)
    watching = eyes(cloud)
    watching.sign_in()
    cloud.on("GET", "/volume/os-services", answer)
    started = time.monotonic()
    reading = watching.look()
    assert time.monotonic() - started < 30
    assert set(reading.members) == {NOVA, MANILA}
    assert list(reading.unread) == [CINDER]
    assert PASSWORD not in str(reading)
    # It signs in again, and everything is as before.
    fill(cloud)
    assert watching.look().unread == {}
    assert cloud.logins == 2


def kubeconfig(cloud: StandIn, folder: Path) -> str:
    whole = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": cloud.url}}],
        "users": [{"name": "u", "user": {"token": "the-token-of-the-cluster"}}],
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(whole))
    return str(folder / "kubeconfig")


def node(name: str, ready: str, **spec: Any) -> dict[str, Any]:
    about = {"name": name, "labels": {"topology.kubernetes.io/zone": "az1"}}
    return {"metadata": about, "spec": spec, "status": {"conditions": [{"type": "Ready", "status": ready}]}}


def test_nodes_of_the_zones(cloud: StandIn, tmp_path: Path) -> None:
    fill(cloud)
    listed = [node("a", "True"), node("b", "Unknown"), node("c", "True", unschedulable=True)]
    cloud.on_get("/api/v1/nodes", {"apiVersion": "v1", "kind": "NodeList", "metadata": {}, "items": listed})
    watching = eyes(cloud, kubeconfig=kubeconfig(cloud, tmp_path))
    watching.sign_in()
    cloud.seen.clear()
    reading = watching.look()
    found = [(one.name, one.zone, one.serves, one.sign) for one in reading.members[NODES]]
    assert found == [
        ("node a", "az1", True, ""),
        ("node b", "az1", False, "is not ready"),
        ("node c", "az1", False, "takes no pods"),
    ]
    assert len(cloud.seen) == len(CALLS) + 1
    cloud.on("GET", "/api/v1/nodes", Answer(503))
    assert list(watching.look().unread) == [NODES]


def test_a_cluster_that_refuses_ends_it_at_the_start(cloud: StandIn, tmp_path: Path) -> None:
    fill(cloud)
    cloud.on("GET", "/api/v1/nodes", Answer(403, {"kind": "Status", "message": "no right", "code": 403}))
    with pytest.raises(ZoneopsError, match="403"):
        eyes(cloud, kubeconfig=kubeconfig(cloud, tmp_path)).sign_in()
    with pytest.raises(ZoneopsError, match="kubeconfig"):
        eyes(cloud, kubeconfig=str(tmp_path / "none")).sign_in()


def test_half_of_the_lists_of_nova_is_none(cloud: StandIn) -> None:
    fill(cloud)
    watching = eyes(cloud)
    watching.sign_in()
    cloud.on("GET", "/compute/os-aggregates", Answer(503))
    assert NOVA in watching.look().unread


def test_a_cell_that_does_not_answer_is_an_incomplete_list(cloud: StandIn) -> None:
    fill(cloud)
    cloud.on_get("/compute/os-services", {"services": [{"binary": "nova-compute", "host": "h", "status": "UNKNOWN"}]})
    assert "a cell does not answer" in eyes(cloud).look().unread[NOVA]


def test_a_service_that_the_cloud_does_not_have_is_passed_over(monkeypatch: pytest.MonkeyPatch, cloud: StandIn) -> None:
    fill(cloud)
    del cloud.services["shared-file-system"]
    watching = eyes(cloud)
    watching.sign_in()
    reading = watching.look()
    assert set(reading.members) == {NOVA, CINDER}
    assert reading.unread == {}


def test_a_cloud_without_what_is_watched_is_an_error(cloud: StandIn) -> None:
    fill(cloud)
    del cloud.services["shared-file-system"]
    with pytest.raises(CloudError, match="no manila: there is nothing to watch"):
        eyes(cloud, services=["manila"]).sign_in()
    del cloud.services["compute"]
    with pytest.raises(CloudError, match="no nova: leave it out"):
        eyes(cloud).sign_in()


def test_wrong_credentials_and_a_missing_right_end_it_at_the_start_only(cloud: StandIn) -> None:
    fill(cloud)
    auth = cloud.params()["auth"]
    with pytest.raises(CloudError, match="keystone refused the credentials"):
        eyes(cloud, auth={**auth, "password": "wrong"}).sign_in()
    watching = eyes(cloud)
    watching.sign_in()
    cloud.on("GET", "/compute/os-services", Answer(403))
    with pytest.raises(ApiError, match="The user lacks the right"):
        eyes(cloud).sign_in()
    assert "The user lacks the right" in watching.look().unread[NOVA]


def test_a_wrong_cloud_name_ends_it(cloud: StandIn) -> None:
    with pytest.raises(CloudError, match="cloud 'nope'"):
        Eyes(arguments_of({"cloud": "nope"})).sign_in()


def test_nothing_that_goes_wrong_in_a_look_ends_it(monkeypatch: pytest.MonkeyPatch, cloud: StandIn) -> None:
    def broken(_params: Any) -> Any:
        raise OSError("clouds.yaml: stale file handle")

    monkeypatch.setattr(read, "connect", broken)
    assert set(eyes(cloud).look().unread) == {NOVA, CINDER, MANILA}


@pytest.mark.usefixtures("nobodys_environment")
def test_a_cloud_that_is_away_at_the_start_ends_nothing() -> None:
    with standing_in() as gone:
        params = gone.params()
    watching = Eyes(arguments_of({**params, "timeout": 5}))
    watching.sign_in()
    assert set(watching.look().unread) == {NOVA, CINDER, MANILA}
    # Without a version in the address, the first request asks for it.
    auth = {**params["auth"], "auth_url": gone.url}
    watching = Eyes(arguments_of({**params, "auth": auth, "timeout": 5}))
    watching.sign_in()
    assert set(watching.look().unread) == {NOVA, CINDER, MANILA}
