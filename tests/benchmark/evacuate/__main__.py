# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how dead hosts are evacuated: `make benchmark ARGS='evacuate --servers 30'`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmark.drain.compare import CLIENT, FLOOR, OURS, Command, Room, compare, loop, script, task
from benchmark.drain.zone import ZONE, Zone
from benchmark.evacuate import floor
from benchmark.evacuate.zone import DeadHosts

# As a person types it. Below nova 2.95, which the client asks for, a server that ran is running when it arrives. `server evacuate --wait` of
# python-openstackclient 10.5 never ends: it looks for ACTIVE among statuses in small letters.
LOOP = """
export OS_CLOUD=lab OS_COMPUTE_API_VERSION=2.53
for host in "$@"; do
  openstack compute service set --disable --disable-reason client --down $host nova-compute
done
for host in "$@"; do
  for server in $(openstack server list --all-projects --host $host -f value -c ID); do
    openstack server evacuate $server > /dev/null
    for look in $(seq 100); do
      task=$(openstack server show $server -f value -c OS-EXT-STS:task_state)
      if [ $task = None ]; then continue 2; fi
      sleep 2
    done
    echo "server $server: still $task" >&2
    exit 1
  done
done
"""


def ours(zone: Zone, hosts: Sequence[str]) -> list[str | Path]:
    """With its own limits of how many move at a time."""
    evidence = {"hosts": list(hosts), "kind": "attestation", "by": "benchmark", "at": datetime.now(UTC).isoformat()}
    options = {
        "zones": {ZONE: {"compute": {"hosts": zone.hosts}}},
        "hosts": list(hosts),
        "fencing": [{**evidence, "what": "the lab has stopped them"}],
        "shared_disks": True,
        "timeout": 7200,
    }
    return task(zone, "zone_evacuate", options)


CONTENDERS: dict[str, Command] = {FLOOR: script(floor.__file__), OURS: ours, CLIENT: loop(LOOP)}
ROOM = Room("evacuate", 100, 5, CONTENDERS)


if __name__ == "__main__":
    sys.exit(compare(ROOM, DeadHosts, __doc__))
