# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok: found, or built once from the pinned module file.

They are looked for in the folder that KUBEBUILDER_ASSETS names and on PATH; unless all five are there, Go builds them into
the cache, where every lab and every checkout with the same module file finds them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab.cache import cache_root, locked
from zonelab.environment import SILENCE, say
from zonelab.errors import LabError
from zonelab.family import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULE = Path(__file__).parent / "tools"
NAMES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
BUILT_AS = {"server": "etcd"}  # etcd's main package is called so
OLDEST_GO = (1, 24)
PACKAGES = 2600  # so many are compiled; only the progress tells it
MEANWHILE = "zonelab builds the Kubernetes programs (only once, about five minutes of two processors)"


class NoProgramsError(LabError):
    """The programs are not there and cannot be built on this machine."""


def ensure() -> dict[str, Path]:
    """The path of each program, built first where that is needed."""
    found = on_machine()
    if found:
        return found
    folder = built()
    if not folder.exists():
        with locked(folder.with_suffix(".lock"), lambda: say(f"waiting for another build of them: {progress()}")):
            if not folder.exists():
                build(folder)
    return {name: folder / name for name in NAMES}


def ready() -> bool:
    """Whether there is nothing left to build."""
    return bool(on_machine()) or built().exists()


def missing() -> str:
    """Why there can be no Kubernetes lab on this machine; nothing when there can."""
    if ready():
        return ""
    try:
        go()
    except NoProgramsError as error:
        return str(error)
    return ""


def on_machine() -> dict[str, Path] | None:
    """All five in KUBEBUILDER_ASSETS and PATH."""
    folders = os.pathsep.join(filter(None, [os.environ.get("KUBEBUILDER_ASSETS"), os.environ.get("PATH", os.defpath)]))
    found = {name: Path(path) for name in NAMES if (path := shutil.which(name, path=folders))}
    return found if len(found) == len(NAMES) else None


def built() -> Path:
    """The folder for what is built from this module file."""
    content = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    return cache_root() / f"lab-kubernetes-{hashlib.sha256(content).hexdigest()[:16]}"


def go() -> str:
    """A Go that is new enough."""
    where = (
        f"; put it on PATH, or the programs {', '.join(NAMES)} there or into the folder that KUBEBUILDER_ASSETS names"
    )
    path = shutil.which("go")
    if path is None:
        raise NoProgramsError(f"no Kubernetes lab: its programs are built with Go, which is not on PATH{where}")
    told = subprocess.run([path, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"go(\d+)\.(\d+)", told)
    if not version or (int(version[1]), int(version[2])) < OLDEST_GO:
        wanted = ".".join(map(str, OLDEST_GO))
        raise NoProgramsError(f"no Kubernetes lab: {path} is {told.strip() or 'no Go'}, and {wanted} is needed{where}")
    return path


def build(target: Path) -> None:
    """Compile all; what that leaves beside the programs (gigabytes) goes. A build that was killed goes on where it was."""
    command = [go(), "install", "-v", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {stamp()}", "tool"]
    work = workshop()
    say(f"{MEANWHILE}: {target}")
    variables = {
        **os.environ,
        "GOBIN": str(work / "bin"),
        "GOCACHE": str(work / "cache"),
        "GOMODCACHE": str(work / "modules"),
        "GOFLAGS": "-modcacherw",  # so that it can be removed
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    (work / "bin").mkdir(parents=True, exist_ok=True)
    nice = shutil.which("nice")  # the rest of the set-up comes first
    compile_all([nice, "-n", "19", *command] if nice else command, variables)
    for name, better in BUILT_AS.items():
        (work / "bin" / name).rename(work / "bin" / better)
    (work / "bin").rename(target)
    shutil.rmtree(work)


def workshop() -> Path:
    """Where they are built."""
    return cache_root() / "lab-kubernetes-build"


def progress() -> str:
    """How far the build has come, as the process that builds wrote it down."""
    try:
        return (workshop() / "progress").read_text()
    except FileNotFoundError:
        return "begun"


def stamp() -> str:
    """The linker's flags for the version that the API server tells; without them it is v0.0.0."""
    version = re.search(r"^\s+k8s\.io/kubernetes (v(\d+)\.(\d+)\.\S+)", (MODULE / "go.mod").read_text(), re.MULTILINE)
    if version is None:
        raise LabError(f"{MODULE / 'go.mod'}: requires no k8s.io/kubernetes")
    parts = {"gitVersion": version[1], "gitMajor": version[2], "gitMinor": version[3]}
    return " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in parts.items())


def end_with_parent() -> None:
    """Go ends what it has started when it is interrupted."""
    die_with_parent(signal.SIGINT)


def compile_all(command: list[str], variables: Mapping[str, str]) -> None:
    """Run Go, which names each module that it fetches and each package that it compiles."""
    process = subprocess.Popen(
        command,
        cwd=MODULE,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - nothing but a system call
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stderr or ()), daemon=True)
    reader.start()
    while reader.is_alive():
        reader.join(SILENCE)
        fetched = sum(line.startswith("go: downloading") for line in lines)
        far = f"Kubernetes programs: {fetched} modules fetched, {len(lines) - fetched} of about {PACKAGES} packages compiled"
        (workshop() / "progress").write_text(far)
        say(far)
    if process.wait():
        raise LabError(f"{' '.join(command)}: failed with {process.returncode}\n{''.join(lines[-25:])}")
