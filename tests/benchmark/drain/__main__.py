# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how hosts are emptied: `make benchmark ARGS='drain --servers 30'`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.drain import floor, osism
from benchmark.drain.compare import CLIENT, FLOOR, OURS, Command, Room, compare, loop, script, task
from benchmark.drain.zone import ZONE, Zone

OSISM = "osism"
# As a person types it, in the way that each status asks for.
LOOP = """
export OS_CLOUD=lab
for host in "$@"; do openstack compute service set --disable --disable-reason client $host nova-compute; done
for host in "$@"; do
  openstack server list --all-projects --host $host -f value -c ID -c Status | while read server status; do
    if [ $status = ACTIVE ]; then openstack server migrate --live-migration --wait $server < /dev/null > /dev/null
    else
      openstack server migrate --wait $server < /dev/null > /dev/null
      openstack server migrate confirm $server < /dev/null
    fi
  done
done
"""


def ours(zone: Zone, hosts: Sequence[str]) -> list[str | Path]:
    """With its own limits of how many move at a time."""
    options = {"hosts": list(hosts), "state": "begin", "shared_disks": True, "timeout": 7200}
    return task(zone, "host_maintenance", {"zones": {ZONE: {"compute": {"hosts": zone.hosts}}}, **options})


CONTENDERS: dict[str, Command] = {
    FLOOR: script(floor.__file__),
    OURS: ours,
    OSISM: script(osism.__file__),
    CLIENT: loop(LOOP),
}


ROOM = Room("drain", 300, 5, CONTENDERS)


def main() -> int:
    return compare(ROOM, Zone, __doc__)


if __name__ == "__main__":
    sys.exit(main())
