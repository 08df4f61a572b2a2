# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When it is worth a look whether a move has ended: soon after it, and not often before. Pure."""

from __future__ import annotations

from .flight import Flight

# Nobody looks before a move can have ended: shares of what moves of its way took so far. Before the first one ended, of the time that has passed.
NOT_BEFORE, SHARE = 0.8, 0.1
# How many moves tell how long one takes.
LATEST = 10
# What a move took that was never seen under way, as a share of the time after which its end was seen.
UNSEEN = 0.9


class Pace:
    """How long moves take, by their way, as far as looks can tell.

    The time at which an end was seen does not count alone: a look that came late would make the next ones late as well.
    """

    def __init__(self) -> None:
        self._took: dict[str, list[float]] = {}

    def note(self, flight: Flight, seconds: float) -> None:
        """A move went well.

        :param seconds: after which its end was seen.
        """
        took = (flight.lasted + (flight.ended or seconds)) / 2 if flight.lasted else UNSEEN * seconds
        self._took.setdefault(flight.move.way, []).append(took)

    def wait(self, flight: Flight, age: float) -> float:
        """Seconds until the next look at a move that began `age` seconds ago."""
        took = self._took.get(flight.move.way, ())[-LATEST:]
        if not took:
            return SHARE * age
        usual = sum(took) / len(took)
        return max(NOT_BEFORE * usual - age, SHARE * usual)
