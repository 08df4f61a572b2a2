# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how hosts are emptied: `make benchmark ARGS='drain --servers 30'`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from benchmark.drain import floor, osism
from benchmark.drain.zone import ZONE, Zone
from benchmark.measure import Failed, Figures, measure

HEAD = ("CONTENDER", "WALL s", "x FLOOR", "CPU s", "CALLS", "PER SERVER", "MB")
OURS, FLOOR, CLIENT, OSISM = "zoneops", "bare script", "openstack client", "osism"
PYTHON = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
Command = Callable[[Zone, Sequence[str]], list[str | Path]]
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
    """The module in a playbook, with its own limits of how many move at a time."""
    task = {
        "zoneops.openstack.host_maintenance": {
            "zones": {ZONE: {"compute": {"hosts": zone.hosts}}},
            "region": {"zones": [ZONE], "cloud": "lab"},
            "hosts": list(hosts),
            "state": "begin",
            "shared_disks": True,
            "timeout": 7200,
        }
    }
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": PYTHON, "tasks": [task]}
    path = zone.folder / "play.yml"
    path.write_text(yaml.safe_dump([json.loads(json.dumps(play))]))
    return [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", path]


def script(path: str | None) -> Command:
    return lambda _zone, hosts: [sys.executable, str(path), *hosts]


def client(_zone: Zone, hosts: Sequence[str]) -> list[str | Path]:
    return ["bash", "-euo", "pipefail", "-c", LOOP, "loop", *hosts]


CONTENDERS: dict[str, Command] = {
    FLOOR: script(floor.__file__),
    OURS: ours,
    OSISM: script(osism.__file__),
    CLIENT: client,
}


def run(zone: Zone, name: str) -> Figures:
    """One contender. Raises Failed where a server is left behind or is not what it was."""
    zone.spread()
    before = zone.where()
    hosts = zone.full()
    finished = measure(CONTENDERS[name](zone, hosts), zone.environ, zone.lab)
    zone.rest()
    after = zone.where()
    left = [server for server, (host, _status) in after.items() if host in hosts]
    changed = [server for server, (_host, status) in before.items() if after.get(server, ("", ""))[1] != status]
    if left or changed:
        raise Failed(f"{name} left {len(left)} servers behind and changed {len(changed)}:\n{finished.output[-3000:]}")
    return finished.figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="make benchmark ARGS='drain …'", description=__doc__)
    parser.add_argument("--servers", type=int, default=300, help="how many move (default: %(default)s)")
    parser.add_argument("--hosts", type=int, default=5, help="how many hosts they are on (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3, help="that each migration takes (default: %(default)s)")
    parser.add_argument("--contenders", default="", help=f"of {', '.join(CONTENDERS)} (default: all)")
    arguments = parser.parse_args()
    chosen = [name.strip() for name in arguments.contenders.split(",") if name.strip()] or list(CONTENDERS)
    if unknown := sorted(set(chosen) - set(CONTENDERS)):
        parser.error(f"{', '.join(unknown)}: choose from {', '.join(CONTENDERS)}")
    print(f"| {' | '.join(HEAD)} |\n| --- |{' ---: |' * (len(HEAD) - 1)}")
    lowest = 0.0
    with tempfile.TemporaryDirectory(prefix="zoneops-benchmark-") as folder:
        zone = Zone(Path(folder), arguments.hosts, arguments.seconds)
        try:
            zone.start(arguments.servers)
            for name in chosen:
                found = run(zone, name)
                lowest = found.seconds if name == FLOOR else lowest
                ratio = f"{found.seconds / lowest:.2f}" if lowest else "-"
                each = f"{found.calls / arguments.servers:.1f}"
                row = (name, f"{found.seconds:.0f}", ratio, f"{found.processor:.1f}", str(found.calls), each)
                print(f"| {' | '.join((*row, f'{found.megabytes:.0f}'))} |", flush=True)
        except Failed as error:
            print(f"benchmark: {error}", file=sys.stderr)
            return 1
        finally:
            zone.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
