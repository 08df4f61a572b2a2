# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two examples make what the vendor's design has, field by field, and what the design for Ceph has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec import rules
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import applied
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.data_plane import data_plane
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example, parsed

LABELS = {"az0": "azone", "az1": "bzone", "az2": "czone"}
ADDRESSES = {"az0": "172.17.0.81", "az1": "172.17.0.82", "az2": "172.17.0.83"}
STORES = {"az0": "az0:cinder", "az1": "az0:cinder,az1:cinder", "az2": "az0:cinder,az2:cinder"}
IMPORT = "[web-download,copy-image,glance-direct]"


def parts(name: str) -> dict[str, Applied]:
    return {item.manager: item for item in applied(example(name))}


def spec(name: str, manager: str) -> dict[str, Any]:
    found: dict[str, Any] = parts(name)[manager].body["spec"]
    return found


def store(zone: str) -> dict[str, str]:
    return {
        "store_description": f"{zone.upper()} iscsi cinder backend",
        "cinder_store_auth_address": "{{ .KeystoneInternalURL }}",
        "cinder_store_user_name": "{{ .ServiceUser }}",
        "cinder_store_password": "{{ .ServicePassword }}",
        "cinder_store_project_name": "service",
        "cinder_catalog_info": "volumev3::internalURL",
        "cinder_use_multipath": "True",
        "cinder_do_extend_attached": "True",
        "cinder_volume_type": f"glance-iscsi-{zone}",
    }


def test_shared_parts_come_first_and_every_zone_has_its_manager() -> None:
    assert list(parts("rhoso-third-party")) == ["zoneops-region", "zoneops-az0", "zoneops-az1", "zoneops-az2"]
    assert {item.zones for item in applied(example("rhoso-third-party"))} == {(), ("az0",), ("az1",), ("az2",)}
    assert not any(item.may_create for item in applied(example("rhoso-third-party")))


def test_third_party_shared_part() -> None:
    found = spec("rhoso-third-party", "zoneops-region")
    assert found["topologyRef"] == {"name": "default-spread-pods"}
    glance = found["glance"]["template"]
    assert (glance["keystoneEndpoint"], glance["apiTimeout"], list(glance["glanceAPIs"])) == (
        "default",
        600,
        ["default"],
    )
    api = glance["glanceAPIs"]["default"]
    config = parsed(api.pop("customServiceConfig"))
    assert api == {"type": "split", "replicas": 3, "apiTimeout": 600, "networkAttachments": ["storage"]}
    assert config == {
        "DEFAULT": {
            "enabled_backends": "az0:cinder,az1:cinder,az2:cinder",
            "enabled_import_methods": IMPORT,
        },
        "glance_store": {"default_backend": "az0"},
        **{zone: store(zone) for zone in LABELS},
    }
    cinder = found["cinder"]["template"]
    assert parsed(cinder.pop("customServiceConfig")) == {"DEFAULT": {"storage_availability_zone": "az0"}}
    assert cinder == {"cinderAPI": {"replicas": 3}, "cinderScheduler": {"replicas": 1}, "cinderBackup": {"replicas": 0}}
    manila = found["manila"]
    api = manila["template"]["manilaAPI"]
    assert parsed(api.pop("customServiceConfig")) == {
        "DEFAULT": {
            "storage_availability_zone": "az0,az1,az2",
            "default_share_type": "nfs-multiaz",
            "enabled_share_protocols": "nfs",
        }
    }
    annotations = api["override"]["service"]["internal"]["metadata"]["annotations"]
    assert annotations["metallb.universe.tf/loadBalancerIPs"] == "172.17.0.80"
    assert (manila["enabled"], api["replicas"], manila["template"]["manilaScheduler"]) == (True, 3, {"replicas": 3})
    quorum = {"replicas": 3, "topologyRef": {"name": "spread-quorum-pods"}}
    assert found["galera"] == {"templates": {"openstack": quorum, "openstack-cell1": quorum}}
    assert found["rabbitmq"] == {"templates": {"rabbitmq": quorum, "rabbitmq-cell1": quorum}}
    assert found["memcached"] == {"templates": {"memcached": {"replicas": 3}}}
    nova = found["nova"]["template"]["apiServiceTemplate"]
    assert parsed(nova["customServiceConfig"]) == {"cinder": {"cross_az_attach": "False"}}
    assert set(found) == {"topologyRef", "glance", "cinder", "manila", "galera", "rabbitmq", "ovn", "memcached", "nova"}


