# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks on the Kubernetes lab, and each step run four ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ansible_collections.zoneops.openstack.tests.integration.harness.four_ways import shown
from ansible_collections.zoneops.openstack.tests.integration.harness.inventory import write
from ansible_collections.zoneops.openstack.tests.integration.harness.play import COLLECTION, Player, Run
from zonelab.kube.client import KubeClient

ROLE: Final = COLLECTION / "tests" / "kubernetes" / "playbooks" / "role.yml"


class KubePlayer:
    """Runs playbooks with the lab's kubeconfig, or another user's, and without any cloud."""

    def __init__(self, kube: KubeClient, folder: Path) -> None:
        self.kube = kube
        self.player = Player(kube, folder / "no-clouds.yaml")

    def __call__(
        self, playbook: str | Path, inventory: Path, *arguments: str, user: Path | None = None, **environ: str
    ) -> Run:
        """Run it.

        :param user: the kubeconfig of another user than the administrator.
        """
        kubeconfig = {"K8S_AUTH_KUBECONFIG": str(user or self.kube.kubeconfig)}
        return self.player(playbook, inventory, *arguments, environ={**kubeconfig, **environ})

    def role(self, name: str, inventory: Path, *arguments: str, user: Path | None = None) -> Run:
        """Run one role and nothing else."""
        return self(ROLE, inventory, "-e", f"role={name}", *arguments, user=user)


@dataclass(frozen=True)
class FourWays:
    """The two runs that had something to do, and the one that had not."""

    check: Run
    run: Run
    again: Run


def four_ways(run: Callable[..., Run], look: Callable[[], object]) -> FourWays:
    """Check, run, run again, check again: what check mode promises is what happens, and then there is nothing left to do.

    :param run: takes options of ansible-playbook.
    :param look: what of the cluster may change.
    """
    before = look()
    check = run("--check", "--diff")
    assert check.rc == 0
    assert check.written == []
    assert look() == before
    real = run("--diff")
    assert real.rc == 0
    assert real.plans == check.plans
    assert real.entries == check.entries
    assert real.changed_hosts == check.changed_hosts
    assert shown(real) == shown(check)
    assert real.written != []
    after = look()
    again = []
    for arguments in (), ("--check", "--diff"):
        nothing = run(*arguments)
        assert nothing.rc == 0
        assert nothing.changed_hosts == set()
        assert [zone for zone, plan in nothing.plans.items() if plan] == []
        assert nothing.written == []
        again.append(nothing)
    assert look() == after
    return FourWays(check, real, again[0])


def asked(run: Run) -> dict[str, int]:
    """How many requests of each method, what is only tried among them."""
    counts: dict[str, int] = {}
    for request in run.requests:
        counts[request.method] = counts.get(request.method, 0) + 1
    return counts


def zones_of(kube: KubeClient, **changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The zones of the lab with all their nodes; `az2={"node_label": "x"}` changes what is below `kubernetes` of a zone."""

    def kubernetes(zone: str) -> dict[str, Any]:
        nodes = kube.nodes(zone)
        masters = [name for name in nodes if "master" in name]
        return {"masters": masters, "workers": [name for name in nodes if name not in masters], **changes.get(zone, {})}

    return {zone: {"kubernetes": kubernetes(zone)} for zone in kube.zones}


def zone_map(kube: KubeClient, **changes: Mapping[str, Any]) -> dict[str, Any]:
    """The same as options of a module."""
    return {"zones": zones_of(kube, **changes), "region": {"zones": list(kube.zones)}}


def make_inventory(
    folder: Path, kube: KubeClient, region: Mapping[str, Any] | None = None, **changes: Mapping[str, Any]
) -> Path:
    """The same as an inventory."""
    return write(folder, zones_of(kube, **changes), region)
