# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Posing as an older cloud: which requests change, and how answers are rewritten."""

from __future__ import annotations

import json

import pytest
from zonelab.proxy.age import AGES, Pose, asked, pose


@pytest.mark.parametrize(
    ("service", "headers", "version"),
    [
        ("nova", {"OpenStack-API-Version": "compute 2.96"}, "2.96"),
        ("nova", {"openstack-api-version": "volume 3.1, compute 2.5"}, "2.5"),
        ("nova", {"X-OpenStack-Nova-API-Version": "2.3"}, "2.3"),
        ("nova", {"OpenStack-API-Version": "volume 3.70"}, None),
        ("cinder", {"OpenStack-API-Version": "volume latest"}, "latest"),
        ("manila", {"X-OpenStack-Manila-API-Version": "2.79"}, "2.79"),
        ("manila", {"OpenStack-API-Version": "shared-file-system 2.79"}, "2.79"),
        ("placement", {"OpenStack-API-Version": "placement 1.10"}, "1.10"),
        ("keystone", {"OpenStack-API-Version": "compute 2.96"}, None),
        ("nova", {}, None),
    ],
)
def test_microversion_asked_of_a_service(service: str, headers: dict[str, str], version: str | None) -> None:
    assert asked(service, headers) == version


@pytest.mark.parametrize(("version", "refused"), [("2.95", False), ("2.96", True), ("2.100", True), ("2.9", False)])
def test_versions_are_compared_as_numbers(version: str, refused: bool) -> None:
    assert Pose("nova", "2.95", version).refused is refused


@pytest.mark.parametrize("version", [None, "latest", "nonsense"])
def test_only_numbers_are_refused_here(version: str | None) -> None:
    assert not Pose("nova", "2.95", version).refused


@pytest.mark.parametrize(
    ("version", "sent"),
    [("2.95", "compute 2.95"), ("latest", "compute 2.95"), ("2.96", "compute 2.9999"), ("x", "compute x")],
)
def test_service_sees_a_version_that_it_treats_as_the_old_cloud_would(version: str, sent: str) -> None:
    assert Pose("nova", "2.95", version).header("OpenStack-API-Version", f"compute {version}") == sent
    assert Pose("nova", "2.95", version).header("X-Other", f"compute {version}") == f"compute {version}"


def test_refusal_names_the_version_that_was_asked_and_the_old_clouds_maximum() -> None:
    text = "Version 2.9999 is not supported by the API. Minimum is 2.1 and maximum is 2.104."
    body = json.dumps({"errors": [{"title": text, "max_version": "2.104"}]}).encode()
    refused = json.loads(Pose("nova", "2.95", "2.96").body(body))["errors"][0]
    assert refused["title"] == "Version 2.96 is not supported by the API. Minimum is 2.1 and maximum is 2.95."
    assert refused["max_version"] == "2.95"


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/", True), ("/v2.1", True), ("/v2.1/", True), ("/v3/?a=b", True), ("/versions", True), ("/v2/versions", True),
        ("/v2.1/servers", False), ("/v2/images", False), ("/resource_providers", False),
    ],
)  # fmt: skip
def test_version_documents_are_known_by_their_path(path: str, document: bool) -> None:
    assert Pose("nova", "2.95", None).touches(path) is document


def test_nova_like_document_gets_the_maximum() -> None:
    document = {"versions": [{"id": "v2.0", "version": ""}, {"id": "v2.1", "version": "2.104", "min_version": "2.1"}]}
    lowered = json.loads(Pose("nova", "2.95", None).body(json.dumps(document).encode()))
    assert [entry["version"] for entry in lowered["versions"]] == ["", "2.95"]
    assert lowered["versions"][1]["min_version"] == "2.1"


def test_glance_like_document_loses_newer_versions_and_has_another_current_one() -> None:
    entries = [("v2.18", "CURRENT"), ("v2.17", "SUPPORTED"), ("v2.16", "SUPPORTED"), ("v2.0", "SUPPORTED")]
    document = {"versions": [{"id": number, "status": status} for number, status in entries]}
    lowered = json.loads(Pose("glance", "2.16", None).body(json.dumps(document).encode()))
    assert lowered == {"versions": [{"id": "v2.16", "status": "CURRENT"}, {"id": "v2.0", "status": "SUPPORTED"}]}


def test_what_is_no_document_stays_as_it_is() -> None:
    assert Pose("nova", "2.95", None).body(b"<html>2.104</html>") == b"<html>2.104</html>"


def test_current_cloud_poses_as_nothing() -> None:
    assert pose("current", "nova", {}) is None
    assert pose("antelope", "neutron", {}) is None
    assert pose("antelope", "nova", {}) == Pose("nova", "2.95", None)
    assert AGES["antelope"]["cinder"] == "3.70"


def test_only_nova_poses_as_an_older_one() -> None:
    assert pose("nova-2.100", "nova", {}) == Pose("nova", "2.100", None)
    assert pose("nova-2.90", "cinder", {}) is None
