# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a room may raise: an error with a message for the operator, never a traceback."""

from __future__ import annotations


class ZoneopsError(Exception):
    """Something went wrong that the message explains: which object, what is wrong, what to do.

    :param uncertain: True when a write was sent and its answer was lost, so that it may have taken effect.
    """

    def __init__(self, message: str, *, uncertain: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.uncertain = uncertain


class Postponed(ZoneopsError):
    """A change that was rightly not made: it waits for something that failed elsewhere, which answers for it. No fault of its zone."""


class DeadlineExceeded(ZoneopsError):
    """The time of the whole run is used up."""
