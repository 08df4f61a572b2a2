# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module image_stores_info: options in, one JSON object out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.modules import image_stores_info
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

Look = Callable[..., dict[str, Any]]
FORBIDDEN = Answer(403, {"forbidden": {"message": "only for administrators"}})
STORES: list[dict[str, Any]] = [
    {"id": "central", "type": "rbd", "description": "the middle", "default": "true"},
    {"id": "far", "type": "file"},
    {"id": "web", "type": "http", "read-only": "true"},
]
BOTH = "central,far"


def image(number: str, name: str, **about: Any) -> dict[str, Any]:
    told = {"id": number, "name": name, "status": "active", "visibility": "public", "owner": "p", "size": 5}
    return told | {"disk_format": "raw", "stores": BOTH, "os_hidden": False, "tags": []} | about


@pytest.fixture
def glance(cloud: StandIn) -> StandIn:
    cloud.services["image"] = "image"
    version = {"id": "v2.17", "status": "CURRENT", "links": [{"rel": "self", "href": f"{cloud.url}/image/v2/"}]}
    cloud.on_get("/image", {"versions": [version]})
    cloud.on_get("/image/v2/info/stores/detail", {"stores": STORES})
    listed = [
        image("2", "x", stores="far", zoneops_replaced_by="1"),
        image("3", "copied", os_glance_import_task="t", os_glance_failed_import="far", stores="central"),
        image("1", "x"),
    ]
    empty = image("4", "empty", status="queued", size=None, disk_format=None, os_hidden=True)
    del empty["stores"]
    # Those of the lists, then the hidden ones.
    cloud.on("GET", "/image/v2/images", *(Answer(body={"images": found}) for found in (listed, [empty])))
    return cloud


@pytest.fixture
def look(glance: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Look:
    """Run the module with these options."""

    def run(**options: Any) -> dict[str, Any]:
        warnings = hand(monkeypatch, glance.params(**options))
        with pytest.raises(SystemExit):
            image_stores_info.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer | ({"warnings": warnings} if warnings else {})

    return run


@pytest.mark.parametrize("check", [True, False])
def test_stores_and_what_they_hold_in_four_calls(glance: StandIn, look: Look, check: bool) -> None:
    answer = look(_ansible_check_mode=check)
    assert not answer["changed"]
    assert answer["stores"] == [
        {"id": "central", "type": "rbd", "description": "the middle", "default": True, "zone": None, "images": 2},
        {"id": "far", "type": "file", "description": None, "default": False, "zone": None, "images": 2},
    ]
    assert (answer["default_store"], answer["zones"]) == ("central", {})
    assert [path.partition("?")[0].rstrip("/") for _method, path in glance.seen] == [
        "/image",
        "/image/v2/info/stores/detail",
        "/image/v2/images",
        "/image/v2/images",
    ]


def test_images_by_name_with_what_no_run_has_finished(look: Look) -> None:
    images = look()["images"]
    assert [(found["name"], found["id"]) for found in images] == [
        ("copied", "3"),
        ("empty", "4"),
        ("x", "1"),
        ("x", "2"),
    ]
    told = {
        found["id"]: (found["stores"], found["failed_stores"], found["importing"], found["replaced"], found["hidden"])
        for found in images
    }
    assert told == {
        "1": (["central", "far"], [], False, False, False),
        "2": (["far"], [], False, True, False),
        "3": (["central"], ["far"], True, False, False),
        "4": ([], [], False, False, True),
    }
    assert images[2] == {
        "id": "1",
        "name": "x",
        "status": "active",
        "visibility": "public",
        "hidden": False,
        "owner": "p",
        "size": 5,
        "disk_format": "raw",
        "stores": ["central", "far"],
        "failed_stores": [],
        "importing": False,
        "replaced": False,
    }


def test_zones_of_a_map_and_the_one_whose_store_glance_lacks(look: Look) -> None:
    zones = {
        "az1": {"image_store": {"name": "central"}},
        "az2": {"image_store": {}},
        "az3": {"compute": {"hosts": ["c3"]}},
    }
    answer = look(zones=zones, region={"zones": ["az1", "az2", "az3"]})
    assert answer["zones"] == {"az1": "central", "az2": None}
    assert answer["warnings"] == ["glance has no store az2, which the map gives zone az2; it has: central, far."]
    assert [store["zone"] for store in answer["stores"]] == ["az1", None]


def test_a_user_who_may_not_see_the_types_of_stores(glance: StandIn, look: Look) -> None:
    glance.on("GET", "/image/v2/info/stores/detail", FORBIDDEN)
    glance.on_get("/image/v2/info/stores", {"stores": [{"id": "far", "default": "true"}]})
    answer = look()
    assert answer["stores"] == [
        {"id": "far", "type": None, "description": None, "default": True, "zone": None, "images": 2}
    ]


def test_a_map_that_is_wrong_is_said(look: Look) -> None:
    answer = look(zones={"az1": {"image_stores": {}}}, region={"zones": ["az1"]})
    assert answer["failed"]
    assert "image_stores" in answer["msg"]
