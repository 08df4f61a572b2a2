# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reconciler may raise: an error with a message for the operator, never a traceback."""

from __future__ import annotations

import traceback

# Where the files of this collection are, in a folder as in the archive of a module process.
OWN = "/zoneops/openstack/plugins/"
LONGEST_TEXT = 500


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


class Unexpected(ZoneopsError):
    """An error that nobody foresaw. After a write it is uncertain what took effect.

    :ivar trace: the traceback.
    """

    def __init__(self, message: str, trace: str) -> None:
        super().__init__(message, uncertain=True)
        self.trace = trace


def unexpected(error: BaseException) -> Unexpected:
    """Any other error as one of ours: its type, its text and its place."""
    text = " ".join(str(error).split())[:LONGEST_TEXT]
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    trace = "".join(traceback.format_exception(error))
    return Unexpected(
        f"unexpected {what} (at {_place(error)}). This is a bug in zoneops.openstack: report it with the output of -vvv.",
        trace,
    )


def _place(error: BaseException) -> str:
    """The innermost line of this collection that the error came through, else the innermost line of all."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if OWN in frame.filename.replace("\\", "/")]
    if not frames:
        return "an unknown place"
    frame = (own or frames)[-1]
    file = frame.filename.replace("\\", "/")
    return f"{file.rpartition(OWN)[2] if own else file}:{frame.lineno} in {frame.name}"
