# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server that images come from, and storage that fails and is healed."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from selftest.api import Api, settled, until
from zonelab.client import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zonelab.client import LabClient

CONTENT = os.urandom(1 << 20)


@pytest.fixture
def web(faults: LabClient) -> LabClient:
    """A lab that serves one file."""
    (faults.web_folder / "folder").mkdir(exist_ok=True)
    (faults.web_folder / "folder" / "file.img").write_bytes(CONTENT)
    return faults


@pytest.fixture
def storage(lab: LabClient) -> Iterator[LabClient]:
    """All that was told to fail works again after the test."""
    yield lab
    lab.heal()


def fetch(lab: LabClient, path: str, method: str = "GET") -> tuple[int, int, bytes]:
    """Status, announced length and body; the body ends where the server ends."""
    connection = http.client.HTTPConnection("127.0.0.1", lab.record.web, timeout=30)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        announced = int(response.getheader("Content-Length") or -1)
        try:
            body = response.read()
        except http.client.IncompleteRead as error:
            body = error.partial
        return response.status, announced, body
    finally:
        connection.close()


def test_file_is_served_and_the_request_is_logged(web: LabClient) -> None:
    mark = web.mark()
    assert fetch(web, "/folder/file.img") == (200, len(CONTENT), CONTENT)
    assert fetch(web, "/folder/file.img", "HEAD") == (200, len(CONTENT), b"")
    assert fetch(web, "/folder/none.img")[0] == 404
    assert fetch(web, "/../lab.json")[0] == 404
    logged = [(request.service, request.method, request.status) for request in web.requests(mark)]
    assert logged == [("web", "GET", 200), ("web", "HEAD", 200), ("web", "GET", 404), ("web", "GET", 404)]


HALF = len(CONTENT) // 2


@pytest.mark.parametrize(
    ("kind", "announced", "body"),
    [
        ("cut", len(CONTENT), CONTENT[:HALF]),
        ("wrong-length", HALF, CONTENT[:HALF]),
        ("wrong-content", len(CONTENT), CONTENT[:HALF] + bytes([CONTENT[HALF] ^ 0xFF]) + CONTENT[HALF + 1 :]),
    ],
)
def test_file_is_served_badly_when_told_so(web: LabClient, kind: str, announced: int, body: bytes) -> None:
    web.add_fault(kind, path="file.img", count=1)
    assert fetch(web, "/folder/file.img") == (200, announced, body)
    assert fetch(web, "/folder/file.img") == (200, len(CONTENT), CONTENT)


def test_throttled_file_takes_its_time(web: LabClient) -> None:
    web.add_fault("throttle", seconds=1.5)
    began = time.monotonic()
    assert fetch(web, "/folder/file.img")[2] == CONTENT
    assert 1.5 <= time.monotonic() - began < 10


def test_faults_of_the_cloud_leave_the_web_server_alone(web: LabClient) -> None:
    web.add_fault("status", status=503)
    assert fetch(web, "/folder/file.img")[0] == 200
    web.add_fault("status", service="web", status=429, retry_after=1)
    assert fetch(web, "/folder/file.img")[0] == 429


def imported(api: Api, url: str, *stores: str) -> dict[str, Any]:
    """An image that glance fetches, when it has given up or has it."""
    body = {"name": "fetched", "disk_format": "raw", "container_format": "bare"}
    number = api.call("glance", "POST", "/images", body)["id"]
    method = {"name": "web-download", "uri": url}
    api.call("glance", "POST", f"/images/{number}/import", {"method": method, "stores": list(stores)})

    def read() -> dict[str, Any]:
        image: dict[str, Any] = api.call("glance", "GET", f"/images/{number}")
        return image

    def done(image: dict[str, Any]) -> bool:
        ended = image["status"] == "active" or bool(image.get("os_glance_failed_import"))
        return ended and "os_glance_import_task" not in image

    return settled(read, done)


