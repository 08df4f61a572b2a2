# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may become of a server, with the reason in words: one case for each rule."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.classify import (
    CROSSES,
    MOVES,
    RESTORE,
    WAITS,
    Class,
    Classifier,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import (
    DRAINED,
    LOCAL_DISKS,
    PINNED,
    Away,
    Facts,
    Question,
    Volume,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.regions import facts, server, shape

ZONE = Away(frozenset(("az1-0", "az1-1")), frozenset(("az1",)))
HOST = Away(frozenset(("az1-0",)))
LOCAL = shape(local=True)
SHARED = {"shared_disks": True, "storage_reachable": True}


def found(of: Facts, away: Away = HOST, **question: Any) -> Class:
    asked = Question(**{**question, "movable": frozenset(question.get("movable", ()))})
    return Classifier(of, asked).classify(of.servers[0], away)


def test_moves_inside_its_zone() -> None:
    one = found(facts(server("a", pinned="az1")))
    assert (one.name, one.reason, one.zones) == (MOVES, "moves inside zone az1", frozenset(("az1",)))
    # One that is not pinned may go elsewhere as well.
    assert found(facts(server("a"))).zones == {"az1", "az2", "az3"}


def test_crosses_where_nothing_holds_it() -> None:
    one = found(facts(server("a")), ZONE)
    assert (one.name, one.reason, one.zones) == (CROSSES, "may cross to 2 zones: not pinned", frozenset(("az2", "az3")))


def test_pins() -> None:
    pinned = facts(server("a", pinned="az1"))
    assert found(pinned, ZONE) == Class(WAITS, "it is pinned to zone az1")
    assert found(pinned, ZONE, movable=[PINNED]).reason == "may cross to 2 zones: pinned, and counted as movable"
    # Out of place: the next move returns it.
    assert found(facts(server("a", pinned="az2"))).reason == "may cross to az2: pinned to zone az2"
    # The scheduler ignores a pin to a zone that is gone.
    assert found(facts(server("a", pinned="gone")), ZONE).name == CROSSES
    unseen = facts(server("a", pinned="az1"), pins_seen=False)
    assert found(unseen, ZONE).reason == "it is pinned to zone az1 (assumed: nova before 2.96 does not show pins)"


@pytest.mark.parametrize(
    ("status", "lost", "drained"),
    [
        ("ACTIVE", "", ""),
        ("SHUTOFF", "", ""),
        ("ERROR", "", "it is in status ERROR"),
        # Measured: live migration takes it, evacuation does not.
        ("PAUSED", "it is paused", ""),
        ("SUSPENDED", "it is suspended", "it is suspended"),
        ("RESCUE", "it is in rescue", "it is in rescue"),
        ("VERIFY_RESIZE", "its resize waits for a confirmation", "its resize waits for a confirmation"),
        ("SHELVED", "it is shelved and not yet off its host", "it is shelved and not yet off its host"),
        ("SOFT_DELETED", "it is deleted and can still be restored", "it is deleted and can still be restored"),
        ("UNKNOWN", "its cell does not answer", "its cell does not answer"),
        ("BUILD", "it is in status BUILD", "it is in status BUILD"),
    ],
)
def test_states(status: str, lost: str, drained: str) -> None:
    of = facts(server("a", status=status))
    for event, said in (("lost", lost), (DRAINED, drained)):
        one = found(of, event=event)
        assert (one.name, one.reason) == ((WAITS, said) if said else (MOVES, "moves inside zone az1"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"task": "migrating"}, "a task is under way (migrating)"),
        ({"shape": shape(by_hand=("a vTPM",))}, "it has a vTPM"),
        ({"by_hand": ("a port of type direct",)}, "it has a port of type direct"),
        ({"hosts": frozenset(("az1-0",))}, "its affinity group has no member on another host"),
    ],
)
def test_waits(values: dict[str, Any], said: str) -> None:
    assert found(facts(server("a", **values))) == Class(WAITS, said)
    assert found(facts(server("a", **values)), ZONE, event=DRAINED) == Class(WAITS, said)


def test_affinity_with_a_member_elsewhere_moves_to_it() -> None:
    assert found(facts(server("a", hosts=frozenset(("az1-0", "az1-1"))))).name == MOVES
    assert found(facts(server("a", hosts=frozenset(("az1-0", "az1-1")))), ZONE).name == WAITS


@pytest.mark.parametrize(
    ("away", "question", "name", "said"),
    [
        (HOST, {}, RESTORE, "its disk is on host az1-0"),
        (HOST, {"shared_disks": True}, MOVES, "moves inside zone az1"),
        (ZONE, {}, RESTORE, "its disk is on the storage of zone az1"),
        (ZONE, {"shared_disks": True}, RESTORE, "its disk is on the storage of zone az1"),
        (ZONE, {"storage_reachable": True}, RESTORE, "its disk is on host az1-0"),
        (ZONE, SHARED, CROSSES, "may cross to 2 zones: not pinned"),
        (HOST, {"event": DRAINED}, WAITS, "its disk is local to host az1-0"),
        (HOST, {"event": DRAINED, "movable": [LOCAL_DISKS]}, MOVES, "moves inside zone az1"),
        (HOST, {"event": DRAINED, "shared_disks": True}, MOVES, "moves inside zone az1"),
        (ZONE, {"event": DRAINED}, WAITS, "its disk is local to host az1-0"),
        (ZONE, {"event": DRAINED, "movable": [LOCAL_DISKS]}, CROSSES, "may cross to 2 zones: not pinned"),
        (ZONE, {"event": DRAINED, "shared_disks": True}, RESTORE, "its disk is on the storage of zone az1"),
        # What is lost cannot be copied.
        (HOST, {"movable": [LOCAL_DISKS]}, RESTORE, "its disk is on host az1-0"),
    ],
)
def test_disks_that_are_no_volumes(away: Away, question: dict[str, Any], name: str, said: str) -> None:
    one = found(facts(server("a", shape=LOCAL)), away, **question)
    assert (one.name, one.reason) == (name, said)


