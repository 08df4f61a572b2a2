# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone of ten hosts is emptied and filled again, also while people work and a host dies: no server is lost, and each costs few calls.

Each test leaves all servers in the first zone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from ansible_collections.zoneops.openstack.plugins.modules import host_maintenance, zone_maintenance
from zonelab.client import Request

from ..integration.harness.maintenance import Answer, answer
from .fleet import ZONES, Fleet, hosts_of

HERE, THERE = ZONES
CALLS_PER_SERVER = 5
# With fewer servers the calls for the hosts themselves weigh more.
LEAST = 50
FOREIGN = "disk is dying"
# How long the hypervisor takes for a migration while others do something.
SLOW = "2"
UNDER_WAY = {"accepted", "queued", "preparing", "running", "pre-migrating", "migrating"}


def region(**of_zones: dict[str, Any]) -> dict[str, Any]:
    """What every call is given."""
    return {
        "region": {"zones": list(ZONES)},
        "zones": {name: {"compute": {"hosts": hosts_of(name)}, **of_zones.get(name, {})} for name in ZONES},
        "timeout": 3600,
    }


def asked(fleet: Fleet, zone: str, state: str, *, check: bool = False, **options: Any) -> Answer:
    """The whole zone, its servers moved to the other one, which reaches its storage."""
    given = {
        **region(**{zone: {"zone_state": "maintenance"}}),
        "limit": [zone],
        "state": state,
        **({"servers": "drain", "storage_reachable": True} if state == "begin" else {}),
        "allow": ["foreign_reasons", "thaw"],
        **options,
    }
    return answer(zone_maintenance.MODULE, fleet.cloud, fleet.lab, given, check=check)


def succeeds(found: Answer, zone: str = HERE) -> Answer:
    assert not found.zone(zone)["failed"], found.zone(zone)["msg"]
    return found


def unchanged(found: Answer, zone: str = HERE) -> None:
    assert (succeeds(found, zone).zone(zone)["changed"], found.written) == (False, [])


def cross_back(fleet: Fleet) -> None:
    """All servers to the first zone, and both zones in service."""
    succeeds(asked(fleet, THERE, "begin"), THERE)
    fleet.repair()
    succeeds(asked(fleet, THERE, "end"), THERE)
    assert fleet.zones()[THERE] == set()
    assert fleet.allocations(THERE) == {}


def few(requests: Iterable[Request], servers: int) -> None:
    """As many calls as a server may cost, from the lab's own log."""
    kinds = Counter(
        f"{one.service} {one.method} {re.sub('[0-9a-f]{8}-?[0-9a-f-]{24,}', 'ID', one.path.partition('?')[0])}"
        for one in requests
        if one.service != "keystone"
    )
    print(f"{sum(kinds.values())} calls for {servers} servers: {kinds.most_common()}")
    assert sum(kinds.values()) <= CALLS_PER_SERVER * max(servers, LEAST), kinds


