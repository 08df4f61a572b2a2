# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain qcow2 images become raw volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from zonelab import qcow2

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 10 << 20


def test_image_is_its_content_and_holes(tmp_path: Path) -> None:
    image, raw = tmp_path / "image", tmp_path / "raw"
    image.write_bytes(qcow2.make(b"content", SIZE))
    qcow2.expand(image, raw)
    assert raw.read_bytes() == b"content".ljust(SIZE, b"\0")
    assert raw.stat().st_blocks * 512 < SIZE


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (0, b"RAW"),
        (4, (9).to_bytes(4, "big")),
        (8, (512).to_bytes(8, "big")),
        (32, (1).to_bytes(4, "big")),
        (72, (1).to_bytes(8, "big")),
        (4 << 16, (1 << 62 | 5 << 16).to_bytes(8, "big")),
    ],
    ids=["magic", "version", "backing", "encryption", "feature", "compressed"],
)
def test_other_images_are_left_to_qemu(tmp_path: Path, offset: int, value: bytes) -> None:
    content = bytearray(qcow2.make(b"content", SIZE))
    content[offset : offset + len(value)] = value
    (tmp_path / "image").write_bytes(content)
    with pytest.raises(qcow2.NotPlainError):
        qcow2.expand(tmp_path / "image", tmp_path / "raw")
