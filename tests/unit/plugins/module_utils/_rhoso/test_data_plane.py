# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is applied for the data plane of a zone."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.data_plane import data_plane
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes


def bodies(given: dict[str, Any], name: str = "az1", region: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    whole = planes.loaded(given, region)
    found = data_plane(whole.zones[name], whole.region)
    assert {(item.manager, item.zones, item.may_create) for item in found} == {(f"zoneops-{name}", (name,), True)}
    return [item.body for item in found]


def test_the_vendors_example() -> None:
    """rhoso.md, sections 4 and 10, field by field."""
    given = planes.zones()
    given["az1"]["data_plane"]["config"] = {"DEFAULT": {"reimage_timeout_per_gb": 60}}
    services = {"kubernetes": {"services": {"nova": {"cross_az_attach": False}}}}
    config_map, service, node_set = bodies(given, region=services)
    assert config_map == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "nova-extra-config-az1", "namespace": "openstack"},
        "data": {
            "25-nova-extra.conf": "[DEFAULT]\n"
            "reimage_timeout_per_gb = 60\n"
            "[glance]\n"
            "endpoint_override = https://glance-az1-internal.openstack.svc:9292\n"
            "valid_interfaces = internal\n"
            "[cinder]\n"
            "catalog_info = volumev3:cinderv3:internalURL\n"
            "cross_az_attach = False\n"
        },
    }
    assert service["metadata"] == {"name": "nova-custom-az1", "namespace": "openstack"}
    assert service["spec"] == {
        "playbook": "osp.edpm.nova",
        "edpmServiceType": "nova",
        "caCerts": "combined-ca-bundle",
        "addCertMounts": False,
        "containerImageFields": ["NovaComputeImage", "EdpmIscsidImage"],
        "dataSources": [
            {"configMapRef": {"name": "nova-extra-config-az1"}},
            {"secretRef": {"name": "nova-migration-ssh-key"}},
            {"secretRef": {"name": "nova-cell1-compute-config"}},
        ],
        "tlsCerts": {
            "default": {
                "contents": ["dnsnames", "ips"],
                "networks": ["ctlplane"],
                "issuer": "osp-rootca-issuer-internal",
                "edpmRoleServiceName": "nova",
            }
        },
    }
    assert node_set["metadata"] == {"name": "r1-compute-nodes", "namespace": "openstack"}
    spec = node_set["spec"]
    assert spec["services"][-2:] == ["libvirt", "nova-custom-az1"]
    assert "nova" not in spec["services"]
    assert spec["nodeTemplate"] == {
        "ansibleSSHPrivateKeySecret": "dataplane-ansible-ssh-private-key-secret",
        "managementNetwork": "ctlplane",
        "ansible": {"ansibleUser": "cloud-admin"},
    }
    assert spec["nodes"]["r1-compute-0"] == {
        "hostName": "r1-compute-0",
        "ansible": {"ansibleHost": "192.168.123.100"},
        "networks": [{"name": "ctlplane", "subnetName": "subnet1", "fixedIP": "192.168.123.100", "defaultRoute": True}],
    }


def test_a_zone_with_ceph_gives_its_hosts_the_files_of_its_own_cluster() -> None:
    given = {"az0": planes.zone(0), "az1": planes.with_ceph(1)}
    given["az1"]["data_plane"]["ephemeral_pool"] = "vms"
    config_map, _service, node_set = bodies(given)
    libvirt = config_map["data"]["25-nova-extra.conf"].partition("[libvirt]\n")[2].splitlines()
    assert set(libvirt) == {
        "rbd_user = openstack",
        f"rbd_secret_uuid = {planes.FSIDS[1]}",
        "images_type = rbd",
        "images_rbd_pool = vms",
        "images_rbd_ceph_conf = /etc/ceph/az1.conf",
        "images_rbd_glance_store_name = az1",
        "images_rbd_glance_copy_poll_interval = 15",
        "images_rbd_glance_copy_timeout = 600",
    }
    (mount,) = node_set["spec"]["nodeTemplate"]["extraMounts"]
    assert mount["volumes"] == [{"name": "ceph", "secret": {"secretName": "ceph-az1"}}]
    assert mount["mounts"] == [{"name": "ceph", "mountPath": "/etc/ceph", "readOnly": True}]


def test_variables_of_region_zone_and_node_and_the_secrets_with_more_of_them() -> None:
    given = planes.zones()
    given["az1"]["data_plane"] |= {"ansible_vars": {"a": 2, "b": [1]}, "ansible_vars_secrets": ["subscription"]}
    given["az1"]["data_plane"]["nodes"]["r1-compute-0"]["ansible_vars"] = {"a": 3}
    _map, _service, node_set = bodies(given, region={"data_plane": {"ansible_vars": {"a": 1, "c": "x"}}})
    assert node_set["spec"]["nodeTemplate"]["ansible"] == {
        "ansibleUser": "cloud-admin",
        "ansibleVars": {"a": 2, "b": [1], "c": "x"},
        "ansibleVarsFrom": [{"secretRef": {"name": "subscription"}}],
    }
    assert node_set["spec"]["nodes"]["r1-compute-0"]["ansible"]["ansibleVars"] == {"a": 3}


