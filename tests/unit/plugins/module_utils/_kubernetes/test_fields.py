# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of managers, and objects cut down to them."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply import fields
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied, Ref

MINE: dict[str, Any] = {"f:spec": {"f:apis": {"f:az1": {".": {}, "f:replicas": {}, "f:mounts": {}}}}}
THEIRS: dict[str, Any] = {
    "f:spec": {"f:secret": {}, "f:apis": {"f:az1": {".": {}, "f:replicas": {}}, "f:default": {".": {}}}}
}


def control_plane(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "cp", "namespace": "openstack"}
    body = {"apiVersion": "core.openstack.org/v1beta1", "kind": "OpenStackControlPlane", "metadata": metadata}
    return {**body, "spec": spec} if spec else body


def of(*entries: tuple[str, str, dict[str, Any]], **spec: Any) -> dict[str, Any]:
    obj = control_plane(**spec)
    managed = [{"manager": name, "operation": operation, "fieldsV1": tree} for name, operation, tree in entries]
    return {**obj, "metadata": {**obj["metadata"], "uid": "u", "managedFields": managed}}


def part(body: dict[str, Any]) -> Applied:
    return Applied("zoneops-az1", body, ("az1",), may_create=False, step="az1")


def test_only_what_is_applied_counts_as_owned() -> None:
    obj = of(("zoneops-az1", "Update", THEIRS), ("zoneops-az1", "Apply", MINE))
    assert fields.owned(obj, "zoneops-az1") == MINE
    assert fields.owned(obj, "zoneops-az2") == {}
    assert fields.owned(None, "zoneops-az1") == {}


PLACED: dict[str, Any] = {"f:spec": {"f:apis": {"f:az1": {".": {}, "f:replicas": {}}}, "f:zones": {}}}
ASKED: dict[str, Any] = {"apis": {"az1": {"replicas": 3}}, "zones": ["az1", "az2"]}


def placed(tree: dict[str, Any], version: str = "core.openstack.org/v1beta1", **spec: Any) -> dict[str, Any]:
    obj = of(("zoneops-az1", "Apply", tree), **(spec or ASKED))
    obj["metadata"]["managedFields"][0]["apiVersion"] = version
    return obj


def test_what_is_in_place() -> None:
    """A real API server is asked the same in tests/kubernetes/test_in_place.py."""
    wanted = part(control_plane(**ASKED))
    others: dict[str, Any] = {"apis": {"az1": {"replicas": 3, "size": 1}, "az2": {}}, "zones": ["az1", "az2"]}
    assert fields.in_place(placed(PLACED), wanted)
    assert fields.in_place(placed(PLACED, **others), wanted), "what others have does not matter"
    assert not fields.in_place(placed(PLACED, **{**ASKED, "zones": ["az2", "az1"]}), wanted)
    assert not fields.in_place(placed(PLACED, **{**ASKED, "apis": {"az1": {"replicas": True}}}), wanted)
    assert not fields.in_place(placed(PLACED, apis={}, zones=ASKED["zones"]), wanted)
    less = {"f:spec": {"f:apis": PLACED["f:spec"]["f:apis"]}}
    more = {"f:spec": {**PLACED["f:spec"], "f:secret": {}}}
    keys = {"f:spec": {**PLACED["f:spec"], "f:zones": {'v:"az1"': {}, 'v:"az2"': {}}}}
    for tree in (less, more, keys, {}):
        assert not fields.in_place(placed(tree), wanted), tree
    assert not fields.in_place(placed(PLACED, "core.openstack.org/v1beta2"), wanted)
    assert not fields.in_place(of(("zoneops-az1", "Update", PLACED), **ASKED), wanted)
    assert not fields.in_place(None, wanted)


def test_a_removal_is_in_place_where_the_manager_owns_nothing() -> None:
    wanted = part(control_plane())
    assert fields.in_place(of(("zoneops-az2", "Apply", PLACED), **ASKED), wanted)
    assert not fields.in_place(placed(PLACED), wanted)
    assert not fields.in_place(None, wanted)


