# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owns which field, as `metadata.managedFields` has it, and an object cut down to some fields. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..objects import Applied

Tree = dict[str, Any]
# What the server writes by itself.
BOOKKEEPING = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp")
IDENTITY = ("name", "namespace")


def owned(obj: Mapping[str, Any] | None, manager: str) -> Tree:
    """The fields that a manager has applied, in the form of fieldsV1; empty where it has none."""
    for entry in entries(obj):
        if _is_of(entry, manager):
            return dict(entry.get("fieldsV1") or {})
    return {}


def _is_of(entry: Mapping[str, Any], manager: str) -> bool:
    """Whether an entry of managedFields has what a manager has applied."""
    return entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource")


def entries(obj: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """All entries of managedFields."""
    return list(((obj or {}).get("metadata") or {}).get("managedFields") or [])


def in_place(obj: Mapping[str, Any] | None, applied: Applied) -> bool:
    """Whether the manager owns exactly what the part asks for, with these values: to apply it again would change nothing, whoever else owns them.

    False also where that cannot be told from here: for lists with keys, and for what was applied in another version of the API. What is owned without
    parts is owned as one value, since no part asks for an empty object (see `Applied`).
    """
    metadata = {key: value for key, value in applied.body["metadata"].items() if key not in IDENTITY}
    rest = {key: value for key, value in applied.body.items() if key not in ("apiVersion", "kind", "metadata")}
    asked = {**rest, **({"metadata": metadata} if metadata else {})}
    mine = [entry for entry in entries(obj) if _is_of(entry, applied.manager)]
    if not asked:
        return obj is not None and not mine
    return any(
        entry.get("apiVersion") == applied.body["apiVersion"]
        and _in_place(asked, obj, dict(entry.get("fieldsV1") or {}))
        for entry in mine
    )


def _in_place(asked: Any, found: Any, tree: Tree) -> bool:
    names = set(tree) - {"."}
    if not names:
        return same(asked, found)
    return (
        isinstance(asked, Mapping)
        and isinstance(found, Mapping)
        and names == {f"f:{key}" for key in asked}
        and all(key in found and _in_place(value, found[key], tree[f"f:{key}"]) for key, value in asked.items())
    )


def minus(these: Tree, those: Tree) -> Tree:
    """The owned fields that are not among the others, in the form of fieldsV1."""
    rest: Tree = {}
    for key, inner in these.items():
        if key not in those:
            rest[key] = inner
        elif inner and (left := minus(inner, those[key])):
            rest[key] = left
        elif not inner and those[key]:
            # Owned as one value here, by its parts there.
            rest[key] = inner
    return rest


def substantial(tree: Tree) -> bool:
    """Whether it has more than the marks that some field above others exists."""
    return any(key != "." and (not inner or substantial(inner)) for key, inner in tree.items())


def both(these: Tree, those: Tree) -> Tree:
    """The owned fields that are in both, in the form of fieldsV1."""
    shared: Tree = {}
    for key, inner in these.items():
        if key in those:
            found = both(inner, those[key])
            if found or not (inner or those[key]):
                shared[key] = found
    return shared


def paths(tree: Tree, before: str = "") -> Iterator[str]:
    """The ends of a tree as people read them, for example ".spec.glance.template.glanceAPIs.az1"."""
    for key, inner in tree.items():
        kind, _colon, name = key.partition(":")
        if kind == ".":
            yield before
        else:
            here = f"{before}.{name}" if kind == "f" else f"{before}[{name}]"
            if inner:
                yield from paths(inner, here)
            else:
                yield here


def top(tree: Tree) -> list[str]:
    """The same without what lies below a path that is named."""
    kept: list[str] = []
    for path in sorted(set(paths(tree))):
        if not any(path.startswith((f"{above}.", f"{above}[")) for above in kept):
            kept.append(path)
    return kept


def remaining(tree: Tree, obj: Any, before: str = "") -> Iterator[str]:
    """The paths of a tree in the form of fieldsV1 that the object still has."""
    for key, inner in tree.items():
        name = key[2:]
        if not key.startswith("f:") or not isinstance(obj, Mapping) or name not in obj:
            continue
        if not inner or "." in inner:
            yield f"{before}.{name}"
        else:
            yield from remaining(inner, obj[name], f"{before}.{name}")


def within(tree: Tree, body: Any) -> Tree:
    """What of a tree in the form of fieldsV1 a body has."""
    if not isinstance(body, Mapping):
        return tree
    found: Tree = {}
    for key, inner in tree.items():
        if key.startswith("f:") and key[2:] in body:
            below = within(inner, body[key[2:]])
            if below or not inner:
                found[key] = below
        elif key == ".":
            found[key] = inner
    return found if set(found) - {"."} or not body else {}


def narrowed(obj: Mapping[str, Any] | None, applied: Applied) -> dict[str, Any] | None:
    """An object that was predicted with the shared parts before this one, as if its manager owned only what it wants itself."""
    if obj is None:
        return None
    mine = {"manager": applied.manager, "operation": "Apply"}
    found = [
        {**entry, "fieldsV1": within(dict(entry.get("fieldsV1") or {}), applied.body)}
        if mine.items() <= entry.items() and not entry.get("subresource")
        else entry
        for entry in entries(obj)
    ]
    return {**obj, "metadata": {**obj["metadata"], "managedFields": found}}


def shape(applied: Applied, *objects: Mapping[str, Any] | None) -> Tree:
    """The fields that the manager wants or owns in one of the objects, as nested names; an empty one stands for the whole value."""
    found = _of_body({key: value for key, value in applied.body.items() if key not in ("apiVersion", "kind")})
    for obj in objects:
        mine = _of_fields(owned(obj, applied.manager))
        # At the root an empty tree means no field at all.
        found = _joined(found, mine) if found and mine else found or mine
    metadata = found.get("metadata") or {}
    rest = {key: value for key, value in metadata.items() if key not in (*BOOKKEEPING, *IDENTITY)}
    return {**{key: value for key, value in found.items() if key != "metadata"}, **({"metadata": rest} if rest else {})}


def view(obj: Mapping[str, Any] | None, tree: Tree) -> dict[str, Any]:
    """The object cut down to the fields of the tree."""
    return dict(_cut(obj or {}, tree)) if tree else {}


def differing(one: Any, other: Any, before: str = "") -> Iterator[str]:
    """The paths at which two objects differ, a list as a whole."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in {**one, **other}:
            if key not in one or key not in other:
                yield f"{before}.{key}"
            else:
                yield from differing(one[key], other[key], f"{before}.{key}")
    elif not same(one, other):
        yield before


def merged(one: Any, other: Any) -> Any:
    """Both bodies as one; where both have a value, the other's."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {key: merged(one.get(key, other.get(key)), other.get(key, one.get(key))) for key in {**one, **other}}
    return other


def _cut(value: Any, tree: Tree) -> Any:
    if not tree or not isinstance(value, Mapping):
        return value
    return {key: _cut(value[key], inner) for key, inner in tree.items() if key in value}


def _of_body(value: Any) -> Tree:
    return {key: _of_body(inner) for key, inner in value.items()} if isinstance(value, Mapping) else {}


def _of_fields(tree: Tree) -> Tree:
    """Items of lists have keys of their own there: such a list is one value here."""
    if any(key[:2] in ("k:", "v:", "i:") for key in tree):
        return {}
    return {key[2:]: _of_fields(inner) for key, inner in tree.items() if key.startswith("f:")}


def _joined(one: Tree, other: Tree) -> Tree:
    """A field that is in only one is taken from there; a whole value wins over its parts."""
    if not one or not other:
        return {}
    joined = dict(one)
    for key, inner in other.items():
        joined[key] = _joined(joined[key], inner) if key in joined else inner
    return joined


def same(one: Any, other: Any) -> bool:
    """Whether two pieces of JSON are equal, true and 1 apart."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
