# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone that goes: what the rest of the map is then, what has to be stopped, what a Topology keeps, and the proof that it is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import Cloud
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.zone_removal import empty_check, steps
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.zone_removal.workloads import workloads_in
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example, parsed, small

ONE = frozenset({"az2"})
NFS = {"type": "nfs", "address": "10.0.0.1", "path": "/b"}


def test_parts_take_the_zone_away_and_then_shrink_what_is_shared() -> None:
    zone, shared = steps.parts(small(), ONE)
    assert (zone.manager, zone.zones, zone.removes) == ("zoneops-az2", ("az2",), True)
    spec = shared.body["spec"]
    config = parsed(spec["glance"]["template"]["glanceAPIs"]["default"]["customServiceConfig"])
    assert config["DEFAULT"]["enabled_backends"] == "az1:rbd"
    assert [item["propagation"] for item in spec["extraMounts"][0]["extraVol"]] == [["default"], ["az1"]]
    api = parsed(spec["manila"]["template"]["manilaAPI"]["customServiceConfig"])
    assert api["DEFAULT"]["storage_availability_zone"] == "az1"


def test_types_and_images_of_the_region_are_none_of_its_business() -> None:
    steps.check(small(("region.volume_types", [{"name": "{zone}-gold"}])), ONE)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([("region.backup", {"zone": "az2", "target": NFS})], "backup.zone = 'az2'"),
        ([("region.kubernetes.services.default_zone", "az2")], "services.default_zone = 'az2'"),
        (
            [("az1.kubernetes.services", {"other_stores": ["az2"]})],
            "zone az1: kubernetes.services.other_stores[0] = 'az2'",
        ),
    ],
)
def test_what_still_names_the_zone_is_said_before(changes: list[tuple[str, Any]], words: str) -> None:
    with pytest.raises(ZoneopsError, match="without az2 the zone map is wrong") as caught:
        steps.check(small(*changes), ONE)
    assert words in str(caught.value)


def test_the_last_zone_stays() -> None:
    with pytest.raises(ZoneopsError, match="no zone would be left"):
        steps.check(small(("az1.kubernetes", None)), ONE)


def test_backups_are_stopped_and_everything_else_stays() -> None:
    cinder = {
        "template": {"cinderVolumes": {"a": {"replicas": 1}}, "cinderBackups": {"a": {"replicas": 2, "x": 1}, "b": {}}}
    }
    owned = {"spec": {"glance": {"g": 1}, "cinder": cinder}}
    assert steps.backups_stopped(owned) == {
        "glance": {"g": 1},
        "cinder": {
            "template": {
                "cinderVolumes": {"a": {"replicas": 1}},
                "cinderBackups": {"a": {"replicas": 0, "x": 1}, "b": {"replicas": 0}},
            }
        },
    }
    assert cinder["template"]["cinderBackups"]["a"] == {"replicas": 2, "x": 1}


@pytest.mark.parametrize("spec", [{}, {"cinder": {"template": {"cinderBackups": {"a": {"replicas": 0}}}}}])
def test_no_backup_service_runs(spec: dict[str, Any]) -> None:
    assert steps.backups_stopped({"spec": spec}) is None


def test_finalizers_go_only_where_their_object_is_gone() -> None:
    kept = ["openstack.org/cindervolume-there", "openstack.org/glanceapi-az2", "example.org/cindervolume-gone"]
    gone = ["openstack.org/cindervolume-gone", "openstack.org/manilashare-manila-share-az2"]
    topology = {"metadata": {"finalizers": [*kept, *gone]}}
    there = {"CinderVolume": frozenset({"there"}), "ManilaShare": frozenset[str]()}
    assert steps.left_over(topology, there) == gone
    # Of a kind that was not read nothing is known.
    assert steps.left_over(topology, {"CinderVolume": frozenset({"there"})}) == gone[:1]
    assert steps.left_over({"metadata": {}}, there) == []


