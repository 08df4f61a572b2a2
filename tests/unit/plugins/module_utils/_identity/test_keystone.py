# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects by name or id."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._identity.keystone import Keystone
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def keystone(cloud: StandIn) -> Keystone:
    cloud.services = {"identity": "v3"}
    return Keystone(connect(cloud.params()).service("identity", version="3"))


def projects(*pairs: tuple[str, str], **rest: Any) -> Answer:
    return Answer(body={"projects": [{"id": number, "name": name} for number, name in pairs], **rest})


def asked(cloud: StandIn) -> list[str]:
    return [path for _method, path in cloud.seen if "projects" in path]


def test_one_call_for_names_and_ids(cloud: StandIn, keystone: Keystone) -> None:
    cloud.on("GET", "/v3/projects", projects(("1", "ops"), ("2", "web"), ("3", "web")))
    assert keystone.projects(["ops", "2", "web", "gone"]) == {"ops": ("1",), "2": ("2",), "web": ("2", "3"), "gone": ()}
    assert asked(cloud) == ["/v3/projects"]
    assert keystone.hints({"Web": (), "2": ("2",), "nothing": ()}) == {"Web": " (did you mean web?)", "nothing": ""}
    assert asked(cloud) == ["/v3/projects"]


def test_a_shortened_list_is_asked_again_for_what_it_lacks(cloud: StandIn, keystone: Keystone) -> None:
    cloud.on("GET", "/v3/projects", projects(("1", "ops"), truncated=True), projects(("2", "web")), projects())
    assert keystone.projects(["ops", "web", ID]) == {"ops": ("1",), "web": ("2",), ID: (ID,)}
    assert asked(cloud) == ["/v3/projects", "/v3/projects?name=web", f"/v3/projects?name={ID}"]
