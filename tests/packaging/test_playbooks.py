# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory may hold without breaking a playbook, and what the examples may hold without a warning."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
# What Ansible looks for inventory in; it warns of every other file below the folder of an inventory, except of some by their suffix.
READ = {".yml", ".md"}


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_connection_and_become_of_the_inventory_do_not_matter(playbook: Path) -> None:
    """Variables of a play win over those of the inventory; its keyword `connection` does not."""
    plays = [play for play in yaml.safe_load(playbook.read_text()) if "hosts" in play]
    assert plays
    for play in plays:
        assert play["vars"]["ansible_connection"] == "local", play["name"]
        assert play["vars"]["ansible_become"] is False, play["name"]


def test_examples_hold_nothing_that_is_no_inventory() -> None:
    folders = [path for path in (ROOT / "examples").iterdir() if path.is_dir() and path.name not in ("aap", "ee")]
    assert folders
    assert [
        path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix not in READ
    ] == []
