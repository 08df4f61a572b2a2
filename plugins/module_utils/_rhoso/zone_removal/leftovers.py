# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of a zone whose keys are gone from the control plane: a run that ended behind that write did not see to it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..._kubernetes.apply.changes import Write, some
from ..._kubernetes.apply.observe import Seen
from ..._kubernetes.client import Body
from ..._kubernetes.objects import Applied, Ref, zone_manager
from ..._zones.schema.zone_map import ZoneMap
from ..names import kubernetes_zones
from ..spec.control_plane import zone_spec
from ..status import readiness
from ..status.readiness import Looked
from ..status.service_objects import Piece, pieces
from .steps import KINDS, left_over, word_of

TOPOLOGY = "topology.openstack.org/v1beta1"
BACKUP = "CinderBackup"


@dataclass(frozen=True)
class Left(Seen):
    """The Topology of a zone, and what is left beside it.

    :ivar still: objects of the operators that go by themselves, and are still there.
    :ivar orphans: keys of backup services that run on: an operator does not see that their key is gone.
    :ivar stale: finalizers of objects that do not exist any more.
    """

    still: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def zone(self) -> str:
        return self.applied.zones[0]

    @property
    def shown(self) -> dict[str, Any]:
        """What a write takes away; what goes by itself is no difference of this run."""
        named = {"finalizers left behind": self.stale, "backup services without a key": self.orphans}
        return {name: list(items) for name, items in named.items() if items}


@dataclass(frozen=True)
class Finish(Write):
    """What an earlier run left of a zone goes."""

    left: Left
    action: ClassVar[str] = "finish"
    begins: ClassVar[bool] = False

    @property
    def writes(self) -> bool:
        return bool(self.left.shown)

    @property
    def before(self) -> Any:
        return {**self.left.shown, **({"still there": list(self.left.still)} if self.left.still else {})}

    @property
    def text(self) -> str:
        steps = [
            *(f"stop the backup service {key}, whose key is gone" for key in self.left.orphans),
            *([f"wait until these are gone: {some(list(self.left.still))}"] if self.left.still else []),
            *([f"remove finalizers from {self.applied.ref}: {some(list(self.left.stale))}"] if self.left.stale else []),
        ]
        return f"{self.applied.step}: {'; '.join(steps)}"


def part(zone_map: ZoneMap, zone: str) -> Applied:
    """The Topology of a zone, as the part that nothing is applied of."""
    _zone, kubernetes = kubernetes_zones(zone_map)[zone]
    metadata = {"name": kubernetes.topology, "namespace": zone_map.region.kubernetes.namespace}
    body = {"apiVersion": TOPOLOGY, "kind": "Topology", "metadata": metadata}
    return Applied(zone_manager(kubernetes.name), body, (zone,), may_create=False, step=f"what is left of {zone}")


def keys_of(spec: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Kind and key of all that a control plane asks for."""
    return {(piece.kind, piece.key) for piece in pieces(spec)}


def kept(zone_map: ZoneMap, zone: str, spec: Mapping[str, Any]) -> list[Piece]:
    """The zone's keys that the control plane has."""
    there = keys_of(spec)
    return [piece for piece in pieces(zone_spec(zone_map, zone)) if (piece.kind, piece.key) in there]


def dropped(zone_map: ZoneMap, zone: str, spec: Mapping[str, Any]) -> list[Piece]:
    """The zone's keys that the control plane does not have any more."""
    there = keys_of(spec)
    return [piece for piece in pieces(zone_spec(zone_map, zone)) if (piece.kind, piece.key) not in there]


def finalizing_kinds(topology: Body | None) -> Iterator[Ref]:
    """The kinds of which a Topology has finalizers that operators leave behind."""
    words = {word_of(item) for item in ((topology or {}).get("metadata") or {}).get("finalizers") or []}
    space = ((topology or {}).get("metadata") or {}).get("namespace")
    return (Ref(version, kind, "", space) for word, (version, kind) in KINDS.items() if word in words)


def left_of(applied: Applied, topology: Body | None, unwanted: list[Piece], looked: Looked) -> Left:
    """What is left of a zone.

    :param unwanted: its pieces whose key is gone.
    """
    orphans = tuple(piece.key for piece in unwanted if piece.kind == BACKUP and list(readiness.gone([piece], looked)))
    others = [piece for piece in unwanted if piece.kind != BACKUP]
    names = {kind: frozenset(map(readiness.name_of, items)) for kind, items in looked.objects.items()}
    return Left(
        applied,
        topology,
        topology,
        still=tuple(item.text.removesuffix(" is still there") for item in readiness.gone(others, looked)),
        orphans=orphans,
        stale=tuple(left_over(topology, names)) if topology else (),
    )


def cleared(left: Left) -> Left:
    """As it is when that is done."""
    if left.live is None:
        return left
    rest = [item for item in left.live["metadata"].get("finalizers") or [] if item not in left.stale]
    live = {**left.live, "metadata": {**left.live["metadata"], "finalizers": rest}}
    return replace(left, live=live, base=live, still=(), orphans=(), stale=())
