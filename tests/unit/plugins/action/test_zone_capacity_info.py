# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table on the terminal, where it is asked for, and the same result either way."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import play
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.answers import (
    MAP,
    REGION,
    SERVICES,
    fill,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import standing_in

MODULE = "zoneops.openstack.zone_capacity_info"


def test_the_table_is_printed_where_it_is_asked_for(tmp_path: Path) -> None:
    with standing_in(SERVICES) as cloud:
        fill(cloud)
        given = {**cloud.params(), **MAP, "region": REGION, "shared_disks": True}
        tasks = [
            {"name": "silent", MODULE: given, "run_once": True},
            {"name": "shown", MODULE: {**given, "show": True}, "run_once": True},
        ]
        played = play(tmp_path, tasks, ansible_python_interpreter=sys.executable)
    assert played.code == 0, played.output
    table = played.results["shown"]["az1"]["table"]
    assert played.output.count(table[0]) == 1
    assert "\n".join(table) in played.output
    assert played.results["silent"]["az1"]["table"] == table
