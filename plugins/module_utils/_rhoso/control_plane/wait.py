# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until a part of the control plane is ready, or gone: reads, and leaves the judgement to `readiness`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..._kubernetes.client import Cluster
from ..._kubernetes.objects import Ref
from ..._kubernetes.wait import EVERY_SECONDS, STABLE, Wait
from ..._plan.text.listing import first
from ..status import readiness, topology_users
from ..status.pod_failures import reason
from ..status.readiness import Looked, Missing, name_of
from ..status.service_objects import SERVICES, Piece, services_of
from . import secrets_read

NAMED = 3


@dataclass(frozen=True)
class Waiting:
    """How to wait for the control plane of a region.

    :param seconds: how long for each part.
    :param say: told how far it is, whenever that changes.
    :param every: seconds between two looks.
    """

    cluster: Cluster
    control_plane: Ref
    seconds: float
    say: Callable[[str], None]
    every: float = EVERY_SECONDS

    def for_ready(self, what: str, wanted: list[Piece], *, all_ready: Callable[[], bool]) -> None:
        """Raises ZoneopsError with what is missing, and the pods' own reason, when the time is over.

        :param all_ready: asked at every look whether the whole has to be ready, too.
        """
        self._until(what, lambda: readiness.missing(wanted, self.look(wanted), all_ready=all_ready()), STABLE)

    def for_gone(self, what: str, unwanted: list[Piece]) -> None:
        """Raises ZoneopsError with what is still there when the time is over. What is gone stays gone."""
        self._until(what, lambda: readiness.gone(unwanted, self.look(unwanted)), 1)

    def for_followed(self, what: str, users: list[str], spec: Mapping[str, Any]) -> None:
        """Raises ZoneopsError with whose pods do not follow a Topology when the time is over."""
        sets = Ref("apps/v1", "StatefulSet", "", self.control_plane.namespace)
        self._until(what, lambda: topology_users.behind(users, spec, self.cluster.items(sets)), STABLE)

    def for_read(self, secret: str, sets: Mapping[str, str]) -> None:
        """Raises ZoneopsError with the StatefulSets that have not taken in a Secret when the time is over.

        :param sets: each with its version before the Secret was written.
        """
        ref = Ref("apps/v1", "StatefulSet", "", self.control_plane.namespace)
        self._until(
            f"the services that read Secret {secret}",
            lambda: secrets_read.unread(secret, sets, self.cluster.items(ref)),
            1,
        )

    def missing(self, wanted: list[Piece], *, all_ready: bool) -> list[str]:
        """What is missing now, with the pods' own reasons."""
        return [self._explained(item) for item in readiness.missing(wanted, self.look(wanted), all_ready=all_ready)]

    def late(self, wanted: Mapping[str, list[Piece]]) -> dict[str, str]:
        """What is missing now of each of these parts, where something is. They are looked at together.

        What an earlier run applied to a part may be something that an operator has not taken in yet, so that is missing of each.
        """
        if not wanted:
            return {}
        looked = self.look([piece for own in wanted.values() for piece in own])
        found = {
            name: [item.text for item in (*readiness.behind(own, looked), *readiness.late(own, looked))]
            for name, own in wanted.items()
        }
        return {name: _few(texts) for name, texts in found.items() if texts}

    def _until(self, what: str, find: Callable[[], Iterable[Missing]], stable: int) -> None:
        def look() -> str:
            found = list(find())
            return _few([self._explained(item) for item in found[:NAMED]], len(found))

        Wait(self.cluster.deadline, self.seconds, self.every, stable, self.say).until(look, what)

    def look(self, wanted: list[Piece], also: Iterable[Ref] = ()) -> Looked:
        """One list of each kind that the pieces need, and of these."""
        versions = {SERVICES[service]: f"{service}.openstack.org/v1beta1" for service in services_of(wanted)}
        versions |= {piece.kind: piece.api_version for piece in wanted}
        versions |= {ref.kind: ref.api_version for ref in also}
        space = self.control_plane.namespace
        objects = {kind: list(self.cluster.items(Ref(version, kind, "", space))) for kind, version in versions.items()}
        sets = list(self.cluster.items(Ref("apps/v1", "StatefulSet", "", space)))
        return Looked(self.cluster.get(self.control_plane), objects, sets)

    def _explained(self, item: Missing) -> str:
        """Costs two requests, and only while something is missing."""
        if item.stateful_set is None:
            return item.text
        space = self.control_plane.namespace
        name = name_of(item.stateful_set)
        selector = ((item.stateful_set.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
        labels = ",".join(f"{key}={value}" for key, value in selector.items())
        pods = list(self.cluster.items(Ref("v1", "Pod", "", space), labels=labels))
        mine = f"involvedObject.kind=StatefulSet,involvedObject.name={name}"
        events = list(self.cluster.items(Ref("v1", "Event", "", space), fields=mine))
        said = reason(item.stateful_set, pods, events)
        return f"{item.text} ({said})" if said else item.text


def _few(texts: list[str], count: int | None = None) -> str:
    """The first ones, and how many there are beside them."""
    return first(NAMED, texts, of=len(texts) if count is None else count, separator="; ")
