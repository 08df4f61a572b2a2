# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab poses as a 2023.1 (Antelope) cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selftest.api import Api
    from zonelab.client import LabClient


@pytest.fixture
def antelope(lab: LabClient) -> Iterator[LabClient]:
    lab.set_age("antelope")
    yield lab
    lab.set_age("current")


CASES = [
    ("nova", "OpenStack-API-Version", "compute {}", "/v2.1/os-aggregates", "2.95", "2.96"),
    ("nova", "X-OpenStack-Nova-API-Version", "{}", "/v2.1/os-aggregates", "2.95", "2.96"),
    ("cinder", "OpenStack-API-Version", "volume {}", "/v3/volumes", "3.70", "3.71"),
    ("manila", "X-OpenStack-Manila-API-Version", "{}", "/v2/shares", "2.78", "2.79"),
    ("placement", "OpenStack-API-Version", "placement {}", "/resource_providers", "1.39", "1.40"),
]


@pytest.mark.parametrize(("service", "header", "form", "path", "newest", "newer"), CASES)
def test_newest_version_of_the_release_works_and_a_newer_one_is_refused(
    antelope: LabClient, api: Api, service: str, header: str, form: str, path: str, newest: str, newer: str
) -> None:
    mark = antelope.mark()
    assert api.request(service, "GET", path, headers={header: form.format(newest)}).status == 200
    refused = api.request(service, "GET", path, headers={header: form.format(newer)})
    assert refused.status == 406
    assert newer in refused.body.decode()
    assert newest in refused.body.decode() or service == "placement"
    assert "9999" not in refused.body.decode() + str(refused.headers)
    assert [request.microversion for request in antelope.requests(mark)] == [newest, newer]


def test_without_posing_the_newer_version_works(api: Api) -> None:
    assert api.request("nova", "GET", "/v2.1/flavors", headers={"OpenStack-API-Version": "compute 2.96"}).status == 200


@pytest.mark.usefixtures("antelope")
def test_latest_is_the_newest_of_the_release(api: Api) -> None:
    answer = api.request("nova", "GET", "/v2.1/os-aggregates", headers={"OpenStack-API-Version": "compute latest"})
    assert answer.headers["openstack-api-version"] == "compute 2.95"


@pytest.mark.usefixtures("antelope")
@pytest.mark.parametrize(
    ("service", "path", "newest"),
    [("nova", "/v2.1/", "2.95"), ("cinder", "/v3/", "3.70"), ("manila", "/v2/", "2.78"), ("placement", "/", "1.39")],
)
def test_version_document_names_the_newest_of_the_release(api: Api, service: str, path: str, newest: str) -> None:
    document = api.request(service, "GET", path).json
    [version] = document.get("versions") or [document["version"]]
    assert newest in (version.get("version"), version.get("max_version"))


@pytest.mark.usefixtures("antelope")
def test_root_of_nova_lists_the_newest_of_the_release(api: Api) -> None:
    assert [version["version"] for version in api.request("nova", "GET", "/").json["versions"]] == ["", "2.95"]


@pytest.mark.usefixtures("antelope")
def test_images_have_no_version_newer_than_the_release(api: Api) -> None:
    versions = api.request("glance", "GET", "/versions").json["versions"]
    assert (versions[0]["id"], versions[0]["status"]) == ("v2.16", "CURRENT")
    assert len([version for version in versions if version["status"] == "CURRENT"]) == 1
