# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers leave a host at once, slowly, not at all, or when the host is healed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from selftest.api import Api, until
from zonelab.client import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zonelab.client import LabClient

HERE, THERE = "compute-az1-0", "compute-az1-1"


class Guest:
    """One server, and what nova writes of its migrations."""

    def __init__(self, api: Api, host: str = HERE) -> None:
        """An active server on a host, without a pin."""
        self._api = api
        image = api.upload("guest", [b"0"])["id"]
        wanted = {"name": "guest", "flavorRef": "1", "imageRef": image, "networks": "none", "host": host}
        body = {"server": wanted}
        self._number = api.call("nova", "POST", "/servers", body, version="2.90")["server"]["id"]
        until(lambda: self.seen()["status"], "ACTIVE")

    def seen(self) -> dict[str, Any]:
        """The server as the API shows it."""
        return dict(self._api.call("nova", "GET", f"/servers/{self._number}")["server"])

    @property
    def host(self) -> str:
        """The one that it is on."""
        return str(self.seen()["OS-EXT-SRV-ATTR:host"])

    def allocated(self) -> list[str]:
        """The hosts whose resources placement holds for it."""
        listed = self._api.call("placement", "GET", "/resource_providers")["resource_providers"]
        names = {one["uuid"]: one["name"] for one in listed}
        held = self._api.call("placement", "GET", f"/allocations/{self._number}")["allocations"]
        return sorted(names[number] for number in held)

    def act(self, **action: Any) -> None:
        """An action that nova has to accept."""
        self._api.call("nova", "POST", f"/servers/{self._number}/action", action, version="2.90")

    def migrate(self) -> None:
        """Live, wherever the scheduler likes."""
        self.act(**{"os-migrateLive": {"host": None, "block_migration": "auto"}})

    def migration(self) -> dict[str, Any]:
        """The newest record."""
        path = f"/os-migrations?instance_uuid={self._number}"
        found: list[dict[str, Any]] = self._api.call("nova", "GET", path, version="2.80")["migrations"]
        return max(found, key=lambda one: one["id"], default={"status": "none"})

    def until(self, status: str, seconds: float = 120) -> None:
        """Wait for the record, whatever is in between."""
        end = time.monotonic() + seconds
        while (seen := self.migration()["status"]) != status:
            assert time.monotonic() < end, f"the migration is {seen}, not {status}"
            time.sleep(0.1)

    def abort(self) -> None:
        """The migration that runs."""
        self._api.call("nova", "DELETE", f"/servers/{self._number}/migrations/{self.migration()['id']}", version="2.90")

    def delete(self) -> None:
        """Until it is gone."""
        self._api.call("nova", "DELETE", f"/servers/{self._number}")
        until(lambda: self._api.request("nova", "GET", f"/v2.1/servers/{self._number}").status, 404)


@pytest.fixture
def guest(lab: LabClient, api: Api, zones: None) -> Iterator[Guest]:
    """All hosts but two of one zone are out of the scheduler's choice."""
    services = api.call("nova", "GET", "/os-services?binary=nova-compute", version="2.53")["services"]
    others = [entry["id"] for entry in services if entry["host"] not in (HERE, THERE)]
    for number in others:
        api.call("nova", "PUT", f"/os-services/{number}", {"status": "disabled"}, version="2.53")
    try:
        made = Guest(api)
        yield made
        lab.heal()
        made.delete()
    finally:
        for number in others:
            api.call("nova", "PUT", f"/os-services/{number}", {"status": "enabled"}, version="2.53")


def settled(guest: Guest, host: str, status: str = "ACTIVE") -> None:
    """Where it is and what it is, once nova is done with it."""
    until(lambda: guest.seen()["OS-EXT-STS:task_state"], None)
    # What a failed migration held is given back after its record says so; until then nova can place no other one.
    until(guest.allocated, [host])
    assert (guest.host, guest.seen()["status"]) == (host, status)


def test_failing_hypervisor_keeps_its_server_as_it_was(lab: LabClient, guest: Guest) -> None:
    lab.fail("hypervisor", HERE)
    guest.migrate()
    guest.until("failed")
    settled(guest, HERE)
    guest.act(migrate={})
    guest.until("error")
    settled(guest, HERE)
    lab.heal("hypervisor", HERE)
    guest.migrate()
    guest.until("completed")
    settled(guest, THERE)


def test_slow_hypervisor_takes_its_time_and_another_one_is_not_affected(lab: LabClient, guest: Guest) -> None:
    lab.fail("hypervisor", HERE, how="2.5")
    began = time.monotonic()
    guest.migrate()
    guest.until("completed")
    assert time.monotonic() - began >= 2.5
    settled(guest, THERE)
    lab.fail("hypervisor", HERE, how="hang")
    guest.migrate()
    guest.until("completed")
    settled(guest, HERE)


def test_each_host_has_its_own_queue(lab: LabClient, api: Api, guest: Guest) -> None:
    other = Guest(api, THERE)
    lab.fail("hypervisor", HERE, how="hang")
    guest.migrate()
    guest.until("running")
    other.migrate()
    other.until("completed")
    lab.heal()
    guest.until("completed")
    other.delete()


def test_hanging_migration_is_aborted_or_ends_when_it_is_healed(lab: LabClient, guest: Guest) -> None:
    lab.fail("hypervisor", HERE, how="hang")
    guest.migrate()
    guest.until("running")
    time.sleep(1)
    assert guest.migration()["status"] == "running"
    guest.abort()
    guest.until("cancelled")
    settled(guest, HERE)
    guest.act(migrate={})
    guest.until("migrating")
    lab.heal()
    guest.until("finished")
    settled(guest, THERE, "VERIFY_RESIZE")
    guest.act(confirmResize=None)
    until(lambda: guest.seen()["status"], "ACTIVE")


def test_host_that_does_not_run_here_cannot_fail(lab: LabClient) -> None:
    with pytest.raises(LabError, match="hypervisor 'compute-az9-0': the lab has"):
        lab.fail("hypervisor", "compute-az9-0")
