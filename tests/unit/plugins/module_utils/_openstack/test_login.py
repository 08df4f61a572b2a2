# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keystone: credentials, its address, the catalog."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError, CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    HANG,
    PASSWORD,
    TOKEN_PATH,
    Answer,
    StandIn,
)


def get(cloud: StandIn, **auth: Any) -> dict[str, Any]:
    return connect(cloud.params(auth={**cloud.params()["auth"], **auth})).service("compute").get("/x")


def error(cloud: StandIn, **auth: Any) -> ZoneopsError:
    with pytest.raises(ZoneopsError) as caught:
        get(cloud, **auth)
    assert PASSWORD not in caught.value.message
    return caught.value


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_wrong_password(cloud: StandIn) -> None:
    refused = error(cloud, password="wr0ng-s3cret")
    assert isinstance(refused, CloudError)
    assert refused.message.startswith("keystone refused the credentials: The request you have made requires auth")
    assert "Check user, password and project" in refused.message
    assert "wr0ng-s3cret" not in refused.message
    assert cloud.logins == 1
    assert cloud.seen == []


def test_nobody_listens(cloud: StandIn) -> None:
    address = f"http://127.0.0.1:{closed_port()}/v3"
    refused = error(cloud, auth_url=address)
    assert address in refused.message
    assert "Connection refused" in refused.message


def test_an_address_without_keystone(cloud: StandIn) -> None:
    assert "Check auth_url" in error(cloud, auth_url=f"{cloud.url}/elsewhere").message


def test_keystone_that_hangs(cloud: StandIn) -> None:
    cloud.on("POST", TOKEN_PATH, HANG)
    service = connect(cloud.params(api_timeout=0.2)).service("compute")
    with pytest.raises(ApiError, match=r"no answer in time .*auth/tokens"):
        service.get("/x")


def test_keystone_that_is_broken(cloud: StandIn) -> None:
    cloud.on("POST", TOKEN_PATH, Answer(503, b"down for maintenance"))
    broken = error(cloud)
    assert "503" in broken.message


def test_one_login_for_all_services(cloud: StandIn) -> None:
    connected = connect(cloud.params())
    for service_type in ("compute", "block-storage"):
        assert connected.service(service_type).present()
        assert connected.service(service_type) is connected.service(service_type)
    assert cloud.logins == 1
    assert cloud.seen == []


def test_a_token_that_expired_is_renewed_once(cloud: StandIn) -> None:
    cloud.on("GET", "/compute/x", Answer(401), Answer(body={"found": True}))
    assert get(cloud) == {"found": True}
    assert cloud.logins == 2


def test_a_token_that_the_service_refuses(cloud: StandIn) -> None:
    cloud.on("GET", "/compute/x", Answer(401))
    assert "The token was refused" in error(cloud).message
    assert cloud.count("GET", "/compute/x") == 2


def test_a_service_that_the_catalog_does_not_have(cloud: StandIn) -> None:
    service = connect(cloud.params()).service("dns")
    assert not service.present()
    for call in (lambda: service.get("/x"), service.maximum):
        with pytest.raises(CloudError, match=r"catalog of this cloud and region has no endpoint for 'dns'"):
            call()


def test_a_region_that_the_catalog_does_not_have(cloud: StandIn) -> None:
    service = connect(cloud.params(region_name="RegionTwo")).service("compute")
    assert not service.present()
    with pytest.raises(CloudError, match="RegionTwo region not found"):
        service.get("/x")


def test_an_empty_catalog(cloud: StandIn) -> None:
    cloud.services.clear()
    assert not connect(cloud.params()).service("compute").present()
