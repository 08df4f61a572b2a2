# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Secret that services read was changed: its pods restart once an operator has seen that, which no API shows. Pure.

So the write leaves a mark in the Secret: the StatefulSets that read it, each with its uid and the generation it had then. The mark is removed when
all of them have another one, or are new. A run that ends in between leaves it there, and the next run waits for the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..._kubernetes.apply import fields
from ..._kubernetes.apply.changes import ApplyFields
from ..._kubernetes.apply.observe import Seen
from ..._kubernetes.client import Body
from ..._zones.schema.zone_map import ZoneMap
from ..names import kubernetes_zones
from ..spec.control_plane import region_spec, zone_spec
from ..status.readiness import Missing, name_of
from ..status.service_objects import Piece, pieces

MARK = "zoneops.openstack/read-by"
KIND = "Secret"


class TakeIn(ApplyFields):
    """A Secret that an earlier run changed: the mark goes when the services have taken it in."""

    @property
    def text(self) -> str:
        return f"{self.applied.step}: wait until {', '.join(marked(self.seen.live)) or 'its services'} restarted for its change"


def readers(zone_map: ZoneMap, secret: str) -> list[Piece]:
    """What takes settings from a Secret."""
    specs = [region_spec(zone_map), *(zone_spec(zone_map, name) for name in kubernetes_zones(zone_map))]
    return [piece for spec in specs for piece in pieces(spec) if secret in piece.secrets]


def is_new(seen: Seen) -> bool:
    """Whether a change brings other values to services that may run: not one of the owner or of the mark alone."""
    return (
        seen.applied.ref.kind == KIND
        and seen.live is not None
        and not fields.same(seen.before.get("data"), seen.wanted.get("data"))
    )


def version(stateful_set: Mapping[str, Any]) -> str:
    """What changes when pods are to restart: one that is recreated counts from the start."""
    metadata = stateful_set.get("metadata") or {}
    return f"{metadata.get('uid')} {metadata.get('generation')}"


def with_mark(seen: Seen, sets: Mapping[str, str]) -> Seen:
    """The Secret as it is written while its services have not taken it in."""
    body = seen.applied.body
    metadata = {**body["metadata"], "annotations": {MARK: json.dumps(dict(sorted(sets.items())))}}
    return replace(seen, applied=replace(seen.applied, body={**body, "metadata": metadata}))


def marked(live: Body | None) -> dict[str, str]:
    """The StatefulSets of a mark; empty where there is none that can be read."""
    annotations = ((live or {}).get("metadata") or {}).get("annotations") or {}
    try:
        return {str(name): str(then) for name, then in json.loads(annotations.get(MARK) or "{}").items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def unread(secret: str, sets: Mapping[str, str], there: Iterable[Mapping[str, Any]]) -> Iterator[Missing]:
    """StatefulSets that are as they were. One that is gone reads nothing any more."""
    for item in there:
        if sets.get(name_of(item)) == version(item):
            yield Missing(
                f"StatefulSet {name_of(item)} does not have the new values of Secret {secret} yet (check that "
                f"its operator is running; if the values did not change, remove the annotation {MARK} of the Secret)"
            )
