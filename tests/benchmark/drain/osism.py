# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server after the other, as `osism manage compute migrate --yes HOST` moves them: openstacksdk, and a look every 2 seconds.

The sequence of calls is that of `ComputeMigrate.take_action` in https://github.com/osism/python-osism, osism/commands/compute.py,
commit d8115a7f9f7cce9590d09b8ad9fffdced0446750 (`osism manage compute disable` goes before it). Written anew, without its log and its questions.
"""

from __future__ import annotations

import sys
import time

import openstack

LOOK_SECONDS = 2


def migrate(cloud: openstack.connection.Connection, host: str) -> None:
    servers = list(cloud.compute.servers(all_projects=True, node=host))
    for server in servers:
        live = server.status in ("ACTIVE", "PAUSED")
        if live:
            cloud.compute.live_migrate_server(server.id, host=None, block_migration="auto", force=False)
        else:
            cloud.compute.migrate_server(server.id, host=None)
        while True:
            time.sleep(LOOK_SECONDS)
            now = cloud.compute.get_server(server.id)
            if not live and now.status == "VERIFY_RESIZE":
                cloud.compute.confirm_server_resize(now)
                break
            if now.status != ("MIGRATING" if live else "RESIZE"):
                break


def main(hosts: list[str]) -> None:
    cloud = openstack.connect(cloud="lab")
    for host in hosts:
        (service,) = cloud.compute.services(host=host, binary="nova-compute")
        cloud.compute.disable_service(service, host, "nova-compute", disabled_reason="osism")
    for host in hosts:
        migrate(cloud, host)


if __name__ == "__main__":
    main(sys.argv[1:])
