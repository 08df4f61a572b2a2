# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone of ten hosts is emptied, and its hosts are put back as they were: no server is lost, and each costs few calls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from ansible_collections.zoneops.openstack.plugins.modules import zone_maintenance
from zonelab.client import Request

from ..integration.harness.maintenance import Answer, answer
from .fleet import ZONES, Fleet, hosts_of

HERE, THERE = ZONES
CALLS_PER_SERVER = 5
# With fewer servers the calls for the hosts themselves weigh more.
LEAST = 50
FOREIGN = "disk is dying"


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
