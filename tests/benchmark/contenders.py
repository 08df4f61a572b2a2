# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is measured: how each is told the zones that are wanted, and how it says whether it changed anything."""

from __future__ import annotations

import json
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import yaml

from benchmark.size import Zone

HERE = Path(__file__).parent
MODULE = "ansible_collections.zoneops.openstack.plugins.modules.availability_zones"
# A region of 10 000 hosts takes its time where every write takes 50 ms.
DEADLINE = 36000


class Contender(ABC):
    """One way to bring a cloud to the wanted zones.

    :cvar types: whether it makes the volume type and the share type of each zone as well.
    :cvar writes: whether it can be measured where something is to be done.
    """

    name: ClassVar[str]
    types: ClassVar[bool] = True
    writes: ClassVar[bool] = True

    @abstractmethod
    def command(self, folder: Path, wanted: Sequence[Zone], *, check: bool) -> list[str | Path]:
        """The program to run; what it reads is written into the folder."""

    @abstractmethod
    def changed(self, output: str) -> bool:
        """Whether it changed anything, or would."""


class Floor(Contender):
    name = "floor"
    types = False

    def command(self, folder: Path, wanted: Sequence[Zone], *, check: bool) -> list[str | Path]:
        path = _write(folder / "wanted.json", [zone.as_dict(types=self.types) for zone in wanted])
        return [sys.executable, HERE / "floor.py", path, *(["--check"] if check else [])]

    def changed(self, output: str) -> bool:
        return bool(json.loads(output)["changed"])


class FloorOfTypes(Floor):
    name = "floor+types"
    types = True


class Module(Contender):
    """The process of availability_zones alone, as Ansible would start it."""

    name = "module"
    types = False

    def command(self, folder: Path, wanted: Sequence[Zone], *, check: bool) -> list[str | Path]:
        arguments = {
            "zones": {zone.name: _zone(zone) for zone in wanted},
            "region": _region(wanted),
            "allow": ["host_moves"],
            "timeout": DEADLINE,
            "_ansible_check_mode": check,
        }
        path = _write(folder / "arguments.json", {"ANSIBLE_MODULE_ARGS": arguments})
        return [sys.executable, "-m", MODULE, path]

    def changed(self, output: str) -> bool:
        return bool(json.loads(output)["changed"])


class _Playbook(Contender):
    """Anything that ansible-playbook runs."""

    def changed(self, output: str) -> bool:
        return any(int(number) for number in re.findall(r"changed=(\d+)", output))

    def _playbook(self, inventory: Path, playbook: str | Path, *arguments: str, check: bool) -> list[str | Path]:
        program = Path(sys.executable).with_name("ansible-playbook")
        return [program, "-i", inventory, playbook, *arguments, *(["--check"] if check else [])]


class Site(_Playbook):
    """The whole of zoneops.openstack.site: zone map, converge, verify, table."""

    name = "site"

    def command(self, folder: Path, wanted: Sequence[Zone], *, check: bool) -> list[str | Path]:
        inventory = folder / "inventory"
        for part in ("host_vars", "group_vars"):
            (inventory / part).mkdir(parents=True, exist_ok=True)
        _write(inventory / "hosts.yml", {"zones": {"hosts": {zone.name: None for zone in wanted}}})
        settings = {"zoneops_allow": ["host_moves"], "zoneops_deadline": DEADLINE}
        _write(inventory / "group_vars" / "zones.yml", {"zoneops_region": _region(wanted), **settings})
        for zone in wanted:
            _write(inventory / "host_vars" / f"{zone.name}.yml", {"zoneops_zone": _zone(zone)})
        return self._playbook(inventory, "zoneops.openstack.site", check=check)


class EmptyTasks(_Playbook):
    """The floor of a playbook: Ansible alone, with the tasks of a site that has nothing to do, all of them empty."""

    name = "empty tasks"
    writes = False

    def command(self, folder: Path, wanted: Sequence[Zone], *, check: bool) -> list[str | Path]:
        inventory = _write(folder / "empty.yml", {"zones": {"hosts": {zone.name: None for zone in wanted}}})
        return self._playbook(inventory, HERE / "playbooks" / "empty_tasks.yml", check=check)


class OpenstackCloud(_Playbook):
    """The same end state with openstack.cloud: a task per zone, and what tells whether the hosts are enabled."""

    name = "openstack.cloud"
    verify: ClassVar[bool] = False

    def command(self, folder: Path, wanted: Sequence[Zone], *, check: bool) -> list[str | Path]:
        # A host has to leave its zone before the task that adds it to the other one, or nova refuses it.
        order = sorted(wanted, key=lambda zone: (len(zone.hosts), -wanted.index(zone)))
        variables = {"wanted": [zone.as_dict(types=True) for zone in order], "verify": self.verify}
        path = _write(folder / "variables.json", variables)
        playbook = HERE / "playbooks" / "openstack_cloud.yml"
        return self._playbook(Path("localhost,"), playbook, "-e", f"@{path}", check=check)


class OpenstackCloudVerified(OpenstackCloud):
    """And verified afterwards, as the site playbook does."""

    name = "openstack.cloud+verify"
    verify = True


CONTENDERS: tuple[Contender, ...] = (
    Floor(),
    FloorOfTypes(),
    Module(),
    Site(),
    EmptyTasks(),
    OpenstackCloud(),
    OpenstackCloudVerified(),
)


def _zone(zone: Zone) -> dict[str, Any]:
    own = zone.as_dict(types=False)
    return {"compute": {"hosts": own["hosts"], "metadata": own["metadata"]}}


def _region(wanted: Sequence[Zone]) -> dict[str, Any]:
    """A type for each zone by one entry: `{zone}`."""
    types = [{"name": "{zone}"}]
    return {"zones": [zone.name for zone in wanted], "cloud": "lab", "volume_types": types, "share_types": types}


def _write(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data) if path.suffix == ".json" else yaml.safe_dump(data))
    return path
