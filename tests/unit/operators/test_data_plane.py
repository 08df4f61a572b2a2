# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane's code over what the real operators left behind."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployments import Deployment
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.hashes import object_hash
from ansible_collections.zoneops.openstack.tests.unit.operators.fixtures import read


def test_the_hash_is_the_operators() -> None:
    """The one object that is here whole with its hash is the NodeSet's spec, in the order of Go's fields."""
    (node_set,) = read("nodesets")
    spec = node_set["spec"]
    template = ("ansibleSSHPrivateKeySecret", "managementNetwork", "ansible")
    network = ("name", "subnetName", "fixedIP", "defaultRoute")
    content = {
        "nodeTemplate": {key: spec["nodeTemplate"][key] for key in template},
        "nodes": {
            name: {
                "networks": [{key: item[key] for key in network} for item in node["networks"]],
                "ansible": node["ansible"],
                "hostName": node["hostName"],
            }
            for name, node in sorted(spec["nodes"].items())
        },
        **{
            key: spec[key]
            for key in ("networkAttachments", "services", "secretMaxSize", "preProvisioned", "tlsEnabled")
        },
    }
    assert object_hash(content) == node_set["status"]["configHash"]


def test_deployments_are_understood() -> None:
    found = [Deployment.of(item) for item in read("deployments")]
    assert {item.state for item in found} == {"done"}
    assert all(item.node_sets == ("r1-compute-nodes",) and item.rolls_out is None for item in found)
    assert any(item.services for item in found)
