# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each option of the map does to the control plane object."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.ini import Ini, written
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import (
    applied,
    region_spec,
    zone_spec,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.services.cinder import (
    default_availability_zone,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import parsed, small

SERVICES = "region.kubernetes.services"
NFS = {"type": "nfs", "address": "10.0.0.1", "path": "/b"}


def dig(value: Any, *path: str) -> Any:
    for part in path:
        value = value[part]
    return value


def test_ini_begins_with_the_defaults_and_keeps_the_order() -> None:
    config: Ini = {"b": {"z": 1, "a": True}, "DEFAULT": {"x": "{{ .ServicePassword }}"}, "empty": {}}
    assert written(config) == "[DEFAULT]\nx = {{ .ServicePassword }}\n[b]\nz = 1\na = True\n"
    assert written({"empty": {}}) == ""


def test_a_map_without_a_kubernetes_side_makes_nothing() -> None:
    assert applied(small(("az1.kubernetes", None), ("az2.kubernetes", None))) == []


def test_a_zone_without_services_has_no_part() -> None:
    bare = small(("az2.image_store", None), ("az2.volume_backends", []), ("az2.share_backends", []))
    assert [item.manager for item in applied(bare)] == ["zoneops-region", "zoneops-az1"]


def test_services_that_no_zone_has_are_not_managed() -> None:
    changes: list[tuple[str, Any]] = [
        (f"{zone}.{part}", []) for zone in ("az1", "az2") for part in ("volume_backends", "share_backends")
    ]
    spec = region_spec(small(*changes, ("az1.image_store", None), ("az2.image_store", None)))
    assert not {"glance", "cinder", "manila", "nova", "extraMounts"} & set(spec)
    assert spec["topologyRef"] == {"name": "spread-pods"}


def test_other_stores_are_in_the_order_of_the_region_and_the_own_one_is_the_default() -> None:
    spec = zone_spec(small(("az2.kubernetes.services", {"other_stores": ["az1"]})), "az2")
    config = parsed(dig(spec, "glance", "template", "glanceAPIs", "az2", "customServiceConfig"))
    assert config["DEFAULT"]["enabled_backends"] == "az1:rbd,az2:rbd"
    assert config["glance_store"] == {"default_backend": "az2"}


def test_only_a_store_on_ceph_has_ceph_s_options() -> None:
    store = {"type": "cinder", "volume_type": "images"}
    spec = zone_spec(small(("az1.image_store", store)), "az1")
    config = parsed(dig(spec, "glance", "template", "glanceAPIs", "az1", "customServiceConfig"))
    assert config["az1"]["cinder_volume_type"] == "images"
    assert not [name for name in config["az1"] if name.startswith(("rbd_", "rados_"))]


def test_default_zone() -> None:
    spec = region_spec(small((f"{SERVICES}.default_zone", "az2")))
    config = parsed(dig(spec, "glance", "template", "glanceAPIs", "default", "customServiceConfig"))
    assert config["glance_store"] == {"default_backend": "az2"}
    assert parsed(dig(spec, "cinder", "template", "customServiceConfig"))["DEFAULT"] == {
        "storage_availability_zone": "az2"
    }


def test_where_volumes_go_that_name_no_zone() -> None:
    """What the control plane object has is known without asking an API, which does not show it."""
    other = small((f"{SERVICES}.default_zone", "az2"), ("az2.availability_zone", "other"))
    assert default_availability_zone(small()) == "az1"
    assert default_availability_zone(other) == "other"
    assert default_availability_zone(small(("az1.kubernetes", None), ("az2.kubernetes", None))) is None
    assert default_availability_zone(small(("az1.volume_backends", []), ("az2.volume_backends", []))) is None


@pytest.mark.parametrize(("tls", "scheme"), [(True, "https"), (False, "http")])
def test_volume_services_ask_the_zone_s_own_glance(tls: bool, scheme: str) -> None:
    spec = zone_spec(
        small((f"{SERVICES}.tls", tls), ("az1.kubernetes.name", "one"), ("region.kubernetes.namespace", "ns")), "az1"
    )
    config = parsed(dig(spec, "cinder", "template", "cinderVolumes", "one", "customServiceConfig"))
    assert config["DEFAULT"] == {"glance_api_servers": f"{scheme}://glance-one-internal.ns.svc:9292"}


def test_without_a_store_volume_services_ask_the_glance_for_all() -> None:
    spec = zone_spec(small(("az1.image_store", None)), "az1")
    assert "DEFAULT" not in parsed(dig(spec, "cinder", "template", "cinderVolumes", "az1", "customServiceConfig"))
    assert "glance" not in spec


def test_who_may_copy_images() -> None:
    zone_map = small((f"{SERVICES}.glance.copy_image_rule", "role:admin or role:images"))
    policy, shared, zone, _other = applied(zone_map)
    assert (policy.manager, policy.may_create) == ("zoneops-region", True)
    assert policy.body["data"] == {"zoneops-policy.yaml": '"copy_image": "role:admin or role:images"\n'}
    for item, api in ((shared, "default"), (zone, "az1")):
        config = parsed(dig(item.body, "spec", "glance", "template", "glanceAPIs", api, "customServiceConfig"))
        assert config["oslo_policy"] == {"policy_file": "/etc/glance/zoneops-policy.yaml"}
    (volume,) = [
        item for item in dig(shared.body, "spec", "extraMounts")[0]["extraVol"] if item["propagation"] == ["GlanceAPI"]
    ]
    assert volume["volumes"] == [
        {"name": "zoneops-glance-policy", "configMap": {"name": policy.body["metadata"]["name"]}}
    ]
    assert volume["mounts"][0]["subPath"] == "zoneops-policy.yaml"


def test_nova_is_untouched_unless_the_map_says_something() -> None:
    assert "nova" not in region_spec(small())
    nova = {
        "cross_az_attach": False,
        "default_schedule_zone": "az2",
        "scheduler_config": {"filter_scheduler": {"x": 1}},
    }
    template = dig(region_spec(small((f"{SERVICES}.nova", nova))), "nova", "template")
    assert parsed(template["apiServiceTemplate"]["customServiceConfig"]) == {
        "DEFAULT": {"default_schedule_zone": "az2"},
        "cinder": {"cross_az_attach": "False"},
    }
    assert parsed(template["schedulerServiceTemplate"]["customServiceConfig"]) == {"filter_scheduler": {"x": "1"}}


def backups(zone_map: ZoneMap) -> dict[str, Any]:
    """Managers and what they say of backups."""
    found = {}
    for item in applied(zone_map):
        template = item.body.get("spec", {}).get("cinder", {}).get("template", {})
        found[item.manager] = {key: template[key] for key in ("cinderBackup", "cinderBackups") if key in template}
    return found


def test_backups_are_unmanaged_unless_the_map_has_a_target() -> None:
    assert set(map(str, backups(small()).values())) == {"{}"}


def test_one_target_in_a_zone() -> None:
    found = backups(small(("region.backup", {"zone": "az2", "target": NFS})))
    assert found["zoneops-region"] == {"cinderBackup": {"replicas": 0}}
    assert found["zoneops-az1"] == {}
    service = found["zoneops-az2"]["cinderBackups"]["az2"]
    assert (service["replicas"], service["topologyRef"]) == (3, {"name": "az2-node-affinity"})


def test_one_target_outside_all_zones_says_its_topology() -> None:
    found = backups(small(("region.backup", {"mode": "spread", "target": NFS})))
    service = found["zoneops-region"]["cinderBackups"]["spread"]
    assert (service["replicas"], service["topologyRef"]) == (3, {"name": "spread-pods"})
    assert found["zoneops-region"]["cinderBackup"] == {"replicas": 0}
    assert found["zoneops-az1"] == found["zoneops-az2"] == {}


def test_a_target_in_each_zone_and_none_in_one_without() -> None:
    changes = [("region.backup", {"mode": "per_zone"}), ("az1.backup", NFS), (f"{SERVICES}.cinder.backup_replicas", 2)]
    found = backups(small(*changes))
    assert found["zoneops-az1"]["cinderBackups"]["az1"]["replicas"] == 2
    assert found["zoneops-az2"] == {}


@pytest.mark.parametrize(("mode", "topology"), [("zone", "az2-node-affinity"), ("spread", "spread-pods")])
def test_older_releases_have_one_backup_service(mode: str, topology: str) -> None:
    backup = {"mode": mode, "target": NFS} | ({"zone": "az2"} if mode == "zone" else {})
    found = backups(small(("region.backup", backup), (f"{SERVICES}.release", "18.0-fr4")))
    service = found["zoneops-region"]["cinderBackup"]
    assert (service["replicas"], service["topologyRef"]) == (3, {"name": topology})
    assert found["zoneops-az1"] == found["zoneops-az2"] == {}
    assert not any("cinderBackups" in part for part in found.values())


def test_addresses_of_ipv6_stand_in_brackets() -> None:
    found = backups(small(("region.backup", {"zone": "az2", "target": {**NFS, "address": "fd00::1"}})))
    config = parsed(found["zoneops-az2"]["cinderBackups"]["az2"]["customServiceConfig"])
    assert config["DEFAULT"]["backup_share"] == "[fd00::1]:/b"


def test_a_secret_is_a_reference_to_a_part_of_the_configuration() -> None:
    options = {"san_password": {"secret": "array-login", "key": "login.conf"}, "rbd_max_clone_depth": 3}
    backend = {"options": options, "config_secrets": ["more"]}
    service = dig(
        zone_spec(small(("az1.volume_backends", [backend])), "az1"), "cinder", "template", "cinderVolumes", "az1"
    )
    assert service["customServiceConfigSecrets"] == ["more", "array-login"]
    assert "san_password" not in service["customServiceConfig"]
    assert "rbd_max_clone_depth = 3" in service["customServiceConfig"]


def test_free_options_go_before_the_usual_ones() -> None:
    spec = zone_spec(small(("az1.image_store", {"options": {"rados_connect_timeout": 5}})), "az1")
    config = parsed(dig(spec, "glance", "template", "glanceAPIs", "az1", "customServiceConfig"))
    assert config["az1"]["rados_connect_timeout"] == "5"


def test_endpoint_annotations_and_traffic() -> None:
    services = {"annotations": {"metallb.io/pool": "p"}, "traffic_policy": "Local"}
    spec = zone_spec(small(("az1.kubernetes.services", services)), "az1")
    service = dig(spec, "glance", "template", "glanceAPIs", "az1", "override", "service", "internal")
    assert service["metadata"]["annotations"] == {
        "metallb.universe.tf/address-pool": "internalapi",
        "metallb.universe.tf/allow-shared-ip": "internalapi",
        "metallb.io/pool": "p",
    }
    assert service["spec"] == {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}


def test_further_mounts() -> None:
    mount = {
        "name": "ca",
        "config_map": "bundle",
        "path": "/etc/ca.pem",
        "sub_path": "ca.pem",
        "propagation": ["ManilaAPI"],
    }
    volumes = dig(region_spec(small((f"{SERVICES}.mounts", [mount]))), "extraMounts")[0]["extraVol"]
    assert volumes[-1] == {
        "propagation": ["ManilaAPI"],
        "volumes": [{"name": "ca", "configMap": {"name": "bundle"}}],
        "mounts": [{"name": "ca", "mountPath": "/etc/ca.pem", "subPath": "ca.pem", "readOnly": True}],
    }


def test_a_second_cluster_of_a_zone_is_mounted_under_its_own_key() -> None:
    other = {"fsid": "3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a09", "name": "other", "files_secret": "other-files"}
    backends = [{}, {"name": "fast", "ceph": other}]
    volumes = dig(region_spec(small(("az1.volume_backends", backends))), "extraMounts")[0]["extraVol"]
    assert [(item["propagation"], item["volumes"][0]["name"]) for item in volumes] == [
        (["default"], "ceph"),
        (["az1"], "ceph-az1"),
        (["az1-fast"], "ceph-az1-2"),
        (["az2"], "ceph-az2"),
    ]


def test_networks_of_each_service_and_zone() -> None:
    backup = (
        ("region.backup", {"mode": "per_zone"}),
        *((f"az{n}.backup", {**NFS, "address": f"10.0.0.{n}"}) for n in (1, 2)),
    )
    services = {
        "glance": {"networks": ["storage"], "zone_networks": ["glance-zones"]},
        "cinder": {
            "api_networks": ["internalapi"],
            "scheduler_networks": ["internalapi"],
            "backup_networks": ["backup"],
        },
        "manila": {"scheduler_networks": ["tenant"]},
    }
    own = {f"{name}_networks": [f"{name}-az2"] for name in ("glance", "volume", "backup", "share")}
    settings = [(f"{SERVICES}.{name}.{key}", value) for name, part in services.items() for key, value in part.items()]
    whole = small(*backup, *settings, ("az2.kubernetes.services", own))
    shared, first, second = region_spec(whole), zone_spec(whole, "az1"), zone_spec(whole, "az2")

    def networks(spec: Any, service: str, *path: str) -> Any:
        return dig(spec, service, "template", *path).get("networkAttachments")

    assert networks(shared, "glance", "glanceAPIs", "default") == ["storage"]
    assert networks(shared, "cinder", "cinderAPI") == networks(shared, "cinder", "cinderScheduler") == ["internalapi"]
    assert networks(shared, "manila", "manilaScheduler") == ["tenant"]
    for zone, spec, found in (
        ("az1", first, ["glance-zones", "storage", "backup", "storage"]),
        ("az2", second, ["glance-az2", "volume-az2", "backup-az2", "share-az2"]),
    ):
        assert [
            *networks(spec, "glance", "glanceAPIs", zone),
            *networks(spec, "cinder", "cinderVolumes", zone),
            *networks(spec, "cinder", "cinderBackups", zone),
            *networks(spec, "manila", "manilaShares", zone),
        ] == found
    plain = region_spec(small())
    assert networks(plain, "cinder", "cinderAPI") is None, "left out it is not managed"
    assert networks(plain, "manila", "manilaScheduler") is None
