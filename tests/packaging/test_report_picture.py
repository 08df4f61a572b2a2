# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the report in the README shows the report as it is made now."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.zoneops.openstack.tests.look.picture import PICTURE, SOURCES, mark_of, marked, source

from .documented import ROOT


def test_the_picture_is_not_older_than_the_report() -> None:
    found = (ROOT / PICTURE).read_bytes()
    assert mark_of(found) == source(ROOT), f"{PICTURE} is too old: make report-picture"
    assert len(found) < 200_000


def test_a_changed_source_is_noticed(tmp_path: Path) -> None:
    for pattern in SOURCES:
        for path in ROOT.glob(pattern):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    assert source(tmp_path) == source(ROOT)
    copy.write_bytes(copy.read_bytes() + b"#")
    assert source(tmp_path) != source(ROOT)
    assert mark_of(marked((ROOT / PICTURE).read_bytes(), "")) == source(ROOT)
