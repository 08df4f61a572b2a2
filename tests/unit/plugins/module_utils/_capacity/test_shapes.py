# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a flavor and an image ask placement for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import shape_of

FLAVOR = {"original_name": "m1", "vcpus": 2, "ram": 2048, "disk": 20, "ephemeral": 0, "swap": 0}


def need(flavor: dict[str, Any], *, from_volume: bool = False) -> dict[str, int]:
    return dict(shape_of({**FLAVOR, **flavor}, {}, from_volume=from_volume).need)


def test_plain() -> None:
    assert need({}) == {"VCPU": 2, "MEMORY_MB": 2048, "DISK_GB": 20}
    # The root disk of a server that boots from a volume is none of the host's.
    assert need({}, from_volume=True) == {"VCPU": 2, "MEMORY_MB": 2048}
    assert need({"swap": 1025, "ephemeral": 5}, from_volume=True) == {"VCPU": 2, "MEMORY_MB": 2048, "DISK_GB": 7}
    # nova's answer for no swap.
    assert need({"swap": ""}) == need({})


def test_overridden_by_extra_specs() -> None:
    specs = {"resources:VCPU": "0", "resources:CUSTOM_BM": "1"}
    assert need({"extra_specs": specs}) == {"MEMORY_MB": 2048, "DISK_GB": 20, "CUSTOM_BM": 1}


def test_traits_of_flavor_and_image() -> None:
    specs = {"trait:A": "required", "trait:B": "forbidden", "other": "x"}
    found = shape_of({**FLAVOR, "extra_specs": specs}, {"trait:C": "required"}, from_volume=True)
    assert (found.required, found.forbidden) == (frozenset("AC"), frozenset("B"))


@pytest.mark.parametrize(
    ("specs", "image", "said"),
    [
        ({"hw:tpm_version": "2.0"}, {}, "a vTPM"),
        ({}, {"hw_tpm_version": "2.0"}, "a vTPM"),
        ({"hw:numa_nodes": "2"}, {}, "a NUMA topology"),
        ({"hw:mem_page_size": "large"}, {}, "a NUMA topology (huge pages)"),
        ({"hw:mem_page_size": "any"}, {}, ""),
        ({"hw:cpu_policy": "dedicated"}, {}, "dedicated CPUs"),
        ({}, {"hw_cpu_policy": "dedicated"}, "dedicated CPUs"),
        ({"hw:cpu_policy": "shared"}, {}, ""),
        ({"hw:mem_encryption": "True"}, {}, "encrypted memory"),
        ({"hw:pmem": "6GB"}, {}, "persistent memory"),
        ({"pci_passthrough:alias": "gpu:1"}, {}, "PCI devices"),
        ({"accel:device_profile": "fpga"}, {}, "accelerators"),
        ({"resources:VGPU": "1"}, {}, "accelerators (VGPU)"),
        ({"resources1:VCPU": "1"}, {}, "resources in groups"),
        ({"resources_NET:VF": "1"}, {}, "resources in groups"),
        ({"trait1:X": "required"}, {}, "resources in groups"),
        ({"quota:cpu_shares": "1", "traits": "x", "hw:cpu_sockets": "2"}, {}, ""),
    ],
)
def test_what_keeps_it_from_being_moved_by_itself(specs: dict[str, str], image: dict[str, str], said: str) -> None:
    found = shape_of({**FLAVOR, "extra_specs": specs}, image, from_volume=True)
    assert found.by_hand == ((said,) if said else ())


def test_what_is_local() -> None:
    assert shape_of({**FLAVOR, "disk": 0}, {}, from_volume=False).local
    assert not shape_of(FLAVOR, {}, from_volume=True).local
    assert shape_of({**FLAVOR, "ephemeral": 1}, {}, from_volume=True).local
