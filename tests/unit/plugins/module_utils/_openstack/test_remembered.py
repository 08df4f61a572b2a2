# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call that only reads asks nothing twice; one that may write looks again."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn

PATH = "/volume/os-services"


def test_every_read_is_sent_unless_they_are_remembered(cloud: StandIn) -> None:
    cloud.on_get(PATH, {"services": []})
    service = connect(cloud.params()).service("block-storage")
    assert [service.get("/os-services") for _time in range(2)] == [{"services": []}] * 2
    assert cloud.seen == [("GET", PATH)] * 2


def test_a_remembered_read_is_sent_once(cloud: StandIn) -> None:
    cloud.on_get(PATH, {"services": []})
    connected = connect(cloud.params())
    connected.remember_reads()
    for _time in range(2):
        assert connected.service("block-storage").get("/os-services") == {"services": []}
    assert cloud.seen == [("GET", PATH)]


def test_another_question_is_another_read(cloud: StandIn) -> None:
    for path in (PATH, f"{PATH}?binary=cinder-volume", "/compute/os-services"):
        cloud.on_get(path, {"services": [path]})
    connected = connect(cloud.params())
    connected.remember_reads()
    volume, compute = connected.service("block-storage"), connected.service("compute")
    answers = [
        volume.get("/os-services"),
        volume.get("/os-services", params={"binary": "cinder-volume"}),
        volume.get("/os-services", microversion="3.70"),
        compute.get("/os-services"),
    ]
    assert len(cloud.seen) == len(answers)
    assert answers[0] != answers[3]


def test_a_failure_is_not_remembered(cloud: StandIn) -> None:
    cloud.on("GET", PATH, Answer(403, {"forbidden": {"message": "not yet"}}), Answer(body={"services": []}))
    connected = connect(cloud.params())
    connected.remember_reads()
    with pytest.raises(ApiError):
        connected.service("block-storage").get("/os-services")
    assert connected.service("block-storage").get("/os-services") == {"services": []}
