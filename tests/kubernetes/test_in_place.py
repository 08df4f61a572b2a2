# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that are in place are found so without a dry run, and only those of which a real API server says the same."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.fields import in_place
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import applied
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.data_plane import data_plane
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.topologies import topologies
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example
from zonelab.kube.client import NAMESPACE

from .harness.cluster import TOPOLOGIES, Cluster
from .harness.control_planes import install
from .harness.releases import Release

pytestmark = pytest.mark.releases

OTHER = "kubectl-edit"


def parts_of(zone_map: ZoneMap) -> Iterator[Applied]:
    yield from topologies(zone_map, list(zone_map.zones))
    yield from applied(zone_map)
    for zone in zone_map.zones.values():
        yield from data_plane(zone, zone_map.region)


def send(cluster: Cluster, part: Applied, body: dict[str, Any], manager: str, *, dry_run: bool = False) -> Any:
    return cluster.api.apply(part.ref.path, body, manager, force=True, dry_run=dry_run)


def changes_nothing(cluster: Cluster, part: Applied) -> bool:
    """Whether the server would leave the object as it is, and its owners."""
    before = cluster.api.get(part.ref.path)
    return bool(send(cluster, part, part.body, part.manager, dry_run=True) == before)


@pytest.mark.parametrize("name", ["rhoso-ceph", "rhoso-third-party"])
def test_all_parts_that_were_applied(cluster: Cluster, name: str) -> None:
    install(cluster)
    release = Release.of(cluster)
    parts = [replace(part, body=release.sent(part.body)) for part in parts_of(release.map(example(name)))]
    assert len({part.ref.kind for part in parts}) > 3
    for part in parts:
        send(cluster, part, part.body, part.manager)
    for part in parts:
        live = cluster.api.get(part.ref.path)
        assert in_place(live, part), part.ref
        assert changes_nothing(cluster, part), part.ref
        assert not in_place(live, Applied("zoneops-az9", part.body, part.zones, part.may_create, part.step)), part.ref


def part(spec: dict[str, Any], *, labels: dict[str, str] | None = None) -> Applied:
    """A Topology, whose definition has mappings, lists and mappings that are owned as one value."""
    metadata = {"name": "made", "namespace": NAMESPACE, **({"labels": labels} if labels else {})}
    body = {"apiVersion": "topology.openstack.org/v1beta1", "kind": "Topology", "metadata": metadata, "spec": spec}
    return Applied("zoneops-az1", body, ("az1",), may_create=True, step="")


TERM = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["az1"]}]}
REQUIRED = {"nodeSelectorTerms": [TERM]}
SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
WANTED = part(
    {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": REQUIRED}},
        "topologySpreadConstraints": [SPREAD],
    },
    labels={"a": "b"},
)


def edited(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    body = copy.deepcopy(WANTED.body)
    change(body)
    return body


def other_skew(body: dict[str, Any]) -> None:
    body["spec"]["topologySpreadConstraints"][0]["maxSkew"] = 2


def another_rule(body: dict[str, Any]) -> None:
    body["spec"]["topologySpreadConstraints"].append({**SPREAD, "topologyKey": "host"})


def other_label(body: dict[str, Any]) -> None:
    body["metadata"]["labels"]["a"] = "c"


def another_label(body: dict[str, Any]) -> None:
    body["metadata"]["labels"]["more"] = "d"


def no_label(body: dict[str, Any]) -> None:
    del body["metadata"]["labels"]


def no_rules(body: dict[str, Any]) -> None:
    del body["spec"]["topologySpreadConstraints"]


def no_affinity(body: dict[str, Any]) -> None:
    del body["spec"]["affinity"]


CHANGES = [other_skew, another_rule, other_label, another_label, no_label, no_rules, no_affinity]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_the_manager_had_applied_before(cluster: Cluster, change: Callable[[dict[str, Any]], None]) -> None:
    send(cluster, WANTED, edited(change), WANTED.manager)
    assert not in_place(cluster.api.get(WANTED.ref.path), WANTED)
    assert not changes_nothing(cluster, WANTED)


@pytest.mark.parametrize(
    ("change", "expected"),
    [(change, change in (another_label, no_label, no_rules, no_affinity)) for change in CHANGES],
    ids=[change.__name__ for change in CHANGES],
)
def test_what_another_manager_applied_since(
    cluster: Cluster, change: Callable[[dict[str, Any]], None], expected: bool
) -> None:
    """Where it only owns fields as well, or others besides, nothing is to be done."""
    send(cluster, WANTED, WANTED.body, WANTED.manager)
    send(cluster, WANTED, edited(change), OTHER)
    assert in_place(cluster.api.get(WANTED.ref.path), WANTED) == expected
    assert changes_nothing(cluster, WANTED) == expected


def test_what_others_have_with_the_same_values_and_the_manager_does_not_own(cluster: Cluster) -> None:
    send(cluster, WANTED, WANTED.body, OTHER)
    assert not in_place(cluster.api.get(WANTED.ref.path), WANTED)
    send(cluster, WANTED, edited(no_label), WANTED.manager)
    assert not in_place(cluster.api.get(WANTED.ref.path), WANTED)
    assert not changes_nothing(cluster, WANTED)


def test_what_the_manager_wrote_without_an_apply(cluster: Cluster) -> None:
    cluster.api.create(f"{TOPOLOGIES}?fieldManager={WANTED.manager}", copy.deepcopy(WANTED.body))
    assert not in_place(cluster.api.get(WANTED.ref.path), WANTED)
    assert not changes_nothing(cluster, WANTED)
