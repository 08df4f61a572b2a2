# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of an image: files as they are read and sent, and whether an image holds what is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from .._plan.errors import ZoneopsError
from .._plan.progress import Awaited
from .._zones.schema.zone_map import Image as Entry
from .model import CHECKSUM, USUAL_HASH, Content, Image, Observed

PIECE = 1024 * 1024


class Files:
    """Reads each file once for each kind of digest, however often a run looks; a file that changes is read again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, str], str] = {}

    def content(self, path: str, kinds: Iterable[str]) -> Content:
        """The file's size, and its digests of these kinds."""
        try:
            about = Path(path).expanduser().stat()
            digests = {kind: self._digest(path, about.st_size, about.st_mtime_ns, kind) for kind in kinds}
        except OSError as error:
            return Content(error=error.strerror or str(error))
        return Content(about.st_size, digests)

    def _digest(self, path: str, size: int, changed: int, kind: str) -> str:
        key = (path, size, changed, kind)
        if key not in self._known:
            with Path(path).expanduser().open("rb") as file:
                self._known[key] = _digest(file, _hash(kind), Awaited(f"{kind} of {path}"), size)
        return self._known[key]


def _digest(file: BinaryIO, digest: hashlib._Hash, awaited: Awaited, size: int) -> str:
    done = 0
    while piece := file.read(PIECE):
        digest.update(piece)
        done += len(piece)
        awaited.goes_on(f"{done * 100 // max(1, size)} % of {size} bytes read")
    return digest.hexdigest()


def _hash(kind: str) -> hashlib._Hash:
    # Compared, never trusted against an attacker: md5 also where a machine forbids it for security.
    return hashlib.new(kind, usedforsecurity=False)


class Upload:
    """A file on its way to glance, piece by piece; never in memory as a whole.

    :param sent: called after each piece with the number of bytes so far.
    """

    def __init__(self, path: str, sent: Callable[[int], None]) -> None:
        self._path = Path(path).expanduser()
        self._size = self._path.stat().st_size
        self._sent = sent

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        done = 0
        try:
            with self._path.open("rb") as file:
                while piece := file.read(PIECE):
                    done += len(piece)
                    yield piece
                    self._sent(done)
        except OSError as error:
            # Not as it is: what sends the pieces would take it for an error of the connection.
            raise ZoneopsError(f"file {self._path} cannot be read any further: {error.strerror}.") from error


def kinds_needed(entry: Entry, image: Image | None) -> frozenset[str]:
    """Which digests of its file a plan needs: none where glance's own values tell."""
    if image is None:
        return frozenset([_kind(entry.checksum)] if entry.checksum else [])
    if entry.checksum is None:
        return frozenset([image.hash_algo or "md5"])
    if _told_by_glance(entry.checksum, image) is not None:
        # Read only to make a new image of it.
        return frozenset() if _told_by_glance(entry.checksum, image) else frozenset([_kind(entry.checksum)])
    return frozenset([_kind(entry.checksum), image.hash_algo or "md5"])


def wrong_file(entry: Entry, observed: Observed) -> str | None:
    """Why an image cannot be made from the entry's file."""
    if entry.file is None:
        return None
    found = observed.files.get(entry.file, Content())
    if found.error:
        return f"file {entry.file} cannot be read on this machine: {found.error}."
    kind, _colon, digest = (entry.checksum or "").partition(":")
    if kind in found.digests and found.digests[kind] != digest:
        return f"file {entry.file} has the {kind} {found.digests[kind]}, but {digest} is required: correct one of them."
    return None


def same(entry: Entry, image: Image, observed: Observed) -> bool | None:
    """Whether an image holds what is asked for; None where that cannot be told. Nothing asked is the same."""
    if entry.checksum:
        told = _told_by_glance(entry.checksum, image)
        if told is not None or entry.file is None:
            return told
    if entry.file is None:
        return True
    found = observed.files.get(entry.file, Content())
    if found.error:
        # What cannot be read changes nothing.
        return True
    if wrong_file(entry, observed) or (image.size is not None and image.size != found.size):
        return False
    return found.digests.get(image.hash_algo or "md5") == (image.hash_value or image.checksum)


def _told_by_glance(checksum: str, image: Image) -> bool | None:
    kind, _colon, digest = checksum.partition(":")
    if kind == image.hash_algo:
        return digest == image.hash_value
    if kind == "md5" and image.checksum:
        return digest == image.checksum
    known, _colon, seen = image.properties.get(CHECKSUM, "").partition(":")
    return seen == digest if known == kind else None


def usual_kind(observed: Observed) -> str:
    """The kind of digest that this glance keeps."""
    return next((image.hash_algo for image in observed.images if image.hash_algo), USUAL_HASH)


def _kind(checksum: str) -> str:
    return checksum.partition(":")[0]
