# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planning is pure, for every reconciler that there is: with changes, with refusals, with notes.

The examples are those of the reconcilers' own tests. In all the others it is watched as well that planning changes nothing (`plans_are_pure`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins import module_utils
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import BACKUP, SCHEDULER
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.backups.reconcile import VolumeBackups
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.defaults.reconcile import ProjectDefaults
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.relocate.reconcile import VolumeRelocate
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.services.reconcile import (
    BlockStorageServices,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.types.reconcile import VolumeTypes
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.reconcile import AvailabilityZones
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.services import ComputeServices
from ansible_collections.zoneops.openstack.plugins.module_utils._image.reconcile import Images
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import (
    AppliedObjects,
    AppliedReconciler,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import (
    Options as ApplyOptions,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.reconcile import InMasakari
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.reconcile import ControlPlane
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.topologies import (
    TopologiesReconciler,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.reconcile import DataPlane
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.reconcile import InstanceHaReconciler
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.node_maintenance.reconcile import (
    NodeMaintenances,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.node_maintenance.unfence import Unfencing
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.nodes.reconcile import NodesReconciler
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pod_spread.reconcile import Spreading
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.zone_removal.reconcile import Removal
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.begin.run import Begin
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end.run import End
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.access.reconcile import ShareAccess
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.services.reconcile import (
    ShareServices,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.types.reconcile import ShareTypes
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drain.reconcile import Drain
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.reconcile import Drilling
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.reconcile import Evacuating
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.stages import Stages
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.tasks import AwaitTasks
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.reconcile import Restoring
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.left.reconcile import LeftOvers
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.reconcile import Returning
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import FORCE
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage import (
    test_backups,
    test_defaults,
    test_relocate,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage import (
    test_services as block_storage_services,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage import (
    test_types as volume_types,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.stand_in import (
    StandIn as Cinder,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute import (
    test_services as compute_services,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    host,
    options,
    zone_map,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.situations import Situation
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._image import test_images
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._image.stand_in import StandIn as Glance
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes import test_reconciler
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._masakari import test_in_masakari
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._masakari.stand_in import (
    StandIn as MasakariStandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.pure_plans import (
    reconcilers,
    watching,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import (
    spread_cluster,
    test_at_the_same_time,
    test_data_plane_reconciler,
    test_following,
    test_instance_ha,
    test_node_maintenance,
    test_nodes,
    test_removal_reconciler,
    test_unfencing,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    OperatedCluster,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import run as applied
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers import test_maintenance
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem import (
    test_access,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem import (
    test_services as share_services,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem import (
    test_types as share_types,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_drain import test_drain, test_shelved
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_drill import test_plan as test_drill
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_evacuate import test_evacuate
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_maintenance import (
    test_remembered,
    test_stages,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_restore import (
    test_plan as test_restore,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_return import lost_zone, test_left

MAP = test_removal_reconciler.MAP


def zones_of_nova() -> None:
    left = host("h1", reason="zoneops:az1->az2")
    move = {"az1": "h2", "az2": "h3 h1"}
    for found, wanted in (
        (cloud(aggregate("az1", "h2"), aggregate("az2", "h3"), special=[left]), move),
        (cloud(hosts="compute-1"), {"az1": "zzz"}),
    ):
        asked = Situation(found, zone_map(**wanted), options(only=wanted))
        asked.run(asked.region(), check=True)


def glance() -> Glance:
    return Glance(web={test_images.URL: b"content"})


def cinder() -> Cinder:
    found = Cinder()
    for zone in block_storage_services.ZONES:
        found.add_backend(zone)
    found.add_service(BACKUP, "backup-1", "az1")
    found.add_service(SCHEDULER, "control", "az1")
    return found


def wrong_services_of_cinder() -> None:
    _name, break_it, rules = block_storage_services.FINDINGS[0]
    block_storage_services.test_what_is_wrong_fails_its_zone(cinder(), break_it, rules)


def zone_in_the_control_plane() -> OperatedCluster:
    found = OperatedCluster()
    applied(found, MAP)
    found.writes.clear()
    return found


def planned(reconciler: AppliedReconciler[Any]) -> None:
    Converge(reconciler, check=True, deadline=Deadline(60), settle=0).run()


def topologies_of_others() -> None:
    planned(TopologiesReconciler(test_following.Followed(), ["az1", "az2"], small(), ApplyOptions(), None))  # type: ignore[arg-type]


class Labelled(test_nodes.Nodes):
    """Nodes that take a label."""

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Any:
        found = super().apply(ref, body, manager, dry_run=dry_run, force=force)
        labels = {**found["metadata"]["labels"], **body["metadata"]["labels"]}
        return {**found, "metadata": {**found["metadata"], "labels": labels}}


def nodes() -> None:
    found = {**test_nodes.cluster(w3="zoneA"), "w9": test_nodes.node("w9", "zoneA")}
    for item in found.values():
        item["metadata"]["uid"] = item["metadata"]["name"]
    forced = ApplyOptions(allow=frozenset({FORCE}))
    planned(NodesReconciler(Labelled(*found.values()), ["az1", "az2"], test_nodes.MAP, forced))  # type: ignore[arg-type]


def instance_ha() -> None:
    for disabled in ("False", "True", None):
        for state in ("begin", "end"):
            test_instance_ha.call(test_instance_ha.Operated(test_instance_ha.made(disabled)), state, check=True)


def workers() -> None:
    found = test_node_maintenance.Operated(test_node_maintenance.node("w1"))
    test_node_maintenance.call(found, "begin", check=True)
    found = test_node_maintenance.Operated(*map(test_node_maintenance.node, ("w1", "w2")))
    test_node_maintenance.call(found, "begin", check=True)
    found.others("w1")
    test_node_maintenance.call(found, "begin", check=True)


def nodes_out_of_service() -> None:
    found = test_unfencing.Tainted(test_unfencing.out("w1"), test_node_maintenance.node("w2", cordoned=True))
    test_unfencing.run(found, check=True)
    found.remediations = [test_unfencing.remediation("w1")]
    test_unfencing.run(found, check=True)


def pods_into_a_zone_that_came_back() -> None:
    found = spread_cluster.two_services()
    spread_cluster.run(found, check=True)
    spread_cluster.run(found, check=True, down=("az3",))
    found.lists["StatefulSet"][0]["status"]["updateRevision"] = "b"
    spread_cluster.run(found, check=True)


def hosts_into_maintenance() -> None:
    found = FakeCloud()
    test_maintenance.fill(found)
    test_maintenance.run(found, check=True)
    test_maintenance.run(found, "az1-9", check=True)
    found.services["az1-0"] |= {"status": "disabled", "disabled_reason": test_maintenance.EMPTIED}
    found.servers.clear()
    test_maintenance.run(found, check=True)


def hosts_out_of_maintenance() -> None:
    found = FakeCloud()
    test_maintenance.end(found, check=True)
    found.services["az1-0"] |= {"status": "disabled", "disabled_reason": test_maintenance.EMPTIED}
    test_maintenance.end(found, check=True)
    found.services["az1-0"] |= {"state": "down"}
    test_maintenance.end(found, check=True)


def zones_into_maintenance_and_back() -> None:
    found = test_stages.Whole()
    test_stages.run(found, "begin", check=True)
    found.nova.add("paused", status="PAUSED")
    test_stages.run(found, "begin", check=True)
    for name in ("az1-0", "az1-1"):
        found.nova.services[name] |= {"status": "disabled", "disabled_reason": f"{test_stages.MARK}, stopped: work"}
    test_stages.run(found, "begin", check=True)
    test_stages.run(found, "end", check=True)


def servers_to_other_zones() -> None:
    found = test_drain.filled()
    test_drain.run(found, check=True)
    found.add("huge", ram=9000)
    found.servers["pinned"]["tags"] = [test_drain.PIN]
    found.servers["pinned"]["pinned_availability_zone"] = None
    test_drain.run(found, check=True)


def servers_of_dead_hosts() -> None:
    found = test_evacuate.filled()
    found.add("paused", status="PAUSED")
    test_evacuate.run(found, check=True)
    test_evacuate.run(found, check=True, fencing={})


def servers_whose_data_is_lost() -> None:
    test_restore.test_a_server_is_restored_from_its_newest_backup()
    test_restore.test_only_as_many_as_there_is_room_for()
    test_restore.test_volumes_only()


def shelved_servers() -> None:
    found = test_shelved.filled()
    test_drain.run(found, check=True, shelve=True)
    off = {"status": "SHELVED_OFFLOADED", "OS-EXT-SRV-ATTR:host": None, "tags": [test_shelved.TAGS["off"]]}
    found.servers["off"] |= off
    test_drain.run(found, check=True, shelve=True)


def hosts_in_masakari() -> None:
    cloud = test_remembered.Aggregates(test_in_masakari.in_az1())
    found = MasakariStandIn("h1")
    test_in_masakari.run(found, cloud, "begin", check=True)
    cloud.set_metadata(1, test_in_masakari.MINE)
    test_in_masakari.run(found, cloud, "end", check=True)
    found.answers = False
    test_in_masakari.run(found, cloud, "begin", check=True)


def tasks_of_a_zone() -> None:
    found = test_stages.Whole()
    found.tasks, found.unread = [test_stages.BACKUP_RUNS], ("glance: 503",)
    test_stages.run(found, "begin", check=True)


def zones_that_were_lost() -> None:
    found = lost_zone.Lost()
    lost_zone.run(found, check=True)
    found.power_on(hosts=("az1-1",))
    lost_zone.run(found, check=True, guests={"az1-1": ("web-1",)})
    found.power_on()
    lost_zone.run(found, check=True)


def what_is_left_behind() -> None:
    found = lost_zone.Lost()
    test_left.volume(found, "disk")
    test_left.attach(found, "stray", "disk", "gone", "reserved", used=False)
    lost_zone.run(found, check=True)
    lost_zone.run(found, check=True, repairs=True)


def zones_that_are_rehearsed() -> None:
    test_drill.test_what_an_interrupted_drill_left_is_put_back_also_where_the_next_is_blocked()
    test_drill.test_a_majority_that_would_be_lost()


#: What shows changes, what shows refusals and what shows notes of each.
EXAMPLES: dict[type, tuple[Callable[[], object], ...]] = {
    AvailabilityZones: (zones_of_nova,),
    ComputeServices: (
        lambda: compute_services.test_disabling(host("h1"), {"status": "disabled"}, None),
        lambda: compute_services.test_enabling_is_refused(host("h1", reason="fan"), True, set(), "foreign_reasons"),
        compute_services.test_a_zone_without_compute_hosts_is_named,
    ),
    Begin: (hosts_into_maintenance,),
    End: (hosts_out_of_maintenance,),
    Drain: (servers_to_other_zones, shelved_servers),
    Drilling: (zones_that_are_rehearsed,),
    Evacuating: (servers_of_dead_hosts,),
    Restoring: (servers_whose_data_is_lost,),
    Returning: (zones_that_were_lost,),
    LeftOvers: (what_is_left_behind,),
    Stages: (zones_into_maintenance_and_back,),
    AwaitTasks: (tasks_of_a_zone,),
    InMasakari: (hosts_in_masakari,),
    Images: (
        lambda: test_images.test_two_images_of_one_name_are_an_error_with_both_ids(glance()),
        lambda: test_images.test_what_an_rbd_store_cannot_clone_is_warned_of_when_it_comes_and_ever_after(glance()),
    ),
    ProjectDefaults: (
        lambda: test_defaults.test_projects_with_the_type_get_the_other_one(test_defaults.Region()),
        lambda: test_defaults.test_projects_that_are_gone(test_defaults.Region()),
    ),
    VolumeTypes: (
        volume_types.test_a_type_for_each_zone_is_one_request_each,
        volume_types.test_a_type_in_use_is_refused_with_the_volumes_in_the_way,
        lambda: volume_types.test_what_a_lost_zone_lacks_is_a_note("down"),
    ),
    BlockStorageServices: (
        lambda: block_storage_services.test_services_are_disabled_with_a_marked_reason(cinder()),
        wrong_services_of_cinder,
    ),
    VolumeBackups: (
        test_backups.test_several_are_begun_before_the_first_is_waited_for,
        test_backups.test_a_volume_that_is_gone_keeps_its_backups,
        test_backups.test_what_no_service_can_delete_stays_and_is_said,
    ),
    VolumeRelocate: (
        test_relocate.test_the_whole_way_and_a_second_run,
        test_relocate.test_which_volume_is_meant,
        test_relocate.test_attached_is_said,
    ),
    ShareTypes: (
        share_types.test_a_type_per_zone_in_the_zone_s_availability_zone,
        share_types.test_a_type_that_has_shares_stays_and_names_them,
        lambda: share_types.test_a_back_end_that_is_missing_in_a_zone_known_to_be_lost_is_a_note("down"),
    ),
    ShareServices: (
        share_services.test_what_somebody_else_disabled_is_left_alone,
        share_services.test_a_service_that_is_disabled_already_stops_no_other,
    ),
    ShareAccess: (
        lambda: test_access.test_only_named_rules_are_deleted(["out"], ["in", "ceph"]),
        test_access.test_an_export_outside_its_zone_fails_the_zone_and_says_whose_network_it_is_in,
    ),
    AppliedObjects: (
        test_reconciler.test_nothing_is_made_by_accident,
        test_reconciler.test_a_removal_that_leaves_something_fails,
    ),
    ControlPlane: (
        test_at_the_same_time.test_a_refused_zone_is_not_tried_twice_and_shares_nothing,
        lambda: applied(zone_in_the_control_plane(), small(("region.kubernetes.services.glance.replicas", 2))),
    ),
    Removal: (
        lambda: test_removal_reconciler.test_a_zone_goes_for_good(zone_in_the_control_plane()),
        lambda: test_removal_reconciler.test_keys_that_another_manager_owns_are_no_success(zone_in_the_control_plane()),
    ),
    TopologiesReconciler: (test_following.test_zones_follow_their_topologies_one_by_one, topologies_of_others),
    NodesReconciler: (nodes,),
    InstanceHaReconciler: (instance_ha,),
    NodeMaintenances: (workers,),
    Unfencing: (nodes_out_of_service,),
    Spreading: (pods_into_a_zone_that_came_back,),
    DataPlane: (
        test_data_plane_reconciler.test_a_deployment_that_runs_refuses_what_is_still_to_be_rolled_out,
        test_data_plane_reconciler.test_a_networker_that_leaves_is_said_and_asks_nova_nothing,
    ),
}
#: What is under way blocks nothing: it is awaited. What is left behind blocks nothing either.
WITHOUT_REFUSALS = (AwaitTasks, LeftOvers)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_planning_changes_nothing_and_says_the_same_again(kind: type) -> None:
    with watching() as made:
        for example in EXAMPLES[kind]:
            example()
    plans: list[Plan[Any]] = [plan for by, plan in made if by is kind]
    assert any(plan.changes for plan in plans)
    assert any(plan.refusals for plan in plans) or kind in WITHOUT_REFUSALS
    assert any(plan.notes for plan in plans)


def test_every_reconciler_has_examples() -> None:
    for module in pkgutil.walk_packages(module_utils.__path__, f"{module_utils.__name__}."):
        import_module(module.name)
    ours = {kind for kind in reconcilers() if kind.__module__.startswith(f"{module_utils.__name__}.")}
    assert ours - {AppliedReconciler} == set(EXAMPLES)
