# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are made from values which stand elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.gitops import render
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.observe import read
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec import rules, secrets
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

KEY = {"key": "array.conf", "variable": "vault_array"}
ARRAY = {"name": "array", "data": [KEY]}
SHARED = {"name": "shared", "data": [{"key": "key", "variable": "vault_shared"}]}
VALUES = {"region": {"vault_shared": "s"}, "zones": {"az1": {"vault_array": "p\u00e4ss\n"}}}


def loaded(own: Any = (ARRAY,), region: Any = (SHARED,), other: Any = ()) -> ZoneMap:
    zones = {
        "az1": {"kubernetes": {"name": "one", "secrets": list(own)}},
        "az2": {"kubernetes": {"secrets": list(other)}},
    }
    return load_map(zones, {"zones": list(zones), "kubernetes": {"secrets": list(region)}})


def test_one_for_each_manager_with_data_that_is_pruned() -> None:
    shared, own = secrets.parts(loaded(), ["az1", "az2"], VALUES)
    assert (shared.manager, shared.zones, own.manager, own.zones) == ("zoneops-region", (), "zoneops-one", ("az1",))
    assert own.body == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "array", "namespace": "openstack"},
        "data": {"array.conf": "cMOkc3MK"},
    }
    assert [part.ref.name for part in secrets.parts(loaded(), ["az2"], VALUES)] == ["shared"]


def test_the_map_names_variables_and_has_no_value() -> None:
    assert as_dict(loaded())["zones"]["az1"]["kubernetes"]["secrets"] == [ARRAY]


def test_a_value_that_is_missing_is_named_with_its_place() -> None:
    with pytest.raises(ZoneopsError, match=r"vault_array \(key array.conf of Secret array, zone az1\)") as caught:
        secrets.parts(loaded(), ["az1"], {})
    assert "vault_shared (key key of Secret shared, all zones)" in caught.value.message
    assert secrets.parts(loaded(region=()), ["az2"], {}) == []


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        ([ARRAY, ARRAY], [], "kubernetes.secrets[1].name = 'array': is also created for zone az1"),
        ([ARRAY], [ARRAY], "zone az2: kubernetes.secrets[0].name = 'array': is also created for zone az1"),
        ([{**ARRAY, "name": "shared"}], [], "is also created for the region"),
        ([{**ARRAY, "data": []}], [], "kubernetes.secrets[0].data: is empty"),
        ([{**ARRAY, "data": [KEY, KEY]}], [], "kubernetes.secrets[0].data = 'array.conf': is there twice"),
    ],
)
def test_what_cannot_be_right(own: Any, other: Any, words: str) -> None:
    with pytest.raises(MapError) as caught:
        rules.check(loaded(own, other=other))
    assert words in str(caught.value)


def test_a_value_in_the_map_is_refused_and_not_shown() -> None:
    with pytest.raises(MapError) as caught:
        loaded([{"name": "array", "data": [{"key": "array.conf", "value": "hunter2"}]}])
    assert "hunter2" not in str(caught.value)


def test_nothing_is_rendered_where_a_secret_is_made() -> None:
    with pytest.raises(ZoneopsError, match=r"Secret array, shared would be written with its values"):
        render.rendered(loaded())


def test_the_preflight_does_not_miss_what_is_made_later() -> None:
    class Api:
        asked: list[str] = []  # noqa: RUF012 - of one test

        def get(self, ref: Any) -> None:
            self.asked.append(str(ref))

        def items(self, _ref: Any) -> list[Any]:
            return []

        def create(self, *_more: Any, **_options: Any) -> dict[str, Any]:
            return {}

    zone_map = loaded()
    read(Api(), zone_map)  # type: ignore[arg-type]
    assert not [name for name in Api.asked if name in ("Secret array", "Secret shared")]
