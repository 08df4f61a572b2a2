# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cache of the inventory plugin, read by ansible-inventory itself. What it lists, and with which requests: tests/integration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack import stand_in
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import StandIn
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill

LAYOUT = Path(stand_in.__file__).parents[8]


def test_a_cache_that_was_cut_off_is_read_again_and_named(cloud: StandIn, tmp_path: Path) -> None:
    """As a full disk leaves it. Ansible only deletes the file, and fails."""
    fill(cloud)
    (tmp_path / "lab.zoneops.yml").write_text(
        json.dumps(
            {
                "plugin": "zoneops.openstack.zones",
                **cloud.params(),
                "cache": True,
                "cache_plugin": "ansible.builtin.jsonfile",
                "cache_connection": str(tmp_path / "cache"),
            }
        )
    )
    first, said = _listed(tmp_path)
    assert first
    assert "the cloud is read again" not in said
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text("{")
    cloud.seen.clear()
    again, said = _listed(tmp_path)
    assert again == first
    assert "the cache cannot be read, or has another content" in said
    assert cloud.seen
    assert "entries" in file.read_text()


def _listed(folder: Path) -> tuple[list[str], str]:
    """The hosts, and what is said on the terminal."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-inventory")), "-i", "lab.zoneops.yml", "--list"],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(LAYOUT),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(json.loads(done.stdout)["_meta"]["hostvars"]), " ".join(done.stderr.split())
