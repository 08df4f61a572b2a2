# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server from the request to shelve it to the end of that: unshelved in another zone, or back in its own, and in the status that it had. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._capacity.facts.servers import OFFLOADED
from .._servers.flight import ATTEMPTS, Step
from .._servers.migrations import Found
from .._servers.model import FAILED, GONE, MOVED
from .tags import ACTIVE, SHELVABLE, SHUTOFF

SHELVING, UNSHELVING, STOPPING, BACK = "shelve", "unshelve", "stop", "back"
REQUESTS = (SHELVING, UNSHELVING, STOPPING)


@dataclass
class Shelf:
    """A server that is on its way.

    :ivar old: the zone that it leaves; `zone`, the one that it goes to, empty where no host there has room for it.
    :ivar host: the one that it goes to; empty where nova chooses one in the zone.
    :ivar was: its status before.
    :ivar asked: the last request; empty for a server that an earlier run shelved.
    :ivar sure: whether nova accepted that, else its answer was lost; `request` is its id, `tries`, how often it was made.
    :ivar why: why it goes back to its own zone; empty while it does not.
    """

    old: str
    zone: str
    host: str
    was: str
    asked: str = ""
    sure: bool = True
    request: str = ""
    tries: int = 0
    why: str = ""

    @property
    def goal(self) -> tuple[str, str]:
        """The zone to unshelve in, and the host, if any."""
        return (self.old, "") if self.why else (self.zone, self.host)

    def turn(self, reason: str) -> None:
        """It goes back."""
        self.why = reason.rstrip(". ")
        self.asked, self.request, self.tries = "", "", 0

    def note(self, what: str, request: str, *, sure: bool) -> None:
        """A request was made."""
        self.tries = self.tries + 1 if what == self.asked else 1
        self.asked, self.request, self.sure = what, request, sure


def next_step(shelf: Shelf, found: Found | None, zones: Mapping[str, str]) -> Step:
    """What follows from what the server shows: a request, BACK or an outcome; nothing while nova works on it.

    :param found: None where it is gone.
    :param zones: the availability zone of each host.
    """
    if found is None:
        return Step(GONE, "the server was deleted while the run was working")
    if found.task:
        return Step()
    if found.status == OFFLOADED:
        return _offloaded(shelf)
    if found.status not in SHELVABLE:
        return Step(FAILED, f"the server is in status {found.status} now")
    home = zones.get(found.host or "") == shelf.old
    if home and shelf.asked == SHELVING:
        return _again(shelf, SHELVING, f"and the server is still {found.status}")
    if shelf.was == SHUTOFF and found.status == ACTIVE:
        return _again(shelf, STOPPING, f"and the server is still {found.status}")
    if home:
        return Step(FAILED, f"{shelf.why or 'it was not unshelved elsewhere'}: it is in zone {shelf.old} as it was")
    return Step(MOVED, to=found.host)


def _offloaded(shelf: Shelf) -> Step:
    zone, _host = shelf.goal
    step = _again(shelf, UNSHELVING, f"and placed the server nowhere in zone {zone}")
    if step.what != FAILED:
        return step
    if shelf.why:
        return Step(FAILED, f"{shelf.why}; it could not be unshelved in zone {zone} again either")
    return Step(BACK, step.reason)


def _again(shelf: Shelf, what: str, still: str) -> Step:
    """A request that is due, or one whose answer was lost; else it was in vain."""
    if shelf.asked != what or (not shelf.sure and shelf.tries < ATTEMPTS):
        return Step(what)
    return Step(
        FAILED, f"nova accepted the {what}, {still}" if shelf.sure else f"the answers to the {what} were lost, {still}"
    )
