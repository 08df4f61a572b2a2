# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The empty neutron."""

from __future__ import annotations

import pytest
from zonelab.shims.neutron import answer


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/v2.0/ports", {"ports": []}),
        ("/v2.0/security-groups.json", {"security_groups": []}),
        ("/v2.0/quotas/abc", {"quota": {}}),
        ("/v2.0/", {"resources": []}),
    ],
)
def test_lists_are_empty(path: str, content: dict[str, object]) -> None:
    assert answer("GET", path, "host:1") == ("200 OK", content)


def test_versions_name_the_address_that_the_client_used() -> None:
    _status, content = answer("GET", "/", "host:1")
    assert content["versions"][0]["links"][0]["href"] == "http://host:1/v2.0/"


@pytest.mark.parametrize(("method", "path"), [("POST", "/v2.0/networks"), ("GET", "/v2.0/networks/1")])
def test_nothing_can_be_made_or_found(method: str, path: str) -> None:
    assert answer(method, path, "host:1")[0] == "404 Not Found"
