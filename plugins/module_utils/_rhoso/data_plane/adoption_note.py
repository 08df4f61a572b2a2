# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts had is noted with the first change to a set that others deployed. Pure.

Behind that write nothing tells any more which hosts were deployed, and with what: a run that ends there leaves the note to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .deployed import Live, Wanted, brought, covers, newest, noted
from .deployments import HAD, Deployment


def notes(wanted: Wanted, live: Live, deployments: Sequence[Deployment]) -> tuple[str, str]:
    """The note on the service and that on the NodeSet, each empty where there is none."""
    kept = live.note(live.service), live.note(live.node_set)
    mine = [item for item in deployments if wanted.name in item.node_sets]
    ours = any(item.rolls_out and item.state == "done" for item in mine)
    if ours or not live.deployed or noted(live, mine) is not None:
        return kept
    made = brought(wanted, live, mine).written(last=newest(mine))
    same_service = not wanted.service or covers(live.service.get("spec"), wanted.service["spec"])
    same_set = set(live.nodes) == set(wanted.nodes) and covers(live.node_set.get("spec"), wanted.node_set["spec"])
    return kept[0] if same_service else made, kept[1] if same_set else made


def with_note(body: dict[str, Any], note: str) -> dict[str, Any]:
    """The body of an object with its note."""
    metadata: Mapping[str, Any] = body["metadata"]
    return {**body, "metadata": {**metadata, "annotations": {HAD: note}}} if note else body
