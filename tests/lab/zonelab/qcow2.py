# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain qcow2 images (docs/interop/qcow2 of QEMU), so that a volume from one needs no qemu-img; and small ones to try with."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

MAGIC = b"QFI\xfb"
HEADER = struct.Struct(">4sIQIIQIIQQIIQ")  # up to the snapshots; version 3 adds features and the header's length
FEATURES = struct.Struct(">QQQII")
ENTRY = struct.Struct(">Q")
OFFSET = 0x00FFFFFFFFFFFE00
COMPRESSED = 1 << 62
ZERO = 1
IN_USE = 1 << 63
CLUSTER_BITS = 16


class NotPlainError(Exception):
    """Compressed, encrypted, on top of another image, or no qcow2 at all: qemu-img has to do it."""


def expand(source: str | Path, target: str | Path) -> None:
    """Write the raw content; what the image does not hold stays a hole."""
    with Path(source).open("rb") as image, Path(target).open("wb") as raw:
        size, bits, table, length = read_header(image)
        cluster = 1 << bits
        for number, first in enumerate(read_table(image, table, length)):
            if not first & OFFSET:
                continue
            for index, second in enumerate(read_table(image, first & OFFSET, cluster // ENTRY.size)):
                if second & COMPRESSED:
                    raise NotPlainError("compressed clusters")
                if not second & OFFSET or second & ZERO:
                    continue
                image.seek(second & OFFSET)
                position = (number * (cluster // ENTRY.size) + index) * cluster
                raw.seek(position)
                raw.write(image.read(min(cluster, size - position)))
        raw.truncate(size)


def read_header(image: BinaryIO) -> tuple[int, int, int, int]:
    """Size, bits of a cluster, and the first table's place and length."""
    content = image.read(HEADER.size + FEATURES.size)
    if len(content) < HEADER.size:
        raise NotPlainError("too short for a header")
    magic, version, backing, _n, bits, size, encryption, length, table, *_rest = HEADER.unpack_from(content)
    if magic != MAGIC or version not in (2, 3):
        raise NotPlainError("no qcow2 of version 2 or 3")
    if backing or encryption or (version == 3 and FEATURES.unpack_from(content, HEADER.size)[0]):
        raise NotPlainError("a backing file, encryption or an incompatible feature")
    return size, bits, table, length


def read_table(image: BinaryIO, offset: int, length: int) -> list[int]:
    """Entries of a table."""
    image.seek(offset)
    return [entry for (entry,) in ENTRY.iter_unpack(image.read(length * ENTRY.size))]


def make(content: bytes, size: int) -> bytes:
    """An image that begins with the content (a cluster at most) and is of this size."""
    cluster = 1 << CLUSTER_BITS
    if len(content) > cluster or size > cluster * (cluster // ENTRY.size):
        raise ValueError("one cluster of content and one table of clusters is all that is made here")
    refcounts, block, first, second, data = (cluster * number for number in range(1, 6))
    header = HEADER.pack(MAGIC, 3, 0, 0, CLUSTER_BITS, size, 0, 1, first, refcounts, 1, 0, 0)
    parts = {
        0: header + FEATURES.pack(0, 0, 0, 4, HEADER.size + FEATURES.size),
        refcounts: ENTRY.pack(block),
        block: struct.pack(">6H", *[1] * 6),
        first: ENTRY.pack(second | IN_USE),
        second: ENTRY.pack(data | IN_USE),
        data: content,
    }
    image = bytearray(cluster * 6)
    for offset, part in parts.items():
        image[offset : offset + len(part)] = part
    return bytes(image)