@pytest.mark.parametrize("zone", LABELS)
def test_third_party_zone(zone: str) -> None:
    found = spec("rhoso-third-party", f"zoneops-{zone}")
    topology, networks = {"name": f"{LABELS[zone]}-node-affinity"}, ["storage"]
    pinned = {"topologyRef": topology, "networkAttachments": networks}
    api = found["glance"]["template"]["glanceAPIs"].pop(zone)
    assert found["glance"] == {"template": {"glanceAPIs": {}}}
    config = parsed(api.pop("customServiceConfig"))
    assert config["DEFAULT"] == {"enabled_backends": STORES[zone], "enabled_import_methods": IMPORT}
    assert config["glance_store"] == {"default_backend": zone}
    assert {name: config[name] for name in config if name.startswith("az")} == {
        name.partition(":")[0]: store(name.partition(":")[0]) for name in STORES[zone].split(",")
    }
    service = api.pop("override")["service"]
    assert list(service) == ["internal"]
    assert service["internal"]["spec"] == {"type": "LoadBalancer"}
    assert service["internal"]["metadata"]["annotations"] == {
        "metallb.universe.tf/address-pool": "internalapi",
        "metallb.universe.tf/allow-shared-ip": "internalapi",
        "metallb.universe.tf/loadBalancerIPs": ADDRESSES[zone],
    }
    assert api == {"type": "edge", "replicas": 2, "apiTimeout": 600, **pinned}

    cinder = found["cinder"]["template"]
    volume = cinder["cinderVolumes"].pop(f"ontap-iscsi-{zone}")
    assert parsed(volume.pop("customServiceConfig")) == {
        "DEFAULT": {"glance_api_servers": f"https://glance-{zone}-internal.openstack.svc:9292"},
        f"ontap-{zone}": {
            "backend_availability_zone": zone,
            "volume_backend_name": f"ontap-{zone}",
            "volume_driver": "cinder.volume.drivers.netapp.common.NetAppDriver",
            "netapp_server_hostname": f"10.{zone[2]}.0.10",
            "netapp_storage_protocol": "iscsi",
            "netapp_storage_family": "ontap_cluster",
            "consistencygroup_support": "True",
        },
    }
    assert volume == {"replicas": 1, "customServiceConfigSecrets": [f"cinder-volume-secrets-{zone}"], **pinned}
    backup = cinder["cinderBackups"].pop(f"cinder-backup-{zone}")
    assert parsed(backup.pop("customServiceConfig")) == {
        "DEFAULT": {
            "storage_availability_zone": zone,
            "backup_driver": "cinder.backup.drivers.nfs.NFSBackupDriver",
            "backup_share": f"10.{zone[2]}.0.12:/backups",
            "backup_mount_point_base": "/var/lib/cinder/backup",
        }
    }
    assert backup == {"replicas": 2, **pinned}
    assert cinder == {"cinderVolumes": {}, "cinderBackups": {}}

    share = found["manila"]["template"]["manilaShares"].pop(zone)
    assert parsed(share.pop("customServiceConfig")) == {
        "DEFAULT": {"enabled_share_backends": f"nfs_{zone}", "enabled_share_protocols": "nfs"},
        f"nfs_{zone}": {
            "driver_handles_share_servers": "True",
            "share_backend_name": "nfs_az",
            "backend_availability_zone": zone,
            "share_driver": "manila.share.drivers.netapp.common.NetAppDriver",
            "netapp_storage_family": "ontap_cluster",
        },
    }
    assert share == {"replicas": 1, "customServiceConfigSecrets": [f"osp-secret-manila-{zone}"], **pinned}
    assert found["manila"] == {"template": {"manilaShares": {}}}
    assert found["memcached"]["templates"] == {f"memcached-{LABELS[zone]}": {"replicas": 1, "topologyRef": topology}}
    assert set(found) == {"glance", "cinder", "manila", "memcached"}


def test_ceph_mounts_reach_every_pod_once() -> None:
    (entry,) = spec("rhoso-ceph", "zoneops-region")["extraMounts"]

    def volume(name: str, secret: str, *tokens: str) -> dict[str, Any]:
        return {
            "propagation": list(tokens),
            "extraVolType": "Ceph",
            "volumes": [{"name": name, "secret": {"secretName": secret}}],
            "mounts": [{"name": name, "mountPath": "/etc/ceph", "readOnly": True}],
        }

    assert entry == {
        "name": "v1",
        "region": "r1",
        "extraVol": [
            volume("ceph", "ceph-conf-files", "default", "CinderBackup"),
            *(volume(f"ceph-{zone}", f"ceph-conf-files-{zone}", zone) for zone in ("az1", "az2", "az3")),
        ],
    }


