# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule of the control plane: what its webhooks let pass is refused before anything is sent, and the message says where."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec import rules
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import FSIDS, small

SERVICES = "region.kubernetes.services"
PER_ZONE = ("region.backup", {"mode": "per_zone"})
NFS = {"type": "nfs", "address": "10.0.0.1", "path": "/b"}
OTHER_CEPH = {"fsid": "3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a09", "name": "other", "files_secret": "other"}
MOUNT = {"name": "extra", "secret": "s", "path": "/etc/extra"}
Change = tuple[str, Any]

# Changes of the small map, and what the message has: where, and the words that count.
BROKEN: list[tuple[list[Change], str, str]] = [
    ([(f"{SERVICES}.default_zone", "az3")], "services.default_zone", "did you mean az"),
    ([(f"{SERVICES}.default_zone", "az2"), ("az2.kubernetes", None)], "services.default_zone", "no Kubernetes side"),
    ([(f"{SERVICES}.nova.default_schedule_zone", "az9")], "nova.default_schedule_zone", "not a zone of the region"),
    ([(f"{SERVICES}.glance.replicas", 0)], "glance.replicas", "from 1 to 32"),
    ([(f"{SERVICES}.glance.zone_replicas", 33)], "glance.zone_replicas", "from 1 to 32"),
    ([(f"{SERVICES}.cinder.api_replicas", 0)], "cinder.api_replicas", "from 1 to 32"),
    ([(f"{SERVICES}.cinder.scheduler_replicas", 0)], "cinder.scheduler_replicas", "from 1 to 32"),
    ([(f"{SERVICES}.cinder.backup_replicas", 0)], "cinder.backup_replicas", "from 1 to 32"),
    ([(f"{SERVICES}.manila.api_replicas", 0)], "manila.api_replicas", "from 1 to 32"),
    ([(f"{SERVICES}.manila.scheduler_replicas", 0)], "manila.scheduler_replicas", "from 1 to 32"),
    ([(f"{SERVICES}.memcached.replicas", 0)], "memcached.replicas", "from 1 to 32"),
    ([(f"{SERVICES}.memcached.zone_replicas", 0)], "memcached.zone_replicas", "from 1 to 32"),
    ([(f"{SERVICES}.glance.api_timeout", 0)], "glance.api_timeout", "at least 1"),
    ([(f"{SERVICES}.glance.store_connect_timeout", 0)], "glance.store_connect_timeout", "lost zone blocks"),
    ([(f"{SERVICES}.quorum.replicas", 2)], "quorum.replicas", "has to be odd"),
    (
        [(f"{SERVICES}.nova.scheduler_config", {"scheduler": {"query_placement_for_availability_zone": False}})],
        "query_placement_for_availability_zone",
        "servers would be created in other zones",
    ),
    (
        [(f"{SERVICES}.glance.import_methods", ["web-download"]), ("region.images", [{"name": "cirros"}])],
        "glance.import_methods",
        "lacks copy-image",
    ),
    ([PER_ZONE, (f"{SERVICES}.release", "18.0-fr4")], "backup.mode", "needs 18.0-fr5"),
    (
        [
            PER_ZONE,
            ("az1.backup", {**NFS, "kubernetes_name": "one"}),
            ("az2.backup", {**NFS, "address": "10.0.0.2", "kubernetes_name": "one"}),
        ],
        "zone az2: backup.kubernetes_name",
        "also that of zone az1",
    ),
    ([("az1.kubernetes.name", "default")], "zone az1: kubernetes.name", "key of the glance API for all"),
    ([("az1.image_store", {"type": "nfs", "address": "10.0.0.1", "path": "/i"})], "image_store.type", "file store"),
    ([("az1.image_store", {"type": "file"})], "image_store.type", "local to one pod"),
    (
        [("az1.share_backends", [{"name": "n", "gateway": "10.0.0.9"}])],
        "zone az1: share_backends[0].nfs_cluster",
        "ceph nfs cluster ls",
    ),
    ([("az1.kubernetes.services", {"other_stores": ["az1"]})], "other_stores[0]", "is the zone itself"),
    ([("az1.kubernetes.services", {"other_stores": ["az22"]})], "other_stores[0]", "did you mean az2"),
    (
        [("az1.kubernetes.services", {"other_stores": ["az2"]}), ("az2.image_store", None)],
        "other_stores[0]",
        "has no store in RHOSO",
    ),
    (
        [(f"{SERVICES}.memcached", {"per_zone": True}), ("az1.kubernetes.services", {"memcached": "memcached"})],
        "services.memcached",
        "also the one for all",
    ),
    ([(f"{SERVICES}.ceph_files_secret", None)], "services.ceph_files_secret", "reach every zone's cluster"),
    ([("az1.ceph.files_secret", None)], "zone az1: ceph.files_secret", "image_store needs"),
    (
        [
            (
                "az1.volume_backends",
                [{"ceph": {"fsid": OTHER_CEPH["fsid"], "name": "other"}, "kubernetes_name": "other"}],
            )
        ],
        "zone az1: volume_backends[0].ceph.files_secret",
        "is missing",
    ),
    ([("az2.ceph.name", "az1")], "zone az2: ceph.name", "all files lie in /etc/ceph"),
    ([("az1.volume_backends", [{"ceph": OTHER_CEPH}])], "volume_backends[0].kubernetes_name", "other files of Ceph"),
    (
        [("az2.volume_backends", [{"kubernetes_name": "az1"}]), ("az1.volume_backends", [])],
        "zone az2: volume_backends[0].kubernetes_name",
        "also that of zone az1",
    ),
    (
        [
            ("az1.image_store", {"type": "swift"}),
            ("az1.kubernetes.services", {"other_stores": ["az2"]}),
        ],
        "zone az1: kubernetes.services.other_stores",
        "no files of Ceph",
    ),
    ([(f"{SERVICES}.mounts", [{"name": "m", "path": "/m"}])], "services.mounts[0]", "either `secret` or `config_map`"),
    ([(f"{SERVICES}.mounts", [{**MOUNT, "config_map": "c"}])], "services.mounts[0]", "either `secret` or `config_map`"),
    (
        [(f"{SERVICES}.mounts", [{**MOUNT, "propagation": ["Glanze"]}])],
        "mounts[0].propagation",
        "choose from All, Cinder",
    ),
    (
        [(f"{SERVICES}.mounts", [{**MOUNT, "propagation": ["az1", "CinderVolume"]}])],
        "services.mounts",
        "extra is mounted more than once in the volume service az1",
    ),
    (
        [(f"{SERVICES}.mounts", [{**MOUNT, "path": "/etc/ceph", "propagation": ["ManilaShare"]}])],
        "services.mounts",
        "ceph-az1 and extra are both mounted at /etc/ceph",
    ),
    (
        [(f"{SERVICES}.mounts", [{**MOUNT, "name": "ceph-az1"}])],
        "services.mounts",
        "ceph-az1 is mounted more than once in the glance API az1",
    ),
    (
        [(f"{SERVICES}.glance.config", {"DEFAULT": {"enabled_backends": "az1:rbd"}})],
        "region: kubernetes.services.glance.config.DEFAULT.enabled_backends",
        "written by the collection",
    ),
    (
        [("az1.volume_backends", [{"options": {"volume_driver": "x"}}])],
        "zone az1: volume_backends[0].options.volume_driver",
        "from another property",
    ),
    (
        [("az1.kubernetes.services", {"share_config": {"cephfs_az1": {"share_backend_name": "x"}}})],
        "zone az1: kubernetes.services.share_config.cephfs_az1.share_backend_name",
        "written by the collection",
    ),
    (
        [PER_ZONE, ("az1.backup", {**NFS, "options": {"backup_share": "x"}})],
        "zone az1: backup.options.backup_share",
        "written by the collection",
    ),
    (
        [(f"{SERVICES}.cinder.config", {"DEFAULT": {"x": "{{ y }}"}})],
        "services.cinder.config.DEFAULT.x",
        "not a value of the operator",
    ),
    (
        [(f"{SERVICES}.manila.config", {"DEFAULT": {"storage_availability_zone": "x"}})],
        "services.manila.config.DEFAULT.storage_availability_zone",
        "written by the collection",
    ),
    (
        [
            (f"{SERVICES}.nova", {"cross_az_attach": False, "api_config": {"cinder": {"cross_az_attach": True}}}),
        ],
        "services.nova.api_config.cinder.cross_az_attach",
        "written by the collection",
    ),
]


