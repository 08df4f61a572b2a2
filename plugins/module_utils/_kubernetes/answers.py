# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as the API answers them: one of another shape than Kubernetes documents is an error of that request, not of this code.

Whoever reads an object relies on what is checked here. Optional fields may be missing or null. What a CRD says of its own fields the
server itself has checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .errors import ApiError
from .objects import Ref

# A type, a mapping of fields, a mapping with any keys ("*"), or a list of one of them.
_OBJECTS: list[Any] = [{}]
_TEXTS: dict[str, Any] = {"*": str}
_METADATA: dict[str, Any] = {
    **dict.fromkeys(("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp"), str),
    "generation": int,
    "labels": _TEXTS,
    "annotations": _TEXTS,
    "finalizers": [str],
    "ownerReferences": [{"kind": str, "name": str, "uid": str}],
    "managedFields": [{"manager": str, "operation": str, "subresource": str, "fieldsV1": {}}],
}
_CONDITIONS = [{"type": str, "status": str, "reason": str, "message": str}]
_ANY: dict[str, Any] = {
    "metadata": _METADATA,
    "spec": {},
    "status": {"conditions": _CONDITIONS, "observedGeneration": int},
}
_WORKLOAD: dict[str, Any] = {"spec": {"replicas": int, "template": {"metadata": _METADATA, "spec": {}}}}
_OF_KIND: dict[str, dict[str, Any]] = {
    "ConfigMap": {"data": _TEXTS},
    "Secret": {"data": _TEXTS},
    "CustomResourceDefinition": {"spec": {"versions": [{"name": str, "schema": {}}]}},
    "Deployment": _WORKLOAD,
    "ReplicaSet": _WORKLOAD,
    "StatefulSet": _WORKLOAD,
    "NodeMaintenance": {"spec": {"nodeName": str}, "status": {"phase": str, "lastError": str, "pendingPods": [str]}},
    "Node": {"spec": {"taints": _OBJECTS, "unschedulable": bool}, "status": {"allocatable": {}, "addresses": _OBJECTS}},
    "Pod": {
        "spec": {
            "nodeName": str,
            "nodeSelector": _TEXTS,
            "containers": _OBJECTS,
            "volumes": _OBJECTS,
            "tolerations": _OBJECTS,
            "topologySpreadConstraints": [{"topologyKey": str, "maxSkew": int, "labelSelector": {}}],
        },
        "status": {"phase": str, "containerStatuses": _OBJECTS, "initContainerStatuses": _OBJECTS},
    },
    "PersistentVolume": {"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": _OBJECTS}}}},
    "PersistentVolumeClaim": {"spec": {"volumeName": str}},
    "OpenStackDataPlaneDeployment": {
        "spec": {"nodeSets": [str], "servicesOverride": [str]},
        "status": {"nodeSetConditions": {"*": _CONDITIONS}},
    },
    "OpenStackDataPlaneNodeSet": {"spec": {"services": [str], "nodes": {"*": {}}}},
    "SelfSubjectRulesReview": {"status": {"resourceRules": _OBJECTS}},
}
_WORDS = {str: "text", int: "a whole number", bool: "a truth value", dict: "an object", list: "a list"}


class Answer(dict[str, Any]):
    """An object of an answer, and those in it. To look for a key that it lacks is an error of the API.

    :param call: what was asked, for the message.
    :param where: where the object is in the answer.
    """

    def __init__(self, call: str, body: Mapping[str, Any], where: str = "") -> None:
        super().__init__({key: _answered(call, value, f"{where}.{key}") for key, value in body.items()})
        self.call = call
        self.where = where

    def __missing__(self, key: str) -> Any:
        raise odd(self.call, f"the answer has no {self.where}.{key}")


def odd(call: str, reason: str, *, writes: bool = False) -> ApiError:
    """The error that an answer of another shape means."""
    return ApiError(f"{call}: {reason}. Is that the address of a Kubernetes API?", uncertain=writes)


