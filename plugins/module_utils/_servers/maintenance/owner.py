# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose run a host's maintenance is, and whether it can be at work."""

from __future__ import annotations

import os
import time

from ..._compute.lock import MARGIN_SECONDS, alive, me, room
from ..._compute.model import Host
from ..._plan.deadline import Deadline
from .marks import Owner, mark_of


def this_run(deadline: Deadline) -> Owner:
    """This run, until it can have ended."""
    return Owner(me(), os.getpid(), room(), int(time.time() + deadline.remaining() + MARGIN_SECONDS))


def at_work(host: Host) -> str:
    """The run that may be moving the servers of this host, for a message; empty where none can be."""
    mark = mark_of(host)
    if mark is None or mark.owner is None:
        return ""
    owner = mark.owner
    if time.time() > owner.until or (owner.room == room() and not alive(owner.process)):
        return ""
    end = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(owner.until))
    return f"{owner.name}, process {owner.process}, until {end} at the latest"