@pytest.mark.parametrize(("changes", "where", "words"), BROKEN, ids=[where for _changes, where, _words in BROKEN])
def test_broken(changes: list[Change], where: str, words: str) -> None:
    with pytest.raises(MapError) as caught:
        rules.check(small(*changes))
    assert [str(problem) for problem in caught.value.problems if where in str(problem) and words in str(problem)]


QUERY = "query_placement_for_availability_zone"


def with_scheduler(value: Any) -> list[Change]:
    return [(f"{SERVICES}.nova.scheduler_config", {"scheduler": {QUERY: value}})]


@pytest.mark.parametrize(
    "value", [False, "false", "False", 0, "0", "no", "OFF", "'false'", '"no"', "f", "n", {"secret": "s", "key": "k"}]
)
def test_nova_asks_placement_for_the_hosts_of_a_zone(value: Any) -> None:
    with pytest.raises(MapError) as caught:
        rules.check(small(*with_scheduler(value)))
    (problem,) = caught.value.problems
    assert problem.path.endswith(QUERY)


@pytest.mark.parametrize("value", [True, "true", 1, "yes", "On"])
def test_to_say_so_is_no_harm(value: Any) -> None:
    rules.check(small(*with_scheduler(value)))


@pytest.mark.parametrize("value", [0, -1, "0", "-5", "'0'", "soon", {"secret": "s", "key": "k"}])
def test_no_rbd_store_waits_for_ever(value: Any) -> None:
    with pytest.raises(MapError) as caught:
        rules.check(small(("az1.image_store", {"options": {"rados_connect_timeout": value}})))
    (problem,) = caught.value.problems
    assert (problem.zone, problem.path) == ("az1", "image_store.options.rados_connect_timeout")


