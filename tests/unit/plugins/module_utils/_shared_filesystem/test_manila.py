# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of manila, and how its answers are shown."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.manila import Manila
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import (
    Export,
    Instance,
    Pool,
    ShareService,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
    version_document,
)


@pytest.fixture
def manila(cloud: StandIn) -> Manila:
    return Manila(connect(cloud.params()).service("shared-file-system"))


def test_services_as_manila_answers_them(cloud: StandIn, manila: Manila) -> None:
    entries = [{"id": 1, "binary": "manila-share", "host": "lab@az1", "zone": "az1"}]
    cloud.on_get("/share/services", {"services": entries})
    assert manila.services() == entries


def test_availability_zones_that_are_listed_are_available(cloud: StandIn, manila: Manila) -> None:
    cloud.on_get("/share/availability-zones", {"availability_zones": [{"id": "1", "name": "az1", "created_at": "x"}]})
    assert manila.availability_zones() == [{"name": "az1", "available": True}]


def test_asks_for_a_microversion_that_every_supported_release_has(cloud: StandIn, manila: Manila) -> None:
    cloud.on_get("/share/services", {"services": []})
    manila.services()
    assert cloud.headers[-1]["OpenStack-API-Version"] == "shared-file-system 2.50"
    assert cloud.headers[-1]["X-OpenStack-Manila-API-Version"] == "2.50"
    assert cloud.seen == [("GET", "/share/services")]


def test_services_and_pools_in_the_model(cloud: StandIn, manila: Manila) -> None:
    entry = {"binary": "manila-share", "host": "lab@az1", "zone": "az1", "status": "disabled", "state": "up"}
    cloud.on_get("/share/services", {"services": [entry]})
    found = ShareService("lab@az1", "manila-share", "az1", enabled=False)
    assert manila.share_services() == (found,)
    assert cloud.headers[-1]["X-OpenStack-Manila-API-Version"] == "2.50"
    pool = {"share_backend_name": "az1", "driver_handles_share_servers": False, "free_capacity_gb": "unknown"}
    cloud.on_get("/share/scheduler-stats/pools/detail", {"pools": [{"name": "lab@az1#p", "capabilities": pool}]})
    assert manila.pools() == (Pool("lab@az1#p", "az1", False, None, "unknown"),)


@pytest.mark.parametrize(
    ("newest", "body", "version"),
    [
        ("2.99", {"host": "lab@az1", "binary": "manila-share", "disabled_reason": "why"}, "2.83"),
        ("2.78", {"host": "lab@az1", "binary": "manila-share"}, "2.78"),
    ],
)
def test_a_reason_where_manila_keeps_one(
    cloud: StandIn, manila: Manila, newest: str, body: dict[str, str], version: str
) -> None:
    cloud.on("GET", "/share", version_document(newest, "2.0"))
    cloud.on("PUT", "/share/services/disable", Answer(body=body))
    assert manila.keeps_reasons is ("disabled_reason" in body)
    manila.set_service("lab@az1", "manila-share", enabled=False, reason=body.get("disabled_reason"))
    assert cloud.headers[-1]["X-OpenStack-Manila-API-Version"] == version


def test_types_public_and_private_in_one_call(cloud: StandIn, manila: Manila) -> None:
    entry = {"id": "1", "name": "gold", "share_type_access:is_public": False, "extra_specs": {"a": True}}
    cloud.on_get("/share/types", {"share_types": [entry]})
    assert manila.types() == {"gold": FoundType("1", "gold", False, None, {"a": "True"})}
    assert cloud.seen == [("GET", "/share/types?is_public=all")]


def test_the_default_type_and_none(cloud: StandIn, manila: Manila) -> None:
    entry = {"id": "1", "name": "gold", "share_type_access:is_public": True, "extra_specs": {"a": "b"}}
    gone = Answer(404, {"itemNotFound": {"message": "Default share type could not be found."}})
    locked = Answer(403, {"forbidden": {"message": "no right"}})
    cloud.on("GET", "/share/types/default", Answer(body={"share_type": entry}), gone, locked)
    assert manila.default_type() == FoundType("1", "gold", specs={"a": "b"})
    assert manila.default_type() is None
    with pytest.raises(ApiError, match="no right"):
        manila.default_type()


def test_shares_page_by_page(cloud: StandIn, manila: Manila) -> None:
    """manila counts by offset, and names a next page only to who asks for a limit, by a marker that it does not heed."""

    def entry(number: int) -> dict[str, Any]:
        return {"id": str(number), "project_id": "p", "share_proto": "NFS"}

    first, second = Answer(body={"shares": [entry(n) for n in range(1000)]}), Answer(body={"shares": [entry(1000)]})
    cloud.on("GET", "/share/shares/detail", first, second)
    assert len(manila.shares()) == 1001
    assert [path.rpartition("offset=")[2] for _method, path in cloud.seen] == ["0", "1000"]


def test_export_locations_of_all_copies_in_one_call_of_an_old_version(cloud: StandIn, manila: Manila) -> None:
    entry = {"id": "i", "share_id": "s", "availability_zone": "az1", "host": "lab@az1#p", "export_locations": ["a:/b"]}
    cloud.on_get("/share/share_instances", {"share_instances": [entry]})
    assert manila.instances() == (Instance("i", "s", "az1", "lab@az1#p", ("a:/b",)),)
    assert cloud.headers[-1]["X-OpenStack-Manila-API-Version"] == "2.8"
    location = {"path": "a:/b", "is_admin_only": True}
    cloud.on_get("/share/share_instances/i/export_locations", {"export_locations": [location]})
    assert manila.exports_of("i") == (Export("a:/b", admin_only=True),)


def test_access_rules_and_those_on_their_way_out(cloud: StandIn, manila: Manila) -> None:
    about = {"access_type": "ip", "access_to": "10.0.0.1", "access_level": "rw"}
    states = ("active", "queued_to_deny", "denying", "error")
    cloud.on_get("/share/share-access-rules", {"access_list": [{"id": now, **about, "state": now} for now in states]})
    assert [rule.id for rule in manila.rules_of("s") if rule.going] == ["queued_to_deny", "denying"]


@pytest.mark.parametrize("name", ["sharev2", "shared-file-system"])
def test_is_found_under_the_names_that_catalogs_use(cloud: StandIn, name: str) -> None:
    cloud.services = {name: "share"}
    assert connect(cloud.params()).service("shared-file-system").present()
