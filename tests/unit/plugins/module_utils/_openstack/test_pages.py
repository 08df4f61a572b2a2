# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that a service cuts into pages."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn


def page(cloud: StandIn, *numbers: int, after: int | None = None) -> Answer:
    body: dict[str, object] = {"servers": [{"id": number} for number in numbers]}
    if after is not None:
        # nova and others build the address of the next page from a configured name, not the one that was asked.
        href = f"http://behind-a-proxy.example.org/servers/detail?all_tenants=True&marker={after}"
        body["servers_links"] = [{"rel": "self", "href": cloud.url}, {"rel": "next", "href": href}]
    return Answer(body=body)


def listed(cloud: StandIn) -> list[int]:
    service = connect(cloud.params()).service("compute")
    pages = service.pages("/servers/detail", "servers", microversion="2.90", params={"all_tenants": "True"})
    return [entry["id"] for entry in pages]


def test_follows_next_with_its_query_below_the_endpoint_of_the_catalog(cloud: StandIn) -> None:
    path = "/compute/servers/detail"
    cloud.on("GET", path, page(cloud, 1, 2, after=2), page(cloud, 3, 4, after=4), page(cloud, 5))
    assert listed(cloud) == [1, 2, 3, 4, 5]
    assert [query for _method, query in cloud.seen] == [
        f"{path}?all_tenants=True",
        f"{path}?all_tenants=True&marker=2",
        f"{path}?all_tenants=True&marker=4",
    ]
    assert {headers["OpenStack-API-Version"] for headers in cloud.headers} == {"compute 2.90"}


def test_links_under_a_name_of_their_own(cloud: StandIn) -> None:
    first = Answer(
        body={"volume_types": [{"id": 1}], "volume_type_links": [{"rel": "next", "href": "http://x/types?marker=1"}]}
    )
    cloud.on("GET", "/volume/types", first, Answer(body={"volume_types": [{"id": 2}]}))
    service = connect(cloud.params()).service("block-storage")
    assert [entry["id"] for entry in service.pages("/types", "volume_types", links="volume_type_links")] == [1, 2]


def test_one_page_costs_one_call(cloud: StandIn) -> None:
    cloud.on("GET", "/compute/servers/detail", page(cloud, 1))
    assert listed(cloud) == [1]
    assert len(cloud.seen) == 1


def test_a_page_that_fails_fails_the_list(cloud: StandIn) -> None:
    cloud.on("GET", "/compute/servers/detail", page(cloud, 1, after=1), Answer(403))
    with pytest.raises(ApiError, match="403"):
        listed(cloud)
