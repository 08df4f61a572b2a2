# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contenders that move the servers of a zone, one after the other: the table of the rooms drain and evacuate."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmark.drain.zone import ZONE, Zone
from benchmark.measure import Failed, Figures, measure

HEAD = ("CONTENDER", "WALL s", "FOR 100", "x FLOOR", "CPU s", "CALLS", "PER SERVER", "MB")
OURS, FLOOR, CLIENT = "zoneops", "bare script", "openstack client"
PYTHON = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
Command = Callable[[Zone, Sequence[str]], list[str | Path]]


@dataclass(frozen=True)
class Room:
    """What is measured.

    :ivar servers: how many move, on `hosts` hosts, where nothing else is asked for.
    """

    name: str
    servers: int
    hosts: int
    contenders: Mapping[str, Command]


def task(zone: Zone, module: str, options: Mapping[str, Any]) -> list[str | Path]:
    """A module in a playbook of one task."""
    given = {"region": {"zones": [ZONE], "cloud": "lab"}, **options}
    tasks = [{f"zoneops.openstack.{module}": given}]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": PYTHON, "tasks": tasks}
    path = zone.folder / "play.yml"
    path.write_text(yaml.safe_dump([json.loads(json.dumps(play))]))
    return [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", path]


def script(path: str | None) -> Command:
    return lambda _zone, hosts: [sys.executable, str(path), *hosts]


def loop(text: str) -> Command:
    return lambda _zone, hosts: ["bash", "-euo", "pipefail", "-c", text, "loop", *hosts]


def run(zone: Zone, name: str, command: Command) -> Figures:
    """One contender. Raises Failed where a server is left behind or is not what it was."""
    zone.spread()
    before = zone.where()
    hosts = zone.full()
    zone.lose(hosts)
    finished = measure(command(zone, hosts), zone.environ, zone.lab)
    zone.rest()
    after = zone.where()
    left = [server for server, (host, _status) in after.items() if host in hosts]
    changed = [server for server, (_host, status) in before.items() if after.get(server, ("", ""))[1] != status]
    if left or changed:
        raise Failed(f"{name} left {len(left)} servers behind and changed {len(changed)}:\n{finished.output[-3000:]}")
    return finished.figures


def compare(room: Room, kind: type[Zone], about: str | None) -> int:
    """The whole program of a room."""
    parser = argparse.ArgumentParser(prog=f"make benchmark ARGS='{room.name} …'", description=about)
    parser.add_argument("--servers", type=int, default=room.servers, help="how many move (default: %(default)s)")
    parser.add_argument(
        "--hosts", type=int, default=room.hosts, help="how many hosts they are on (default: %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=3, help="that each move takes (default: %(default)s)")
    parser.add_argument("--contenders", default="", help=f"of {', '.join(room.contenders)} (default: all)")
    arguments = parser.parse_args()
    chosen = [name.strip() for name in arguments.contenders.split(",") if name.strip()] or list(room.contenders)
    if unknown := sorted(set(chosen) - set(room.contenders)):
        parser.error(f"{', '.join(unknown)}: choose from {', '.join(room.contenders)}")
    print(f"| {' | '.join(HEAD)} |\n| --- |{' ---: |' * (len(HEAD) - 1)}")
    lowest = 0.0
    with tempfile.TemporaryDirectory(prefix="zoneops-benchmark-") as folder:
        zone = kind(Path(folder), arguments.hosts, arguments.seconds)
        try:
            zone.start(arguments.servers)
            for name in chosen:
                found = run(zone, name, room.contenders[name])
                lowest = found.seconds if name == FLOOR else lowest
                ratio = f"{found.seconds / lowest:.2f}" if lowest else "-"
                each = f"{found.calls / arguments.servers:.1f}"
                hundred = f"{found.seconds / arguments.servers * 100:.0f}"
                row = (name, f"{found.seconds:.0f}", hundred, ratio, f"{found.processor:.1f}", str(found.calls), each)
                print(f"| {' | '.join((*row, f'{found.megabytes:.0f}'))} |", flush=True)
        except Failed as error:
            print(f"benchmark: {error}", file=sys.stderr)
            return 1
        finally:
            zone.stop()
    return 0
