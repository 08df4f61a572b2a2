# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory that knows just enough of server-side apply: owners of fields, conflicts, removal of what is no longer applied."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply import fields
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError, Conflict
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref

Body = dict[str, Any]


class SmallCluster:
    """Objects by path.

    :ivar writes: manager and path of each apply that was no dry run.
    :ivar failing: managers whose applies fail when they are no dry runs.
    :ivar refused: managers whose applies the server does not take at all.
    """

    def __init__(self, *objects: Body) -> None:
        self.objects = {ref_of(obj).path: obj for obj in objects}
        self.writes: list[tuple[str, str]] = []
        self.failing: set[str] = set()
        self.refused: set[str] = set()

    def get(self, ref: Ref) -> Body | None:
        return copy.deepcopy(self.objects.get(ref.path))

    def items(self, ref: Ref, **_filters: str) -> Iterator[Body]:
        yield from (copy.deepcopy(body) for path, body in self.objects.items() if path.startswith(f"{ref.path}/"))

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Body:
        if manager in self.refused:
            raise ApiError("422 spec.x: Invalid value", status=422)
        live = copy.deepcopy(self.objects.get(ref.path))
        if live is None and "uid" in body["metadata"]:
            raise ApiError("409 uid mismatch", status=409)
        live = live or made(body)
        version = body["metadata"].get("resourceVersion", live["metadata"]["resourceVersion"])
        if version != live["metadata"]["resourceVersion"]:
            raise ApiError(
                "409 the object has been modified; please apply your changes to the latest version", status=409
            )
        wanted = tree_of(body)
        conflicts = [
            Conflict(path, entry["manager"])
            for entry in fields.entries(live)
            if entry["manager"] != manager
            for path in fields.paths(fields.both(entry["fieldsV1"], wanted))
            if value_at(live, path) != value_at(body, path)
        ]
        if conflicts and not force:
            raise ApiError("409 conflict", status=409, conflicts=tuple(conflicts))
        if not dry_run:
            self.writes.append((manager, ref.path))
            if manager in self.failing:
                raise ApiError("503 not now", status=503)
        after = applied(live, body, manager, wanted)
        if not dry_run:
            after["metadata"]["resourceVersion"] = str(int(live["metadata"]["resourceVersion"]) + 1)
            self.objects[ref.path] = copy.deepcopy(after)
        return after


def ref_of(obj: Mapping[str, Any]) -> Ref:
    return Ref(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace"))


def made(body: Mapping[str, Any], owner: str | None = None) -> Body:
    """An object that nobody has written by apply; `owner` made it as a person does."""
    identity = {key: body["metadata"][key] for key in ("name", "namespace") if key in body["metadata"]}
    own = [{"manager": owner, "operation": "Update", "fieldsV1": tree_of(body)}] if owner else []
    marks = {"uid": f"uid-of-{identity['name']}", "generation": 1, "resourceVersion": "1"}
    metadata = {**identity, **marks, "managedFields": own}
    rest = {key: copy.deepcopy(value) for key, value in body.items() if key != "metadata"} if owner else {}
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], **rest, "metadata": metadata}


def tree_of(body: Any) -> fields.Tree:
    """The fields of a body as managedFields has them."""
    found = _tree({key: value for key, value in body.items() if key not in ("apiVersion", "kind", "metadata")})
    notes = body["metadata"].get("annotations")
    return {**found, "f:metadata": {"f:annotations": _tree(notes)}} if notes else found


def _tree(value: Any) -> fields.Tree:
    return {f"f:{key}": _tree(inner) for key, inner in value.items()} if isinstance(value, Mapping) else {}


def value_at(obj: Any, path: str) -> Any:
    for name in path[1:].split("."):
        if not isinstance(obj, Mapping) or name not in obj:
            return None
        obj = obj[name]
    return obj


def applied(live: Body, body: Mapping[str, Any], manager: str, wanted: fields.Tree) -> Body:
    before = copy.deepcopy(live)
    others = [entry for entry in fields.entries(live) if entry["manager"] != manager]
    gone = fields.minus(fields.owned(live, manager), wanted)
    for entry in others:
        gone = fields.minus(gone, entry["fieldsV1"])
    _remove(live, gone)
    rest = {key: value for key, value in body.items() if key != "metadata"}
    notes = {"metadata": {"annotations": body["metadata"]["annotations"]}} if "annotations" in body["metadata"] else {}
    after: Body = fields.merged(live, copy.deepcopy({**rest, **notes}))
    others = [{**entry, "fieldsV1": _without_changed(entry["fieldsV1"], before, after)} for entry in others]
    mine = {"manager": manager, "operation": "Apply", "apiVersion": body["apiVersion"], "fieldsV1": wanted}
    own = [mine] if wanted else []
    changed = {key: value for key, value in before.items() if key != "metadata"} != {
        key: value for key, value in after.items() if key != "metadata"
    }
    generation = before["metadata"]["generation"] + changed
    after["metadata"] = {**after["metadata"], "generation": generation, "managedFields": [*others, *own]}
    return after


def _without_changed(tree: fields.Tree, before: Body, after: Body) -> fields.Tree:
    lost = [path for path in fields.paths(tree) if value_at(before, path) != value_at(after, path)]
    for path in lost:
        tree = fields.minus(tree, _tree_at(path[1:].split(".")))
    return tree


def _tree_at(names: list[str]) -> fields.Tree:
    return {f"f:{names[0]}": _tree_at(names[1:]) if names[1:] else {}}


def _remove(obj: Any, tree: fields.Tree) -> None:
    for key, inner in tree.items():
        name = key[2:]
        if inner:
            _remove(obj.get(name, {}), inner)
        if not inner or obj.get(name) == {}:
            obj.pop(name, None)
