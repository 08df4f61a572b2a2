# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed or dropped at every write: the next run ends where a clean one does, and then there is nothing left to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.sweep import DROPS, KILLED_AFTER, KILLS

from .harness.cluster import NODES, TOPOLOGIES, ZONE_LABEL, Cluster
from .harness.play import zone_map
from .harness.strikes import limits, named, strike

AT_EVERY_WRITE = (KILLED_AFTER, DROPS[1])
# An apply is repeated where the answer says to come again, or where none came.
AT_THE_FIRST = (
    KILLS[0],
    DROPS[0],
    Fault("500", {"kind": "status", "status": 500}),
    Fault("504 after", {"kind": "status-after", "status": 504}, harmless=True),
    Fault("503", {"kind": "status", "status": 503}, harmless=True),
    Fault("429", {"kind": "status", "status": 429, "retry_after": 1}, harmless=True),
)


@dataclass(frozen=True)
class Life:
    """One module's run from an empty cluster.

    :ivar state: what it writes, as it is found in the cluster.
    """

    module: str
    writes: int
    state: Callable[[Cluster], Any]
    options: Mapping[str, Any]


def topologies(cluster: Cluster) -> dict[str, Any]:
    return {item["metadata"]["name"]: item["spec"] for item in cluster.api.list(TOPOLOGIES)}


def labels(cluster: Cluster) -> dict[str, str]:
    found = {node["metadata"]["name"]: node["metadata"]["labels"].get(ZONE_LABEL) for node in cluster.api.list(NODES)}
    return {name: label for name, label in found.items() if label}


TOPOLOGY_WRITES, NODE_WRITES = 5, 4
MAKE = Life("topologies", TOPOLOGY_WRITES, topologies, {})
LABEL = Life("node_zones", NODE_WRITES, labels, {"limit": ["az2"]})


def strikes() -> list[Any]:
    """All writers send the same requests: what does not depend on the object is tried with one module."""
    every = [(MAKE, fault, index) for index in range(TOPOLOGY_WRITES) for fault in AT_EVERY_WRITE]
    first = [(MAKE, fault, 0) for fault in AT_THE_FIRST]
    labelling = [(LABEL, KILLED_AFTER, 1), (LABEL, DROPS[1], NODE_WRITES - 1)]
    return [
        pytest.param(life, fault, index, id=f"{life.module}-{named(fault, index)}")
        for life, fault, index in (*every, *first, *labelling)
    ]


@pytest.fixture
def clean(emptied: Cluster) -> Iterator[Cluster]:
    yield emptied
    emptied.kube.clear_faults()
    for name in topologies(emptied):
        emptied.api.delete(f"{TOPOLOGIES}/{name}")
    for name in labels(emptied):
        emptied.label_node(name, None)


@pytest.mark.parametrize(("life", "fault", "index"), strikes())
def test_strike(clean: Cluster, processes: Modules, life: Life, fault: Fault, index: int) -> None:
    kube = clean.kube
    arguments = {**zone_map(kube), **limits(kube), **life.options}
    ended = strike(kube, processes, life.module, arguments, fault, index)
    if fault.name == "500":
        assert ended is not None
        assert ended.failed
    after = life.state(clean)
    again = processes.run(life.module, arguments)
    assert not again.failed, again.answer["msg"]
    whole = life.state(clean)
    assert len(whole) == life.writes
    assert {name: value for name, value in whole.items() if name in after} == after
    if index:
        return
    mark = kube.mark()
    last = processes.run(life.module, arguments)
    assert not last.answer["changed"]
    assert [request for request in kube.requests(mark) if request.writes] == []