def test_an_rbd_store_may_have_a_limit_of_its_own() -> None:
    rules.check(small(("az1.image_store", {"options": {"rados_connect_timeout": 5}})))


def test_the_small_map_keeps_the_rules() -> None:
    rules.check(small())


def test_nothing_is_said_where_no_zone_has_a_kubernetes_side() -> None:
    rules.check(small((f"{SERVICES}.quorum.replicas", 2), ("az1.kubernetes", None), ("az2.kubernetes", None)))


def test_one_cluster_may_serve_a_zone_under_several_keys() -> None:
    rules.check(small(("az1.volume_backends", [{}, {"name": "fast", "pool": "fast"}])))


def test_all_problems_are_said_at_once() -> None:
    changes = [("az1.ceph.files_secret", None), ("az2.ceph.files_secret", None)]
    with pytest.raises(MapError) as caught:
        rules.check(small(*changes))
    assert {problem.zone for problem in caught.value.problems} == set(FSIDS)


def test_the_least_that_is_allowed_is_allowed() -> None:
    small(
        (f"{SERVICES}.glance.api_timeout", 1),
        (f"{SERVICES}.glance.store_connect_timeout", 1),
        (f"{SERVICES}.glance.replicas", 1),
        (f"{SERVICES}.memcached.replicas", 32),
    )


def test_what_is_no_name_is_one_problem() -> None:
    with pytest.raises(MapError) as caught:
        small(("az1.kubernetes.services", {"other_stores": [["az2"]]}))
    assert [problem.path for problem in caught.value.problems] == ["kubernetes.services.other_stores[0]"]
