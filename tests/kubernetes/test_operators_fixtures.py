# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in makes of the same objects what the real operators made of them: names, labels, owners, selectors, conditions."""

from __future__ import annotations

from typing import Any

import pytest
from zonelab.operators.controller import KINDS
from zonelab.operators.world import World

from .harness import fixtures

Object = dict[str, Any]

pytestmark = pytest.mark.rhoso

# What the real operators do with it, and the stand-in does not: it has other hashes, no images, no addresses of its own.
UNLIKE = {"hash", "containerImages", "networkAttachments", "tls"}
ROLLING = ("k8s.v1.cni.cncf.io/networks",)
PLAYED = [kind for kind in KINDS if kind in fixtures.FILES]


@pytest.fixture(params=fixtures.VARIANTS, scope="module")
def world(request: pytest.FixtureRequest) -> World:
    return fixtures.world(request.param)


def made(world: World, kind: str) -> list[tuple[Object, Any]]:
    """Each object of a kind, and what the stand-in wants of it."""
    return [(own, KINDS[kind][1](own, world)) for own in world.all(kind)]


@pytest.mark.behaviour("names")
@pytest.mark.parametrize("kind", PLAYED)
def test_children_have_the_same_names_labels_and_owners(world: World, kind: str) -> None:
    found = made(world, kind)
    assert found
    for own, wanted in found:
        assert wanted.gone == []
        for one in wanted.children:
            if one["kind"] not in fixtures.FILES:
                continue
            real = world.find(one["kind"], one["metadata"]["name"])
            assert real, (
                f"{own['metadata']['name']}: the real operators made no {one['kind']} {one['metadata']['name']}"
            )
            for part in ("labels", "annotations", "ownerReferences", "finalizers"):
                assert one["metadata"].get(part) == real["metadata"].get(part), (one["metadata"]["name"], part)
        mine = {(one["kind"], one["metadata"]["name"]) for one in wanted.children}
        for other in ("StatefulSet", "Service", *PLAYED):
            theirs = {(other, one["metadata"]["name"]) for one in world.owned(other, own)}
            assert theirs <= mine, f"{own['metadata']['name']}: not made: {theirs - mine}"


def test_pods_have_the_same_labels_and_places(world: World) -> None:
    compared = 0
    for kind in PLAYED:
        for _own, wanted in made(world, kind):
            for one in wanted.children:
                if one["kind"] != "StatefulSet":
                    continue
                real = world.find("StatefulSet", one["metadata"]["name"])
                assert real
                mine, theirs = one["spec"], real["spec"]
                for part in ("replicas", "podManagementPolicy", "serviceName", "selector"):
                    assert mine[part] == theirs[part], (one["metadata"]["name"], part)
                assert mine["template"]["metadata"]["labels"] == theirs["template"]["metadata"]["labels"]
                notes = theirs["template"]["metadata"]["annotations"]
                assert {key: mine["template"]["metadata"]["annotations"][key] for key in ROLLING} == notes
                for part in ("affinity", "topologySpreadConstraints", "hostPID", "serviceAccountName"):
                    assert mine["template"]["spec"].get(part) == theirs["template"]["spec"].get(part), part
                names = [
                    [one["name"] for one in pod["spec"]["containers"]] for pod in (mine["template"], theirs["template"])
                ]
                assert names[0] == names[1]
                compared += 1
    assert compared == 18


@pytest.mark.parametrize("kind", PLAYED)
def test_status_is_the_same(world: World, kind: str) -> None:
    for own, wanted in made(world, kind):
        mine, theirs = wanted.status or {}, own["status"]
        assert conditions(mine) == conditions(theirs), own["metadata"]["name"]
        for part in theirs.keys() - UNLIKE - {"conditions"}:
            assert mine.get(part) == theirs[part], (own["metadata"]["name"], part)
        assert set(theirs) - {"containerImages", "tls"} <= set(mine), own["metadata"]["name"]


def test_services_are_reached_the_same_way(world: World) -> None:
    for kind in ("GlanceAPI", "CinderAPI", "ManilaAPI"):
        for _own, wanted in made(world, kind):
            for one in [child for child in wanted.children if child["kind"] == "Service"]:
                real = world.find("Service", one["metadata"]["name"])
                assert real
                assert one["spec"].get("type", "ClusterIP") == real["spec"]["type"]
                assert one["spec"]["selector"] == real["spec"]["selector"]
                ports = [{**port} for port in real["spec"]["ports"]]
                for port in ports:
                    port.pop("nodePort", None)
                assert one["spec"]["ports"] == ports


def test_topologies_have_the_same_finalizers(world: World) -> None:
    marks = {
        (topology, mark)
        for kind in PLAYED
        for _own, wanted in made(world, kind)
        for topology, mark, _on in wanted.marks
    }
    theirs = {
        (one["metadata"]["name"], mark) for one in world.all("Topology") for mark in one["metadata"]["finalizers"]
    }
    others = ("openstack.org/dnsmasq", "openstack.org/memcached", "openstack.org/rabbitmq")
    not_played = {(name, mark) for name, mark in theirs if mark.startswith(others)}
    assert marks == theirs - not_played


def conditions(status: Object) -> list[tuple[str, ...]]:
    """Without their times."""
    return [tuple(one[part] for part in ("type", "status", "reason", "message")) for one in status["conditions"]]
