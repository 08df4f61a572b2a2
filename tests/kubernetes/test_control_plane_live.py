# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones of an example on a cluster with operators at work: pods come, what lies is not believed, a zone goes for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import needed
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example
from zonelab.kube.client import Switches

from .harness.cluster import STATEFUL_SETS, TOPOLOGIES, Cluster, core, custom, until
from .harness.control_planes import install_region
from .harness.rights import less
from .harness.runs import Runs, errors

MAP = example("rhoso-third-party")
TOPOLOGY = f"{TOPOLOGIES}/czone-node-affinity"


@pytest.fixture
def operated(cluster: Cluster) -> Iterator[Cluster]:
    """An installation without zones, and operators."""
    install_region(cluster, MAP)
    cluster.kube.operate()
    yield cluster
    cluster.kube.operate(on=False)


def changed(*names: str) -> ZoneMap:
    """The map with another option of these zones' volume services."""
    zones = dict(MAP.zones)
    for name in names:
        (backend,) = zones[name].volume_backends
        backend = replace(backend, options={**backend.options, "netapp_lun_space_reservation": "enabled"})
        zones[name] = replace(zones[name], volume_backends=(backend,))
    return ZoneMap(region=MAP.region, zones=zones)


def generations(cluster: Cluster) -> dict[str, int]:
    return {item["metadata"]["name"]: item["metadata"]["generation"] for item in cluster.api.list(STATEFUL_SETS)}


def places(cluster: Cluster) -> dict[str, set[str]]:
    """The zones in which each StatefulSet has its pods."""
    labels = {
        node["metadata"]["name"]: node["metadata"]["labels"].get("topology.kubernetes.io/zone", "")
        for node in cluster.api.list("/api/v1/nodes")
    }
    found: dict[str, set[str]] = {}
    for pod in cluster.api.list(core("pods")):
        name = pod["metadata"]["name"].rpartition("-")[0]
        found.setdefault(name, set()).add(labels[pod["spec"]["nodeName"]])
    return found


def items(cluster: Cluster, kind: str) -> set[str]:
    group = next(name for name in ("manila", "memcached", "cinder") if kind.startswith(name))
    return {item["metadata"]["name"] for item in cluster.api.list(custom(group, kind))}


def warned(verdict: Any, words: str) -> bool:
    return any(words in warning for warning in verdict.warnings)


def exactly_these_rights(cluster: Cluster) -> None:
    """To look at everything where something is not ready takes all of them; one less is named."""
    rights = needed("control_plane", MAP)
    enough = told(cluster, cluster.kube.add_user("keeper", [right.as_rule() for right in rights]))
    assert "zone az0 is not ready: GlanceAPI" in enough
    for called, granted in less(rights):
        message = told(cluster, cluster.kube.add_user("keeper", granted))
        assert called in message, (called, message)


def told(cluster: Cluster, user: Path) -> str:
    """What is said to a user who would change something and looks whether all is ready."""
    runs = Runs.on(cluster, user=user)
    try:
        verdicts = {**runs(changed("az1"), "az1", check=True), **runs(MAP, "az0", check=True, verify=True)}
        runs.missing(MAP)
    except ZoneopsError as error:
        return error.message
    return " ".join(errors(verdicts))


def test_from_nothing_to_three_zones_and_back_to_two(operated: Cluster) -> None:
    runs = Runs.on(operated, seconds=60)
    assert errors(runs(MAP, wait=True, at_once=3)) == []
    found = places(operated)
    for zone, label in zip(MAP.zones, ("zoneA", "zoneB", "zoneC"), strict=True):
        for name in (f"glance-{zone}-edge-api", f"cinder-volume-ontap-iscsi-{zone}", f"manila-share-{zone}"):
            assert found[name] == {label}
        assert found[f"cinder-backup-cinder-backup-{zone}"] == {label}
    assert errors(runs(MAP, check=True, verify=True)) == []

    # One zone's change restarts that zone's service only, and says so before.
    before = generations(operated)
    promised = runs(changed("az1"), check=True)
    assert warned(promised["az1"], "restarts the pods of cinder-volume-ontap-iscsi-az1.")
    assert not warned(promised["az2"], "restarts")
    assert errors(runs(changed("az1"), wait=True)) == []
    after = generations(operated)
    assert {name for name in after if after[name] != before[name]} == {"cinder-volume-ontap-iscsi-az1"}

    # The control plane says that it is ready while cinder's operator is gone. It is not believed.
    operated.kube.switch(Switches(stopped=("cinder",)))
    stuck = Runs.on(operated, seconds=4)(changed("az2"), "az2", wait=True)["az2"]
    assert "zone az2: not reached after" in stuck.message()
    assert "CinderVolume cinder-volume-ontap-iscsi-az2: does not have the new values yet" in stuck.message()
    # The next run does not go on to another zone before this one has come.
    both = changed("az0", "az2")
    again = Runs.on(operated, seconds=2)(both, wait=True)
    assert "CinderVolume cinder-volume-ontap-iscsi-az2: does not have the new values yet" in again["az2"].message()
    assert "Cinder: its operator has not processed the new values yet" in again["az0"].message()
    assert not again["az0"].changed
    operated.kube.switch(Switches())
    healed = Runs.on(operated, seconds=60)(both, wait=True)
    assert (errors(healed), [zone for zone in healed if healed[zone].changed]) == ([], ["az0", "az1"])
    assert errors(Runs.on(operated, seconds=60)(MAP, wait=True)) == []

    # Glance says that it is ready, because another key sorts last.
    operated.kube.switch(Switches(unready=("glance-az0-edge-api",)))
    verify = Runs.on(operated)
    until(lambda: errors(verify(MAP, "az0", check=True, verify=True)), "the zone's API is seen not to be ready")
    assert errors(verify(MAP, "az1", check=True)) == []
    exactly_these_rights(operated)
    operated.kube.switch(Switches())
    until(lambda: not errors(verify(MAP, check=True, verify=True)), "all is ready again")

    keeper = operated.kube.add_user("remover", [right.as_rule() for right in needed("zone_remove", MAP)])
    gone = Runs.on(operated, seconds=60, user=keeper).remove(MAP, "az2", wait=True)
    assert (gone.errors, gone.changed) == ([], True)
    assert not [name for name in generations(operated) if "az2" in name]
    assert not [
        name
        for kind in ("cinderbackups", "cindervolumes", "manilashares", "memcacheds")
        for name in items(operated, kind)
        if "az2" in name or "czone" in name
    ]
    # What the operators leave on the zone's Topology would keep it for ever.
    operated.api.delete(TOPOLOGY)
    until(lambda: operated.api.find(TOPOLOGY) is None, "the Topology is gone")
    kept = ZoneMap(
        region=replace(MAP.region, zones=("az0", "az1")),
        zones={name: MAP.zones[name] for name in ("az0", "az1")},
    )
    last = Runs.on(operated)  # with a deadline of its own
    assert errors(last(kept, check=True, verify=True)) == []
    assert not any(verdict.changed for verdict in last(kept, check=True).values())
