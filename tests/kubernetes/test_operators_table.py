# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of behaviours: each has a test, and a row in the lab's page."""

from __future__ import annotations

import re
from pathlib import Path

from zonelab.operators.behaviours import BEHAVIOURS

HERE = Path(__file__).parent


def test_each_behaviour_has_a_test() -> None:
    sources = "".join(path.read_text() for path in HERE.glob("test_operators_*.py"))
    tested = set(re.findall(r'behaviour\("([a-z0-9-]+)"\)', sources))
    assert tested == {behaviour.name for behaviour in BEHAVIOURS}


def test_each_behaviour_is_on_the_page() -> None:
    page = (HERE.parents[1] / "docs" / "lab.md").read_text()
    rows = [f"| {behaviour.section} | {behaviour.text} |" for behaviour in BEHAVIOURS]
    assert [row for row in rows if row not in page] == []
