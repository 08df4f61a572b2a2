# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host's disabled reason records its maintenance: how far it is, why, what it was before, and while servers move whose run moves them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..._compute.model import Host
from ..._plan.disabled.reason import MAINTENANCE, OF_ZONE, zone_mark
from ..._plan.errors import ZoneopsError

#: How far it is: servers are being moved, a run ended before all were moved, nothing is on it, or only what was allowed to stay.
DRAINING, INCOMPLETE, EMPTIED, DRAINED = "draining", "incomplete", "emptied", "drained"
#: In the maintenance of a whole zone also: servers are being stopped, are stopped, or were left as they are.
STOPPING, STOPPED, LEFT = "stopping", "stopped", "left"
#: What nova takes.
LONGEST = 255
LONGEST_REASON = 120
_OWNER = 40
#: What follows is the reason that the host was disabled for before.
BEFORE = " | before: "
_TEXT = re.compile(
    rf"{MAINTENANCE}(?P<zone>{OF_ZONE}(?: until (?P<end>\S+))?)?, "
    r"(?P<phase>draining|incomplete|emptied|drained|stopping|stopped|left)"
    r"(?: by (?P<owner>\S*) process (?P<process>\d+) in (?P<room>\w+) until (?P<until>\d+))?: (?P<reason>.*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Owner:
    """A run.

    :ivar room: where its process id means something, see `_compute.lock`.
    :ivar until: when it cannot be at work any more, in seconds since 1970.
    """

    name: str
    process: int
    room: str
    until: int

    @property
    def text(self) -> str:
        return f" by {self.name[:_OWNER].replace(' ', '_')} process {self.process} in {self.room} until {self.until}"


@dataclass(frozen=True)
class Mark:
    """What a disabled reason says.

    :ivar before: the reason that the host was disabled for before; None for one that was enabled.
    :ivar zone: whether its whole zone is in maintenance.
    :ivar end: when that is to end; empty where nobody said so.
    """

    phase: str
    reason: str
    before: str | None = None
    owner: Owner | None = None
    zone: bool = False
    end: str = ""

    @property
    def text(self) -> str:
        head = f"{zone_mark(self.end) if self.zone else MAINTENANCE}, {self.phase}{self.owner.text if self.owner else ''}: "
        tail = "" if self.before is None else f"{BEFORE}{self.before}"
        return f"{head}{self.reason[: max(0, LONGEST - len(head) - len(tail))]}{tail}"

    @property
    def fits(self) -> bool:
        """Whether nothing of what the host was before is lost, also while the reason names a run."""
        longest = Owner("x" * _OWNER, 2**22, "0" * 12, 10**10 - 1)
        return len(Mark(INCOMPLETE, "", self.before, longest, self.zone, self.end).text) <= LONGEST


def refuse_wrong_reason(reason: str) -> None:
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ZoneopsError(f"option 'reason' has {len(reason)} characters: 1 to {LONGEST_REASON} are allowed.")
    if BEFORE.rstrip() in reason:
        # The end would disable the host for what follows, as it was before.
        raise ZoneopsError(
            f"option 'reason' contains '{BEFORE.strip()}', which begins the earlier reason in a mark: leave out the bar."
        )


def mark_of(host: Host) -> Mark | None:
    """None for a host that is in no maintenance of ours."""
    return None if host.enabled else mark_in(host.disabled_reason)


def mark_in(disabled_reason: str | None) -> Mark | None:
    """None for a reason of others."""
    found = _TEXT.fullmatch(disabled_reason or "")
    if found is None:
        return None
    reason, kept, before = found["reason"].partition(BEFORE)
    owner = None
    if found["process"] is not None:
        owner = Owner(found["owner"], int(found["process"]), found["room"], int(found["until"]))
    return Mark(found["phase"], reason, before if kept else None, owner, found["zone"] is not None, found["end"] or "")
