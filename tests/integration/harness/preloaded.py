# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook without its start: a process that has imported Ansible and what the collection's libraries need forks for each run.

What a run sees is as with the command: its folder, variables, arguments and output. No library is imported beforehand that reads variables when it is
imported. A run whose variables could change what Ansible is at its import has a process of its own kind, and the first run of each kind is the command
itself, which imports the collection as a user's run does.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

COMMAND = "ansible-playbook"
# Read while a run works, not when Ansible is imported.
OF_A_RUN = ("K8S_AUTH_", "OS_", "ZONEOPS_", "PYTEST_", "PWD", "OLDPWD")
MODULES = (
    "ansible.cli.playbook",
    "ansible.executor.playbook_executor",
    "ansible.executor.task_queue_manager",
    "ansible.inventory.manager",
    "ansible.module_utils.basic",
    "ansible.module_utils.common.arg_spec",
    "ansible.parsing.dataloader",
    "ansible.playbook.play",
    "ansible.plugins.loader",
    "ansible.plugins.strategy",
    "ansible.template",
    "ansible.vars.manager",
    "concurrent.futures.thread",
    "decorator",
    "dogpile.cache",
    "iso8601",
    "jsonpatch",
    "keystoneauth1.exceptions",
    "keystoneauth1.identity",
    "keystoneauth1.loading",
    "keystoneauth1.session",
    "kubernetes.config",
    "kubernetes.dynamic",
    "os_service_types",
    "platformdirs",
    "requests",
    "stevedore",
    "urllib3",
    "yaml",
)
LIBRARIES = ("module_utils", "plugin_utils", "modules")


class Preloaded:
    """Runs the command, each kind of run in its own process that has imported everything."""

    def __init__(self) -> None:
        #: How many runs were not the command itself.
        self.forked = 0
        self._seen: set[str] = set()
        self._started: dict[str, Path] = {}
        self._guard = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="zoneops-preloaded-")
        self._stop = contextlib.ExitStack()
        self._stop.enter_context(self._folder)
        atexit.register(self.close)

    def close(self) -> None:
        """Nothing of it is left."""
        self._stop.close()

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        output: Path,
        patience: float,
        errors: Path | None = None,
    ) -> int:
        """The exit code, negative where a signal ended it. Raises subprocess.TimeoutExpired, and nothing of the run is left then.

        :param errors: where standard error goes, if not to the output.
        """
        address = None if (cwd / "ansible.cfg").exists() else self._address(environ)
        if address is None:
            return command([COMMAND, *arguments], cwd, environ, output, errors, patience)
        with self._guard:
            self.forked += 1
        order = {
            "arguments": list(arguments),
            "cwd": str(cwd),
            "environ": dict(environ),
            "files": [str(output), str(errors or "")],
        }
        return ask(address, order, patience)

    def _address(self, environ: Mapping[str, str]) -> Path | None:
        """Where the process of this kind listens; None at the first run."""
        kind = json.dumps(sorted(item for item in environ.items() if not item[0].startswith(OF_A_RUN)))
        with self._guard:
            if kind not in self._seen:
                self._seen.add(kind)
                return None
            if kind not in self._started:
                self._started[kind] = self._start(environ)
            return self._started[kind]

    def _start(self, environ: Mapping[str, str]) -> Path:
        address = Path(self._folder.name) / f"{len(self._started)}"
        empty = Path(tempfile.mkdtemp(dir=self._folder.name))
        process = subprocess.Popen(
            [sys.executable, __file__, str(address)],
            cwd=empty,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._stop.callback(process.wait)
        self._stop.callback(process.stdin.close)
        assert process.stdout.readline() == b"ready\n", "Ansible could not be imported"
        return address


def command(
    arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], output: Path, errors: Path | None, patience: float
) -> int:
    """The run as people start it."""
    with output.open("w") as said, (errors or Path(os.devnull)).open("w") as apart:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=apart if errors else subprocess.STDOUT,
        )
        try:
            return process.wait(patience)
        except BaseException:
            end(process.pid)
            process.wait()
            raise


