# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor: a bare script that evacuates hosts, ten servers at a time, and starts those that ran: no look before, no plan, no proof."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig

AT_ONCE = 10
LOOK_SECONDS = 0.5
GOOD, BAD = ("done", "completed"), ("error", "failed")


def main(hosts: list[str]) -> None:
    session = OpenStackConfig().get_one("lab").get_session()
    nova = Adapter(session, service_type="compute", default_microversion="2.96")
    since = datetime.now(UTC).isoformat()
    for one in nova.get("/os-services?binary=nova-compute").json()["services"]:
        if one["host"] in hosts:
            body = {"status": "disabled", "disabled_reason": "floor", "forced_down": True}
            nova.put(f"/os-services/{one['id']}", json=body)
    listed = nova.get("/servers/detail?all_tenants=1").json()["servers"]
    waiting = {one["id"]: one["status"] for one in listed if one["OS-EXT-SRV-ATTR:host"] in hosts}
    moving: dict[str, str] = {}
    arrived: list[str] = []
    while waiting or moving or arrived:
        while waiting and len(moving) < AT_ONCE:
            server, status = waiting.popitem()
            nova.post(f"/servers/{server}/action", json={"evacuate": {}})
            moving[server] = status
        time.sleep(LOOK_SECONDS)
        for record in nova.get("/os-migrations", params={"changes-since": since}).json()["migrations"]:
            server = record["instance_uuid"]
            if server in moving and record["status"] in BAD:
                sys.exit(f"evacuation of {server}: {record['status']}")
            if server in moving and record["status"] in GOOD and moving.pop(server) == "ACTIVE":
                arrived.append(server)
        # A server is stopped for a moment after its record is done.
        arrived = [server for server in arrived if not start(nova, server)]


def start(nova: Adapter, server: str) -> bool:
    return nova.post(f"/servers/{server}/action", json={"os-start": None}, raise_exc=False).status_code == 202


if __name__ == "__main__":
    main(sys.argv[1:])
