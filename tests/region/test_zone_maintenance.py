# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone of both halves is in maintenance: the cluster keeps its majorities without it, and instance HA is off until it is back."""

from __future__ import annotations

import shutil
from pathlib import Path

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.model import BEFORE, FOR
from ansible_collections.zoneops.openstack.tests.integration.harness.block_storage import BlockStorage
from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.kubernetes.harness.instance_ha import PATH, InstanceHa

from .harness import EXAMPLE, Played, Region

ZONE, OTHER = "az2", "az3"


def test_instance_ha_is_off_while_a_zone_is_in_maintenance(region: Region, cloud: Cloud, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE.parent, tmp_path, dirs_exist_ok=True)
    inventory = tmp_path / EXAMPLE.name
    file = inventory / "host_vars" / f"{ZONE}.yml"
    file.write_text(file.read_text().replace("zoneops_zone:\n", "zoneops_zone:\n  zone_state: maintenance\n", 1))
    cloud.add_server("web", ZONE)
    instance_ha = InstanceHa(region.kube)
    instance_ha.make()

    def asked(what: str, *arguments: str) -> Played:
        values = (
            "-e",
            f"zoneops_{what}",
            "-e",
            "zoneops_servers=stop",
            "-e",
            '{"zoneops_allow": ["thaw"]}',
        )
        return region.play("zone_maintenance", "--limit", ZONE, *values, *arguments, inventory=inventory)

    with instance_ha.operated():
        check = asked("maintenance=begin", "--check")
        assert (check.run.rc, check.written) == (0, [])
        assert check.steps[1:] == ["pod_placement_info", "zone_maintenance", "instance_ha"]
        planned = asked("phase=plan")
        assert (planned.run.rc, planned.written, planned.run.changed_hosts) == (0, [], set())
        assert planned.steps == check.steps
        begun = asked("phase=move")
        assert begun.run.rc == 0
        assert [write.partition("?")[0] for write in begun.cluster_written] == [f"PATCH {PATH}"]
        assert (instance_ha.state[0], cloud.servers()["web"]["status"]) == ("True", "SHUTOFF")
        again = asked("maintenance=begin")
        assert (again.run.rc, again.written, again.run.changed_hosts) == (0, [], set())
        # No call of the lab's cinder enables a cinder-backup.
        BlockStorage(cloud).new_backup_records(region.lab)
        # Another zone is lost: instance HA stays off until that one is back, too.
        dead = next(host for host in cloud.services() if OTHER in host)
        cloud.set_service(dead, status="disabled", disabled_reason="zoneops: dead: fire")
        check = asked("maintenance=end", "--check")
        assert (check.run.rc, check.written) == (0, []), check.run.output
        ended = asked("phase=finish")
        assert ended.run.rc == 0
        assert (instance_ha.state, cloud.servers()["web"]["status"]) == (
            ("True", {FOR: OTHER, BEFORE: "False"}),
            "ACTIVE",
        )
        back = region.play("zone_return", "--limit", OTHER)
        assert back.run.rc == 0, back.run.output
        assert instance_ha.state == ("False", {})
        again = asked("maintenance=end")
        assert (again.run.rc, again.written, again.run.changed_hosts) == (0, [], set())
    assert {found["status"] for found in cloud.services().values()} == {"enabled"}
    region.kube.api.delete(PATH)
    cloud.delete_server("web")
