# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a maintenance goes, and how many servers move, stop or start at a time, as options of a module. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._plan.errors import ZoneopsError
from .mover import Rules
from .waves import Bounds

PREPARE, MOVE = "prepare", "move"
BOUNDS: dict[str, Any] = {
    "live_per_host": {"type": "int", "default": 1},
    "moves_per_target": {"type": "int", "default": 2},
    "moves_per_back_end": {"type": "int", "default": 10},
    "moves_at_once": {"type": "int", "default": 10},
    "canary": {"type": "bool", "default": True},
    "max_failed": {"type": "int", "default": 0},
}
OPTIONS: dict[str, Any] = {"phase": {"type": "str", "choices": [PREPARE, MOVE], "default": MOVE}, **BOUNDS}
_LEAST = {"live_per_host": 1, "moves_per_target": 1, "moves_per_back_end": 1, "moves_at_once": 1, "max_failed": 0}


def rules(params: Mapping[str, Any]) -> Rules:
    for name, number in _LEAST.items():
        if params[name] < number:
            raise ZoneopsError(f"option '{name}' is {params[name]}: give a number of at least {number}.")
    bounds = Bounds(
        live_per_host=params["live_per_host"],
        per_target=params["moves_per_target"],
        at_once=params["moves_at_once"],
        per_back_end=params["moves_per_back_end"],
    )
    return Rules(bounds, canary=params["canary"], max_failed=params["max_failed"])