def ask(address: Path, order: Mapping[str, object], patience: float) -> int:
    """Have a run made."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(address))
        line.settimeout(patience)
        line.sendall(json.dumps(order).encode() + b"\n")
        with line.makefile() as answers:
            try:
                return os.waitstatus_to_exitcode(int(answers.readline()))
            except TimeoutError:
                raise subprocess.TimeoutExpired(COMMAND, patience) from None


def serve(address: str) -> None:
    """Until the other end of standard input is closed."""
    for module in MODULES:
        importlib.import_module(module)
    for folder in collections():
        import_sdk(folder / "plugins" / "module_utils" / "_openstack" / "lazy_sdk.py")
        compile_once(folder / "plugins")
        import_collection(folder)
    load_plugins()
    leave_alone()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        os.write(1, b"ready\n")
        while True:
            if sys.stdin in select.select([sys.stdin, listener], [], [])[0]:
                return
            line, _nobody = listener.accept()
            if os.fork() == 0:
                listener.close()
                watch(line)
            line.close()


def collections() -> Iterator[Path]:
    """The folders of this collection that a run may find."""
    for root in os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep):
        yield from Path(root).glob("ansible_collections/zoneops/openstack")


def import_sdk(file: Path) -> None:
    """As the collection imports openstacksdk, which then is as it would be in the run."""
    spec = importlib.util.spec_from_file_location("lazy_sdk", file)
    if file.exists() and spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def compile_once(folder: Path) -> None:
    """Ansible compiles a collection's files at every import. Here the same text under the same name is compiled before the first run."""
    from ansible.utils.collection_loader import _collection_finder

    remembered = functools.lru_cache(maxsize=None)(compile)
    _collection_finder.compile = remembered  # type: ignore[attr-defined]
    for file in folder.rglob("*.py"):
        remembered(source=file.read_bytes(), filename=str(file), mode="exec", flags=0, dont_inherit=True)


def import_collection(folder: Path) -> None:
    """The libraries and modules of the collection, as a run imports them: by Ansible's own finder, of which each run makes a new one.

    The plugins themselves are loaded in the run: Ansible finds them by their files.
    """
    from ansible.plugins.loader import init_plugin_loader
    from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

    init_plugin_loader()
    for part in LIBRARIES:
        for file in sorted((folder / "plugins" / part).rglob("*.py")):
            names = file.relative_to(folder.parents[2]).with_suffix("").parts
            importlib.import_module(".".join(names).removesuffix(".__init__"))
    _AnsibleCollectionFinder._remove()


def load_plugins() -> None:
    """Those whose documentation Ansible reads at the beginning of each run, and the filters and tests, which each of its workers loads anew."""
    from ansible.plugins.loader import become_loader, connection_loader, filter_loader, shell_loader, test_loader

    for loader in (connection_loader, shell_loader, become_loader):
        list(loader.all(class_only=True))
    filter_loader.get("bool")
    test_loader.get("changed")


def leave_alone() -> None:
    """What is here is shared with all runs: none of them looks through it for garbage, and seldom through what it makes itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def watch(line: socket.socket) -> None:
    """Fork the run and say how it ended; who asked for it ends it by hanging up."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with line.makefile() as orders:
        order = json.loads(orders.readline())
    pid = os.fork()
    if pid == 0:
        line.close()
        play(order)
    ended = os.pidfd_open(pid)
    if ended in select.select([ended, line.fileno()], [], [])[0]:
        line.sendall(f"{os.waitpid(pid, 0)[1]}\n".encode())
        os._exit(0)
    end(pid)
    os._exit(0)


def end(pid: int) -> None:
    """Nothing of a run is left."""
    for each in list(family(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def family(pid: int) -> Iterator[int]:
    """The process and all its children: Ansible's workers have sessions of their own. Each is stopped first, and begins no other."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    yield pid
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in file.read_text().split():
                yield from family(int(child))


def play(order: dict[str, object]) -> None:
    """As the command does it."""
    os.chdir(str(order["cwd"]))
    environ = order["environ"]
    assert isinstance(environ, dict)
    os.environ.clear()
    os.environ.update(environ)
    files = order["files"]
    assert isinstance(files, list)
    said, *apart = (os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for name in files if name)
    # The same stream objects: Ansible has taken hold of them.
    for descriptor, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, said), (2, [*apart, said][0])):
        os.dup2(file, descriptor)
    from ansible import constants

    # A run that has ended removed the folder that all of them have from this process.
    Path(vars(constants)["DEFAULT_LOCAL_TMP"]).mkdir(mode=0o700, parents=True, exist_ok=True)
    arguments = order["arguments"]
    assert isinstance(arguments, list)
    sys.argv = [COMMAND, *arguments]
    from ansible.cli.playbook import main

    try:
        main()
    except SystemExit as ended:
        leave(ended)


def leave(ended: SystemExit) -> NoReturn:
    """As Python ends, without taking apart what this process shares with others: that copies all of it."""
    if not isinstance(ended.code, int):
        raise ended
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ended.code)


if __name__ == "__main__":
    serve(sys.argv[1])
