# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that the metadata of their aggregates keeps for others."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.isolation import matches, refusal
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.regions import shape

PLAIN = shape()


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, ""),
        ({"tier": "gold"}, ""),
        ({"filter_tenant_id": "p"}, ""),
        ({"filter_tenant_id": "q, p"}, ""),
        ({"filter_tenant_id": "q"}, "is reserved for other projects (filter_tenant_id)"),
        ({"filter_tenant_id_1": "q", "filter_tenant_id_2": "p"}, ""),
        ({"trait:X": "required"}, "is reserved for servers that require X"),
        ({"trait:X": "forbidden"}, ""),
        ({"instance_type": "m2"}, "is reserved for other flavors (instance_type)"),
        ({"instance_type": "m2,m1"}, ""),
    ],
)
def test_metadata(metadata: dict[str, str], said: str) -> None:
    assert refusal("p", PLAIN, frozenset(metadata.items())) == said


def test_required_traits_open_what_is_kept_for_them() -> None:
    kept = frozenset({"trait:X": "required"}.items())
    assert refusal("p", shape(required=frozenset(("X",))), kept) == ""


@pytest.mark.parametrize(
    ("spec", "metadata", "known", "said"),
    [
        ("aggregate_instance_extra_specs:tier", {"tier": "gold"}, (), ""),
        ("aggregate_instance_extra_specs:tier", {"tier": "tin,gold"}, (), ""),
        ("aggregate_instance_extra_specs:tier", {"tier": "tin"}, (), "tier"),
        ("aggregate_instance_extra_specs:tier", {}, (), "tier"),
        # Without a scope it is for aggregates where any has such a key.
        ("tier", {}, ("tier",), "tier"),
        ("tier", {}, (), ""),
        ("hw:tier", {}, ("hw:tier",), ""),
    ],
)
def test_specs_of_flavors(spec: str, metadata: dict[str, str], known: tuple[str, ...], said: str) -> None:
    found = refusal("p", shape(specs=((spec, "gold"),)), frozenset(metadata.items()), frozenset(known))
    assert found == (f"is in no aggregate with {said} as flavor m1 requires it" if said else "")


def test_images() -> None:
    windows = shape(image=(("os_type", "windows"),))
    assert (
        refusal("p", windows, frozenset({"os_type": "linux"}.items())) == "is reserved for images with another os_type"
    )
    assert refusal("p", windows, frozenset({"os_type": "linux,windows"}.items())) == ""
    assert refusal("p", PLAIN, frozenset({"os_type": "linux"}.items())) == ""


@pytest.mark.parametrize(
    ("value", "wanted", "same"),
    [
        ("gold", "gold", True),
        ("gold", "tin", False),
        ("4", "= 3", True),
        ("4", ">= 5", False),
        ("4", "<= 5", True),
        ("4", "== 4.0", True),
        ("4", "!= 4", False),
        ("many", ">= 5", False),
        ("b", "s== b", True),
        ("b", "s< c", True),
        ("b", "s>= c", False),
        ("linux-rt", "<in> rt", True),
        ("linux", "<in> rt", False),
        ("b", "<or> a <or> b", True),
        ("or", "<or> a <or> b", False),
        ("a b", "<all-in> a b", True),
        ("a", "<all-in> a b", False),
        ("", "", True),
        ("x", ">=", False),
    ],
)
def test_operators(value: str, wanted: str, same: bool) -> None:
    assert matches(value, wanted) is same