def one(call: str, ref: Ref, body: Mapping[str, Any], *, writes: bool) -> Answer:
    """The object that was asked for, or that a write has made."""
    kind = body.get("kind", ref.kind)
    if kind != ref.kind:
        said = f": {body['message']}" if kind == "Status" and isinstance(body.get("message"), str) else ""
        raise odd(call, f"the answer is a {kind}{said}, not a {ref.kind}", writes=writes)
    for problem in _problems(ref.kind, body, ""):
        raise odd(call, problem, writes=writes)
    if ref.name and body["metadata"]["name"] != ref.name:
        raise odd(call, f"the answer is {ref.kind} {body['metadata']['name']}", writes=writes)
    return Answer(call, body)


def page(call: str, ref: Ref, body: Mapping[str, Any]) -> tuple[list[Answer], str]:
    """The objects of a list, and where it goes on."""
    kind = body.get("kind", f"{ref.kind}List")
    if not isinstance(kind, str) or not kind.endswith("List"):
        raise odd(call, f"the answer is a {kind}, not a list of {ref.kind}")
    metadata = _typed(call, body.get("metadata"), dict, ".metadata") or {}
    goes_on = _typed(call, metadata.get("continue"), str, ".metadata.continue") or ""
    if "items" not in body:
        raise odd(call, "the answer has no .items")
    items = _typed(call, body["items"], list, ".items") or []
    for number, item in enumerate(items):
        for problem in _problems(ref.kind, item, f".items[{number}]"):
            raise odd(call, problem)
    return [Answer(call, item, f".items[{number}]") for number, item in enumerate(items)], goes_on


def _problems(kind: str, body: Any, where: str) -> Iterator[str]:
    """What is wrong with an object. A review is of nothing that has a name."""
    named = kind != "SelfSubjectRulesReview"
    if not isinstance(body, dict):
        yield f"{where} of the answer is {_word(body)}, not an object"
    elif named and not isinstance(body.get("metadata"), dict):
        yield f"the answer has no object {where}.metadata"
    elif named and not body["metadata"].get("name"):
        yield f"the answer has no {where}.metadata.name"
    else:
        yield from _wrong(body, _ANY, where)
        yield from _wrong(body, _OF_KIND.get(kind, {}), where)


def _wrong(value: Any, shape: Any, where: str) -> Iterator[str]:
    """What of a value has another type than its shape; null is none."""
    wanted: Any = shape if isinstance(shape, type) else type(shape)
    if value is None:
        return
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        yield f"{where} of the answer is {_word(value)}, not {_WORDS[wanted]}"
    elif isinstance(shape, list):
        for number, item in enumerate(value):
            if item is None:
                yield f"{where}[{number}] of the answer is null, not {_word(shape[0])}"
            yield from _wrong(item, shape[0], f"{where}[{number}]")
    elif isinstance(shape, dict):
        for key, inner in ((key, shape.get(key, shape.get("*"))) for key in value):
            if inner is not None:
                yield from _wrong(value[key], inner, f"{where}.{key}")
        if where.endswith(".fieldsV1"):
            yield from _wrong_tree(value, where)


def _wrong_tree(tree: Mapping[str, Any], where: str) -> Iterator[str]:
    """Owned fields are objects all the way down."""
    for key, inner in tree.items():
        if not isinstance(inner, dict):
            yield f"{where}.{key} of the answer is {_word(inner)}, not an object"
        else:
            yield from _wrong_tree(inner, f"{where}.{key}")


def _typed(call: str, value: Any, wanted: type, where: str) -> Any:
    for problem in _wrong(value, wanted, where):
        raise odd(call, problem)
    return value


def _word(value: Any) -> str:
    """What a value, or a type, is in words of JSON."""
    kind = value if isinstance(value, type) else type(value)
    return "null" if value is None else _WORDS.get(kind, "a number")


def _answered(call: str, value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return Answer(call, value, where)
    if isinstance(value, list):
        return [_answered(call, item, f"{where}[{index}]") for index, item in enumerate(value)]
    return value
