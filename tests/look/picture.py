# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the report in the README: made of the sample, and marked with what it was made from, so that its age can be told."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

PICTURE = Path("docs", "report.png")
#: What the look of the report depends on. The rules are not among it: a picture does not age by a word of theirs.
SOURCES = (
    "plugins/module_utils/_findings/outputs/html/*.py",
    "tests/unit/plugins/module_utils/_findings/sample.py",
    "tests/look/picture.py",
)
#: Of the page: as wide as three zones need, as high as zones and capacity.
WIDTH, HEIGHT = 1000, 1130
_HEAD, _KEY = b"\x89PNG\r\n\x1a\n", b"zoneops"


def source(root: Path) -> str:
    """A sum of all that the picture is made from."""
    found = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def marked(png: bytes, text: str) -> bytes:
    """The picture with a text that people do not see."""
    body = b"tEXt" + _KEY + b"\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    at = png.rindex(b"IEND") - 4
    return png[:at] + chunk + png[at:]


def mark_of(png: bytes) -> str:
    """The text in a picture; nothing where it has none."""
    return next((body[len(_KEY) + 1 :].decode() for kind, body in _chunks(png) if kind == b"tEXt"), "")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_HEAD)
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size
