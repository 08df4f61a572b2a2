# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone of ten hosts is emptied and filled again, whole and host by host, also while people work and a host dies: no server is lost."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible_collections.zoneops.openstack.plugins.modules import zone_maintenance
from zonelab.client import LabClient, Request

from ..integration.harness import inventory
from ..integration.harness.maintenance import Answer, answer
from ..integration.harness.play import Player
from .fleet import ZONES, Fleet, hosts_of

HERE, THERE = ZONES
CALLS_PER_SERVER = 5
# With fewer servers the calls for the hosts themselves weigh more.
LEAST = 50
FOREIGN = "disk is dying"
# Runs that a person starts again until nothing is left to do.
RUNS = 4
# What people do comes when one of so many servers has moved.
EARLY = 10
DEAD_SECONDS = 20


def asked(fleet: Fleet, zone: str, state: str, *, check: bool = False, **options: Any) -> Answer:
    """The whole zone, its servers moved to the other one, which reaches its storage."""
    given = {
        "region": {"zones": list(ZONES)},
        "zones": {
            name: {
                "compute": {"hosts": hosts_of(name)},
                **({"zone_state": "maintenance"} if name == zone else {}),
            }
            for name in ZONES
        },
        "limit": [zone],
        "state": state,
        "timeout": 3600,
        **({"servers": "drain", "storage_reachable": True} if state == "begin" else {}),
        "allow": ["foreign_reasons", "thaw"],
        **options,
    }
    return answer(zone_maintenance.MODULE, fleet.cloud, fleet.lab, given, check=check)


def few(requests: Iterable[Request], servers: int) -> None:
    """As many calls as a server may cost, from the lab's own log."""
    kinds = Counter(
        f"{one.service} {one.method} {re.sub('[0-9a-f]{8}-?[0-9a-f-]{24,}', 'ID', one.path.partition('?')[0])}"
        for one in requests
        if one.service != "keystone"
    )
    print(f"{sum(kinds.values())} calls for {servers} servers: {kinds.most_common()}")
    assert sum(kinds.values()) <= CALLS_PER_SERVER * max(servers, LEAST), kinds


def test_a_zone_is_emptied(fleet: Fleet) -> None:
    """Everything crosses, few calls for each server, and the end gives each host what it was."""
    other = hosts_of(HERE)[-1]
    fleet.cloud.set_service(other, status="disabled", disabled_reason=FOREIGN)
    before = fleet.statuses()
    planned = asked(fleet, HERE, "begin", check=True)
    assert (planned.zone(HERE)["failed"], planned.written) == (False, []), planned.zone(HERE)["msg"]
    assert {move["name"] for move in planned.result["moves"]} == set(before)

    done = asked(fleet, HERE, "begin")
    assert not done.zone(HERE)["failed"], done.zone(HERE)["msg"]
    assert {outcome for _way, outcome in done.moves.values()} == {"moved"}
    few(done.requests, len(before))
    assert fleet.statuses() == before
    assert fleet.zones() == {HERE: set(), THERE: set(before)}
    assert fleet.allocations(HERE) == {}
    again = asked(fleet, HERE, "begin")
    assert (again.zone(HERE)["failed"], again.zone(HERE)["changed"], again.written) == (False, False, [])

    fleet.repair()
    ended = asked(fleet, HERE, "end")
    assert not ended.zone(HERE)["failed"], ended.zone(HERE)["msg"]
    assert fleet.disabled() == {other: FOREIGN}
    assert fleet.statuses() == before
    again = asked(fleet, HERE, "end")
    assert (again.zone(HERE)["failed"], again.zone(HERE)["changed"], again.written) == (False, False, [])


