# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the servers of each zone when it is lost, and what room each zone has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..._capacity.headroom import COUNTED, Headroom, Rooms
from ..._capacity.model import Facts, Question, zones_away
from ..._capacity.plan import Answer, Planner


def lost(facts: Facts, question: Question, wanted: Mapping[str, str]) -> tuple[dict[str, Answer], dict[str, Headroom]]:
    """By name, for zones that have hosts.

    :param wanted: the availability zone of each name.
    """
    # Also of what no server asks for: a region without servers has room.
    planner, rooms = Planner(facts, question), Rooms(facts, COUNTED)
    losses = {}
    for name, away in zones_away(facts, wanted).items():
        if away.hosts:
            answer = planner.away(away)
            if not answer.resources:
                answer = replace(answer, left_restored=rooms.after(away.hosts, ())[1])
            losses[name] = answer
    return losses, {name: rooms.now.get(wanted[name], Headroom({}, {})) for name in losses}
