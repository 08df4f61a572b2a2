# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where placement does not mirror the zones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._region.mirror import drift

PROVIDERS = {"a1": ("p-a1",), "a2": ("p-a2",), "b1": ("p-b1",)}


def observed(*members: str, zone: str | None = "az1") -> Observed:
    aggregate = Aggregate("agg", zone, {}, ("a1", "a2"), 1, "u-1")
    return Observed((aggregate,), members={"u-1": members}, providers=PROVIDERS)


@pytest.mark.parametrize(
    ("members", "missing", "surplus"),
    [
        (("p-a1",), ["a2"], []),
        ((), ["a1", "a2"], []),
        (("p-a1", "p-a2", "p-b1"), [], ["b1"]),
        (("p-a1", "p-b1"), ["a2"], ["b1"]),
    ],
)
def test_drift_names_the_hosts(members: tuple[str, ...], missing: list[str], surplus: list[str]) -> None:
    assert drift(observed(*members)) == [{"aggregate": "agg", "missing": missing, "surplus": surplus}]


def test_a_true_mirror_is_no_finding() -> None:
    assert drift(observed("p-a1", "p-a2")) == []


def test_sharing_providers_are_none_of_novas_mirror() -> None:
    assert drift(observed("p-a1", "p-a2", "p-shared-storage")) == []


def test_aggregates_without_a_zone_are_left_alone() -> None:
    assert drift(observed(zone=None)) == []


def test_hosts_whose_provider_is_not_known_are_left_alone() -> None:
    assert drift(replace(observed("p-a1"), providers={"a1": ("p-a1",)})) == []
