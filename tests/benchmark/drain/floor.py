# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor: a bare script that empties hosts with the same number of migrations at a time, and nothing else: no plan, no check, no proof."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig

LIVE_PER_HOST, AT_ONCE = 1, 10
LOOK_SECONDS = 0.5
GOOD, BAD = ("completed", "confirmed"), ("error", "failed", "cancelled")


Servers = dict[str, dict[str, Any]]


def main(hosts: list[str]) -> None:
    session = OpenStackConfig().get_one("lab").get_session()
    nova = Adapter(session, service_type="compute", default_microversion="2.96")
    since = datetime.now(UTC).isoformat()
    for one in nova.get("/os-services?binary=nova-compute").json()["services"]:
        if one["host"] in hosts:
            nova.put(f"/os-services/{one['id']}", json={"status": "disabled", "disabled_reason": "floor"})
    listed = nova.get("/servers/detail?all_tenants=1").json()["servers"]
    waiting: Servers = {one["id"]: one for one in listed if one["OS-EXT-SRV-ATTR:host"] in hosts}
    moving: Servers = {}
    confirmed: set[str] = set()
    while waiting or moving:
        start(nova, waiting, moving)
        time.sleep(LOOK_SECONDS)
        for record in nova.get("/os-migrations", params={"changes-since": since}).json()["migrations"]:
            if record["instance_uuid"] in moving:
                follow(nova, record, moving, confirmed)


def start(nova: Adapter, waiting: Servers, moving: Servers) -> None:
    live = Counter(one["OS-EXT-SRV-ATTR:host"] for one in moving.values() if one["status"] == "ACTIVE")
    for server, one in list(waiting.items()):
        source, is_live = one["OS-EXT-SRV-ATTR:host"], one["status"] == "ACTIVE"
        if len(moving) >= AT_ONCE or (is_live and live[source] >= LIVE_PER_HOST):
            continue
        action = {"os-migrateLive": {"host": None, "block_migration": "auto"}} if is_live else {"migrate": None}
        nova.post(f"/servers/{server}/action", json=action)
        live[source] += is_live
        moving[server] = waiting.pop(server)


def follow(nova: Adapter, record: dict[str, Any], moving: Servers, confirmed: set[str]) -> None:
    server, status = record["instance_uuid"], record["status"]
    if status in BAD:
        sys.exit(f"migration of {server}: {status}")
    if status == "finished" and server not in confirmed:
        # The record is finished a moment before the server can be confirmed.
        answer = nova.post(f"/servers/{server}/action", json={"confirmResize": None}, raise_exc=False)
        confirmed |= {server} if answer.status_code == 204 else set()
    elif status in GOOD:
        del moving[server]


if __name__ == "__main__":
    main(sys.argv[1:])
