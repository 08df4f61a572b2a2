# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of a zone of both halves dies: nothing is evacuated while instance HA is on, and could do it as well."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.integration.harness.maintenance import fenced
from ansible_collections.zoneops.openstack.tests.kubernetes.harness.instance_ha import PATH, InstanceHa

from .harness import Played, Region

ZONE = "az2"


def test_nothing_is_evacuated_while_instance_ha_is_on(region: Region, cloud: Cloud) -> None:
    cloud.add_server("web", ZONE)
    dead = str(cloud.servers()["web"]["OS-EXT-SRV-ATTR:host"])
    instance_ha = InstanceHa(region.kube)
    instance_ha.make()
    region.lab.stop_host(dead, now=True)

    def asked(*arguments: str, **more: Any) -> Played:
        values = {"zoneops_fencing": [fenced(dead)], "zoneops_capacity_shared_disks": True, **more}
        return region.play("zone_evacuate", "--limit", ZONE, "-e", json.dumps(values), *arguments)

    refused = asked()
    assert (set(refused.run.failures), refused.written) == ({ZONE}, [])
    assert "is on, and evacuates hosts by itself" in refused.run.failures[ZONE]
    check = asked("--check", zoneops_allow=["instance_ha"])
    assert (check.run.rc, check.written, check.run.changed_hosts) == (0, [], {ZONE})
    region.kube.api.merge(PATH, {"spec": {"disabled": "True"}}, "a-person")
    ran = asked()
    assert ran.run.rc == 0, ran.run.output
    assert ran.steps[1:] == ["instance_ha", "zone_evacuate"]
    assert ran.cluster_written == []
    web = cloud.servers()["web"]
    assert (web["OS-EXT-SRV-ATTR:host"] != dead, web["status"]) == (True, "ACTIVE")
    region.kube.api.delete(PATH)
    cloud.delete_server("web")
    region.lab.start_host(dead)
    cloud.set_service(dead, forced_down=False)
    cloud.set_service(dead, status="enabled")
