# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image leaves a zone only where no server needs it, however that server came by it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import ImageVolume
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Server
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._image.stand_in import StandIn, run, texts


@pytest.fixture
def glance() -> StandIn:
    return StandIn()


def server(image: str | None, zone: str, **more: Any) -> Server:
    return Server(
        **{
            "id": "s",
            "name": "web",
            "project_id": "p",
            "host": "h",
            "status": "ACTIVE",
            "zone": zone,
            "image": image,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("users", "about", "kept"),
    [
        ((), {}, False),
        ((server("id0", "az1"),), {}, False),
        ((server("id0", "az2"),), {}, True),
        ((server("id0", "", host=None, status="SHELVED_OFFLOADED", pinned="az2"),), {}, True),
        ((server("id0", "", host=None, status="SHELVED_OFFLOADED"),), {}, True),
        ((server("id0", "", host=None, status="SHELVED_OFFLOADED", pinned="az3"),), {}, False),
        ((server("", "az2", status="SHELVED"),), {"image_type": "snapshot", "instance_uuid": "s"}, True),
        ((server("", "az2"),), {"image_type": "snapshot", "instance_uuid": "s"}, False),
    ],
)
def test_a_copy_goes_only_where_no_server_needs_it(
    glance: StandIn, users: tuple[Server, ...], about: dict[str, Any], kept: bool
) -> None:
    glance.servers = users
    glance.add("x", "az1,az2", **about)
    entry = {"name": "x", "zones": ["az1"]}
    assert texts(run(glance, entry)) == {}
    verdicts = run(glance, entry, purge_stores=True)
    assert glance.holds("x") == ["az1,az2" if kept else "az1"]
    assert verdicts["az2"].failed == kept
    if kept:
        assert [refusal.items[0]["id"] for refusal in verdicts["az2"].refusals] == ["s"]
        allowed = run(glance, entry, purge_stores=True, allow=frozenset(["images_in_use"]), only=("az2",))
        assert not allowed["az2"].failed
    assert glance.holds("x") == ["az1"]


SHELVED = {"host": None, "status": "SHELVED_OFFLOADED"}


@pytest.mark.parametrize(
    ("user", "root", "kept"),
    [
        (server(None, "az2", volumes=("v",)), ImageVolume("v", "id0", "az2"), True),
        (server(None, "", volumes=("u", "v"), **SHELVED), ImageVolume("v", "id0", "az2"), True),
        (server(None, "", volumes=("v",), **SHELVED), ImageVolume("v", "id0", "az3"), False),
        # Its volume is in another zone, where cross-zone attachment is allowed: there may be the clone.
        (server(None, "az3", volumes=("v",)), ImageVolume("v", "id0", "az2"), True),
        (server(None, "az2", volumes=("v",)), ImageVolume("v", "id0", "az3"), True),
        (server(None, "az2", volumes=("v",)), ImageVolume("v", "other", "az2"), False),
        (server(None, "az2", volumes=("w",)), ImageVolume("v", "id0", "az2"), False),
        (server("other", "az2", volumes=("v",)), ImageVolume("v", "id0", "az2"), False),
    ],
)
def test_a_server_that_boots_from_a_volume_uses_the_image_of_the_volume(
    glance: StandIn, user: Server, root: ImageVolume, kept: bool
) -> None:
    glance.servers, glance.volumes = (user,), (root,)
    glance.add("x", "az1,az2")
    verdicts = run(glance, {"name": "x", "zones": ["az1"]}, purge_stores=True)
    assert glance.holds("x") == ["az1,az2" if kept else "az1"]
    assert verdicts["az2"].failed == kept
    if kept:
        (refusal,) = verdicts["az2"].refusals
        assert (refusal.items[0]["id"], refusal.items[0]["volume"]) == ("s", "v")
        assert "boots from volume v" in refusal.message


def test_volumes_are_listed_once_and_only_where_a_server_boots_from_one(glance: StandIn) -> None:
    for name in ("x", "y"):
        glance.add(name, "az1,az2,az3")
    entries = [{"name": name, "zones": ["az1"]} for name in ("x", "y")]
    glance.servers = (server("id9", "az2", volumes=("v",)),)
    run(glance, *entries, purge_stores=True, check=True)
    assert "cinder volumes" not in glance.calls
    glance.servers = (server(None, "az2", volumes=("v",)),)
    run(glance, *entries, check=True)
    assert "cinder volumes" not in glance.calls
    run(glance, *entries, purge_stores=True, check=True)
    assert glance.calls.count("cinder volumes") == 1


def test_without_an_answer_of_cinder_images_stay_and_the_rest_goes_on(glance: StandIn) -> None:
    glance.add("x", "az1,az2")
    glance.servers, glance.volumes = (server(None, "az2", volumes=("v",)),), None
    verdicts = run(glance, {"name": "x", "zones": ["az1", "az3"]}, purge_stores=True)
    assert glance.holds("x") == ["az1,az2,az3"]
    assert {zone for zone, verdict in verdicts.items() if verdict.failed} == {"az2"}
    assert "block-storage: no answer" in verdicts["az2"].message()
