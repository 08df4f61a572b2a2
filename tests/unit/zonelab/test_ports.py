# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports are taken when they are chosen."""

from __future__ import annotations

from zonelab.ports import port_of, reserve


def test_each_name_gets_a_port_of_its_own() -> None:
    sockets = reserve(["a", "b", "c"], {})
    try:
        assert len({port_of(sock) for sock in sockets.values()}) == 3
    finally:
        for sock in sockets.values():
            sock.close()


def test_wanted_port_is_taken_again_while_it_is_free() -> None:
    [first] = reserve(["a"], {}).values()
    port = port_of(first)
    first.close()
    [again] = reserve(["a"], {"a": port}).values()
    try:
        assert port_of(again) == port
        [other] = reserve(["a"], {"a": port}).values()
        assert port_of(other) != port
        other.close()
    finally:
        again.close()
