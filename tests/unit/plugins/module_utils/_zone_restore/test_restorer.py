# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many servers are restored at a time, and when no further one is begun."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
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


class Ports:
    """Of neutron: the calls that take one, of which one fails."""

    def __init__(self, failing: str, error: ApiError) -> None:
        self.failing, self.error = failing, error
        self.seen: list[str] = []

    def put(self, path: str, body: dict[str, Any] | None) -> None:
        _ports, port, *_tag = path.strip("/").split("/")
        what = "tag" if body is None else "address" if "mac_address" in body["port"] else "release"
        self.seen.append(f"{what} {port}")
        if self.seen[-1] == self.failing:
            raise self.error


class Refusing(Restorer):
    """Nova refuses the new server, or a port cannot be taken."""

    def __init__(self, ports: Ports, *, is_back: bool = False) -> None:
        one: Any = self
        one.phase, one.guard, one.say = "servers", lambda _host: "it is back" if is_back else "", lambda *_step: None
        one.cloud = type("Cloud", (), {"service": lambda *_name, **_version: ports})()

    def _server(self, wanted: Restoration, volumes: dict[str, str]) -> str:
        raise ZoneopsError("Quota exceeded.")


P, Q = Port("p", "n", ("10.0.0.1",)), Port("q", "n")


def said(service: Ports, *ports: Port, is_back: bool = False) -> str:
    fate = Fate(Restoration("s", "s", "p", "a1", "az2", "ACTIVE", ports=ports))
    with pytest.raises(ZoneopsError) as raised:
        Refusing(service, is_back=is_back)._restore(fate)
    return raised.value.message


NEXT = "kept for the new server (tag zoneops:restore:s), which the next run creates."
FIRST = f"Port p (10.0.0.1) is {NEXT}"
UNKNOWN = "is the old server's still is unknown: look at it (openstack port show"


@pytest.mark.parametrize(
    ("failing", "uncertain", "wanted"),
    [
        ("", False, f"Quota exceeded. Ports p (10.0.0.1), q (no address) are {NEXT}"),
        ("tag p", False, "Refused."),
        # A tag alone changes nothing, whether or not the port has it.
        ("tag p", True, "Refused."),
        ("release p", False, "Refused."),
        ("release p", True, f"Refused. Whether port p (10.0.0.1) {UNKNOWN} p)."),
        ("address p", False, f"Refused. {FIRST}"),
        ("address p", True, f"Refused. {FIRST}"),
        ("tag q", False, f"Refused. {FIRST}"),
        ("release q", False, f"Refused. {FIRST}"),
        ("release q", True, f"Refused. Whether port q (no address) {UNKNOWN} q). {FIRST}"),
        ("address q", False, f"Refused. Ports p (10.0.0.1), q (no address) are {NEXT}"),
    ],
)
def test_ports_of_a_server_that_was_not_created_are_named(failing: str, uncertain: bool, wanted: str) -> None:
    """Those that are kept, and no other."""
    ports = Ports(failing, ApiError("Refused.", uncertain=uncertain))
    assert said(ports, P, Q) == wanted
    whole = [f"{what} {port}" for port in "pq" for what in ("tag", "release", "address")]
    assert ports.seen == whole[: whole.index(failing) + 1 if failing else None]


def test_ports_that_an_earlier_run_took_are_named_first() -> None:
    ports = Ports("tag p", ApiError("Refused."))
    kept = replace(Q, kept=True)
    assert said(ports, P, kept) == f"Refused. Port q (no address) is {NEXT}"
    assert ports.seen == ["tag p"]
    ports = Ports("", ApiError("Refused."))
    assert said(ports, kept) == f"Quota exceeded. Port q (no address) is {NEXT}"
    assert ports.seen == ["address q"]


def test_no_port_is_taken_from_a_server_whose_host_is_back() -> None:
    ports = Ports("", ApiError("Refused."))
    assert said(ports, P, is_back=True) == "it is back. Run it again, which continues from there."
    assert ports.seen == []
