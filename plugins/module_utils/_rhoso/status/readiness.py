# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a part of the control plane is ready. A pure function of objects that were read.

The control plane's own `Ready` says True for what its operators have not looked at yet, and glance's follows only the API
whose key sorts last. So each object of the part is looked at, down to its StatefulSet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import ini
from .service_objects import SERVICES, Piece, services_of

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Looked:
    """What was read.

    :ivar objects: the operators' objects by kind.
    """

    control_plane: Object | None
    objects: Mapping[str, Iterable[Object]] = field(default_factory=dict)
    stateful_sets: Iterable[Object] = ()


@dataclass(frozen=True)
class Missing:
    """What is not ready yet, and the StatefulSet that knows more where there is one."""

    text: str
    stateful_set: Object | None = None


def missing(wanted: list[Piece], looked: Looked, *, all_ready: bool) -> Iterator[Missing]:
    """What the part still lacks; nothing when it is ready.

    :param all_ready: whether the whole control plane has to be ready too: not while a zone is away on purpose.
    """
    plane = looked.control_plane
    if plane is None:
        yield Missing("the control plane object is gone")
        return
    yield from late(wanted, looked)
    for service, owner in _owners(wanted, looked).items():
        if owner is not None:
            yield from _behind(SERVICES[service], owner, ready=all_ready)
    yield from _behind("the control plane", plane, ready=all_ready)


def behind(wanted: list[Piece], looked: Looked) -> Iterator[Missing]:
    """Operators that have not looked at what was applied: no piece shows a value that they have not handed on yet."""
    if looked.control_plane is not None:
        yield from _behind("the control plane", looked.control_plane, ready=False)
    for service, owner in _owners(wanted, looked).items():
        if owner is not None:
            yield from _behind(SERVICES[service], owner, ready=False)


def late(wanted: list[Piece], looked: Looked) -> Iterator[Missing]:
    """What its own pieces lack. An operator that is behind is so for all parts, and says nothing of this one."""
    owners = _owners(wanted, looked)
    for piece in wanted:
        yield from _piece(piece, owners.get(piece.service), looked)


def gone(unwanted: list[Piece], looked: Looked) -> Iterator[Missing]:
    """What is still there of a part that was removed."""
    for piece in unwanted:
        owner = _first(looked.objects.get(SERVICES.get(piece.service, ""), ()))
        for found in _found(piece, owner, looked):
            yield Missing(f"{piece.kind} {name_of(found)} is still there", _set_of(found, looked))


def sets_of(wanted: list[Piece], looked: Looked) -> list[Object]:
    """The StatefulSets of these pieces that are there."""
    owners = _owners(wanted, looked)
    found = (_set_of(item, looked) for piece in wanted for item in _found(piece, owners.get(piece.service), looked))
    return [item for item in found if item is not None]


def _piece(piece: Piece, owner: Object | None, looked: Looked) -> Iterator[Missing]:
    found = _found(piece, owner, looked)
    if len(found) < piece.count:
        yield Missing(f"{piece}: {len(found)} of {piece.count} created yet")
    for item in found:
        stateful_set = _set_of(item, looked)
        reason = _own(piece, item) or _set(piece, stateful_set)
        if reason:
            yield Missing(f"{piece.kind} {name_of(item)}: {reason}", stateful_set)


def _own(piece: Piece, item: Object) -> str:
    status, spec = item.get("status") or {}, item.get("spec") or {}
    if spec.get("replicas") != piece.replicas or (
        piece.config is not None and not ini.same(spec.get("customServiceConfig"), piece.config)
    ):
        return "does not have the new values yet"
    if not _observed(item):
        return "its operator has not processed the new values yet"
    condition = ready_condition(item)
    if condition.get("status") != "True":
        return str(condition.get("message") or "not ready yet")
    topology = (status.get("lastAppliedTopology") or {}).get("name")
    if piece.topology is not None and topology != piece.topology:
        return f"its pods follow Topology {topology or '(none)'}, not {piece.topology} yet"
    if (status.get("readyCount") or 0) != piece.replicas:
        return f"{status.get('readyCount') or 0} of {piece.replicas} pods ready"
    return ""


def _set(piece: Piece, stateful_set: Object | None) -> str:
    if stateful_set is None:
        return "" if piece.replicas == 0 else "its StatefulSet is not created yet"
    status = stateful_set.get("status") or {}
    if not _observed(stateful_set) or (stateful_set.get("spec") or {}).get("replicas") != piece.replicas:
        return f"StatefulSet {name_of(stateful_set)} is about to change"
    for word, name in (("updatedReplicas", "of the new kind"), ("readyReplicas", "ready")):
        if (status.get(word) or 0) != piece.replicas:
            return f"{status.get(word) or 0} of {piece.replicas} pods of StatefulSet {name_of(stateful_set)} are {name}"
    return ""


def _behind(name: str, item: Object, *, ready: bool) -> Iterator[Missing]:
    if not _observed(item):
        yield Missing(f"{name}: its operator has not processed the new values yet")
    elif ready and ready_condition(item).get("status") != "True":
        yield Missing(f"{name}: {ready_condition(item).get('message') or 'not ready yet'}")


def ready_condition(item: Object) -> Mapping[str, Any]:
    """The condition that is called Ready; empty where there is none yet."""
    conditions = (item.get("status") or {}).get("conditions") or []
    return next((condition for condition in conditions if condition.get("type") == "Ready"), {})


def name_of(item: Object) -> str:
    return str((item.get("metadata") or {}).get("name"))


def owned_by(item: Object, uid: object) -> bool:
    """Whether an object is another one's. Labels do not tell: all backup services have the same."""
    return any(owner.get("uid") == uid for owner in (item.get("metadata") or {}).get("ownerReferences") or [])


def _owners(wanted: list[Piece], looked: Looked) -> dict[str, Object | None]:
    return {service: _first(looked.objects.get(SERVICES[service], ())) for service in services_of(wanted)}


def _found(piece: Piece, owner: Object | None, looked: Looked) -> list[Object]:
    name = "" if owner is None else name_of(owner)
    return [item for item in looked.objects.get(piece.kind, ()) if piece.is_it(item, name)]


def _set_of(item: Object, looked: Looked) -> Object | None:
    uid = (item.get("metadata") or {}).get("uid")
    return next((found for found in looked.stateful_sets if owned_by(found, uid)), None)


def _observed(item: Object) -> bool:
    generation = (item.get("metadata") or {}).get("generation")
    return bool((item.get("status") or {}).get("observedGeneration") == generation)


def _first(items: Iterable[Object]) -> Object | None:
    return next(iter(items), None)
