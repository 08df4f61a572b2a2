# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which callbacks' output another program reads."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.plugin_utils.terminal import stdout_is_for_people


@pytest.mark.parametrize(
    ("callback", "people"),
    [
        ("default", True),
        ("ansible.builtin.default", True),
        ("oneline", True),
        ("awx_display", True),
        ("community.general.yaml", True),
        ("community.general.unixy", True),
        ("json", False),
        ("ansible.posix.json", False),
        ("ansible.posix.jsonl", False),
        ("example.house.ndjson", False),
        ("community.general.null", False),
    ],
)
def test_by_name(monkeypatch: pytest.MonkeyPatch, callback: str, people: bool) -> None:
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", callback)
    assert stdout_is_for_people() is people
