# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose an image is that is not finished: what a run leaves on it, so that the next one knows whether to wait or to take over.

Users may see it: it names no person and no machine, only what tells two runs apart.
"""

from __future__ import annotations

import os
import re
import time

from .._compute.lock import alive, room
from .model import BEGUN, Image

# What a run may need beyond its deadline.
MARGIN_SECONDS = 120.0
_TEXT = re.compile(r"process (?P<process>\d+) in (?P<room>\w+) until (?P<until>\d+)")


def mark(remaining: float) -> str:
    """What this run writes on an image that it begins."""
    return f"process {os.getpid()} in {room()} until {time.time() + remaining + MARGIN_SECONDS:.0f}"


def is_begun(image: Image) -> bool:
    """Whether a run of this collection began it and did not come to the end."""
    return BEGUN in image.properties


def is_at_work(image: Image) -> bool:
    """Whether the run that began it may still be at work, this one apart."""
    found = _TEXT.fullmatch(image.properties.get(BEGUN, ""))
    if found is None or time.time() > int(found["until"]):
        return False
    here = found["room"] == room()
    process = int(found["process"])
    return not here or (process != os.getpid() and alive(process))
