# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference page and the schema say the same."""

from __future__ import annotations

import importlib.util
from pathlib import Path

COLLECTION = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())


def test_the_reference_page_is_current() -> None:
    spec = importlib.util.spec_from_file_location("generate_zone_map", COLLECTION / "docs" / "generate_zone_map.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    wanted: str = generator.page()
    assert (COLLECTION / "docs" / "zone-map.md").read_text(encoding="utf-8") == wanted, (
        "docs/zone-map.md is not what the schema says; run `make generate`"
    )