def test_what_two_own_and_what_is_left_without_it() -> None:
    assert fields.both(THEIRS, MINE) == {"f:spec": {"f:apis": {"f:az1": {".": {}, "f:replicas": {}}}}}
    assert fields.minus(THEIRS, MINE) == {"f:spec": {"f:secret": {}, "f:apis": {"f:default": {".": {}}}}}
    assert fields.minus(MINE, MINE) == {}


def test_a_key_of_a_map_stands_for_what_is_below_it() -> None:
    assert fields.top(MINE) == [".spec.apis.az1"]
    assert list(fields.paths({"f:spec": {"f:ports": {'k:{"port":80}': {".": {}}}}})) == ['.spec.ports[{"port":80}]']


def test_a_view_has_what_is_wanted_and_what_is_given_up() -> None:
    live = of(("zoneops-az1", "Apply", MINE), secret="s", apis={"az1": {"replicas": 2, "mounts": ["a"], "size": 1}})
    wanted = part(control_plane(apis={"az1": {"replicas": 3}}))
    assert fields.view(live, fields.shape(wanted, live)) == {
        "spec": {"apis": {"az1": {"replicas": 2, "mounts": ["a"]}}}
    }


def test_who_wants_and_owns_nothing_sees_nothing() -> None:
    live = of(secret="s")
    assert fields.view(live, fields.shape(part(control_plane()), live)) == {}


def test_a_removal_is_about_what_is_owned() -> None:
    live = of(("zoneops-az1", "Apply", MINE), apis={"az1": {"replicas": 2, "mounts": []}, "default": {}})
    assert part(control_plane()).removes
    assert fields.view(live, fields.shape(part(control_plane()), live)) == {
        "spec": {"apis": {"az1": {"replicas": 2, "mounts": []}}}
    }


def test_a_list_with_keys_is_shown_whole() -> None:
    tree: dict[str, Any] = {"f:spec": {"f:ports": {'k:{"port":80}': {".": {}, "f:port": {}}}}}
    live = of(("zoneops-az1", "Apply", tree), ports=[{"port": 80}, {"port": 81}])
    assert fields.view(live, fields.shape(part(control_plane()), live)) == {
        "spec": {"ports": [{"port": 80}, {"port": 81}]}
    }


def test_labels_are_in_a_view_and_the_name_is_not() -> None:
    body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1", "labels": {"a.b/zone": "az1"}}}
    live = {**body, "metadata": {"name": "w1", "uid": "u", "labels": {"a.b/zone": "az2", "other": "x"}}}
    assert fields.view(live, fields.shape(part(body), live)) == {"metadata": {"labels": {"a.b/zone": "az2"}}}


def test_what_a_removal_left() -> None:
    left = {"spec": {"apis": {"az1": {"size": 1}, "default": {}}}}
    assert list(fields.remaining(MINE, left)) == [".spec.apis.az1"]
    assert list(fields.remaining(MINE, {"spec": {"apis": {"default": {}}}})) == []


def test_a_tree_within_a_body() -> None:
    body = control_plane(apis={"az1": {"replicas": 2, "mounts": []}})
    assert fields.within({**MINE, "f:metadata": {"f:labels": {}}}, body) == MINE
    assert fields.within(THEIRS, body) == {"f:spec": {"f:apis": {"f:az1": {".": {}, "f:replicas": {}}}}}


def test_bodies_as_one() -> None:
    one = {"spec": {"secret": "s", "apis": {"default": {"replicas": 3}}}}
    other = {"spec": {"apis": {"az1": {"replicas": 2}}}}
    assert fields.merged(one, other) == {
        "spec": {"secret": "s", "apis": {"default": {"replicas": 3}, "az1": {"replicas": 2}}}
    }


def test_paths_that_differ() -> None:
    assert list(fields.differing({"a": {"b": 1, "c": [1]}}, {"a": {"b": True, "c": [1], "d": 2}})) == [".a.b", ".a.d"]


def test_where_objects_are_found() -> None:
    assert Ref("v1", "Node", "w1").path == "/api/v1/nodes/w1"
    assert part(control_plane()).ref.path == (
        "/apis/core.openstack.org/v1beta1/namespaces/openstack/openstackcontrolplanes/cp"
    )
