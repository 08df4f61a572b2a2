# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent process of a Kubernetes lab: it starts the programs, serves the proxy, and ends with its children.

It is started by `zonelab up --kubernetes`, reports its progress on standard output until the lab serves, and ends on
SIGTERM, or when the process it belongs to ends. Standard library only: it runs on the interpreter that runs the command.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import secrets
import signal
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab.control import Control
from zonelab.ending import tell, watch
from zonelab.errors import LabError
from zonelab.family import die_with_parent, redirect
from zonelab.kube import arguments, boot, certificates, definitions, installed, kubeconfig
from zonelab.kube.api import KubeApi
from zonelab.kube.commands import Commands
from zonelab.kube.folder import KubeFolder, KubeRecord
from zonelab.kube.options import KubeOptions
from zonelab.kube.processes import Processes
from zonelab.kube.proxy import KubeProxy
from zonelab.operators import webhooks
from zonelab.ports import hold, port_of, reserve
from zonelab.proxy.front import Switchboard
from zonelab.proxy.log import RequestLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HELD = ("etcd", "etcd-peer", "direct")


class Supervisor:
    """One run of a lab."""

    def __init__(self, folder: KubeFolder, options: KubeOptions, programs: Mapping[str, Path], lock: int) -> None:
        """Take the ports; clients find the lab where it was the last time."""
        self.folder = folder
        self.processes = Processes(folder, programs, lock)
        self.events: queue.SimpleQueue[str | Callable[[], None]] = queue.SimpleQueue()
        last = folder.read()
        self.own = reserve(["proxy", "control"], {"proxy": last.port, "control": last.control} if last else {})
        self.held = {name: hold() for name in HELD}
        self.ports = {name: port_of(sock) for name, sock in self.held.items()}
        self.record = KubeRecord(
            options=options,
            pid=os.getpid(),
            port=port_of(self.own["proxy"]),
            direct=self.ports["direct"],
            control=port_of(self.own["control"]),
            token=last.token if last else secrets.token_hex(16),
        )

    def boot(self) -> None:
        """Everything until the lab serves."""
        self.folder.write(self.record)
        self._write_secrets()
        self.processes.start("etcd", arguments.etcd(self.folder, self.ports))
        self.processes.start("kube-apiserver", arguments.apiserver(self.folder, self.ports))
        self.api = api = KubeApi(self.record.direct, self.record.token, self.folder.authority)
        boot.wait("the API server ready", lambda: bool(api.get("/readyz")), self.processes)
        tell("the API server is ready")
        self.processes.start("kube-controller-manager", arguments.controller_manager(self.folder))
        self.processes.start("kube-scheduler", arguments.scheduler(self.folder))
        for zone in self.record.options.zones:
            self.power(zone, on=True)
        schema = definitions.source(self.record.options.crds)
        wanted = {**definitions.for_operators(), **definitions.definitions(schema)}
        tell(f"applying {len(wanted)} definitions of {schema}")
        webhooks.remove(api)  # those of operators that are gone
        boot.make_namespace(api)
        boot.serve_definitions(api, wanted, self.processes)
        boot.make_nodes(api, self.record.options, self.processes)
        self.folder.switches_file.unlink(missing_ok=True)  # the operators of a new start are well
        self._serve()
        self.operate(on=self.record.options.operators)
        if self.record.options.installed:
            installed.install(api, self.record.options.zones)
        self.folder.complete_file.touch()
        self.record = replace(self.record, processes=self.processes.pids(), schema=schema, ready=True)
        self.folder.write(self.record)

    def _write_secrets(self) -> None:
        certificates.make(self.folder.pki)
        self.folder.tokens_file.touch(0o600)
        self.folder.tokens_file.write_text(f'{self.record.token},admin,admin,"system:masters"\n')
        for file, port in (
            (self.folder.kubeconfig, self.record.port),
            (self.folder.direct_kubeconfig, self.record.direct),
        ):
            kubeconfig.write(file, port=port, authority=self.folder.authority, user="admin", token=self.record.token)

    def _serve(self) -> None:
        switchboard = Switchboard(RequestLog(self.folder.log / "requests.jsonl"))
        KubeProxy(self.folder, self.own["proxy"], self.record.direct, switchboard).start()
        Control(Commands(self, switchboard), self.own["control"]).start()

    def power(self, zone: str, *, on: bool) -> None:
        """Start or kill the kwok of a zone."""
        name = f"kwok@{zone}"
        if on and not self.processes.is_up(name):
            self.processes.start(name, arguments.kwok(self.folder, zone))
        elif not on and self.processes.is_up(name):
            self.processes.end(name)

    def operate(self, *, on: bool) -> None:
        """Start or kill the stand-in for the operators."""
        if on and not self.processes.is_up(arguments.OPERATORS):
            self.folder.operating_file.unlink(missing_ok=True)
            self.processes.start(arguments.OPERATORS, arguments.operators(self.folder))
            boot.wait("the stand-in for the operators", self.folder.operating_file.exists, self.processes)
        elif not on and self.processes.is_up(arguments.OPERATORS):
            self.processes.end(arguments.OPERATORS)
            webhooks.remove(self.api)

    def do(self, work: Callable[[], None]) -> None:
        """Have the main thread do it, and wait: a process that another thread starts ends with that thread."""
        done: Future[None] = Future()

        def run() -> None:
            try:
                work()
                done.set_result(None)
            except LabError as error:
                done.set_exception(error)

        self.events.put(run)
        done.result()

    def wait(self) -> None:
        """Work until somebody ends the lab; a process that dies is left to `status` to tell."""
        while callable(event := self.events.get()):
            event()
        print(f"ending: {event}", file=sys.stderr, flush=True)


def main() -> int:
    """Run a lab until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--options", type=json.loads, required=True)
    parser.add_argument("--programs", type=json.loads, required=True)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--foreground", action="store_true")
    parsed = parser.parse_args()
    folder = KubeFolder(parsed.state)
    if parsed.foreground:
        die_with_parent(signal.SIGTERM)
    try:
        lock = folder.hold_running()
        programs = {name: Path(path) for name, path in parsed.programs.items()}
        programs[arguments.OPERATORS] = Path(sys.executable)
        supervisor = Supervisor(folder, KubeOptions.from_dict(parsed.options), programs, lock)
        try:
            supervisor.boot()
            watch(supervisor.events, parsed.parent)
            tell("ready")
            redirect(folder.log_of("lab"))
            supervisor.wait()
        finally:
            supervisor.processes.end_all()
    except LabError as error:
        tell(f"failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
