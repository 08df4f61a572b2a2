# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is kept in the object store, so that it outlives the container that a job runs in: stored, and fetched again."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._openstack.errors import ApiError
from .._plan.errors import ZoneopsError
from .._plan.files.paths import irreplaceable, unreadable
from .objects import Kept, Objects, Place

#: Reports and journals, not images: it is read as a whole.
MOST_BYTES = 256 * 1024 * 1024
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class File:
    """What is to be stored."""

    content: bytes
    content_type: str

    @property
    def kept(self) -> Kept:
        return Kept(_md5(self.content), len(self.content), self.content_type)


def read(path: str, content_type: str | None) -> File:
    """The file.

    :param content_type: what browsers take it for; None to know it by its name.
    """
    file = Path(path).expanduser()
    if reason := unreadable(str(file)):
        raise ZoneopsError(f"file {path} {reason}.")
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise ZoneopsError(f"file {path} has {size} bytes: at most {MOST_BYTES} are stored.")
        content = file.read_bytes()
    except OSError as error:
        raise ZoneopsError(f"file {path} cannot be read: {error.strerror}.") from error
    return File(content, content_type or mimetypes.guess_type(file.name)[0] or UNKNOWN)


def store(objects: Objects, place: Place, file: File, seconds: int | None, *, check: bool) -> dict[str, Any]:
    """The result: what is there, what was written, and why.

    :param seconds: after which the store deletes it.
    """
    found, wanted = objects.find(place), file.kept
    steps = []
    if found is None and not objects.has_container(place.container):
        steps.append(f"create container {place.container}")
    if found != wanted:
        steps.append(f"{'store' if found is None else 'replace'} {place.label} ({wanted.size} bytes)")
    if steps and not check:
        if len(steps) > 1:
            objects.create_container(place.container)
        _put(objects, place, file, seconds)
    return {
        "changed": bool(steps),
        "msg": "; ".join(steps) or f"{place.label} has this content",
        "found": found is not None or (bool(steps) and not check),
        "diff": {"before": _shown(found), "after": _shown(wanted)},
    }


def _put(objects: Objects, place: Place, file: File, seconds: int | None) -> None:
    """An answer that was lost does not count: what is there does."""
    wanted = file.kept
    lost: ApiError | None = None
    try:
        objects.store(place, file.content, wanted.md5, wanted.content_type, seconds)
    except ApiError as error:
        if not error.uncertain:
            raise
        lost = error
    if objects.find(place) != wanted:
        raise lost or ZoneopsError(f"{place.label} does not have the content that was stored: others write it as well.")


def fetch(objects: Objects, place: Place, path: str, *, check: bool) -> dict[str, Any]:
    """The result: whether there is one, and whether the file is another one now."""
    found = objects.find(place)
    if found is None:
        return {"changed": False, "found": False, "msg": f"there is no {place.label}"}
    file = Path(path).expanduser()
    if reason := irreplaceable(str(file)):
        raise ZoneopsError(f"file {path} {reason}.")
    try:
        same = file.is_file() and file.stat().st_size <= MOST_BYTES and _md5(file.read_bytes()) == found.md5
        if not same and found.size > MOST_BYTES:
            raise ZoneopsError(f"{place.label} has {found.size} bytes: at most {MOST_BYTES} are fetched.")
        if not same and not check:
            content = objects.content(place)
            if len(content) != found.size:
                # An answer can end early. The file is still what it was.
                raise ZoneopsError(
                    f"{place.label} has {found.size} bytes, and {len(content)} arrived: run it again. File {path} was not changed."
                )
            file.write_bytes(content)
    except OSError as error:
        raise ZoneopsError(f"file {path} cannot be written: {error.strerror}.") from error
    msg = f"file {path} has the content of {place.label}" if same else f"fetch {place.label} into {path}"
    return {"changed": not same, "found": True, "msg": msg}


def _md5(content: bytes) -> str:
    # Compared, never trusted against an attacker: also where a machine forbids it for security.
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _shown(kept: Kept | None) -> str:
    return "" if kept is None else f"{kept.size} bytes of {kept.content_type}, md5 {kept.md5}\n"
