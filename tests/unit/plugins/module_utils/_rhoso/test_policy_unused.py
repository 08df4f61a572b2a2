# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ConfigMap with the rule for copies stays when the rule goes, and every run says so, not only the one that took it away."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane import guards
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    OperatedCluster,
    run,
)

WITH, WITHOUT = small(("region.kubernetes.services.glance", {"copy_image_rule": "role:admin"})), small()


def said(verdict: Verdict) -> int:
    return sum("is no longer used by glance" in warning for warning in verdict.warnings)


def test_it_is_said_as_long_as_it_is_there() -> None:
    cluster = OperatedCluster()
    assert not run(cluster, WITH)["az1"].errors
    assert not said(run(cluster, WITH)["az1"])
    assert said(run(cluster, WITHOUT, check=True)["az1"]) == 1
    changed = run(cluster, WITHOUT)["az1"]
    assert (changed.errors, said(changed)) == ([], 1)
    for again in (run(cluster, WITHOUT), run(cluster, WITHOUT, check=True), run(cluster, WITHOUT, verify=True)):
        assert not again["az1"].plan
        assert said(again["az1"]) == 1
    # Whoever waits for nothing asks for nothing more.
    assert not said(run(cluster, WITHOUT, wait=False)["az1"])
    del cluster.objects[guards.policy_ref(WITHOUT).path]
    assert not said(run(cluster, WITHOUT)["az1"])
