# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One audit: a snapshot of the region, and what the rules find in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._capacity.model import Question
from .._latency.pairs import LIMIT_MS
from .._openstack.cloud import Cloud
from .._zones.schema.zone_map import ZoneMap
from .model import Outcome, Rule, counted
from .snapshot.build import build
from .snapshot.read import read


@dataclass(frozen=True)
class Report:
    """What an audit has to say.

    :ivar zones: the zones that it was asked about.
    :ivar before: the report of an earlier audit, see `files.earlier`, and `changes`, what `compare` says of both.
    :ivar latency: as latency_info returns its pairs, with the milliseconds that a round trip may take.
    """

    snapshot: Mapping[str, Any]
    rules: Sequence[Rule]
    outcome: Outcome
    zones: Sequence[str]
    before: Mapping[str, Any] | None = None
    changes: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: {"new": [], "gone": []})
    latency: Sequence[Mapping[str, Any]] = ()
    latency_limit: float = LIMIT_MS

    @property
    def summary(self) -> str:
        counts = self.outcome.counts()
        said = ", ".join(f"{number} {severity}" for severity, number in counts.items())
        unknown = len(self.outcome.unknown)
        return f"findings: {said}" + (f"; {counted(unknown, 'rule')} could not be evaluated" if unknown else "")


def snapshot(
    cloud: Cloud,
    zone_map: ZoneMap,
    question: Question,
    now: datetime,
    before: Mapping[str, Any] | None,
    pods: Mapping[str, Any],
) -> dict[str, Any]:
    """The region as it is.

    :param before: the report of an earlier audit, see `files.earlier`.
    :param pods: as pod_placement_info returns it, empty where nobody asked.
    """
    return build(read(cloud, zone_map, question, pods), zone_map, now, before["snapshot"] if before else None)