def test_glance_fetches_into_the_wanted_store_and_fails_half_way(web: LabClient, api: Api) -> None:
    url = web.web_url("folder/file.img")
    image = imported(api, url, "az2")
    assert (image["stores"], image["os_hash_value"]) == ("az2", hashlib.sha512(CONTENT).hexdigest())
    web.add_fault("cut")
    failed = imported(api, url, "az2")
    assert (failed["status"], failed["os_glance_failed_import"]) == ("queued", "az2")


def test_store_that_fails_takes_no_image_until_it_is_healed(web: LabClient, storage: LabClient, api: Api) -> None:
    url = web.web_url("folder/file.img")
    storage.fail("store", "az2")
    assert imported(api, url, "az2")["os_glance_failed_import"] == "az2"
    assert imported(api, url, "az1")["stores"] == "az1"
    assert storage.failing() == [{"kind": "store", "name": "az2", "how": "error"}]
    storage.heal("store", "az2")
    assert imported(api, url, "az2")["stores"] == "az2"


def volume(api: Api, zone: str) -> dict[str, Any]:
    """A new one, available or in error."""
    body = {"volume": {"size": 1, "availability_zone": zone}}
    number = api.call("cinder", "POST", "/volumes", body)["volume"]["id"]
    return settled(
        lambda: dict(api.call("cinder", "GET", f"/volumes/{number}")["volume"]),
        lambda made: made["status"] in ("available", "error"),
    )


def backend_states(api: Api) -> dict[str, str]:
    services = api.call("cinder", "GET", "/os-services?binary=cinder-volume", version="3.49")["services"]
    return {service["host"]: service["backend_state"] for service in services}


def test_volume_back_end_fails_while_its_service_lives(storage: LabClient, api: Api) -> None:
    storage.fail("backend", "az3")
    # The scheduler hears of it a moment later.
    until(lambda: backend_states(api), {"lab@az1": "up", "lab@az2": "up", "lab@az3": "down"})
    assert api.volume_states()["lab@az3"] == "up"
    assert volume(api, "az3")["status"] == "error"
    assert volume(api, "az1")["status"] == "available"
    storage.heal("backend", "az3")
    until(lambda: set(backend_states(api).values()), {"up"})
    assert volume(api, "az3")["status"] == "available"


def test_backup_target_that_hangs_goes_on_when_healed(storage: LabClient, api: Api) -> None:
    source = volume(api, "az1")["id"]
    storage.fail("backup-target", "az1", how="hang")
    number = api.call("cinder", "POST", "/backups", {"backup": {"volume_id": source}})["backup"]["id"]

    def read() -> object:
        return api.call("cinder", "GET", f"/backups/{number}")["backup"]["status"]

    time.sleep(1)
    assert read() == "creating"
    storage.heal()
    until(read, "available", 60)


def test_share_back_end_fails_and_exports_are_in_the_network_of_the_zone(storage: LabClient, api: Api) -> None:
    def share() -> dict[str, Any]:
        body = {"share": {"share_proto": "NFS", "size": 1, "availability_zone": "az2"}}
        number = api.call("manila", "POST", "/shares", body, version="2.65")["share"]["id"]
        return settled(
            lambda: dict(api.call("manila", "GET", f"/shares/{number}", version="2.65")["share"]),
            lambda made: made["status"] in ("available", "error"),
        )

    storage.fail("share-backend", "az2")
    assert share()["status"] == "error"
    storage.heal("share-backend", "az2")
    number = share()["id"]
    locations = api.call("manila", "GET", f"/shares/{number}/export_locations", version="2.65")["export_locations"]
    assert {location["path"].rpartition(".")[0] for location in locations} == {"172.18.2"}


@pytest.mark.parametrize(
    ("kind", "name", "how", "message"),
    [
        ("disk", "az1", "error", "what can fail is one of store, backend"),
        ("store", "az9", "error", r"store 'az9': the lab has \['az1', 'az2', 'az3'\]"),
        ("backend", None, "error", "backend None: the lab has"),
        ("store", "az1", "explode", "'explode': give one of error, hang, or a number"),
    ],
)
def test_what_cannot_fail_is_told(storage: LabClient, kind: str, name: str | None, how: str, message: str) -> None:
    with pytest.raises(LabError, match=message):
        storage.fail(kind, name, how=how)
