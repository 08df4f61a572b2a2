# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of a zone of both halves dies: instance HA, which could evacuate it as well, is switched off first, and on again by its return."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.model import BEFORE, FOR
from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.integration.harness.maintenance import fenced
from ansible_collections.zoneops.openstack.tests.kubernetes.harness.instance_ha import PATH, InstanceHa

from .harness import Played, Region

ZONE = "az2"


def test_instance_ha_is_off_until_the_host_is_back(region: Region, cloud: Cloud) -> None:
    cloud.add_server("web", ZONE)
    dead = str(cloud.servers()["web"]["OS-EXT-SRV-ATTR:host"])
    instance_ha = InstanceHa(region.kube)
    instance_ha.make()
    region.lab.stop_host(dead, now=True)

    def asked(*arguments: str, **more: Any) -> Played:
        values = {"zoneops_fencing": [fenced(dead)], "zoneops_capacity_shared_disks": True, **more}
        return region.play("zone_evacuate", "--limit", ZONE, "-e", json.dumps(values), *arguments)

    # What is refused leaves it on: without evidence, and where it is not to be touched.
    refused = asked(zoneops_fencing=[])
    assert (set(refused.run.failures), refused.written) == ({ZONE}, [])
    assert "nothing says that it is cut off" in refused.run.failures[ZONE]
    refused = asked(zoneops_maintenance_instance_ha=False)
    assert (set(refused.run.failures), refused.written) == ({ZONE}, [])
    assert "is on, and evacuates hosts by itself" in refused.run.failures[ZONE]
    check = asked("--check")
    assert (check.run.rc, check.written, check.run.changed_hosts) == (0, [], {ZONE}), check.run.output
    with instance_ha.operated():
        ran = asked()
    assert ran.run.rc == 0, ran.run.output
    assert ran.cluster_written == [f"PATCH {PATH}?fieldManager=zoneops-{ZONE}"]
    assert instance_ha.state == ("True", {FOR: ZONE, BEFORE: "False"})
    web = cloud.servers()["web"]
    assert (web["OS-EXT-SRV-ATTR:host"] != dead, web["status"]) == (True, "ACTIVE")
    again = asked()
    assert (again.run.rc, again.written, again.run.changed_hosts) == (0, [], set()), again.run.output

    def returned(*arguments: str) -> Played:
        return region.play("zone_return", "--limit", ZONE, *arguments)

    away = returned()
    assert (set(away.run.failures), away.cluster_written) == ({ZONE}, [])
    region.lab.start_host(dead)
    check = returned("--check")
    assert (check.run.rc, check.written) == (0, []), check.run.output
    with instance_ha.operated():
        back = returned()
    assert back.run.rc == 0, back.run.output
    assert back.cluster_written == [f"PATCH {PATH}?fieldManager=zoneops-{ZONE}"]
    assert instance_ha.state == ("False", {})
    again = returned()
    assert (again.run.rc, again.written, again.run.changed_hosts) == (0, [], set()), again.run.output
    region.kube.api.delete(PATH)
    cloud.delete_server("web")
