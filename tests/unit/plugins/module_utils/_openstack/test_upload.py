# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent as it is: a stream with limits of its own, and a patch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    HANG,
    Answer,
    StandIn,
)


class Stream:
    """Two pieces of a JSON text, which the stand-in wants."""

    def __len__(self) -> int:
        return 4

    def __iter__(self) -> Iterator[bytes]:
        yield b'"a'
        yield b'b"'


def test_upload_says_its_length_and_is_sent_once(cloud: StandIn) -> None:
    cloud.on("PUT", "/compute/file", Answer(429, {}))
    with pytest.raises(ApiError, match="429"):
        connect(cloud.params()).service("compute").upload("/file", Stream(), (5.0, 5.0))
    assert cloud.count("PUT", "/compute/file") == 1
    sent = cloud.headers[-1]
    assert (sent["Content-Length"], sent["Content-Type"]) == ("4", "application/octet-stream")


def test_upload_has_limits_of_its_own(cloud: StandIn) -> None:
    cloud.on("PUT", "/compute/file", HANG)
    with pytest.raises(ApiError, match="no answer in time") as caught:
        connect(cloud.params(api_timeout=60.0)).service("compute").upload("/file", Stream(), (5.0, 0.2))
    assert caught.value.uncertain


def test_patch_has_the_type_that_is_given(cloud: StandIn) -> None:
    cloud.on("PATCH", "/compute/x", Answer(body={"done": True}))
    assert connect(cloud.params()).service("compute").patch("/x", [{"op": "add"}], "application/a-patch") == {
        "done": True
    }
    assert cloud.headers[-1]["Content-Type"] == "application/a-patch"


def test_project_of_the_credentials(cloud: StandIn) -> None:
    assert connect(cloud.params()).project_id() == "p"
