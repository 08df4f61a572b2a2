# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes part of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zonelab.kube.client import KubeClient
from zonelab.kube.folder import KubeFolder
from zonelab.kube.programs import built, ensure, missing, ready

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

NOT_UP = 3


def add_size(command: argparse.ArgumentParser) -> None:
    """The options of zonelab.kube.options that the OpenStack half has not."""
    command.add_argument("--workers", type=int, help="Kubernetes workers per zone (default: 3)")
    command.add_argument("--masters", type=int, help="Kubernetes masters per zone (default: 1)")
    command.add_argument("--operators", action="store_true", default=None, help="with a stand-in for RHOSO's operators")
    command.add_argument(
        "--installed", action="store_true", default=None, help="with a control plane as an installation leaves it"
    )
    command.add_argument("--crds", metavar="FOLDER", help="RHOSO's custom resource definitions (default: ZONEOPS_CRDS)")


def add_choice(command: argparse.ArgumentParser) -> None:
    """Which half is meant."""
    command.add_argument("--kubernetes", action="store_true", help="of the Kubernetes half of the lab")


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    """What only this half has."""
    command = commands.add_parser("power", help="a zone's Kubernetes nodes fall silent, or report again")
    command.add_argument("zone")
    command.add_argument("state", choices=("off", "on"))
    command.set_defaults(run=run_power)
    command = commands.add_parser("build-kubernetes", help="make the programs of the Kubernetes half")
    question = command.add_mutually_exclusive_group()
    question.add_argument("--check", action="store_true", help="only tell why they cannot be made here: exit code 3")
    question.add_argument("--ready", action="store_true", help="only tell whether they are there: exit code 3 if not")
    command.set_defaults(run=run_build)


def client(parsed: argparse.Namespace) -> KubeClient:
    """The client of the lab that is meant."""
    return KubeClient(parsed.state)


def run_power(parsed: argparse.Namespace) -> int:
    """Until Kubernetes has noticed."""
    if parsed.state == "on":
        client(parsed).power_on(parsed.zone)
    else:
        client(parsed).power_off(parsed.zone)
    return 0


def run_build(parsed: argparse.Namespace) -> int:
    """Find or build them; where they are."""
    if parsed.check:
        if why := missing():
            print(why)
        return NOT_UP if why else 0
    if parsed.ready:
        return 0 if ready() else NOT_UP
    ensure()
    print(built() if built().exists() else "found in KUBEBUILDER_ASSETS and PATH")
    return 0


def status(state: Path) -> int | None:
    """A table; None when no Kubernetes lab was ever started here."""
    folder = KubeFolder(state)
    record = folder.read()
    if record is None:
        return None
    if not folder.is_running() or not record.ready:
        what = "is starting" if folder.is_running() else "is not up"
        print(f"the Kubernetes lab in {folder.state} {what}")
        return NOT_UP
    info = KubeClient(state).info()
    processes = info["processes"]
    print(f"{'process':26}{'pid':>8}{'MB':>7}  {'':6}log")
    for name, process in processes.items():
        megabytes = process["megabytes"] or 0
        print(f"{name:26}{process['pid']:8}{megabytes:7.0f}  {'up' if process['up'] else 'DEAD':6}{process['log']}")
    print(f"{'together':26}{'':8}{sum(process['megabytes'] or 0 for process in processes.values()):7.0f}")
    options = info["options"]
    print(
        f"\nzones {', '.join(options['zones'])}; {options['masters']} masters and {options['workers']} workers each;"
        f" {info['requests']} requests; {len(info['faults'])} faults; definitions of {info['schema']}"
        f"\nkubeconfig in {folder.kubeconfig}"
    )
    return 0 if all(process["up"] for process in processes.values()) else NOT_UP
