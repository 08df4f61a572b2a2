# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is measured: one task of the collection, the same with openstack.cloud, or with the commands of the public clients."""

from __future__ import annotations

import json
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from benchmark.storage.cloud import IMAGES, Storage

LOCALHOST = {"hosts": "localhost", "connection": "local", "gather_facts": False}
PYTHON = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
Arguments = Callable[[Storage], Mapping[str, Any]]


class Way(ABC):
    """One way to do a task.

    :ivar name: of the contender.
    """

    name: str

    @abstractmethod
    def command(self, storage: Storage, *, first: bool) -> list[str | Path]:
        """The program to run.

        :param first: whether everything is still to be made.
        """

    @abstractmethod
    def changed(self, output: str) -> bool | None:
        """Whether it says that it changed anything; None where it does not tell."""


@dataclass(frozen=True)
class Play(Way):
    """A playbook of one task.

    :ivar loops: once per zone, with the zone's name as `item`.
    """

    name: str
    module: str
    arguments: Arguments
    loops: bool = False

    def command(self, storage: Storage, *, first: bool) -> list[str | Path]:
        del first  # it finds out
        task: dict[str, Any] = {self.module: dict(self.arguments(storage))}
        task |= {"loop": storage.zones} if self.loops else {}
        path = storage.folder / "play.yml"
        path.write_text(yaml.safe_dump([{**LOCALHOST, "vars": PYTHON, "tasks": [task]}]))
        return [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", path]

    def changed(self, output: str) -> bool | None:
        return any(int(number) for number in re.findall(r"changed=(\d+)", output))


@dataclass(frozen=True)
class Shell(Way):
    """Commands as people type them.

    :ivar make: those that make what is not there; empty where nothing is made.
    :ivar look: those that show whether it is there.
    """

    name: str
    look: str
    make: str = ""

    def command(self, storage: Storage, *, first: bool) -> list[str | Path]:
        script = self.make.format(file=storage.folder / "image.raw") if first else self.look
        return ["bash", "-euo", "pipefail", "-c", f"export OS_CLOUD=lab\n{script}"]

    def changed(self, output: str) -> bool | None:
        del output
        return None


def region(storage: Storage, **more: Any) -> dict[str, Any]:
    """The zone map as the modules are given it."""
    zones = {
        zone: {"image_store": {}, "volume_backends": [{"name": zone}], "share_backends": [{"name": zone}]}
        for zone in storage.zones
    }
    return {"zones": zones, "region": {"zones": storage.zones, "cloud": "lab", **more}, "timeout": 3600}


def types(kind: str, backend: str) -> Arguments:
    wanted: dict[str, Any] = {kind: [{"name": "{zone}-gold", backend: "{zone}"}]}
    return partial(region, **wanted)


def images(storage: Storage) -> Mapping[str, Any]:
    about = {"file": str(storage.folder / "image.raw"), "disk_format": "raw", "visibility": "public"}
    return region(storage, images=[{"name": name, **about} for name in IMAGES])


def backups(storage: Storage) -> Mapping[str, Any]:
    return {"cloud": "lab", "availability_zones": storage.zones, "max_age": 24, "timeout": 3600}


def same(**arguments: Any) -> Arguments:
    """The same for any number of zones."""
    return lambda _storage: {"cloud": "lab", **json.loads(json.dumps(arguments))}
