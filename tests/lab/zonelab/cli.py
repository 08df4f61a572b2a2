# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from zonelab import launch
from zonelab.bench import bench
from zonelab.cache import default_state
from zonelab.client import LabClient
from zonelab.environment import say
from zonelab.errors import LabError
from zonelab.failing import KINDS as FAILING
from zonelab.failing import WAYS
from zonelab.kube import cli as kube_cli
from zonelab.kube import launch as kube_launch
from zonelab.kube.folder import KubeFolder
from zonelab.kube.options import KubeOptions
from zonelab.options import BACKUPS, Options, parse_zones
from zonelab.proxy.age import AGES
from zonelab.proxy.faults import HIT, KINDS, Fault
from zonelab.state import WEB, StateFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zonelab.front_client import FrontClient
    from zonelab.proxy.log import Request

NOT_UP = 3
Chosen = TypeVar("Chosen", Options, KubeOptions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    parsed = parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except LabError as error:
        print(f"zonelab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="zonelab", description="A real OpenStack with availability zones on this machine."
    )
    top.add_argument("--state", type=Path, default=default_state(), help="the lab's folder (default: %(default)s)")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("up", help="start the lab: OpenStack, Kubernetes, or both")
    command.add_argument("--openstack", action="store_true", help="OpenStack: what is started when nothing is said")
    command.add_argument("--kubernetes", action="store_true", help="a Kubernetes control plane with fake nodes")
    add_size(command)
    kube_cli.add_size(command)
    command.add_argument("--from", dest="origin", metavar="NAME", help="start anew, from a snapshot")
    command.add_argument("--fresh", action="store_true", help="start anew: forget what the lab holds")
    command.add_argument("--with-parent", type=int, metavar="PID", help="end with this process")
    command.add_argument("--foreground", action="store_true", help="stay, and end the lab with this command")
    command.set_defaults(run=run_up)

    commands.add_parser("down", help="stop the lab; its folder stays").set_defaults(run=run_down)
    commands.add_parser("status", help="services, ports, memory; exit code 3 when not up").set_defaults(run=run_status)

    command = commands.add_parser("bench", help="measure start and memory")
    add_size(command)
    command.set_defaults(run=lambda parsed: bench(given(parsed, Options) or Options()))

    command = commands.add_parser("snapshot", help="copy the lab, running or stopped, under a name")
    command.add_argument("name")
    command.set_defaults(run=run_snapshot)

    command = commands.add_parser("add-host", help="add a compute host")
    command.add_argument("name")
    command.add_argument("--zone", help="for `stop zone` (default: as in compute-<zone>-<any>)")
    command.add_argument("--record", action="store_true", help="a record only, no nova-compute")
    command.set_defaults(run=run_add_host)

    for verb, text in (("stop", "kill the services of a host or a zone"), ("start", "start them again")):
        command = commands.add_parser(verb, help=text)
        command.add_argument("kind", choices=("host", "zone"))
        command.add_argument("name")
        command.add_argument(
            "--services", type=lambda text: text.split(","), help="of a zone: nova,cinder,manila,neutron"
        )
        if verb == "stop":
            command.add_argument("--now", action="store_true", help="down at once, not after the service down time")
        command.set_defaults(run=run_stop if verb == "stop" else run_start)

    kube_cli.add_commands(commands)

    command = commands.add_parser("requests", help="the request log")
    kube_cli.add_choice(command)
    command.add_argument("--since", type=int, default=0, metavar="NUMBER", help="from this request on")
    command.add_argument("--follow", action="store_true", help="stay and show what comes")
    command.add_argument("--json", action="store_true", help="one JSON object per line")
    command.set_defaults(run=run_requests)

    faults = commands.add_parser("faults", help="inject faults").add_subparsers(required=True, metavar="ACTION")
    command = faults.add_parser("add", help="set a fault; prints its number")
    kube_cli.add_choice(command)
    command.add_argument("kind", choices=KINDS, help="; ".join(f"{kind}: {text}" for kind, text in KINDS.items()))
    command.add_argument("--service", choices=HIT)
    command.add_argument("--method", default=".*", help="regular expression for the whole method")
    command.add_argument("--path", default=".*", help="regular expression for a part of path and query")
    command.add_argument("--skip", type=int, default=0, help="let the first ones pass")
    command.add_argument("--count", type=int, help="hit that many, then no more")
    command.add_argument("--seconds", type=float, default=0.0, help="of a delay, or for a throttled file")
    command.add_argument("--status", type=int)
    command.add_argument("--retry-after", type=int, help="with a status: seconds")
    command.add_argument("--writes", action="store_true", help="only requests that may change something")
    command.add_argument("--after", type=int, metavar="NUMBER", help="only once the fault of this number has hit")
    command.set_defaults(run=run_fault_add)
    command = faults.add_parser("list", help="all that are set")
    kube_cli.add_choice(command)
    command.set_defaults(run=run_fault_list)
    command = faults.add_parser("clear", help="remove all faults, or one")
    kube_cli.add_choice(command)
    command.add_argument("number", type=int, nargs="?")
    command.set_defaults(run=run_fault_clear)

    kinds = "; ".join(f"{kind}: {text}" for kind, text in FAILING.items())
    command = commands.add_parser("fail", help="have a store, a back end or a hypervisor fail while its service lives")
    command.add_argument("kind", choices=FAILING, help=kinds)
    command.add_argument("name", nargs="?", help="the zone's, the back end's, or the host's")
    command.add_argument(
        "--how", default=WAYS[0], help=f"{', '.join(WAYS)}, or a number of seconds that it takes (default: %(default)s)"
    )
    command.set_defaults(run=run_fail)
    command = commands.add_parser("heal", help="have it work again; without a name all that fail")
    command.add_argument("kind", choices=FAILING, nargs="?", help=kinds)
    command.add_argument("name", nargs="?")
    command.set_defaults(run=run_heal)

    command = commands.add_parser("cloud-age", help="pose as an older release")
    command.add_argument("age", choices=AGES)
    command.set_defaults(run=run_cloud_age)
    return top


def add_size(command: argparse.ArgumentParser) -> None:
    """The options of zonelab.options."""
    command.add_argument("--zones", type=parse_zones, help="number of zones, or their names with commas (default: 3)")
    command.add_argument("--hosts", type=int, help="running compute hosts per zone (default: 2; with --declared 0 too)")
    command.add_argument("--record-hosts", type=int, help="more hosts per zone, as records only (default: 0)")
    command.add_argument("--backends", type=int, help="zones with cinder and manila back ends (default: all)")
    command.add_argument("--volume-backends", type=int, help="cinder back ends of such a zone (default: 1)")
    command.add_argument("--backups", choices=BACKUPS, help="where cinder-backup runs (default: per_zone)")
    command.add_argument("--neutron", action="store_true", default=None, help="a real neutron instead of an empty one")
    command.add_argument("--masakari", action="store_true", default=None, help="masakari's API, without its engine")
    command.add_argument("--swift", action="store_true", default=None, help="a real swift, which keeps one copy")
    command.add_argument(
        "--declared",
        action="store_true",
        default=None,
        help="stores, back ends and backups as the control plane of the Kubernetes half declares them (with --operators)",
    )
    command.add_argument("--service-down-time", type=int, help="seconds until a dead service is down (default: 60)")
    interval = "seconds between two reports of a service (default: 10; at most a third of --service-down-time)"
    command.add_argument("--report-interval", type=int, dest="report_seconds", help=interval)


def client(parsed: argparse.Namespace) -> LabClient:
    """The client of the lab that is meant."""
    return LabClient(parsed.state)


def front(parsed: argparse.Namespace) -> FrontClient:
    """The client of the half that is meant."""
    return kube_cli.client(parsed) if parsed.kubernetes else client(parsed)


def given(parsed: argparse.Namespace, kind: type[Chosen]) -> Chosen | None:
    """None when no option is given: then a lab starts as it was."""
    names = [name for name in kind.__dataclass_fields__ if getattr(parsed, name) is not None]
    return kind(**{name: getattr(parsed, name) for name in names}) if names else None


def run_up(parsed: argparse.Namespace) -> int:
    """Start, and stay if it is to run in the foreground."""
    if parsed.foreground:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    state, kube = StateFolder(parsed.state), KubeFolder(parsed.state)
    lives = {"fresh": parsed.fresh, "parent": parsed.with_parent, "foreground": parsed.foreground}
    processes = []
    try:
        if parsed.openstack or not parsed.kubernetes:
            processes.append(launch.up(state, given(parsed, Options), origin=parsed.origin, **lives))
        if parsed.kubernetes:
            processes.append(kube_launch.up(kube, given(parsed, KubeOptions), **lives))
        for process in filter(None, processes):
            process.wait()
    finally:
        if any(processes):
            launch.down(state)
            kube_launch.down(kube)
    return 0


def run_down(parsed: argparse.Namespace) -> int:
    """Stop both halves."""
    state = StateFolder(parsed.state)
    stopped = [launch.down(state), kube_launch.down(KubeFolder(parsed.state))]
    say(f"the lab in {state.path} " + ("is down" if any(stopped) else "was not up"))
    return 0


def run_status(parsed: argparse.Namespace) -> int:
    """A table for each half that was ever started here."""
    kube = kube_cli.status(parsed.state)
    if kube is not None and StateFolder(parsed.state).read() is None:
        return kube
    return max(openstack_status(parsed), kube or 0)


def openstack_status(parsed: argparse.Namespace) -> int:
    """A table."""
    state = StateFolder(parsed.state)
    record = state.read()
    if record is None or not state.is_running() or not record.ready:
        what = "is starting" if state.is_running() else "is not up" if record else "was never started"
        print(f"the lab in {state.path} {what}")
        return NOT_UP
    info = client(parsed).info()
    processes = info["processes"]
    print(f"{'service':12}{'port':>7}{'direct':>8}")
    for service in info["public"]:
        print(f"{service:12}{info['public'][service]:7}{info['internal'][service]:8}")
    print(f"{WEB:12}{info['web']:7}")
    print(f"\n{'process':12}{'pid':>8}{'MB':>7}  {'':6}log")
    for name, process in processes.items():
        megabytes = process["megabytes"] or 0
        print(f"{name:12}{process['pid']:8}{megabytes:7.0f}  {'up' if process['up'] else 'DEAD':6}{process['log']}")
    print(f"{'together':12}{'':8}{sum(process['megabytes'] or 0 for process in processes.values()):7.0f}")
    print(f"\n{describe(info)}\nclouds in {state.clouds_file}")
    return 0 if all(process["up"] for process in processes.values()) else NOT_UP


def describe(info: dict[str, Any]) -> str:
    """The lab's options in a line."""
    options = info["options"]
    hosts = f"{options['hosts']} hosts" + (f" and {options['record_hosts']} records" if options["record_hosts"] else "")
    return (
        f"zones {', '.join(options['zones'])}; {hosts} each; cloud age {info['age']};"
        f" {info['requests']} requests; {len(info['faults'])} faults;"
        f" failing: {', '.join(' '.join((part['kind'], part['name'])) for part in info['failing']) or 'nothing'}"
    )


def run_snapshot(parsed: argparse.Namespace) -> int:
    """Of a running lab by itself, of a stopped one from here."""
    state = StateFolder(parsed.state)
    target = client(parsed).snapshot(parsed.name) if state.is_running() else launch.save(state, parsed.name)
    say(f"snapshot {parsed.name}: {target}")
    return 0


def run_add_host(parsed: argparse.Namespace) -> int:
    """A host more."""
    client(parsed).add_host(parsed.name, zone=parsed.zone, running=not parsed.record)
    return 0


def run_stop(parsed: argparse.Namespace) -> int:
    """Kill."""
    lab = client(parsed)
    if parsed.kind == "host":
        lab.stop_host(parsed.name, now=parsed.now)
    else:
        lab.stop_zone(parsed.name, now=parsed.now, services=parsed.services)
    return 0


def run_start(parsed: argparse.Namespace) -> int:
    """Start again."""
    lab = client(parsed)
    if parsed.kind == "host":
        lab.start_host(parsed.name)
    else:
        lab.start_zone(parsed.name, services=parsed.services)
    return 0


def run_requests(parsed: argparse.Namespace) -> int:
    """Print the log, and go on with it."""
    lab, position = front(parsed), parsed.since
    while True:
        for request in lab.requests(position):
            print(json.dumps(asdict(request)) if parsed.json else line(request), flush=True)
            position = request.number + 1
        if not parsed.follow:
            return 0
        time.sleep(0.3)


def line(request: Request) -> str:
    """One request for people."""
    marks = f" fault {request.fault}" if request.fault is not None else ""
    version = f" [{request.microversion}]" if request.microversion else ""
    answer = request.status if request.status is not None else "---"
    what = f"{request.service:10}{request.method:7}{answer!s:4}"
    return f"{request.number:6} {what}{request.milliseconds:8.1f} ms  {request.path}{version}{marks}"


def run_fault_add(parsed: argparse.Namespace) -> int:
    """Its number."""
    names = Fault.__dataclass_fields__
    print(front(parsed).add_fault(**{name: getattr(parsed, name) for name in names}))
    return 0


def run_fault_list(parsed: argparse.Namespace) -> int:
    """One JSON object per line."""
    for fault in front(parsed).faults():
        print(json.dumps(fault))
    return 0


def run_fault_clear(parsed: argparse.Namespace) -> int:
    """All or one."""
    front(parsed).clear_faults(parsed.number)
    return 0


def run_fail(parsed: argparse.Namespace) -> int:
    """Until it is healed."""
    client(parsed).fail(parsed.kind, parsed.name, how=parsed.how)
    return 0


def run_heal(parsed: argparse.Namespace) -> int:
    """One or all."""
    client(parsed).heal(parsed.kind, parsed.name)
    return 0


def run_cloud_age(parsed: argparse.Namespace) -> int:
    """Pose."""
    client(parsed).set_age(parsed.age)
    return 0
