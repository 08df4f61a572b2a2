# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks on both halves of a lab, and what they wrote in each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ansible_collections.zoneops.openstack.tests.integration.harness.play import COLLECTION, Player, Run
from zonelab.client import LabClient
from zonelab.kube.client import KubeClient

EXAMPLE: Final = COLLECTION / "examples" / "lab-rhoso"
# A whole region is made, and waited for.
PATIENCE: Final = 600
ZONES: Final = ("az1", "az2", "az3")


@dataclass(frozen=True)
class Played:
    """A run, and the writes that the cluster saw meanwhile; `run.written` are those of OpenStack."""

    run: Run
    cluster_written: list[str]

    @property
    def written(self) -> list[str]:
        return self.run.written + self.cluster_written

    @property
    def steps(self) -> list[str]:
        """The bulk modules that ran, each once."""
        names = (one.action.rpartition(".")[2] for one in self.run.results if "zones" in one.result)
        return list(dict.fromkeys(names))

    def column(self, heading: str) -> dict[str, str]:
        """A column of the printed table."""
        lines = self.run.output.splitlines()
        head = next(line for line in lines if line.startswith("ZONE "))
        # The last column has nothing behind it.
        start = f"{head} ".index(f" {heading} ") + 1
        width = len(head[start:]) - len(head[start + len(heading) :].lstrip())
        end = start + width if head[start + len(heading) :] else None
        rows = lines[lines.index(head) + 1 :]
        return {row.split()[0]: row[start:end].strip() for row in rows[: len(self.run.table)]}


@dataclass(frozen=True)
class Region:
    """Both halves of one lab."""

    lab: LabClient
    kube: KubeClient

    def play(self, playbook: str, *arguments: str, inventory: Path = EXAMPLE) -> Played:
        """A playbook of the collection on the example, or on another inventory."""
        mark = self.kube.mark()
        environ = {"K8S_AUTH_KUBECONFIG": str(self.kube.kubeconfig)}
        run = Player(self.lab, self.lab.clouds_file)(
            f"zoneops.openstack.{playbook}", inventory, *arguments, environ=environ, patience=PATIENCE
        )
        written = [f"{one.method} {one.path}" for one in self.kube.requests(mark) if one.writes]
        return Played(run, written)

    def pods(self) -> list[dict[str, Any]]:
        """All of RHOSO."""
        return list(self.kube.api.list("/api/v1/namespaces/openstack/pods"))
