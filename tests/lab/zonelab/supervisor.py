# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's parent process: makes or restores the databases, forks the services, runs the proxies, ends everything.

It is started by `zonelab up` in the lab's virtual environment, reports its progress on standard output until the lab
serves, and ends on SIGTERM, or when the process it belongs to ends.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab import snapshot
from zonelab.bootstrap import steps
from zonelab.catalog import write_endpoints
from zonelab.commands import Commands
from zonelab.config.files import set_environment, write_configuration
from zonelab.control import Control
from zonelab.ending import tell, watch
from zonelab.errors import LabError
from zonelab.family import Child, ServiceError, die_with_parent, fork_service, redirect, run_all
from zonelab.lab import Lab
from zonelab.options import Options
from zonelab.ports import port_of, reserve
from zonelab.preload import preload
from zonelab.proxy.front import Switchboard
from zonelab.proxy.log import RequestLog
from zonelab.proxy.server import Proxy
from zonelab.proxy.web import WebServer
from zonelab.state import WEB, LabRecord, StateFolder, processes, services

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

# A start takes seconds, unless the machine is very busy; each zone has three services of its own, and a host, that start one by one.
BOOT_TIMEOUT = 300
BOOT_TIMEOUT_OF_ZONE = 10


class Supervisor:
    """One run of a lab."""

    def __init__(self, state: StateFolder, options: Options, origin: Path | None, keep_first_boot: bool) -> None:
        """Bind all ports, so that the configuration can name them."""
        self.state = state
        self.options = options
        self.origin = origin
        self.keep_first_boot = keep_first_boot
        self.events: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.children: dict[str, Child] = {}
        last = state.read()
        self.public = reserve(services(options), last.public if last else {})
        self.internal = reserve(services(options), last.internal if last else {})
        own = {"control": last.control, WEB: last.web} if last else {}
        self.own = reserve(["control", WEB], own)
        self.lab = Lab(state, options, ports(self.public), ports(self.internal))
        self.record = LabRecord(
            options=options,
            pid=os.getpid(),
            public=dict(self.lab.public),
            internal=dict(self.lab.internal),
            control=port_of(self.own["control"]),
            web=port_of(self.own[WEB]),
            started=time.time(),
        )

    def boot(self) -> None:
        """Everything until the lab serves."""
        self.state.write(self.record)
        shutil.rmtree(self.state.failing, ignore_errors=True)  # what failed was not kept by the lab that was stopped
        set_environment(self.lab)
        made = False
        if not self.state.complete_file.exists():
            snapshot.clear(self.state)
            if self.origin and self.origin.exists():
                tell(f"restoring the snapshot {self.origin.name}")
                snapshot.restore(self.origin, self.state)
        write_configuration(self.lab)
        preload()
        if not any(self.state.db.glob("*.sqlite")):
            self._make_databases()
            made = True
        write_endpoints(self.lab)
        self._start_services()
        self.state.complete_file.touch()
        if made and self.origin and self.keep_first_boot:
            tell("keeping a snapshot of this first boot")
            self.save_snapshot(self.origin)
        self._start_proxies()
        pids = {"lab": os.getpid(), **{child.name: child.pid for child in self.children.values()}}
        self.record = replace(self.record, processes=pids, ready=True)
        self.state.write(self.record)

    def _make_databases(self) -> None:
        tell("making the databases (only at the first boot)")
        works = {name: partial(step, self.lab) for name, step in steps(self.options).items()}
        run_all(works, self.state.log, lambda name: tell(f"{name}: databases made"))
        snapshot.write_ahead(self.state)

    def _start_services(self) -> None:
        names = processes(self.options)
        for name in names:
            self.children[name] = fork_service(name, self.lab, self.internal)
        for sock in self.internal.values():
            sock.close()
        for child in self.children.values():
            child.line.start(partial(self.events.put, child.name))
        patience = BOOT_TIMEOUT + BOOT_TIMEOUT_OF_ZONE * len(self.options.zones)
        end = time.monotonic() + patience
        waiting = set(names)
        while waiting:
            try:
                name = self.events.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                late = sorted(waiting)
                raise ServiceError(f"{late}: not ready after {patience} s", self.children[late[0]].log) from None
            child = self.children[name]
            if child.line.closed.is_set():
                raise ServiceError(f"{name}: the process ended while it booted", child.log)
            waiting.discard(name)
            tell(f"{name} serves")
            if name == "identity":
                for other in self.children.values():
                    other.line.go()

    def _start_proxies(self) -> None:
        switchboard = Switchboard(RequestLog(self.state.log / "requests.jsonl"))
        for service, sock in self.public.items():
            Proxy(service, sock, self.lab.internal[service], switchboard).start()
        WebServer(self.state.web, self.own[WEB], switchboard).start()
        Control(Commands(self, switchboard), self.own["control"]).start()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """No process of the lab moves: one moment of all databases and files."""
        for child in self.children.values():
            os.kill(child.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for child in self.children.values():
                os.kill(child.pid, signal.SIGCONT)

    def save_snapshot(self, target: Path) -> None:
        """While the lab runs."""
        with self.standing_still():
            snapshot.save(self.state, self.options, target)

    def wait(self) -> None:
        """Until somebody ends the lab; a service that dies is left to `status` to tell."""
        while (event := self.events.get()) in self.children:
            if self.children[event].line.closed.is_set():
                print(f"{event}: the process has ended", file=sys.stderr, flush=True)
        print(f"ending: {event}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """No process of the group stays, whatever it is."""
        for child in self.children.values():
            os.kill(child.pid, signal.SIGKILL)
        for child in self.children.values():
            os.waitpid(child.pid, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)  # tools that a service has started


def ports(sockets: dict[str, socket.socket]) -> dict[str, int]:
    """Numbers for names."""
    return {name: port_of(sock) for name, sock in sockets.items()}


def main() -> int:
    """Run a lab until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--options", type=json.loads, required=True)
    parser.add_argument("--origin", type=Path)
    parser.add_argument("--keep-first-boot", action="store_true")
    parser.add_argument("--parent", type=int)
    parser.add_argument("--foreground", action="store_true")
    arguments = parser.parse_args()
    state = StateFolder(arguments.state)
    if arguments.foreground:
        die_with_parent(signal.SIGTERM)
    state.path.mkdir(parents=True, exist_ok=True)
    try:
        state.hold_running()
        options = Options.from_dict(arguments.options)
        supervisor = Supervisor(state, options, arguments.origin, arguments.keep_first_boot)
        try:
            supervisor.boot()
            watch(supervisor.events, arguments.parent)
            tell("ready")
            redirect(state.log_of("lab"))
            supervisor.wait()
        finally:
            supervisor.end()
    except LabError as error:
        tell(f"failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
