# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook four ways, from each state in which a cloud can be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import MakeInventory
from .harness.cloud import Aggregate, Cloud
from .harness.four_ways import four_ways
from .harness.inventory import ZONES, hosts_of
from .harness.play import COLLECTION, Player

SITE = "zoneops.openstack.site"
# tests/playbooks shows other ways to use the collection; each works on the same inventory and leads to the same end.
PLAYBOOKS = sorted((COLLECTION / "tests" / "playbooks").glob("*.yml"))
WANTED_METADATA = {"az1": {"metadata": {"tier": "gold", "old": None}}}
CONVERGED = {
    "az1": Aggregate("az1", tuple(hosts_of("az1")), (("mine", "kept"), ("tier", "gold"))),
    "az2": Aggregate("az2", tuple(hosts_of("az2"))),
    "az3": Aggregate("az3", tuple(hosts_of("az3"))),
}


def empty(_cloud: Cloud) -> None:
    """Nothing but hosts."""


def partly_there(cloud: Cloud) -> None:
    """One zone as it shall be, one without the zone's name and hosts, one missing; and an aggregate of somebody else's."""
    cloud.add_aggregate("az1", "az1", hosts_of("az1"), {"tier": "gold", "mine": "kept"})
    cloud.add_aggregate("az2", None)
    cloud.add_aggregate("ssd", None, [hosts_of("az2")[0]], {"ssd": "true"})


def drifted(cloud: Cloud) -> None:
    """Other metadata in one zone, a host too few in one, an aggregate that was renamed in one."""
    cloud.add_aggregate("az1", "az1", hosts_of("az1"), {"tier": "silver", "old": "value", "mine": "kept"})
    cloud.add_aggregate("az2", "az2", hosts_of("az2")[:1])
    cloud.add_aggregate("third", "az3", hosts_of("az3"))


PLANS = {
    empty: {
        "az1": [
            "create aggregate az1 with availability zone az1",
            "set metadata of aggregate az1: tier=gold",
            "add host compute-az1-0 to aggregate az1",
            "add host compute-az1-1 to aggregate az1",
        ],
        "az2": [
            "create aggregate az2 with availability zone az2",
            "add host compute-az2-0 to aggregate az2",
            "add host compute-az2-1 to aggregate az2",
        ],
        "az3": [
            "create aggregate az3 with availability zone az3",
            "add host compute-az3-0 to aggregate az3",
            "add host compute-az3-1 to aggregate az3",
        ],
    },
    partly_there: {
        "az1": [],
        "az2": [
            "set metadata of aggregate az2: availability_zone=az2",
            "add host compute-az2-0 to aggregate az2",
            "add host compute-az2-1 to aggregate az2",
        ],
        "az3": [
            "create aggregate az3 with availability zone az3",
            "add host compute-az3-0 to aggregate az3",
            "add host compute-az3-1 to aggregate az3",
        ],
    },
    drifted: {
        "az1": ["set metadata of aggregate az1: remove old, tier=gold"],
        "az2": ["add host compute-az2-1 to aggregate az2"],
        "az3": ["rename aggregate third to az3"],
    },
}


@pytest.mark.parametrize(
    "state",
    [empty, partly_there, pytest.param(drifted, marks=pytest.mark.smoke)],
    ids=lambda state: state.__name__,
)
def test_site(play: Player, cloud: Cloud, make_inventory: MakeInventory, state: Callable[[Cloud], None]) -> None:
    state(cloud)
    others = {name: found for name, found in cloud.aggregates().items() if name == "ssd"}
    ways = four_ways(play, cloud, SITE, make_inventory(**WANTED_METADATA))
    assert ways.run.plans == PLANS[state]
    expected = {**CONVERGED, **others}
    if state is empty:
        expected["az1"] = Aggregate("az1", tuple(hosts_of("az1")), (("tier", "gold"),))
    assert ways.aggregates == expected


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_playbooks(play: Player, cloud: Cloud, make_inventory: MakeInventory, playbook: str) -> None:
    drifted(cloud)
    ways = four_ways(play, cloud, playbook, make_inventory(**WANTED_METADATA))
    assert ways.run.plans == PLANS[drifted]
    assert ways.aggregates == CONVERGED


def test_all_playbooks_run() -> None:
    assert len(PLAYBOOKS) >= 4
    assert set(CONVERGED) == set(ZONES)
