# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone is used through OpenStack, is not taken away while it is, and then goes from both halves."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud

from .harness import ZONES, Region
from .tenant import Tenant

GONE = "az3"
REMOVE = ("zone_remove", "-e", f"zoneops_remove={GONE}")


def test_a_zone_goes_when_nothing_lives_there(region: Region, cloud: Cloud) -> None:
    tenant = Tenant(cloud)
    tenant.use(GONE)
    refused = region.play(*REMOVE)
    assert (refused.run.rc != 0, refused.written) == (True, [])
    assert f"zone {GONE} still has 1 server, 1 volume, 1 share, 1 image" in refused.run.failures[GONE]
    tenant.leave()

    gone = region.play(*REMOVE)
    assert gone.run.rc == 0
    assert not [pod["metadata"]["name"] for pod in region.pods() if GONE in pod["metadata"]["name"]]
    assert tenant.stores() == set(ZONES) - {GONE}
    assert tenant.working("cinder-volume") == tenant.working("cinder-backup") == set(ZONES) - {GONE}
    assert tenant.working("manila-share") == set(ZONES) - {GONE}
    assert {name: found.availability_zone for name, found in cloud.aggregates().items()} == {
        zone: zone for zone in ZONES if zone != GONE
    }
