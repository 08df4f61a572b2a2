# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps the hosts of a zone away on its Kubernetes side, and what only has to be said."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.pods import (
    came,
    of_pods,
    uneven,
    waits_for,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

READY: dict[str, Any] = {
    "failed": False,
    "refusals": [],
    "state": {"missing": []},
}
ETCD = {"size": 3, "members": {"az1": ["m1"], "az2": ["m2"], "": ["m3"]}}


def said(
    pods: dict[str, Any] | None, kubernetes: dict[str, Any] | None = None, nodes: dict[str, Any] | None = None
) -> str:
    zones: dict[str, Any] = {
        "az1": {
            "compute": {"hosts": ["a"]},
            "kubernetes": {} if kubernetes is None else kubernetes,
            "ceph": {"fsid": "00000000-0000-4000-8000-000000000001"},
            "volume_backends": [{}],
            "image_store": {},
        },
        "az2": {"compute": {"hosts": ["b"]}},
    }
    if kubernetes is not None:
        zones["az1"] = {"compute": {"hosts": ["a"]}}
    zone = load_map(zones, {"zones": ["az1", "az2"]}).zones["az1"]
    found = list(of_pods(zone, pods, nodes))
    assert {one.rule for one in found} <= {"pods"}
    return " ".join(one.message for one in found)


def with_state(**state: Any) -> dict[str, Any]:
    return {"zones": {"az1": {**READY, "state": {**READY["state"], **state}}}, "quorum": {"etcd": ETCD}}


@pytest.mark.parametrize(
    ("pods", "words"),
    [
        (None, "option 'pods' is not set"),
        ({"zones": {}}, "option 'pods' has no zone az1"),
        (
            with_state(missing=["node n2 is not ready.", "Glance has 0 of 1 pods."]),
            "node n2 is not ready; Glance has 0",
        ),
        ({"zones": {"az1": READY}, "quorum": {"etcd": {**ETCD, "size": 4}}}, "etcd has 3 of 4 members"),
    ],
)
def test_what_is_not_back(pods: dict[str, Any] | None, words: str) -> None:
    assert words in said(pods)
    assert "allow [pods]" in said(pods)


def test_what_is_back() -> None:
    assert said(with_state()) == ""
    weak = {"rule": "quorum", "message": "etcd does not survive the loss of zone az1."}
    assert said({"zones": {"az1": {**READY, "failed": True, "refusals": [weak]}}, "quorum": {}}) == ""
    # A zone without a Kubernetes side has nothing there.
    assert said(None, kubernetes={}) == ""


def test_nodes_that_are_out_of_service() -> None:
    owned = {"rule": "remediated", "message": "It is still remediated.", "items": [{"node": "n1"}]}
    silent = {"rule": "node_not_ready", "message": "It is not Ready.", "items": [{"node": "n2"}]}
    for refusals, words in (
        ([owned], "node n1 is out of service"),
        ([], "nodes are out of service: could not be patched"),
    ):
        failed = {"failed": True, "msg": "could not be patched", "refusals": refusals}
        assert words in said(with_state(), nodes={"zones": {"az1": failed}})
    # Named by what is known of all nodes.
    assert said(with_state(), nodes={"zones": {"az1": {"failed": True, "refusals": [silent]}}}) == ""
    assert said(with_state(), nodes={"zones": {"az1": {"failed": False}}}) == ""
    assert "is unknown: no answer" in said(with_state(), nodes={"failed": True, "msg": "no answer"})


def test_services_that_are_spread_unevenly() -> None:
    (text,) = uneven({"uneven": ["CinderAPI cinder-api: 2-1-0 (az0: 2, az1: 1, az2: 0)"]})
    assert text.startswith("CinderAPI cinder-api: 2-1-0")
    assert "delete one pod of the zone that has more" in text
    assert list(uneven(None)) == []


def test_what_is_waited_for_is_no_reason_to_refuse_in_check_mode() -> None:
    """Nothing is waited for there. What keeps a node out of service is no matter of waiting."""
    late = with_state(missing=["pod glance-az1-0 is not ready: no node takes it."])
    looked = {**late, "would_wait": {"az1": 600.0}}
    assert said(looked) == ""
    zone = load_map({"az1": {"kubernetes": {}}}, {"zones": ["az1"]}).zones["az1"]
    (text,) = waits_for(zone, looked, ["cinder-volume is down"], None)
    assert "waits until the Kubernetes side of the zone is back, up to 600 s: pod glance-az1-0" in text
    assert text.endswith("no node takes it; cinder-volume is down.")
    assert list(waits_for(zone, late, [], None)) == []
    owned = {"failed": True, "refusals": [{"rule": "remediated", "message": "m", "items": [{"node": "n1"}]}]}
    fenced = {"zones": {"az1": owned}}
    assert "node n1 is out of service; pod glance-az1-0" in said(looked, nodes=fenced)
    assert list(waits_for(zone, looked, ["cinder-volume is down"], fenced)) == []


def test_what_was_waited_for_in_vain() -> None:
    late = {**with_state(missing=["pod glance-az1-0 is not ready: no node takes it."]), "waited": {"az1": 600.2}}
    assert "is not back after 600 s: pod glance-az1-0 is not ready: no node takes it. Look at what holds" in said(late)
    zone = load_map({"az1": {"kubernetes": {}}}, {"zones": ["az1"]}).zones["az1"]
    there = {**with_state(), "waited": {"az1": 9.0}}
    assert (came(zone, late), came(zone, there), came(zone, with_state())) == (False, True, False)