def volumes(zone: str, **values: Any) -> Facts:
    return facts(server("a", volumes=("v",)), volumes={"v": Volume("data (v)", zone, **values)})


def test_volumes() -> None:
    held = Class(RESTORE, "its volume data (v) is in zone az1")
    assert found(volumes("az1"), ZONE) == held
    assert found(volumes("az1"), ZONE, event=DRAINED) == held
    assert found(volumes("az1"), ZONE, storage_reachable=True).name == CROSSES
    assert found(volumes("az1"), HOST).zones == {"az1"}
    # A volume of another zone draws the server there; one of a zone that nova does not have serves all.
    assert found(volumes("az2"), ZONE).reason == "may cross to az2: not pinned"
    assert found(volumes("nova"), ZONE).zones == {"az2", "az3"}


def test_two_volumes_in_two_zones_leave_no_zone() -> None:
    of = facts(server("a", volumes=("v", "w")), volumes={"v": Volume("v", "az2"), "w": Volume("w", "az3")})
    assert found(of, ZONE) == Class(WAITS, "az2: its volume w is in zone az3; az3: its volume v is in zone az2")


def test_storage_that_does_not_serve() -> None:
    assert found(volumes("az1", status="detaching")).reason == "its volume data (v) is detaching"
    down = volumes("az1", down="cinder-volume lab@az1")
    assert found(down).reason == "its volume data (v) is served by cinder-volume lab@az1, which is down"
    unread = facts(server("a", volumes=("v",)), volumes=None)
    assert found(unread) == Class(WAITS, "its volumes could not be read")
    assert found(facts(server("a"), volumes=None)).name == MOVES


def test_networks() -> None:
    def wired(networks: frozenset[str] | None = frozenset(("n",)), **values: Any) -> Facts:
        reach = {"az2": frozenset(("physnet1",)), "az3": frozenset(("other",))}
        return facts(
            server("a", networks=networks), **{"reach": reach, "networks": {"n": frozenset(("physnet1",))}, **values}
        )

    assert found(wired(), ZONE).zones == {"az2"}
    # A network of tunnels is everywhere, and inside its zone a server needs nothing of this.
    assert found(wired(), HOST).zones == {"az1", "az2"}
    tunnels = facts(server("a", networks=frozenset(("t",))), networks={"t": frozenset()})
    assert found(tunnels, ZONE).zones == {"az2", "az3"}
    nowhere = wired(reach={})
    assert found(nowhere, ZONE).reason == (
        "az2: its network n (physnet1) does not exist there; az3: its network n (physnet1) does not exist there"
    )
    assert found(wired(networks=None), ZONE).reason.startswith("az2: its networks could not be read")
    assert found(wired(networks=None), HOST).name == MOVES
    assert found(wired(networks=frozenset(("x",))), ZONE).reason.startswith("az2: its network x could not be read")


def test_data_that_is_lost_comes_before_a_state() -> None:
    of = facts(server("a", status="PAUSED", volumes=("v",)), volumes={"v": Volume("v", "az1")})
    assert found(of, ZONE).name == RESTORE


def test_the_default_zone_holds_nothing() -> None:
    """Hosts that no aggregate gives a zone are in nova's default one, and so may be the volumes of a cinder without zones."""
    outside = {"az3-0": {"zone": "nova", "zoned": False}, "az3-1": {"zone": "nova", "zoned": False}}
    of = facts(server("a", volumes=("v",), pinned="nova"), volumes={"v": Volume("v", "nova")}, hosts=outside)
    assert found(of, ZONE).zones == {"az2", "nova"}


def test_a_region_of_one_zone() -> None:
    of = facts(server("a"))
    everything = Away(frozenset(of.hosts), of.zones)
    assert found(of, everything) == Class(WAITS, "there is no other zone")


def test_servers_that_are_alike_share_what_is_found_and_not_their_reasons() -> None:
    of = facts(
        server("a", volumes=("v", "w")),
        server("b", volumes=("x", "y")),
        volumes={"v": Volume("v", "az2"), "w": Volume("w", "az3"), "x": Volume("x", "az2"), "y": Volume("y", "az3")},
    )
    classifier = Classifier(of, Question())
    reasons = [classifier.classify(one, ZONE).reason for one in of.servers]
    assert reasons == [
        "az2: its volume w is in zone az3; az3: its volume v is in zone az2",
        "az2: its volume y is in zone az3; az3: its volume x is in zone az2",
    ]
