# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many servers are restored at a time, and when no further one is begun."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.draft import disks_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.model import (
    Attached,
    Copy,
    Port,
    Restoration,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.restorer import (
    Bounds,
    Fate,
    Restorer,
)

from .test_backups import VOLUME


class Counting(Restorer):
    """Counts, and fails for those that are to fail."""

    def __init__(self, bounds: Bounds, failing: set[str]) -> None:
        one: Any = self
        one.bounds, one.failing = bounds, failing
        one.say = lambda *_step: None
        one.cloud = type("Cloud", (), {"deadline": Deadline(60)})()
        one._failed, one._stopped, one._lock = 0, "", threading.Lock()

    def _restore(self, fate: Fate) -> None:
        if fate.restoration.server in vars(self)["failing"]:
            raise ZoneopsError("no room")


def outcomes(failing: set[str], **bounds: Any) -> dict[str, str]:
    servers = [Restoration(name, name, "p", "a1", "az2", "ACTIVE") for name in "abcd"]
    fates = Counting(Bounds(at_once=1, **bounds), failing).run(servers)
    assert all(fate.reason for fate in fates if fate.outcome != "restored")
    return {fate.restoration.server: fate.outcome for fate in fates}


@pytest.mark.parametrize(
    ("failing", "bounds", "wanted"),
    [
        (set(), {}, ["restored"] * 4),
        ({"a"}, {}, ["failed", *["not begun"] * 3]),
        ({"a"}, {"max_failed": 2}, ["failed", *["not begun"] * 3]),
        ({"a"}, {"canary": False, "max_failed": 1}, ["failed", *["restored"] * 3]),
        ({"b"}, {}, ["restored", "failed", "not begun", "not begun"]),
        ({"b"}, {"max_failed": 1}, ["restored", "failed", "restored", "restored"]),
    ],
)
def test_when_no_further_one_is_begun(failing: set[str], bounds: dict[str, Any], wanted: list[str]) -> None:
    assert list(outcomes(failing, **bounds).values()) == wanted


def test_devices_of_the_new_server() -> None:
    root, data = (Copy(VOLUME, "b", "", attached=Attached("v", ends=ends, root=ends)) for ends in (True, False))
    wanted = Restoration("s", "s", "p", "a1", "az2", "ACTIVE", copies=(root,))
    (only,) = disks_of(wanted, {"v": "w"})["block_device_mapping_v2"]
    assert (only["uuid"], only["boot_index"], only["delete_on_termination"]) == ("w", 0, True)
    wanted = Restoration("s", "s", "p", "a1", "az2", "ACTIVE", copies=(data,), body={"imageRef": "i"})
    image, second = disks_of(wanted, {"v": "w"})["block_device_mapping_v2"]
    assert (image["uuid"], image["source_type"], image["boot_index"], second["boot_index"]) == ("i", "image", 0, -1)
    assert disks_of(Restoration("s", "s", "p", "a1", "az2", "ACTIVE", body={"imageRef": "i"}), {}) == {}


class Refusing(Restorer):
    """Nova refuses the new server, or a port cannot be taken."""

    def __init__(self, failing: str) -> None:
        one: Any = self
        one.phase, one.failing, one.guard = "servers", failing, lambda _host: "it is back" if failing == "host" else ""

    def _take(self, wanted: Restoration, port: Port) -> None:
        if vars(self)["failing"] == port.id:
            raise ZoneopsError("Neutron is away.")

    def _server(self, wanted: Restoration, volumes: dict[str, str]) -> str:
        raise ZoneopsError("Quota exceeded.")


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        (
            "nova",
            "Quota exceeded. Ports p (10.0.0.1), q (no address) are kept for the new server (tag zoneops:restore:s)",
        ),
        ("p", "Neutron is away. Port p (10.0.0.1) is kept for the new server (tag zoneops:restore:s), which the next"),
        ("host", "it is back. Run it again, which continues from there."),
    ],
)
def test_ports_of_a_server_that_was_not_created_are_named(failing: str, said: str) -> None:
    ports = (Port("p", "n", ("10.0.0.1",)), Port("q", "n"))
    fate = Fate(Restoration("s", "s", "p", "a1", "az2", "ACTIVE", ports=ports))
    with pytest.raises(ZoneopsError) as raised:
        Refusing(failing)._restore(fate)
    assert raised.value.message.startswith(said)
    assert ("kept" in raised.value.message) == (failing != "host")
