# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a request to create a server that nova refuses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.calls import Restores

DATA = "I2Nsb3VkLWNvbmZpZwpwYXNzd29yZDogaHVudGVyMg=="


class Refusing:
    """Answers as nova does to a request that its schema does not know."""

    def negotiate(self, *_versions: Any) -> str:
        return "2.96"

    def post(self, _path: str, body: dict[str, Any], **_more: Any) -> dict[str, Any]:
        text = f"400 Invalid input for field/attribute server. Value: {body['server']}."
        raise ApiError(text[: body["server"].get("cut", 1000)], status=400)


@pytest.mark.parametrize("cut", [1000, 110])
def test_user_data_is_in_no_message(cut: int) -> None:
    nova: Any = Refusing()
    with pytest.raises(ApiError) as raised:
        Restores(nova, []).make({"cut": cut, "name": "db", "user_data": DATA}, {})
    assert DATA[:12] not in raised.value.message
    assert (raised.value.status, "field/attribute server" in raised.value.message) == (400, True)
    with pytest.raises(ApiError, match=r"Value: .*'db'"):
        Restores(nova, []).make({"name": "db"}, {})