def test_how_ansible_runs() -> None:
    """Ports of SSH, the environment of the pods and their networks: of the region, of the zone, of a node."""
    given = planes.zones()
    given["az1"]["data_plane"] |= {"ansible_port": 2222, "env": {"ANSIBLE_VERBOSITY": 2}}
    given["az1"]["data_plane"]["nodes"]["r1-compute-0"]["ansible_port"] = 22
    common = {"env": {"ANSIBLE_FORCE_COLOR": True, "ANSIBLE_VERBOSITY": 0}, "ansible_port": 2022}
    region = {"data_plane": {**common, "network_attachments": ["ctlplane", "oob"]}}
    spec = bodies(given, region=region)[2]["spec"]
    assert spec["env"] == [
        {"name": "ANSIBLE_FORCE_COLOR", "value": "true"},
        {"name": "ANSIBLE_VERBOSITY", "value": "2"},
    ]
    assert spec["networkAttachments"] == ["ctlplane", "oob"]
    assert spec["nodeTemplate"]["ansible"]["ansiblePort"] == 2222
    assert spec["nodes"]["r1-compute-0"]["ansible"]["ansiblePort"] == 22
    assert "ansiblePort" not in spec["nodes"]["r1-compute-1"]["ansible"]
    assert bodies(given, "az0", region)[2]["spec"]["nodeTemplate"]["ansible"]["ansiblePort"] == 2022
    plain = bodies(planes.zones())[2]["spec"]
    assert plain["networkAttachments"] == ["ctlplane"]
    assert "env" not in plain
    assert "ansiblePort" not in str(plain)


def test_without_tls_nothing_speaks_of_it() -> None:
    config_map, service, node_set = bodies(planes.zones(), region={"kubernetes": {"services": {"tls": False}}})
    assert "http://glance-az1-internal" in config_map["data"]["25-nova-extra.conf"]
    assert "tlsCerts" not in service["spec"]
    assert node_set["spec"]["tlsEnabled"] is False


def test_no_object_is_empty() -> None:
    """The server takes an empty object for null where its children were owned."""

    def empty(value: Any, path: str) -> list[str]:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
        inner = [found for key, item in items for found in empty(item, f"{path}.{key}")]
        return inner + ([path] if value in ({}, []) else [])

    for body in bodies(planes.zones()):
        assert empty(body, body["kind"]) == []


def test_a_zone_without_a_data_plane_is_left_alone() -> None:
    given = planes.zones()
    del given["az1"]["data_plane"]
    whole = planes.loaded(given)
    assert data_plane(whole.zones["az1"], whole.region) == []


def test_networkers_have_no_nova_and_carry_gateways() -> None:
    """rhoso.md, section 2: NodeSet `rN-networker-nodes`, which ends with ovn and neutron-metadata."""
    given = planes.zones()
    plane = given["az1"]["data_plane"]
    plane |= {
        "ansible_vars": {"a": 1, "b": 1, "edpm_enable_chassis_gw": False},
        "ansible_port": 2222,
        "env": {"X": "y"},
    }
    plane["networkers"] = [
        {**planes.networkers(1), "ansible_vars": {"b": 2}, "ansible_vars_secrets": ["more"]},
        {
            "nodes": {"gateway": planes.node(1, 70)},
            "node_set": "others",
            "services": ["ssh-known-hosts", "ovn"],
            "networks": [{"name": "ctlplane", "subnet": "other"}],
            "ansible_vars": {"edpm_enable_chassis_gw": False},
        },
    ]
    config_map, service, computes, first, second = bodies(given)
    assert [body["metadata"]["name"] for body in (computes, first, second)] == [
        "r1-compute-nodes",
        "az1-networker-nodes",
        "others",
    ]
    spec = first["spec"]
    assert not {"nova", "libvirt", "nova-custom-az1"} & set(spec["services"])
    assert spec["services"][-2:] == ["ovn", "neutron-metadata"]
    assert spec["nodeTemplate"]["ansible"] == {
        "ansibleUser": "cloud-admin",
        "ansiblePort": 2222,
        "ansibleVars": {"edpm_enable_chassis_gw": True, "a": 1, "b": 2},
        "ansibleVarsFrom": [{"secretRef": {"name": "more"}}],
    }
    assert spec["env"] == [{"name": "X", "value": "y"}]
    assert spec["nodes"]["r1-networker-1"]["networks"][0]["subnetName"] == "subnet1"
    assert second["spec"]["services"] == ["ssh-known-hosts", "ovn"]
    assert second["spec"]["nodeTemplate"]["ansible"]["ansibleVars"]["edpm_enable_chassis_gw"] is False
    assert second["spec"]["nodes"]["gateway"]["networks"] == [
        {"name": "ctlplane", "subnetName": "other", "fixedIP": "192.168.123.170"}
    ]
    # Compute hosts are what they are without them.
    del plane["networkers"]
    assert bodies(given) == [config_map, service, computes]
