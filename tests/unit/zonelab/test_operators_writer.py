# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the stand-in writes: what others changed meanwhile is tried again, and nothing is given up before that worked."""

from __future__ import annotations

from typing import Any, cast

from zonelab.kube.api import ApiError, KubeApi
from zonelab.operators.world import Wanted, World, child, collection
from zonelab.operators.writer import Writer

Object = dict[str, Any]
VOLUME = f"{collection('CinderVolume')}/v"
TOPOLOGY = f"{collection('Topology')}/t"
SETS = collection("StatefulSet")


class FakeApi:
    """Keeps objects, and refuses a write that is based on an older version."""

    def __init__(self, *objects: Object) -> None:
        self.objects = {f"{collection(one['kind'])}/{one['metadata']['name']}": one for one in objects}
        self.writes: list[str] = []

    @property
    def writer(self) -> Writer:
        return Writer(cast(KubeApi, self))

    def merge(self, path: str, body: Object) -> Object:
        live = self.objects[path]
        if body["metadata"]["resourceVersion"] != live["metadata"]["resourceVersion"]:
            raise ApiError("PATCH", path, 409, {"message": "the object has been modified"})
        version = str(int(live["metadata"]["resourceVersion"]) + 1)
        self.objects[path] = {**live, "metadata": {**live["metadata"], **body["metadata"], "resourceVersion": version}}
        self.writes.append(f"PATCH {path}")
        return self.objects[path]

    def create(self, path: str, body: Object) -> Object:
        self.writes.append(f"POST {path}")
        return {**body, "metadata": {**body["metadata"], "uid": body["metadata"]["name"], "generation": 1}}

    def call(self, method: str, path: str, body: Object) -> Object:
        self.writes.append(f"{method} {path}")
        return body


def made(kind: str, name: str, **metadata: Any) -> Object:
    plain = {"name": name, "namespace": "openstack", "uid": name, "resourceVersion": "1"}
    return {"apiVersion": "x", "kind": kind, "metadata": {**plain, **metadata}}


def test_marks_of_one_turn_go_on_from_each_other() -> None:
    topology, volume = made("Topology", "t", finalizers=["a", "b", "c"]), made("CinderVolume", "v")
    api, world = FakeApi(topology, volume), World.of([topology, volume])
    marks = [("t", "a", False), ("t", "b", False), ("t", "d", True)]
    assert api.writer.write(volume, Wanted(marks=marks), world)
    assert api.objects[TOPOLOGY]["metadata"]["finalizers"] == ["c", "d"]


def test_an_object_goes_only_when_its_mark_is_gone() -> None:
    """Else the finalizer on the Topology would stay for ever."""
    seen, volume = (
        made("Topology", "t", finalizers=["a"]),
        made("CinderVolume", "v", finalizers=["openstack.org/cindervolume"]),
    )
    api = FakeApi(made("Topology", "t", finalizers=["a"], resourceVersion="2"), volume)
    wanted, writer = Wanted(marks=[("t", "a", False)], releases=True), api.writer
    assert not writer.write(volume, wanted, World.of([seen, volume]))
    assert api.writes == []
    assert writer.write(volume, wanted, World.of([api.objects[TOPOLOGY], volume]))
    assert api.objects[VOLUME]["metadata"]["finalizers"] == []


def test_a_child_is_written_when_it_is_wanted_differently_and_not_again() -> None:
    """The API server adds defaults, so what is read back is never what was written."""
    owner = made("CinderVolume", "v")
    wanted = child("StatefulSet", "s", owner, {"replicas": 1})
    api = FakeApi(owner)
    writer = api.writer
    assert writer.write(owner, Wanted(children=[wanted]), World.of([owner]))
    metadata = {**wanted["metadata"], "uid": "s", "generation": 1}
    world = World.of([owner, {**wanted, "metadata": metadata, "spec": {"replicas": 1, "filled in": True}}])
    assert writer.write(owner, Wanted(children=[wanted]), world)
    assert writer.write(owner, Wanted(children=[child("StatefulSet", "s", owner, {"replicas": 2})]), world)
    assert api.writes == [f"POST {SETS}", f"PUT {SETS}/s"]
