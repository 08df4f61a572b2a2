# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers whose pin does not fit the zones."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate, Host, Observed, Server
from ansible_collections.zoneops.openstack.plugins.module_utils._region.servers import out_of_place


def cloud(server: Server) -> Observed:
    """Zones az1 (a1) and az2 (a2), host free in none, nova's default zone is called "default"."""
    hosts = {
        name: Host(name, name, zone, "up", "enabled")
        for name, zone in (("a1", "az1"), ("a2", "az2"), ("free", "default"))
    }
    aggregates = (Aggregate("az1", "az1", {}, ("a1",)), Aggregate("az2", "az2", {}, ("a2",)))
    return Observed(aggregates, hosts, (server,))


def server(host: str | None, pinned: str | None) -> Server:
    return Server("5e", "web", "shop", host, "ACTIVE", pinned=pinned)


@pytest.mark.parametrize(
    ("host", "pinned", "rule", "part"),
    [
        ("a1", "az2", "elsewhere", "pinned to zone az2 and runs on a1 in zone az1"),
        ("free", "az2", "elsewhere", "runs on free in no zone"),
        ("a1", "az9", "zone_gone", "pinned to zone az9, which does not exist"),
        (None, "az9", "zone_gone", "pinned to zone az9, which does not exist"),
        ("a1", "nova", "pinned_to_default", "names zone nova"),
        ("a1", "default", "pinned_to_default", "names zone default"),
    ],
)
def test_a_pin_that_does_not_fit(host: str | None, pinned: str, rule: str, part: str) -> None:
    (found,) = out_of_place(cloud(server(host, pinned)))
    assert found["rule"] == rule
    assert found["message"].startswith("server web (5e, project shop) ")
    assert part in found["message"]
    assert found["id"] == "5e"


@pytest.mark.parametrize(("host", "pinned"), [("a1", "az1"), ("a1", None), ("free", None), (None, "az1"), (None, None)])
def test_a_pin_that_fits(host: str | None, pinned: str | None) -> None:
    assert out_of_place(cloud(server(host, pinned))) == []
