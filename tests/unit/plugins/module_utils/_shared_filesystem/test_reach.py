# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an export location leads, and how far an access rule reaches."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.access.reach import (
    hosts_of,
    lies_in,
    networks,
    reach,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import Rule

ZONE = networks(["172.18.1.0/24", "fd00:1::/64"], ["10.1.0.0/16", "172.18.1.0/24"])


@pytest.mark.parametrize(
    ("path", "hosts"),
    [
        ("172.18.1.10:/shares/one", ("172.18.1.10",)),
        ("[fd00:1::5]:/shares/one", ("fd00:1::5",)),
        ("fd00:1::5:/shares/one", ("fd00:1::5",)),
        ("nfs.example.org:/shares/one", ("nfs.example.org",)),
        ("172.18.1.1:6789,172.18.1.2:6789:/volumes/_nogroup/a", ("172.18.1.1", "172.18.1.2")),
        ("[fd00:1::1]:6789,[fd00:1::2]:6789:/volumes/a", ("fd00:1::1", "fd00:1::2")),
        ("\\\\172.18.1.10\\share", ("172.18.1.10",)),
        ("//172.18.1.10/share", ("172.18.1.10",)),
        ("hdfs://172.18.1.10:9000/share", ("172.18.1.10",)),
        ("/mapr/cluster/share", ()),
        ("", ()),
    ],
)
def test_the_addresses_of_an_export(path: str, hosts: tuple[str, ...]) -> None:
    assert hosts_of(path) == hosts


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("172.18.1.10", True),
        ("fd00:1::5", True),
        ("172.18.2.10", False),
        ("fd00:2::5", False),
        ("nfs.example.org", None),
    ],
)
def test_an_address_lies_in_a_network_or_not_and_a_name_cannot_be_told(host: str, expected: bool | None) -> None:
    assert lies_in(host, ZONE) is expected


@pytest.mark.parametrize(
    ("kind", "to", "said"),
    [
        ("ip", "10.1.2.3", None),
        ("ip", "10.1.2.0/24", None),
        ("ip", "10.1.0.0/16", None),
        ("ip", "fd00:1::7", None),
        ("ip", "10.0.0.0/8", "not within 172.18.1.0/24, fd00:1::/64, 10.1.0.0/16"),
        ("ip", "0.0.0.0/0", "not within"),
        ("ip", "::/0", "not within"),
        ("ip", "10.2.0.1", "not within"),
        ("ip", "host.example.org", "unbounded"),
        ("cephx", "alice", "the cephx identity alice, wherever it comes from (unbounded)"),
        ("user", "joe", "unbounded"),
        ("cert", "CN=joe", "unbounded"),
    ],
)
def test_how_far_a_rule_reaches(kind: str, to: str, said: str | None) -> None:
    found = reach(Rule("1", "s", kind, to, "rw"), ZONE)
    assert found is None if said is None else said in (found or "")


def test_without_networks_every_address_is_beyond() -> None:
    assert "its zone names no networks" in str(reach(Rule("1", "s", "ip", "10.0.0.1", "rw"), ()))