def meanwhile(
    run: Callable[[], Answer], reached: Callable[[], object], act: Callable[[], None], fleet: Fleet
) -> Answer:
    """What the run returns while which others act, once something is reached."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        fleet.until(lambda: reached() or running.done())
        assert not running.done(), f"the run ended before anything was done meanwhile: {running.result()}"
        act()
    return running.result()


def test_a_zone_is_emptied_and_filled_again(fleet: Fleet) -> None:
    """Everything crosses, few calls for each server, and the end gives each host what it was."""
    other = hosts_of(HERE)[-1]
    fleet.cloud.set_service(other, status="disabled", disabled_reason=FOREIGN)
    before = fleet.statuses()
    planned = asked(fleet, HERE, "begin", check=True)
    assert (planned.zone(HERE)["failed"], planned.written) == (False, []), planned.zone(HERE)["msg"]
    assert {move["name"] for move in planned.result["moves"]} == set(before)

    done = succeeds(asked(fleet, HERE, "begin"))
    assert {outcome for _way, outcome in done.moves.values()} == {"moved"}
    few(done.requests, len(before))
    assert fleet.statuses() == before
    assert fleet.zones() == {HERE: set(), THERE: set(before)}
    assert fleet.allocations(HERE) == {}
    unchanged(asked(fleet, HERE, "begin"))

    fleet.repair()
    succeeds(asked(fleet, HERE, "end"))
    assert fleet.disabled() == {other: FOREIGN}
    assert fleet.statuses() == before
    unchanged(asked(fleet, HERE, "end"))

    fleet.cloud.set_service(other, status="enabled")
    cross_back(fleet)
    assert (fleet.disabled(), fleet.statuses()) == ({}, before)


def test_people_work_meanwhile(fleet: Fleet) -> None:
    """One server is stopped, one deleted, one moved to the other zone, and a host enabled, while the zone is emptied."""
    enabled = hosts_of(HERE)[0]
    for host in hosts_of(HERE):
        fleet.lab.fail("hypervisor", host, how=SLOW)
    before = fleet.servers()
    known = {record["uuid"] for record in fleet.migrations()}
    people: dict[str, str] = {}

    def act() -> None:
        touched = {record["instance_uuid"] for record in fleet.migrations() if record["uuid"] not in known}
        free = [
            name
            for name, one in sorted(fleet.servers().items())
            if one["id"] not in touched
            and name.startswith("plain")
            and one["OS-EXT-SRV-ATTR:host"] != enabled
            and not one["OS-EXT-STS:task_state"]
        ]
        assert len(free) >= 3, "too few servers are left for people to work on"
        people.update(zip(("stopped", "deleted", "moved"), free[-3:], strict=True))
        ids = {name: one["id"] for name, one in before.items()}
        fleet.act(ids[people["stopped"]], **{"os-stop": None})
        fleet.cloud.delete_server(people["deleted"])
        to = {"host": hosts_of(THERE)[0], "block_migration": "auto"}
        fleet.act(ids[people["moved"]], **{"os-migrateLive": to})
        fleet.cloud.set_service(enabled, status="enabled")

    before_it = len(fleet.completed())
    ran = meanwhile(lambda: asked(fleet, HERE, "begin"), lambda: len(fleet.completed()) >= before_it + 3, act, fleet)
    fleet.lab.heal()
    fleet.until(lambda: not fleet.busy())
    assert enabled in ran.zone(HERE)["msg"], "the host that a person enabled is not this run's any more"
    assert fleet.cloud.services()[enabled]["status"] == "enabled"

    succeeds(asked(fleet, HERE, "begin"))
    wanted = {name: one["status"] for name, one in before.items() if name != people["deleted"]}
    wanted[people["stopped"]] = "SHUTOFF"
    assert fleet.statuses() == wanted
    assert fleet.zones() == {HERE: set(), THERE: set(wanted)}
    assert fleet.allocations(HERE) == {}
    crossed = Counter(record["instance_uuid"] for record in fleet.completed() if record["uuid"] not in known)
    assert set(crossed.values()) == {1}, "no server was moved twice"
    unchanged(asked(fleet, HERE, "begin"))

    fleet.repair()
    succeeds(asked(fleet, HERE, "end"))
    cross_back(fleet)
    assert (fleet.disabled(), fleet.statuses()) == ({}, wanted)


def test_a_target_host_dies_meanwhile(fleet: Fleet) -> None:
    """The run ends and names it; once it is back the same command finishes what was under way, and nothing is lost."""
    dying = hosts_of(THERE)[4]
    for host in hosts_of(HERE):
        fleet.lab.fail("hypervisor", host, how=SLOW)
    before = fleet.statuses()
    before_it = len(fleet.completed())

    def under_way() -> bool:
        moving = [one for one in fleet.migrations() if one["dest_compute"] == dying and one["status"] in UNDER_WAY]
        return len(fleet.completed()) >= before_it + 3 and bool(moving)

    die = partial(fleet.lab.stop_host, dying, now=True)
    ran = meanwhile(lambda: asked(fleet, HERE, "begin"), under_way, die, fleet)
    fleet.lab.heal()
    print(ran.zone(HERE)["msg"])
    assert not fleet.busy() or f"host {dying} is down" in ran.zone(HERE)["msg"]
    fleet.lab.start_host(dying)
    fleet.until(lambda: fleet.cloud.services()[dying]["state"] == "up" and not fleet.unsettled())
    succeeds(asked(fleet, HERE, "begin"))
    assert fleet.zones() == {HERE: set(), THERE: set(before)}
    assert fleet.allocations(HERE) == {}
    unchanged(asked(fleet, HERE, "begin"))
    assert fleet.statuses() == before
    fleet.repair()
    succeeds(asked(fleet, HERE, "end"))
    cross_back(fleet)
    assert (fleet.disabled(), fleet.statuses()) == ({}, before)


def test_host_by_host(fleet: Fleet) -> None:
    """Each host is emptied inside its zone, and put back, before the next one."""
    before = fleet.statuses()
    for host in hosts_of(HERE):
        count = len(fleet.on(host))
        for state in ("begin", "end"):
            given = {**region(), "limit": [HERE], "hosts": [host], "state": state}
            found = succeeds(answer(host_maintenance.MODULE, fleet.cloud, fleet.lab, given, check=False))
            if state == "begin":
                few(found.requests, count)
                assert fleet.on(host) == []
                assert host not in fleet.allocations(HERE)
        assert (fleet.disabled(), fleet.statuses()) == ({}, before)
    assert fleet.zones() == {HERE: set(before), THERE: set()}