WHEN = "2026-01-01T00:00:00.000000"
LISTS: dict[str, list[dict[str, Any]]] = {
    "/servers/detail": [
        {"id": "s1", "name": "in", "status": "ACTIVE", "OS-EXT-AZ:availability_zone": "az2"},
        {"id": "s2", "name": "pinned", "status": "SHELVED_OFFLOADED", "pinned_availability_zone": "az2"},
        {"id": "s3", "name": "elsewhere", "status": "ACTIVE", "OS-EXT-AZ:availability_zone": "az1"},
    ],
    "/volumes/detail": [
        {"id": "v1", "size": 1, "status": "available", "availability_zone": "az2"},
        {"id": "v2", "size": 1, "status": "available", "availability_zone": "az1"},
    ],
    "/snapshots/detail": [{"id": "n1", "volume_id": "v1"}, {"id": "n2", "volume_id": "v2"}],
    "/backups/detail": [
        {"id": "b1", "volume_id": "v2", "status": "available", "availability_zone": "az2", "created_at": WHEN},
        {"id": "b2", "volume_id": "v1", "status": "available", "availability_zone": "az1", "created_at": WHEN},
    ],
    "/shares/detail": [
        {"id": "h1", "project_id": "p", "share_proto": "NFS", "availability_zone": "az2"},
        {"id": "h2", "project_id": "p", "share_proto": "NFS", "availability_zone": "az1"},
    ],
    "/images": [
        {"id": "i1", "status": "active", "stores": "az2"},
        {"id": "i2", "status": "active", "stores": "az1,az2"},
        {"id": "i3", "status": "queued", "stores": ""},
    ],
}


class Listing:
    """One service of a cloud that has only the lists above."""

    def __init__(self, lists: Mapping[str, list[dict[str, Any]]]) -> None:
        self.lists = lists

    def present(self) -> bool:
        return True

    def negotiate(self, _best: object, _least: object) -> str:
        return "2.96"

    def pages(self, path: str, _key: str, **_options: Any) -> Iterator[dict[str, Any]]:
        yield from self.lists[path]

    def get(self, path: str, *, params: Mapping[str, str], **_options: Any) -> dict[str, Any]:
        hidden = params.get("os_hidden") == "true"
        return {path.split("/")[1]: [] if hidden else self.lists[path]}


def cloud(**changes: list[dict[str, Any]]) -> Cloud:
    lists = {**LISTS, **{f"/{name}/detail": value for name, value in changes.items()}}
    return cast("Cloud", SimpleNamespace(service=lambda *_kind, **_version: Listing(lists), deadline=Deadline(60)))


def found(of: Cloud, *zones: str) -> dict[str, list[tuple[str, str]]]:
    items = workloads_in(of, small(), frozenset(zones))
    return {zone: [(item["kind"], item["id"]) for item in listed] for zone, listed in items.items()}


def test_what_lives_in_a_zone() -> None:
    assert found(cloud(), "az2") == {
        "az2": [
            ("server", "s1"),
            ("server", "s2"),
            ("volume", "v1"),
            ("snapshot", "n1"),
            ("backup", "b1"),
            ("share", "h1"),
            ("image", "i1"),
        ]
    }


def test_an_image_in_no_other_store_than_those_that_go() -> None:
    both = found(cloud(), "az1", "az2")
    assert [item for item in both["az1"] if item[0] == "image"] == [("image", "i2")]
    assert [item for item in both["az2"] if item[0] == "image"] == [("image", "i1")]


def test_a_list_that_may_not_be_whole_proves_nothing() -> None:
    with pytest.raises(ZoneopsError, match="it is unknown what is in use in the zones: a cell does not answer"):
        found(cloud(servers=[{"id": "s1", "status": "UNKNOWN"}]), "az2")


def test_without_credentials_nothing_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "/nonexistent")
    params = {"cloud": None, "connect_timeout": 1.0, "api_timeout": 1.0, "timeout": 1.0}
    with pytest.raises(
        ZoneopsError, match="no zone is removed before OpenStack shows that nothing is in use there: cloud 'rhoso'"
    ):
        empty_check.workloads_of(params, example("rhoso-ceph"), frozenset({"az2"}))
    monkeypatch.setattr(empty_check, "IMPORT_ERROR", "no module")
    with pytest.raises(ZoneopsError, match="openstacksdk is not installed"):
        empty_check.workloads_of(params, example("rhoso-ceph"), frozenset({"az2"}))
