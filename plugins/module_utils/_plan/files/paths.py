# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a user names: where they are, and whether one can be read, or lines appended to it. Nothing here waits for a file that does not answer."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable

from ..errors import ZoneopsError

# What a file system that is alive needs is far below it; a dead NFS server never answers.
ANSWER_SECONDS = 10.0


def absolute(path: str) -> str:
    """The whole path; a relative one begins where ansible-playbook was started. For the controller's own process, which is still there."""
    return os.path.abspath(os.path.expanduser(os.path.expandvars(path)))  # noqa: PTH100, PTH111 - what options of type path do


def unfit(path: str) -> str:
    """Why no line can be appended to the file, nothing where one can. Makes no file."""
    if not os.path.isabs(path):  # noqa: PTH117
        return "is not an absolute path; begin it with '/'"
    return _in_time(lambda: _looked_at(path))


def missing(path: str) -> bool:
    """Whether there is certainly no such file. One that cannot be looked at may be there."""
    try:
        os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def size(path: str) -> int:
    """The bytes of the file; 0 for one that is not there. Of a file that answers."""
    return 0 if missing(path) else os.stat(path).st_size  # noqa: PTH116


def irreplaceable(path: str) -> str:
    """Why the file cannot be written as a whole, in place of one that is there; nothing where it can. Makes neither file nor folder."""
    return _in_time(lambda: _reason(lambda: _replaced(os.path.realpath(path))))


def unreadable(path: str) -> str:
    """Why the file cannot be read, nothing where it can."""
    return _in_time(lambda: _opened_to_read(path))


def refuse_unfit(path: str | None, what: str) -> None:
    """Raise ZoneopsError when the file cannot be written."""
    reason = unfit(path) if path else ""
    if reason:
        raise ZoneopsError(f"the {what} {path} {reason}. Nothing was changed.")


def _in_time(look: Callable[[], str]) -> str:
    reasons: list[str] = []
    looking = threading.Thread(target=lambda: reasons.append(look()), daemon=True)
    looking.start()
    looking.join(ANSWER_SECONDS)
    return reasons[0] if reasons else f"does not answer within {ANSWER_SECONDS:g} s; is its file system available?"


def _opened_to_read(path: str) -> str:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
        if not stat.S_ISREG(mode):
            return f"is {_kind(mode)}; name a file"
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""


def _looked_at(path: str) -> str:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except FileNotFoundError:
        return _reason(lambda: _place(os.path.dirname(path)))  # noqa: PTH120
    except OSError as error:
        return f"cannot be written ({error.strerror})"
    if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
        return f"is {_kind(mode)}; name a file"
    return _reason(lambda: _opened(path))


def _reason(look: Callable[[], str]) -> str:
    try:
        return look()
    except OSError as error:
        return f"cannot be written ({error.strerror})"


def _place(folder: str) -> str:
    """Why no file can be made in the folder."""
    if not stat.S_ISDIR(os.stat(folder).st_mode):  # noqa: PTH116
        return f"cannot be created: {folder} is not a folder"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"cannot be created: {folder} cannot be written"


def _replaced(path: str) -> str:
    if os.path.lexists(path):
        mode = os.stat(path).st_mode  # noqa: PTH116
        if not stat.S_ISREG(mode):
            return f"is {_kind(mode)}; name a file"
    folder = os.path.dirname(path)  # noqa: PTH120
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)  # noqa: PTH120
    return _place(folder)


def _opened(path: str) -> str:
    os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY))
    return ""


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISBLK, "a block device"),
        (stat.S_ISCHR, "a device"),
    )
    return next((name for is_one, name in kinds if is_one(mode)), "no file")