def test_ceph_zone() -> None:
    found = spec("rhoso-ceph", "zoneops-az2")
    api = parsed(found["glance"]["template"]["glanceAPIs"]["az2"]["customServiceConfig"])
    assert api["DEFAULT"]["enabled_backends"] == "az2:rbd"
    assert api["az2"] == {
        "store_description": "az2 rbd store",
        "rbd_store_ceph_conf": "/etc/ceph/az2.conf",
        "rbd_store_pool": "images",
        "rbd_store_user": "openstack",
        "rbd_thin_provisioning": "True",
        "rados_connect_timeout": "30",
    }
    volume = parsed(found["cinder"]["template"]["cinderVolumes"]["az2"]["customServiceConfig"])
    assert volume["az2"] == {
        "volume_backend_name": "az2",
        "volume_driver": "cinder.volume.drivers.rbd.RBDDriver",
        "rbd_ceph_conf": "/etc/ceph/az2.conf",
        "rbd_user": "openstack",
        "rbd_pool": "volumes",
        "rbd_flatten_volume_from_snapshot": "False",
        "rbd_secret_uuid": "8a7be3d2-54a9-4c4e-8c7f-5b9e2d6c4a02",
        "rbd_cluster_name": "az2",
        "backend_availability_zone": "az2",
    }
    share = parsed(found["manila"]["template"]["manilaShares"]["az2"]["customServiceConfig"])
    assert share["DEFAULT"] == {"enabled_share_backends": "cephfs_nfs_az2", "enabled_share_protocols": "nfs"}
    assert share["cephfs_nfs_az2"] == {
        "driver_handles_share_servers": "False",
        "share_backend_name": "cephfs_nfs",
        "share_driver": "manila.share.drivers.cephfs.driver.CephFSDriver",
        "cephfs_conf_path": "/etc/ceph/az2.conf",
        "cephfs_cluster_name": "az2",
        "cephfs_auth_id": "openstack",
        "cephfs_filesystem_name": "cephfs",
        "cephfs_volume_mode": "0755",
        "cephfs_protocol_helper_type": "NFS",
        "cephfs_nfs_cluster_id": "cephfs-az2",
        "cephfs_ganesha_server_ip": "172.18.2.10",
        "backend_availability_zone": "az2",
    }


def test_ceph_backups_run_where_the_target_is() -> None:
    assert "cinderBackups" not in spec("rhoso-ceph", "zoneops-az2")["cinder"]["template"]
    (backup,) = spec("rhoso-ceph", "zoneops-az1")["cinder"]["template"]["cinderBackups"].values()
    assert parsed(backup.pop("customServiceConfig")) == {
        "DEFAULT": {
            "storage_availability_zone": "az1",
            "backup_driver": "cinder.backup.drivers.ceph.CephBackupDriver",
            "backup_ceph_conf": "/etc/ceph/az1.conf",
            "backup_ceph_pool": "backups",
            "backup_ceph_user": "openstack",
        }
    }
    topology = {"name": "zone1-node-affinity"}
    assert backup == {"replicas": 3, "topologyRef": topology, "networkAttachments": ["storage"]}


@pytest.mark.parametrize("name", ["rhoso-ceph", "rhoso-third-party"])
def test_examples_keep_the_rules_and_nothing_in_them_is_empty(name: str) -> None:
    rules.check(example(name))

    def empty(value: object) -> bool:
        if isinstance(value, dict):
            return not value or any(empty(item) for item in value.values())
        return value in ("", [], None) or (isinstance(value, list) and any(empty(item) for item in value))

    assert not [item.manager for item in applied(example(name)) if empty(item.body)]
    first, second = (json.dumps([item.body for item in applied(example(name))]) for _again in range(2))
    assert first == second


@pytest.mark.parametrize("zone", LABELS)
def test_third_party_data_plane(zone: str) -> None:
    """rhoso.md, section 4: what the vendor's example has in edpm/computes."""
    zone_map, number = example("rhoso-third-party"), int(zone[-1])
    config_map, service, node_set = (item.body for item in data_plane(zone_map.zones[zone], zone_map.region))
    assert config_map["metadata"]["name"] == f"nova-extra-config-{zone}"
    assert parsed(config_map["data"]["25-nova-extra.conf"]) == {
        "DEFAULT": {"reimage_timeout_per_gb": "60"},
        "glance": {
            "endpoint_override": f"https://glance-{zone}-internal.openstack.svc:9292",
            "valid_interfaces": "internal",
        },
        "cinder": {"catalog_info": "volumev3:cinderv3:internalURL", "cross_az_attach": "False"},
    }
    assert service["metadata"]["name"] == f"nova-custom-{zone}"
    assert node_set["metadata"]["name"] == f"r{number}-compute-nodes"
    assert node_set["spec"]["services"][-3:] == ["ovn-bgp-agent", "libvirt", f"nova-custom-{zone}"]
    hosts = {f"r{number}-compute-{index}": f"192.168.{122 + number}.{100 + index}" for index in range(2)}
    assert {name: node["ansible"]["ansibleHost"] for name, node in node_set["spec"]["nodes"].items()} == hosts
    assert zone_map.zones[zone].compute_hosts == tuple(f"{name}.ctlplane.example.com" for name in hosts)


@pytest.mark.parametrize("zone", ["az1", "az2", "az3"])
def test_ceph_data_plane(zone: str) -> None:
    """rhoso.md, section 4: the hosts have the files of their zone's cluster, and nova brings images to its store."""
    zone_map = example("rhoso-ceph")
    config_map, _service, node_set = (item.body for item in data_plane(zone_map.zones[zone], zone_map.region))
    assert parsed(config_map["data"]["25-nova-extra.conf"])["libvirt"]["images_rbd_glance_store_name"] == zone
    assert "ceph-client" in node_set["spec"]["services"]
