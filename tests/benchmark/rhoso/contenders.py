# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is measured on Kubernetes: the modules, the roles, and kubernetes.core with server-side apply of the same objects."""

from __future__ import annotations

import json
import re
import shlex
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import yaml

from benchmark.rhoso.region import Wanted

HERE = Path(__file__).parent
PREFIX = "ansible_collections.zoneops.openstack.plugins.modules"
# What the installation's defaults own is taken; no pods come here that could be waited for.
ALLOW = ["force_conflicts"]


class Contender(ABC):
    """One way to bring the cluster to the wanted objects."""

    name: ClassVar[str]

    @abstractmethod
    def command(self, folder: Path, wanted: Wanted, *, check: bool) -> list[str | Path]:
        """The program to run; what it reads is written into the folder."""

    def changed(self, output: str) -> bool:
        """Whether it changed anything, or would."""
        return any(int(number) for number in re.findall(r"changed=(\d+)", output))


class Modules(Contender):
    """The processes of topologies and control_plane, as Ansible would start them."""

    name = "modules"

    def command(self, folder: Path, wanted: Wanted, *, check: bool) -> list[str | Path]:
        commands = []
        for module, options in (("topologies", {}), ("control_plane", {"wait": False})):
            arguments = {**wanted.as_dict(), "allow": ALLOW, "_ansible_check_mode": check, **options}
            path = _write(folder / f"{module}.json", {"ANSIBLE_MODULE_ARGS": arguments})
            commands.append(shlex.join([sys.executable, "-m", f"{PREFIX}.{module}", str(path)]))
        return ["sh", "-c", " && ".join(commands)]

    def changed(self, output: str) -> bool:
        return any(json.loads(line)["changed"] for line in output.splitlines() if line.startswith("{"))


class _Playbook(Contender):
    def _playbook(self, inventory: Path, playbook: str, *arguments: str, check: bool) -> list[str | Path]:
        program = Path(sys.executable).with_name("ansible-playbook")
        return [program, "-i", inventory, HERE / playbook, *arguments, *(["--check"] if check else [])]


class Roles(_Playbook):
    """The roles topologies and control_plane, with the zone map and a verdict for each zone."""

    name = "roles"

    def command(self, folder: Path, wanted: Wanted, *, check: bool) -> list[str | Path]:
        inventory, whole = folder / "inventory", wanted.as_dict()
        for part in ("host_vars", "group_vars"):
            (inventory / part).mkdir(parents=True, exist_ok=True)
        _write(inventory / "hosts.yml", {"zones": {"hosts": dict.fromkeys(whole["zones"])}})
        settings = {"zoneops_allow": ALLOW, "zoneops_control_plane_wait": False}
        _write(inventory / "group_vars" / "zones.yml", {"zoneops_region": whole["region"], **settings})
        for name, zone in whole["zones"].items():
            _write(inventory / "host_vars" / f"{name}.yml", {"zoneops_zone": zone})
        return self._playbook(inventory, "roles.yml", check=check)


class KubernetesCore(_Playbook):
    """kubernetes.core.k8s: one task for all managers, a call for the objects of each."""

    name = "kubernetes.core"

    def command(self, folder: Path, wanted: Wanted, *, check: bool) -> list[str | Path]:
        parts: dict[str, list[dict[str, Any]]] = {}
        for part in wanted.parts():
            parts.setdefault(part.manager, []).append(part.body)
        managers = [{"manager": manager, "objects": objects} for manager, objects in parts.items()]
        path = _write(folder / "variables.json", {"managers": managers})
        return self._playbook(Path("localhost,"), "kubernetes_core.yml", "-e", f"@{path}", check=check)


CONTENDERS: tuple[Contender, ...] = (Modules(), Roles(), KubernetesCore())


def _write(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data) if path.suffix == ".json" else yaml.safe_dump(data))
    return path
