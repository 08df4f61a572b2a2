# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that holds everything of one OpenStack lab."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from zonelab.folder import LabFolder, replace_file
from zonelab.options import Options

SERVICES = ("keystone", "placement", "nova", "glance", "cinder", "manila", "neutron")
WEB = "web"  # the lab's file server, which is no service of the cloud
PROCESSES = ("identity", "nova", "glance", "cinder", "manila")
NEUTRON = "neutron"  # a process of its own when the lab has a real one
ON_REQUEST = ("masakari", "swift")  # the catalog of other labs does not have them


def on_request(options: Options) -> tuple[str, ...]:
    """Those of them that such a lab has."""
    return tuple(name for name in ON_REQUEST if getattr(options, name))


def services(options: Options) -> tuple[str, ...]:
    """What the catalog of such a lab has."""
    return (*SERVICES, *on_request(options))


def processes(options: Options) -> tuple[str, ...]:
    """What such a lab forks."""
    return (*PROCESSES, *((NEUTRON,) if options.neutron else ()), *on_request(options))


@dataclass(frozen=True)
class LabRecord:
    """What lab.json says of a lab: enough to talk to it, to stop it and to start it again."""

    options: Options
    pid: int
    public: dict[str, int]
    internal: dict[str, int]
    control: int
    web: int = 0
    processes: dict[str, int] = field(default_factory=dict)
    ready: bool = False
    started: float = 0.0

    def to_json(self) -> str:
        """For the file."""
        return json.dumps({**asdict(self), "options": self.options.as_dict()}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> LabRecord:
        """From the file."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{**values, "options": Options.from_dict(values["options"])})


class StateFolder(LabFolder):
    """Paths in the state folder of one lab."""

    def __init__(self, path: Path) -> None:
        """No file is touched yet."""
        super().__init__(path)
        self.conf = self.path / "conf"
        self.db = self.path / "db"
        self.keys = self.path / "keys"
        self.data = self.path / "data"
        self.locks = self.path / "locks"
        self.web = self.path / "web"  # what the lab's web server serves
        self.failing = self.path / "failing"
        self.record_file = self.path / "lab.json"
        self.clouds_file = self.path / "clouds.yaml"
        self.hosts_file = self.path / "hosts.json"
        self.complete_file = self.db / "complete"  # the databases have been served once

    def database(self, name: str) -> Path:
        """The file of one database."""
        return self.db / f"{name}.sqlite"

    def wipe(self) -> None:
        """Forget what a lab holds, except its ports; what else is in the folder is not the lab's to remove."""
        for folder in (self.conf, self.db, self.keys, self.data, self.log, self.locks, self.web, self.failing):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.clouds_file, self.hosts_file):
            file.unlink(missing_ok=True)

    def read(self) -> LabRecord | None:
        """The lab's record; None when no lab was ever started here."""
        try:
            return LabRecord.from_json(self.record_file.read_text())
        except FileNotFoundError:
            return None

    def write(self, record: LabRecord) -> None:
        """Replace the record."""
        replace_file(self.record_file, record.to_json())