def test_it_is_filled_again_while_people_work_and_a_target_dies(fleet: Fleet, lab: LabClient) -> None:
    before, disabled = fleet.statuses(), fleet.disabled()
    begun = fleet.moved()
    for host in hosts_of(THERE):
        lab.fail("hypervisor", host, how="2")
    answers: list[Answer] = []
    run = threading.Thread(target=lambda: answers.append(asked(fleet, THERE, "begin", max_failed=len(before))))
    run.start()
    fleet.until(lambda: fleet.moved() - begun >= len(before) // EARLY or not run.is_alive())
    moved, removed, stopped, enabled = meddle(fleet)
    dead = hosts_of(HERE)[0]
    lab.stop_host(dead, now=True)
    # What is on its way there waits, as messages do in a queue; everything else goes on.
    time.sleep(DEAD_SECONDS)
    lab.start_host(dead)
    run.join()
    lab.heal()
    fleet.until(lambda: fleet.cloud.services()[dead]["state"] == "up" and not fleet.busy())
    (first,) = answers
    # A host that a person has enabled is not emptied any more, and that is a failure.
    assert first.zone(THERE)["failed"]
    assert enabled in first.zone(THERE)["msg"]
    wanted = {name: status for name, status in before.items() if name != removed} | {stopped: "SHUTOFF"}
    assert fleet.statuses() == wanted
    assert fleet.servers()[moved]["OS-EXT-SRV-ATTR:host"] in hosts_of(HERE), fleet.migrations_of(moved)

    for _number in range(RUNS):
        last = asked(fleet, THERE, "begin")
        if not last.zone(THERE)["failed"]:
            break
    assert not last.zone(THERE)["failed"], last.zone(THERE)["msg"]
    assert fleet.statuses() == wanted
    assert fleet.zones() == {HERE: set(wanted), THERE: set()}
    assert fleet.allocations(THERE) == {}
    again = asked(fleet, THERE, "begin")
    assert (again.zone(THERE)["changed"], again.written) == (False, [])
    fleet.repair()
    ended = asked(fleet, THERE, "end")
    assert not ended.zone(THERE)["failed"], ended.zone(THERE)["msg"]
    assert fleet.disabled() == disabled
    assert fleet.statuses() == wanted


def meddle(fleet: Fleet) -> tuple[str, str, str, str]:
    """A server is moved, one deleted and one stopped by people, none of which has moved yet, and a host is enabled; what they are."""
    found = fleet.servers()
    left = [
        name
        for name, one in sorted(found.items(), reverse=True)
        if one["status"] == "ACTIVE" and not one["OS-EXT-STS:task_state"] and "-az2-" in one["OS-EXT-SRV-ATTR:host"]
    ]
    moved, removed, stopped = left[:3]
    live = {"host": hosts_of(HERE)[1], "block_migration": "auto"}
    fleet.nova.post(f"/servers/{found[moved]['id']}/action", json={"os-migrateLive": live})
    fleet.nova.delete(f"/servers/{found[removed]['id']}")
    fleet.nova.post(f"/servers/{found[stopped]['id']}/action", json={"os-stop": None})
    enabled = found[left[-1]]["OS-EXT-SRV-ATTR:host"]
    fleet.cloud.set_service(enabled, status="enabled")
    return moved, removed, stopped, enabled


def test_its_hosts_are_worked_on_in_turn(fleet: Fleet, play: Player, tmp_path: Path) -> None:
    before, disabled = fleet.statuses(), fleet.disabled()
    records = {one["uuid"] for one in fleet.nova.get("/os-migrations").json()["migrations"]}
    hosts = [host for host in hosts_of(HERE) if host not in disabled]
    work = tmp_path / "work.yml"
    log = tmp_path / "log"
    task = {"ansible.builtin.shell": f"echo {{{{ zoneops_host }}}} >> {log}", "changed_when": False}
    work.write_text(json.dumps([{"name": "Remember the host", **task}]))
    zones = {zone: {"compute": {"hosts": hosts_of(zone)}} for zone in ZONES}
    values = {
        "zoneops_maintenance": "roll",
        "zoneops_serial": 3,
        "zoneops_hosts": hosts,
        "zoneops_work_tasks": str(work),
        "zoneops_capacity_shared_disks": True,
        "zoneops_maintenance_deadline": 3600,
    }
    folder = inventory.write(tmp_path / "inventory", zones)
    run = play("zoneops.openstack.host_maintenance", folder, "--limit", HERE, "-e", json.dumps(values), patience=3600)
    assert run.rc == 0, run.failures
    assert sorted(log.read_text().split()) == sorted(hosts)
    assert fleet.statuses() == before
    assert fleet.zones() == {HERE: set(before), THERE: set()}
    assert fleet.disabled() == disabled
    moves = [one for one in fleet.nova.get("/os-migrations").json()["migrations"] if one["uuid"] not in records]
    assert len(moves) >= len(before)
    few(run.requests, len(moves))
