# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter overrides in a real run: each module is handed its own, and a word that none has is refused by its module."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import KNOWN, OF_ROLES
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import play

TAKEN = "{{ zoneops_allow | zoneops.openstack.overrides('%s') | join(' ') }}"
CALL = {
    "name": "call",
    "zoneops.openstack.volume_types": {
        "zones": {},
        "region": {"zones": []},
        "allow": "{{ ['host_moves', 'sucessor_types'] | zoneops.openstack.overrides('volume_types') }}",
    },
    "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    "run_once": True,
    "ignore_errors": True,
}


def test_each_module_is_handed_its_own(tmp_path: Path) -> None:
    tasks = [{"name": name, "ansible.builtin.debug": {"msg": TAKEN % name}, "run_once": True} for name in OF_ROLES]
    played = play(tmp_path, [*tasks, CALL], zoneops_allow=KNOWN)
    for name, words in OF_ROLES.items():
        assert played.results[name]["az1"]["msg"].split() == [word for word in KNOWN if word in words]
    message = played.results["call"]["az1"]["msg"]
    assert "value of allow must be one or more of: successor_types. Got no match for: sucessor_types" in message
